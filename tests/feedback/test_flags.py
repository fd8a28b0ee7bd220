"""Flags of pairs as they go: raised once for a cause with its evidence, cleared when the cause ends."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.feedback.model import Cycle, Paired, Side
from services.feedback.sealing import Contents, Place
from services.feedback.timers import timers
from shared.events.envelope import Event, EventData
from shared.events.feedback import Flagged, Reviewed
from shared.events.outside import Agreed, Noted
from tests.feedback.history import (
    GOOD,
    MENTEE,
    MENTOR,
    PAIR,
    PROGRAM,
    History,
    a_pair,
    agreed,
    goal,
    hold,
    left,
    miss,
    only,
    opened,
    progressed,
    scheduled,
    withdrawn,
)

OFF: dict[str, Any] = {
    "missed": None,
    "rating_below": None,
    "rating_falls": None,
    "silence": None,
    "standing_still": None,
    "one_sided": None,
}
BAD: dict[str, Any] = dict.fromkeys(GOOD, 1)


def with_rule(planned: int = 8, **rule: Any) -> History:
    """A pair of which only these rules are on."""
    return a_pair(planned, risk={**OFF, **rule})


def with_goals(*goals: dict[str, Any], **rule: Any) -> History:
    history = with_rule(**rule)
    agree(history, "t1", *goals)
    return history


def agree(history: History, terms: str, *goals: dict[str, Any]) -> list[EventData]:
    """Both state these terms; what is said to the second."""
    history.say("c1", agreed(MENTEE, terms, planned=8, goals=goals))
    return history.say("c1", agreed(MENTOR, terms, planned=8, goals=goals))


def review(history: History, number: int, *sides: Side, **ratings: Any) -> list[EventData]:
    """A meeting is held and these sides review it; a deadline reveals what is missing."""
    said = hold(history, number)
    for side in sides:
        said += history.submit(side, f"m{number}", **ratings)
    return said + ([] if len(sides) == 2 else history.wait(days=7))


def rated(history: History, number: int, **ratings: Any) -> list[EventData]:
    return review(history, number, "mentee", "mentor", **ratings)


def flags(said: list[EventData]) -> list[tuple[str, str]]:
    """Rule, of a side where it is one's, and status."""
    found = [data for data in said if isinstance(data, Flagged)]
    return [(".".join(filter(None, (flag.rule, flag.side))), flag.status) for flag in found]


def event_ids(history: History, kind: type[EventData], *, after: int = 0) -> list[str]:
    """Ids in the log of what was said of this kind, by anybody."""
    ids = []
    for entry, answers in history.log[after:]:
        event = history.fold.read(entry)
        ids += [event.id] if isinstance(event, Event) and isinstance(event.data, kind) else []
        ids += [answer.id for answer in answers if isinstance(answer.data, kind)]
    return ids


def pair(history: History) -> Paired:
    state = history.row(Cycle, "c1").state
    assert isinstance(state, Paired)
    return state


# -- missed meetings --


def test_two_misses_in_a_row_raise_a_flag_with_the_evidence() -> None:
    history = a_pair(4)
    assert miss(history, 1) == []

    said = only(miss(history, 2), Flagged)

    assert (said.rule, said.status, len(said.evidence)) == ("missed", "raised", 2)


def test_a_flag_is_raised_once_for_a_run() -> None:
    history = a_pair(4)
    miss(history, 1)
    miss(history, 2)

    assert miss(history, 3) == []


def test_a_meeting_that_was_held_clears_the_flag_under_its_id() -> None:
    history = a_pair(4)
    miss(history, 1)
    raised = only(miss(history, 2), Flagged)

    cleared = only(hold(history, 3), Flagged)

    assert (cleared.flag, cleared.status) == (raised.flag, "cleared")


def test_a_meeting_held_between_two_misses_breaks_the_run() -> None:
    history = a_pair(4)
    miss(history, 1)
    hold(history, 2)

    assert miss(history, 3) == []


def test_a_second_run_is_a_second_flag() -> None:
    history = a_pair(6)
    miss(history, 1)
    first = only(miss(history, 2), Flagged)
    hold(history, 3)
    miss(history, 4)

    assert only(miss(history, 5), Flagged).flag != first.flag


def test_late_evidence_for_a_missed_meeting_clears_the_flag() -> None:
    history = a_pair(4)
    miss(history, 1)
    miss(history, 2)

    assert only(hold(history, 2), Flagged).status == "cleared"


