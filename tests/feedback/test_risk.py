"""Risk rules, each by itself: what is looked at, when it holds, and by which evidence."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest

from services.feedback import risk, watching
from services.feedback.model import Cycle, Paired
from services.feedback.risk import Cause, causes, changes
from services.feedback.shares import shares
from shared.events.feedback import Flagged, Reviewed, Scale
from shared.events.rules import Risk
from shared.events.types import Duration
from shared.frozen import replace
from shared.world import Answer
from tests.feedback.history import MENTEE, MENTOR, PAIR, PROGRAM, START

DAY = timedelta(days=1)
SHOWN = str(uuid.UUID(int=1_000))
OFF: dict[str, Any] = dict.fromkeys(Risk.model_fields)


def e(number: int) -> str:
    """The id of an event."""
    return str(uuid.UUID(int=number))


def a_pair(**rules: Any) -> Paired:
    """A pair of which only these rules are on."""
    return Paired(
        zone="Europe/Berlin",
        planned=12,
        completes_at=0.8,
        review_within=Duration(7),
        rematch=True,
        risk=Risk(**{**OFF, **rules}),
        ends_at=None,
        paired_at=START,
    )


def a_cycle(pair: Paired) -> Cycle:
    return Cycle(PROGRAM, "c1", "paired", MENTEE, MENTOR, "r1", pair)


def reviewed(**given: int | None) -> Reviewed:
    """A review with one rating from 0 to 100 of each side; a side given as None was silent."""
    rated = {side: rating for side, rating in given.items() if rating is not None}
    return Reviewed(
        **PAIR,
        meeting="m1",
        by="deadline",
        ratings={side: {"usefulness": rating} for side, rating in rated.items()},  # type: ignore[misc]
        missing=tuple(side for side in ("mentee", "mentor") if side not in rated),
        scales={side: {"usefulness": Scale(min=0, max=100)} for side in rated},  # type: ignore[misc]
    )


def after(pair: Paired, *ratings: int, first: int = 1) -> Paired:
    """The pair after reviews in which the mentee gave so much of 100, with the flags that followed."""
    for number, rating in enumerate(ratings, first):
        pair = told(watching.reviewed(pair, e(number), reviewed(mentee=rating)))
    return pair


def told(pair: Paired) -> Paired:
    """The pair with its flags as they are said to stand."""
    for data in said(pair):
        pair = watching.flagged(pair, data)
    return pair


def said(pair: Paired, shown: str = SHOWN) -> list[Flagged]:
    found = changes(a_cycle(pair), pair.watch, pair.risk, shown)
    return [answer.data for answer in found if isinstance(answer.data, Flagged)]


def standing(pair: Paired) -> list[Cause]:
    return list(causes(pair.watch, pair.risk))


# -- the table --


def test_every_rule_of_the_contract_is_a_predicate_and_no_other() -> None:
    assert set(Risk.model_fields) == risk.RULES


def test_a_rule_that_is_absent_never_holds() -> None:
    pair = watching.heard(watching.moved(a_pair(), e(0), START, aims=True), e(0), START)
    for number in range(9):
        pair = watching.missed(pair, e(number))
        pair = watching.reviewed(pair, e(number), reviewed(mentee=0, mentor=None))

    assert standing(pair) == []


def test_what_is_said_names_the_pair_the_rule_the_side_and_the_evidence() -> None:
    pair = watching.missed(a_pair(missed=1), e(1))

    (answer,) = changes(a_cycle(pair), pair.watch, pair.risk, e(1))

    assert isinstance(answer, Answer)
    assert answer.key == "c1"
    flag = answer.data
    assert isinstance(flag, Flagged)
    assert (flag.mentee, flag.mentor, flag.rules) == (MENTEE, MENTOR, "r1")
    assert (flag.rule, flag.side, flag.status, flag.evidence) == ("missed", None, "raised", (e(1),))


def test_nothing_is_said_while_nothing_changes() -> None:
    pair = told(watching.missed(a_pair(missed=1), e(1)))

    assert said(watching.missed(pair, e(2))) == []


def test_a_flag_is_cleared_under_its_id_by_what_ended_its_cause() -> None:
    pair = watching.missed(a_pair(missed=1), e(1))
    (raised,) = said(pair)

    (cleared,) = said(watching.met(told(pair), None), shown=e(2))

    assert (cleared.flag, cleared.rule) == (raised.flag, raised.rule)
    assert (cleared.status, cleared.evidence) == ("cleared", (e(2),))


def test_evidence_is_the_newest_64_events() -> None:
    pair = a_pair(missed=70)
    for number in range(70):
        pair = watching.missed(pair, e(number))

    (raised,) = said(pair)

    assert raised.evidence == tuple(e(number) for number in range(6, 70))


# -- missed --


def test_a_correction_takes_a_miss_and_those_before_it_out_of_the_row() -> None:
    pair = a_pair(missed=2)
    for event in (e(1), e(2), e(3)):
        pair = watching.missed(pair, event)

    assert watching.met(pair, e(2)).watch.missed == (e(3),)


def test_a_correction_of_a_miss_before_the_row_leaves_the_row() -> None:
    """The meeting was held before those that were missed since."""
    pair = watching.missed(watching.missed(a_pair(missed=2), e(2)), e(3))

    assert watching.met(pair, e(1)).watch.missed == (e(2), e(3))


# -- ratings --


def test_a_side_s_last_two_reviews_below_the_share_are_low() -> None:
    pair = after(a_pair(rating_below=0.4), 90, 60, 10)

    (cause,) = standing(pair)

    assert (cause.rule, cause.side, cause.evidence) == ("rating_below", "mentee", (e(2), e(3)))


@pytest.mark.parametrize("ratings", [(), (0,), (40, 40), (80, 0)])
def test_one_review_or_a_mean_at_the_share_is_not_low(ratings: tuple[int, ...]) -> None:
    assert standing(after(a_pair(rating_below=0.4), *ratings)) == []


def test_a_review_counts_by_the_mean_of_its_items_as_shares_of_their_scales() -> None:
    data = Reviewed(
        **PAIR,
        meeting="m1",
        by="both",
        ratings={"mentor": {"a": 1, "b": 7, "unknown": 3}},
        scales={"mentor": {"a": Scale(min=1, max=5), "b": Scale(min=0, max=10)}},
    )

    pair = watching.reviewed(a_pair(), e(1), data)

    assert [opinion.share for opinion in pair.watch.opinions["mentor"]] == [0.35]


def test_a_share_is_the_nearest_millionth_and_what_is_off_its_scale_is_left_out() -> None:
    data = Reviewed(
        **PAIR,
        meeting="m1",
        by="both",
        ratings={"mentee": {"a": 2, "b": 7, "c": 0}},
        scales={"mentee": {item: Scale(min=1 if item == "c" else 0, max=3) for item in "abc"}},
    )

    assert shares(data, "mentee") == [666_667]


def test_a_side_that_was_silent_keeps_its_opinions() -> None:
    pair = after(a_pair(rating_below=0.4), 10, 10)

    pair = watching.reviewed(pair, e(9), reviewed(mentee=None, mentor=100))

    assert [cause.side for cause in standing(pair)] == ["mentee"]


def test_each_side_is_flagged_for_what_it_gave_itself() -> None:
    pair = a_pair(rating_below=0.4)
    for event in (e(1), e(2)):
        pair = watching.reviewed(pair, event, reviewed(mentee=10, mentor=20))

    flags = said(pair)

    assert [(flag.rule, flag.side) for flag in flags] == [
        ("rating_below", "mentee"),
        ("rating_below", "mentor"),
    ]
    assert len({flag.flag for flag in flags}) == 2


def test_ratings_fall_when_the_last_two_lie_so_much_below_the_two_before() -> None:
    pair = after(a_pair(rating_falls=0.25), 100, 90, 80, 60)

    (cause,) = standing(pair)

    assert (cause.rule, cause.evidence) == ("rating_falls", (e(1), e(2), e(3), e(4)))


@pytest.mark.parametrize("ratings", [(90, 90, 10), (100, 90, 80, 62), (10, 10, 90, 90)])
def test_three_reviews_a_smaller_fall_or_a_rise_is_no_fall(ratings: tuple[int, ...]) -> None:
    assert standing(after(a_pair(rating_falls=0.25), *ratings)) == []


def test_ratings_that_stay_the_same_do_not_fall_by_nothing() -> None:
    assert standing(after(a_pair(rating_falls=0.0), 50, 50, 50, 50)) == []
    assert standing(after(a_pair(rating_falls=0.0), 50, 50, 50, 49)) != []


def test_ratings_that_stay_where_they_fell_to_stay_flagged() -> None:
    pair = after(a_pair(rating_falls=0.25), 90, 90, 50, 50)
    (flag,) = pair.watch.flags.values()

    pair = after(pair, 50, 50, 50, 50, first=5)

    assert list(pair.watch.flags.values()) == [flag]
    assert flag.level == 0.9


def test_ratings_that_come_back_to_where_they_fell_from_end_the_flag() -> None:
    pair = after(a_pair(rating_falls=0.25), 90, 90, 50, 50, 70)
    assert list(pair.watch.flags) == ["rating_falls.mentee"]

    assert after(pair, 70, first=6).watch.flags == {}


def test_a_second_fall_is_a_second_flag() -> None:
    pair = after(a_pair(rating_falls=0.25), 90, 90, 50, 50)
    first = pair.watch.flags["rating_falls.mentee"].id

    pair = after(pair, 90, 90, 50, 50, first=5)

    assert pair.watch.flags["rating_falls.mentee"].id != first


# -- one-sided reviews --


def test_so_many_reviews_of_one_side_alone_are_one_sided() -> None:
    pair = a_pair(one_sided=2)
    pair = watching.reviewed(pair, e(1), reviewed(mentee=50, mentor=None))
    assert standing(pair) == []

    pair = watching.reviewed(pair, e(2), reviewed(mentee=None, mentor=50))

    (cause,) = standing(pair)
    assert (cause.rule, cause.side, cause.evidence) == ("one_sided", None, (e(1), e(2)))


def test_a_review_of_both_ends_one_sidedness_and_one_of_nobody_does_not() -> None:
    pair = watching.reviewed(a_pair(one_sided=1), e(1), reviewed(mentee=50, mentor=None))

    nobody = watching.reviewed(pair, e(2), reviewed(mentee=None, mentor=None))
    both = watching.reviewed(pair, e(2), reviewed(mentee=50, mentor=50))

    assert [cause.evidence for cause in standing(nobody)] == [(e(1),)]
    assert standing(both) == []


# -- silence and goals that stand still --


def test_silence_is_counted_in_days_of_the_program_s_zone() -> None:
    """The clocks go forward on 29 March 2026: 21 days from the 16th are an hour short."""
    pair = watching.heard(a_pair(silence="P21D"), e(1), START + 14 * DAY)

    assert pair.watch.silent_at == START + 35 * DAY - timedelta(hours=1)


def test_a_sign_of_life_leaves_the_timer_alone_and_the_timer_finds_it_when_it_rings() -> None:
    pair = watching.heard(a_pair(silence="P21D"), e(1), START)
    first = START + 21 * DAY

    pair = watching.heard(pair, e(2), START + 5 * DAY)
    assert pair.watch.silent_at == first
    pair = watching.rang(pair, watching.SILENT, first)

    assert standing(pair) == []
    assert pair.watch.silent_at == START + 26 * DAY


def test_a_timer_that_rings_after_the_last_sign_means_silence_since_then() -> None:
    pair = watching.heard(a_pair(silence="P21D"), e(1), START)

    pair = watching.rang(pair, watching.SILENT, START + 21 * DAY)

    (cause,) = standing(pair)
    assert (cause.rule, cause.evidence) == ("silence", (e(1),))
    assert pair.watch.silent_at is None


def test_a_sign_that_comes_late_does_not_make_the_last_one_older() -> None:
    pair = watching.heard(a_pair(silence=f"PT{21 * 24}H"), e(1), START + 10 * DAY)

    pair = watching.heard(pair, e(2), START)
    pair = watching.rang(pair, watching.SILENT, START + 21 * DAY)

    assert pair.watch.silent_at == START + 31 * DAY
    assert pair.watch.sign == e(2)


def test_a_ring_that_comes_after_younger_signs_counts_from_those() -> None:
    """The log server was away: the timer's `due` stands behind what was said on the day after."""
    pair = watching.heard(a_pair(silence=f"PT{21 * 24}H"), e(1), START)

    pair = watching.heard(pair, e(2), START + 30 * DAY)
    pair = watching.rang(pair, watching.SILENT, START + 21 * DAY)

    assert pair.watch.silent_at == START + 51 * DAY