def test_late_evidence_for_an_earlier_miss_leaves_the_later_ones_in_the_row() -> None:
    history = with_rule(missed=2)
    miss(history, 1)
    first = history.fold.read(history.log[-1][0])
    miss(history, 2)

    assert flags(hold(history, 1, corrects=first.id)) == [("missed", "cleared")]  # type: ignore[union-attr]
    assert flags(miss(history, 3)) == [("missed", "raised")]


def test_the_limit_is_the_programs_and_may_be_off() -> None:
    off = a_pair(4, risk={"missed": None})
    three = a_pair(4, risk={"missed": 3})

    assert [miss(off, number) for number in (1, 2, 3)] == [[], [], []]
    assert [len(miss(three, number)) for number in (1, 2, 3)] == [0, 0, 1]


# -- ratings --


def test_the_reveal_that_shows_low_ratings_is_the_evidence_of_their_flag() -> None:
    history = with_rule(rating_below=0.4)
    assert flags(rated(history, 1, **BAD)) == []

    said = rated(history, 2, **BAD)

    assert flags(said) == [("rating_below.mentee", "raised"), ("rating_below.mentor", "raised")]
    reveals = event_ids(history, Reviewed)
    assert [list(data.evidence) for data in said if isinstance(data, Flagged)] == [reveals] * 2


def test_better_ratings_end_the_flag_with_their_reveal() -> None:
    history = with_rule(rating_below=0.4)
    rated(history, 1, **BAD)
    rated(history, 2, **BAD)

    said = rated(history, 3, **GOOD)

    assert flags(said) == [("rating_below.mentee", "cleared"), ("rating_below.mentor", "cleared")]
    assert only(said[:-1], Flagged).evidence == (event_ids(history, Reviewed)[-1],)


def test_ratings_revealed_by_the_deadline_count_as_well() -> None:
    history = with_rule(rating_below=0.4)
    review(history, 1, "mentor", **BAD)

    assert flags(review(history, 2, "mentor", **BAD)) == [("rating_below.mentor", "raised")]


def test_nothing_that_is_still_sealed_raises_a_flag() -> None:
    history = with_rule(rating_below=0.4)
    rated(history, 1, **BAD)
    hold(history, 2)

    assert history.submit("mentee", "m2", **BAD) == []
    assert [opinion.share for opinion in pair(history).watch.opinions["mentee"]] == [0.0]


def test_ratings_that_fall_raise_a_flag_of_their_side() -> None:
    history = with_rule(rating_falls=0.25)
    said = [flags(rated(history, n, **ratings)) for n, ratings in enumerate([GOOD] * 2 + [BAD], 1)]
    assert said == [[], [], []]

    said = [flags(rated(history, 4, **BAD))]

    assert said == [[("rating_falls.mentee", "raised"), ("rating_falls.mentor", "raised")]]
    assert [flag.level for flag in pair(history).watch.flags.values()] == [0.8125] * 2


def test_a_review_from_before_it_named_scales_is_read_by_the_forms_that_asked() -> None:
    history = with_rule(rating_below=0.4)
    hold(history, 1)
    history.submit("mentee")
    ratings: Any = {"mentee": {"usefulness": 5, "progress": 3, "unasked": 1}}
    said = Reviewed(**PAIR, meeting="m1", by="deadline", ratings=ratings, missing=("mentor",))

    history.say("c1", said, source="/mentoring/feedback")

    assert [opinion.share for opinion in pair(history).watch.opinions["mentee"]] == [0.75]
    assert pair(history).totals["mentee"].count == 2


def test_a_review_that_names_its_scales_is_read_by_them_alone() -> None:
    history = with_rule(rating_below=0.4)
    hold(history, 1)
    history.submit("mentee")
    ratings: Any = {"mentee": {"usefulness": 5, "of_another_form": 30}}
    scales: Any = {"mentee": {"of_another_form": {"min": 0, "max": 100}}}
    said = Reviewed(**PAIR, meeting="m1", by="deadline", ratings=ratings, scales=scales)

    history.say("c1", said, source="/mentoring/feedback")

    assert [opinion.share for opinion in pair(history).watch.opinions["mentee"]] == [0.3]


# -- one-sided reviews --


def test_reviews_of_one_side_alone_raise_a_flag_and_one_of_both_ends_it() -> None:
    history = with_rule(one_sided=2)
    assert flags(review(history, 1, "mentee")) == []
    assert flags(review(history, 2, "mentor")) == [("one_sided", "raised")]
    assert flags(review(history, 3, "mentee")) == []

    assert flags(rated(history, 4)) == [("one_sided", "cleared")]


# -- silence --


def test_nothing_heard_for_so_long_raises_a_flag_once() -> None:
    history = with_rule(silence="P21D")

    assert flags(history.wait(days=20)) == []
    said = history.wait(days=1, hours=1)
    assert flags(said) == [("silence", "raised")]
    assert history.wait(days=60) == []
    assert only(said, Flagged).evidence == (pair(history).watch.sign,)


def said_by_the_pair() -> dict[str, Any]:
    """What is a sign of life, each as it is said."""
    return {
        "met": lambda history: hold(history, 1),
        "agreed": lambda history: history.say("c1", agreed(MENTEE, planned=8)),
        "noted": lambda history: history.say("c1", noted(history)),
        "progressed": lambda history: history.say("c1", progressed(0)),
        "submitted": lambda history: history.submit("mentee"),
        "asked to move": lambda history: rescheduled(history, by=MENTOR),
    }


_PLACE, _WIN = Place(PROGRAM, "c1", "note", "n1", MENTEE, "win"), Contents(text="we did it")


def noted(history: History) -> Noted:
    sealed = history.ring.seal(MENTEE, MENTEE, _PLACE, _WIN)
    return Noted(note="n1", kind="win", by=MENTEE, sealed=sealed)


def rescheduled(history: History, by: str | None) -> list[EventData]:
    data = scheduled("m3", 3, history.now + timedelta(days=60))
    return history.say("c1", data.model_copy(update={"by": by, "cause": "moved"}))


def heard_of(sign: str) -> History:
    """A pair with a goal and a meeting held on its first day, ten days on, when there is a sign."""
    history = with_goals(goal("g1"), silence="P21D")
    if sign == "submitted":
        hold(history, 1)
    history.wait(days=5)
    said_by_the_pair()[sign](history)
    return history


@pytest.mark.parametrize("sign", sorted(said_by_the_pair()))
def test_what_a_side_says_or_does_is_a_sign_of_life(sign: str) -> None:
    history = heard_of(sign)

    assert flags(history.wait(days=20)) == []
    assert flags(history.wait(days=2)) == [("silence", "raised")]


@pytest.mark.parametrize("sign", sorted(said_by_the_pair()))
def test_a_sign_of_life_ends_silence_and_the_next_one_is_a_flag_of_its_own(sign: str) -> None:
    """A review after so long is late, and a sign all the same."""
    history = with_goals(goal("g1"), silence="P21D")
    if sign == "submitted":
        hold(history, 1)
    (first,) = [data for data in history.wait(days=22) if isinstance(data, Flagged)]

    said = said_by_the_pair()[sign](history)

    assert flags(said) == [("silence", "cleared")]
    assert only(said, Flagged).flag == first.flag
    assert only(history.wait(days=22), Flagged).flag != first.flag


def test_what_follows_from_a_plan_is_no_sign_of_life() -> None:
    history = with_rule(silence="P21D")
    history.wait(days=5)
    rescheduled(history, by=None)
    rescheduled(history, by="coordinator")
    miss(history, 1)

    assert flags(history.wait(days=17)) == [("silence", "raised")]


def test_what_is_refused_or_changes_nothing_is_no_sign_of_life() -> None:
    history = with_rule(silence="P21D")
    hold(history, 1)
    history.wait(days=5)
    history.say("c1", progressed(3, "unknown"))
    hold(history, 1)

    assert flags(history.wait(days=17)) == [("silence", "raised")]


def test_the_timer_of_silence_is_not_set_anew_with_every_sign() -> None:
    """A timer is a message in the log: a pair that is heard of daily sets one in three weeks."""
    history = with_rule(silence="P21D")
    before = dict(history.timers)
    for number in range(1, 6):
        history.wait(days=1)
        history.say("c1", agreed(MENTEE, f"t{number}", planned=8))

    assert history.timers == before


# -- goals that stand still --


def test_goals_of_which_none_moves_for_so_long_stand_still() -> None:
    history = with_goals(goal("g1"), goal("g2"), standing_still="P42D")
    terms = event_ids(history, Agreed)[-1]

    assert flags(history.wait(days=41)) == []
    said = history.wait(days=2)

    assert flags(said) == [("standing_still", "raised")]
    assert only(said, Flagged).evidence == (terms,)


def test_a_goal_that_moves_ends_it_and_one_of_several_is_enough() -> None:
    history = with_goals(goal("g1"), goal("g2"), standing_still="P42D")
    history.wait(days=43)

    assert flags(history.say("c1", progressed(1, "g2"))) == [("standing_still", "cleared")]
    assert flags(history.wait(days=43)) == [("standing_still", "raised")]