def test_a_move_that_comes_late_does_not_make_the_last_one_older() -> None:
    pair = watching.moved(a_pair(standing_still=f"PT{42 * 24}H"), e(1), START + 10 * DAY, aims=True)
    pair = replace(pair, watch=replace(pair.watch, still_at=START + 42 * DAY))

    pair = watching.moved(pair, e(2), START, aims=True)
    pair = watching.rang(pair, watching.STILL, START + 42 * DAY)

    assert (pair.watch.move, pair.watch.still_at) == (e(2), START + 52 * DAY)


def test_goals_stand_still_from_when_they_came_into_force() -> None:
    pair = watching.moved(a_pair(standing_still="P42D"), e(1), START, aims=True)

    pair = watching.rang(pair, watching.STILL, START + 42 * DAY)

    (cause,) = standing(pair)
    assert (cause.rule, cause.evidence) == ("standing_still", (e(1),))


def test_without_a_goal_to_reach_nothing_stands_still() -> None:
    pair = watching.moved(a_pair(standing_still="P42D"), e(1), START, aims=True)
    pair = watching.rang(pair, watching.STILL, START + 42 * DAY)

    pair = watching.moved(pair, e(2), START + 43 * DAY, aims=False)

    assert standing(pair) == []
    assert pair.watch.still_at is None


def test_each_rule_names_its_own_causes() -> None:
    """Two rules with the same first evidence are two flags."""
    pair = watching.heard(a_pair(silence="P1D", standing_still="P1D"), e(1), START)
    pair = watching.moved(pair, e(1), START, aims=True)
    for timer in (watching.SILENT, watching.STILL):
        pair = watching.rang(pair, timer, START + DAY)

    assert len({flag.flag for flag in said(pair)}) == 2