def test_the_same_value_again_is_no_move() -> None:
    history = with_goals(goal("g1"), standing_still="P42D")
    history.say("c1", progressed(1))
    history.wait(days=30)
    history.say("c1", progressed(1))

    assert flags(history.wait(days=13)) == [("standing_still", "raised")]


def test_goals_that_are_all_reached_stand_still_no_more() -> None:
    history = with_goals(goal("g1", 10), goal("g2", 3), standing_still="P42D")
    history.wait(days=43)

    assert flags(history.say("c1", progressed(10))) == [("standing_still", "cleared")]
    history.say("c1", progressed(3, "g2"))
    assert history.wait(days=90) == []


def test_a_goal_that_falls_behind_its_target_again_is_watched_again() -> None:
    history = with_goals(goal("g1", 10), standing_still="P42D")
    history.say("c1", progressed(10))
    history.wait(days=50)
    history.say("c1", progressed(8))

    assert flags(history.wait(days=41)) == []
    assert flags(history.wait(days=2)) == [("standing_still", "raised")]


def test_without_goals_nothing_stands_still() -> None:
    assert with_rule(standing_still="P42D").wait(days=100) == []


def test_terms_that_drop_the_last_goal_end_it() -> None:
    history = with_goals(goal("g1"), standing_still="P42D")
    history.wait(days=43)

    assert flags(agree(history, "t2")) == [("standing_still", "cleared")]


def test_the_timer_of_goals_is_not_set_anew_with_every_move_and_goes_with_the_last_goal() -> None:
    history = with_goals(goal("g1", 10), standing_still="P42D")
    before = dict(history.timers)
    for value in range(1, 6):
        history.wait(days=1)
        history.say("c1", progressed(value))
    assert history.timers == before

    history.say("c1", progressed(10))

    assert "still" not in timers(history.row(Cycle, "c1"))


def test_a_goal_that_is_to_stay_where_it_is_is_reached_by_its_first_value() -> None:
    history = with_goals(goal("g1", 0), standing_still="P42D")
    history.wait(days=43)

    assert flags(history.say("c1", progressed(0))) == [("standing_still", "cleared")]


def test_the_same_goals_stated_again_are_no_move() -> None:
    history = with_goals(goal("g2"), goal("g1"), standing_still="P42D")
    history.wait(days=30)
    agree(history, "t2", goal("g2"), goal("g1"))

    assert flags(history.wait(days=13)) == [("standing_still", "raised")]


# -- how flags end --


def test_a_conclusion_ends_flags_without_a_word() -> None:
    history = with_rule(missed=1, silence="P21D")
    miss(history, 1)

    said = history.say("c1", withdrawn())

    assert [data.WORD for data in said] == ["concluded"]
    assert history.wait(days=200) == []


def test_what_is_revealed_as_a_pair_ends_raises_no_flag() -> None:
    history = with_rule(rating_below=0.4, one_sided=1)
    rated(history, 1, **BAD)
    hold(history, 2)
    history.submit("mentee", "m2", **BAD)

    said = history.say(MENTEE, left("mentee"))

    assert [data.WORD for data in said] == ["reviewed", "concluded"]


def test_the_last_review_concludes_and_raises_no_flag() -> None:
    history = with_rule(planned=2, rating_below=0.4)
    rated(history, 1, **BAD)

    said = rated(history, 2, **BAD)

    assert [data.WORD for data in said] == ["reviewed", "concluded"]


def test_the_rules_that_bound_the_pair_flag_it_when_newer_ones_are_opened() -> None:
    history = with_rule(missed=2)
    history.say(PROGRAM, opened(rules="r2", risk={**OFF, "missed": 1}))

    assert [flags(miss(history, number)) for number in (1, 2)] == [[], [("missed", "raised")]]


def test_several_causes_are_several_flags_each_ending_by_itself() -> None:
    history = with_rule(missed=1, silence="P21D", one_sided=1)
    miss(history, 1)
    history.wait(days=22)
    assert sorted(pair(history).watch.flags) == ["missed", "silence"]

    assert flags(hold(history, 2)) == [("missed", "cleared"), ("silence", "cleared")]
    assert flags(history.submit("mentor", "m2")) == []
    assert flags(history.wait(days=7)) == [("one_sided", "raised")]


def test_the_log_alone_gives_the_same_watch() -> None:
    history = with_goals(
        goal("g1"), missed=1, rating_falls=0.2, silence="P21D", standing_still="P42D"
    )
    for number, ratings in enumerate([GOOD, GOOD, BAD, BAD], 1):
        rated(history, number, **ratings)
    miss(history, 5)
    history.wait(days=50)

    assert len(pair(history).watch.flags) == 5
    assert list(history.rebuilt().rows()) == list(history.world.rows())
