"""Conclusion: exactly one for every cycle, however it ends."""

import uuid
from datetime import date, timedelta

from services.feedback.conclusion import successor
from services.feedback.model import Closing, Cycle, Ended
from shared.events import matching
from shared.events.envelope import EventData
from shared.events.feedback import Concluded, Reviewed
from shared.events.system import Rejected
from shared.events.types import Duration
from shared.world import Timer
from tests.feedback.history import (
    MENTEE,
    MENTOR,
    PROGRAM,
    START,
    History,
    a_pair,
    a_program,
    agreed,
    goal,
    hold,
    left,
    met,
    miss,
    missed,
    only,
    opened,
    paired,
    progressed,
    requested,
    scheduled,
    state,
    withdrawn,
)

WAITED = matching.Unmatched(mentee=MENTEE, waited=Duration(60))


def a_request() -> History:
    history = a_program()
    history.say("c1", requested())
    return history


def a_pair_with_goals(*targets: float, planned: int = 2) -> History:
    history = a_pair(planned)
    goals = tuple(goal(f"g{n}", target) for n, target in enumerate(targets, 1))
    history.say("c1", agreed(MENTEE, planned=planned, goals=goals))
    history.say("c1", agreed(MENTOR, planned=planned, goals=goals))
    return history


def review_all(history: History, *meetings: str) -> list[EventData]:
    said: list[EventData] = []
    for meeting in meetings:
        said += history.submit("mentee", meeting)
        said += history.submit("mentor", meeting)
    return said


# -- requests that were never paired ----------------------------------------------------------------


def test_an_unmatched_request_is_concluded_as_such() -> None:
    said = only(a_request().say("c1", WAITED), Concluded)

    assert (said.outcome, said.paired, said.ended_by) == ("unmatched", False, None)
    assert (said.mentee, said.mentor) == (MENTEE, None)


def test_withdrawn_before_pairing_is_withdrawn() -> None:
    said = only(a_request().say("c1", withdrawn()), Concluded)

    assert (said.outcome, said.paired, said.ended_by) == ("withdrawn", False, "mentee")


def test_a_mentee_who_leaves_ends_the_open_request() -> None:
    said = only(a_request().say(MENTEE, left("mentee")), Concluded)

    assert (said.outcome, said.paired, said.ended_by) == ("left", False, "mentee")


def test_a_refused_request_never_was_a_cycle() -> None:
    history, refused = a_program(), str(uuid.uuid4())
    history.say("c1", requested(), event_id=refused)

    history.say("c1", Rejected(event=refused, rule="program_is_over"), source="/mentoring/matching")

    assert history.world.peek(Cycle, (PROGRAM, "c1")) is None
    assert history.say("c1", WAITED) == []


def test_a_refused_edit_leaves_the_request_open() -> None:
    history, refused = a_request(), str(uuid.uuid4())
    history.say("c1", requested("eve"), event_id=refused)

    history.say("c1", Rejected(event=refused, rule="mentee_differs"), source="/mentoring/matching")

    assert history.row(Cycle, "c1").mentee == MENTEE


def test_an_edit_stands_when_the_first_statement_was_refused() -> None:
    history, refused = a_program(), str(uuid.uuid4())
    history.say("c1", requested("eve"), event_id=refused)
    history.say("c1", requested())

    history.say("c1", Rejected(event=refused, rule="unknown_skill"), source="/mentoring/matching")

    assert history.row(Cycle, "c1").mentee == MENTEE
    assert only(history.say("c1", WAITED), Concluded).outcome == "unmatched"


def test_what_comes_late_changes_nothing() -> None:
    history = a_request()
    history.say("c1", withdrawn())

    assert history.say("c1", paired(), source="/mentoring/matching") == []
    assert history.say("c1", WAITED, source="/mentoring/matching") == []
    assert hold(history, 1) == []
    assert history.row(Cycle, "c1").state == Ended("withdrawn")


# -- pairs that somebody ends -----------------------------------------------------------------------


def test_withdrawn_after_pairing_is_ended_early() -> None:
    history = a_pair()
    hold(history, 1)

    said = only(history.say("c1", withdrawn(MENTOR, "mentor")), Concluded)

    assert (said.outcome, said.paired, said.ended_by) == ("ended_early", True, "mentor")
    assert (said.planned, said.held, said.continues_in) == (2, 1, None)


def test_withdrawing_for_a_rematch_names_the_successor() -> None:
    history = a_pair()
    cycle = history.row(Cycle, "c1")

    said = only(history.say("c1", withdrawn(rematch=True)), Concluded)

    assert said.continues_in == successor(cycle)


def test_a_mentor_who_leaves_ends_every_pair_and_each_is_continued() -> None:
    history = a_pair()
    history.say("c2", requested("eve"))
    history.say("c2", paired(mentee="eve"), source="/mentoring/matching")

    said = history.say(MENTOR, left("mentor"))

    assert [(e.outcome, e.ended_by) for e in said if isinstance(e, Concluded)] == [
        ("left", "mentor")
    ] * 2
    assert len({e.continues_in for e in said if isinstance(e, Concluded)} - {None}) == 2


def test_a_program_may_conclude_for_good_when_a_mentor_leaves() -> None:
    history = a_pair(on_mentor_left="conclude")

    assert only(history.say(MENTOR, left("mentor")), Concluded).continues_in is None


def test_a_mentee_who_leaves_is_not_matched_again() -> None:
    said = only(a_pair().say(MENTEE, left("mentee")), Concluded)

    assert (said.outcome, said.ended_by, said.continues_in) == ("left", "mentee", None)


def test_leaving_takes_effect_at_its_instant() -> None:
    history = a_pair()

    assert history.say(MENTOR, left("mentor", at=history.now + timedelta(days=3))) == []
    assert history.wait(days=2) == []

    assert only(history.wait(days=1), Concluded).outcome == "left"


def test_a_later_statement_moves_the_leaving() -> None:
    history = a_pair()
    history.say(MENTOR, left("mentor", at=history.now + timedelta(days=3)))
    history.say(MENTOR, left("mentor", at=history.now + timedelta(days=5)))

    assert history.wait(days=4) == []
    assert only(history.wait(days=1), Concluded).outcome == "left"


def test_giving_up_one_role_leaves_the_other() -> None:
    history = a_pair()

    assert history.say(MENTOR, left("mentee")) == []
    assert state(history) == "paired"


def test_a_pair_made_while_its_mentor_left_ends_at_once() -> None:
    history = a_request()
    history.say(MENTOR, left("mentor"))

    said = only(history.say("c1", paired(), source="/mentoring/matching"), Concluded)

    assert (said.outcome, said.paired, said.ended_by) == ("left", True, "mentor")


# -- pairs that end by themselves -------------------------------------------------------------------


def test_a_pair_is_completed_when_every_number_is_held_and_every_review_revealed() -> None:
    history = a_pair()
    hold(history, 1)
    hold(history, 2)
    review_all(history, "m1")

    said = only(review_all(history, "m2"), Concluded)

    assert (said.outcome, said.ended_by) == ("completed", None)
    assert (said.planned, said.held, said.unplanned) == (2, 2, 0)
    assert (said.overlap_total, said.first_met_at) == (Duration(clock=100), START)


def test_the_last_deadline_concludes_when_nobody_reviews() -> None:
    history = a_pair(1)
    hold(history, 1)

    said = history.wait(days=7)

    assert [data.WORD for data in said] == ["reviewed", "concluded"]


def test_unplanned_meetings_are_counted_apart() -> None:
    history = a_pair(1)
    history.say("c1", met("extra", 0), source="/mentoring/scheduling")
    hold(history, 1)

    said = only(history.wait(days=7), Concluded)

    assert (said.held, said.unplanned, said.overlap_total) == (1, 1, Duration(clock=100))


def test_a_conclusion_waits_until_a_miss_is_final() -> None:
    history = a_pair(2, completes_at=0.5)
    hold(history, 1)
    review_all(history, "m1")

    assert miss(history, 2, days=10) == []
    assert history.wait(days=9) == []

    said = only(history.wait(days=1), Concluded)
    assert (said.outcome, said.held) == ("completed", 1)


def test_late_evidence_turns_a_miss_into_a_meeting_that_counts() -> None:
    history = a_pair(2, completes_at=0.5)
    hold(history, 1)
    review_all(history, "m1")
    miss(history, 2, days=10)

    hold(history, 2)

    assert only(history.wait(days=12), Concluded).held == 2


def test_a_replacement_is_waited_for() -> None:
    history = a_pair(2, completes_at=0.5)
    hold(history, 1)
    review_all(history, "m1")
    miss(history, 2)
    history.say("c1", scheduled("m2b", 2), source="/mentoring/scheduling")
    assert history.wait(days=3) == []

    history.say("c1", met("m2b", 2), source="/mentoring/scheduling")

    assert only(review_all(history, "m2b"), Concluded).held == 2


def test_a_cancelled_meeting_is_no_verdict() -> None:
    history = a_pair(2, completes_at=0.5)
    hold(history, 1)
    history.say("c1", scheduled("m2", 2, status="CANCELLED"), source="/mentoring/scheduling")

    assert review_all(history, "m1")
    assert state(history) == "paired"


def test_too_few_meetings_end_early_with_the_programs_last_day() -> None:
    history = a_pair(2, ends_on=date(2026, 3, 31))
    hold(history, 1)
    miss(history, 2)

    said = only(history.wait(days=60), Concluded)

    assert (said.outcome, said.ended_by, said.held) == ("ended_early", None, 1)
    assert history.log[-1][0].word == "due"


def test_the_last_day_is_over_at_midnight_of_the_programs_zone() -> None:
    history = a_pair(2, ends_on=date(2026, 3, 31), risk={})
    history.now = START.replace(day=31, hour=21, minute=59)  # 23:59 in Berlin

    assert history.wait(seconds=59) == []
    assert only(history.wait(seconds=1), Concluded).outcome == "ended_early"


def test_enough_meetings_complete_with_the_programs_last_day() -> None:
    history = a_pair(5, completes_at=0.8, ends_on=date(2026, 3, 31))
    for number in range(1, 5):
        hold(history, number)

    assert only(history.wait(days=60), Concluded).outcome == "completed"


def test_a_share_is_compared_exactly() -> None:
    history = a_pair(20, completes_at=0.55, ends_on=date(2026, 3, 31))
    for number in range(1, 12):
        hold(history, number)

    assert only(history.wait(days=60), Concluded).outcome == "completed"


def test_the_last_day_waits_for_open_reviews() -> None:
    history = a_pair(2, ends_on=date(2026, 3, 31), completes_at=0.5)
    history.wait(days=28)
    hold(history, 1)

    assert history.wait(days=3) == []
    assert [data.WORD for data in history.wait(days=4)] == ["reviewed", "concluded"]


def test_somebody_who_leaves_while_a_review_is_waited_for_goes_first() -> None:
    history = a_pair(1)
    hold(history, 1)

    said = history.say(MENTEE, left("mentee"))

    assert only(said, Concluded).outcome == "left"
    assert only(said, Reviewed).by == "deadline"
    assert history.wait(days=30) == []


# -- goals and terms --------------------------------------------------------------------------------


def test_all_goals_reached_goes_before_completed() -> None:
    history = a_pair_with_goals(10, 3, planned=1)
    history.say("c1", progressed(10))
    history.say("c1", progressed(4, "g2"))
    hold(history, 1)

    said = only(history.wait(days=7), Concluded)

    assert (said.outcome, said.goals.agreed, said.goals.reached) == ("goals_reached", 2, 2)


def test_reaching_every_goal_does_not_cut_planned_meetings_short() -> None:
    history = a_pair_with_goals(10)

    assert history.say("c1", progressed(10)) == []
    assert state(history) == "paired"


def test_goals_reached_count_even_when_meetings_fell_through() -> None:
    history = a_pair_with_goals(10)
    history.say("c1", progressed(12))
    miss(history, 1)
    miss(history, 2)

    assert only(history.wait(days=3), Concluded).outcome == "goals_reached"


def test_a_pair_whose_meetings_are_over_ends_with_the_last_goal_that_is_reached() -> None:
    history = a_pair_with_goals(10)
    hold(history, 1)
    review_all(history, "m1")
    miss(history, 2)
    assert history.wait(days=3) == []

    assert only(history.say("c1", progressed(10)), Concluded).outcome == "goals_reached"


def test_the_last_value_of_a_goal_holds() -> None:
    history = a_pair_with_goals(10, planned=1)
    history.say("c1", progressed(10))
    history.say("c1", progressed(8))
    hold(history, 1)

    said = only(history.wait(days=7), Concluded)

    assert (said.outcome, said.goals.reached) == ("completed", 0)


def test_a_goal_below_its_baseline_is_reached_downwards() -> None:
    history = a_pair(1)
    falling = (goal("g1", 2, baseline=9.0),)
    history.say("c1", agreed(MENTEE, planned=1, goals=falling))
    history.say("c1", agreed(MENTOR, planned=1, goals=falling))
    history.say("c1", progressed(1))
    hold(history, 1)

    assert only(history.wait(days=7), Concluded).outcome == "goals_reached"


def test_terms_of_one_side_are_not_in_force() -> None:
    history = a_pair(2)
    history.say("c1", agreed(MENTEE, planned=1))
    history.say("c1", agreed(MENTOR, planned=3))
    hold(history, 1)

    assert [data.WORD for data in history.wait(days=7)] == ["reviewed"]


def test_terms_with_fewer_meetings_settle_a_pair() -> None:
    history = a_pair(2)
    hold(history, 1)
    review_all(history, "m1")
    history.say("c1", agreed(MENTEE, planned=1))

    said = only(history.say("c1", agreed(MENTOR, planned=1)), Concluded)

    assert (said.outcome, said.planned, said.held) == ("completed", 1, 1)


def test_a_goal_dropped_after_the_first_meeting_still_counts_as_agreed() -> None:
    history = a_pair_with_goals(10, 3)
    hold(history, 1)
    kept = (goal("g1", 10),)
    history.say("c1", progressed(10))
    history.say("c1", agreed(MENTEE, "t2", goals=kept))
    history.say("c1", agreed(MENTOR, "t2", goals=kept))

    said = only(history.say("c1", withdrawn()), Concluded)

    assert (said.goals.agreed, said.goals.reached) == (2, 1)


def test_the_rules_that_bound_the_pair_hold_when_newer_ones_are_opened() -> None:
    history = a_pair(2, completes_at=0.5)
    history.say(PROGRAM, opened(rules="r2", completes_at=1.0))
    hold(history, 1)
    miss(history, 2)

    said = only(history.wait(days=8), Concluded)

    assert (said.outcome, said.rules) == ("completed", "r1")


def test_refused_rules_bind_nobody() -> None:
    history, refused = History(), str(uuid.uuid4())
    history.say(PROGRAM, opened(completes_at=1.0), event_id=refused)
    history.say(PROGRAM, opened(completes_at=0.5))
    verdict = Rejected(event=refused, rule="zone_unknown")
    history.say(PROGRAM, verdict, source="/mentoring/matching")
    history.say("c1", requested())
    history.say("c1", paired(), source="/mentoring/matching")
    hold(history, 1)
    history.say(
        "c1", missed("m2", 2, history.now + timedelta(days=1)), source="/mentoring/scheduling"
    )

    assert only(history.wait(days=8), Concluded).outcome == "completed"


def test_a_concluded_pair_becomes_a_tombstone_when_closing_reviews_are_over() -> None:
    history = a_pair()
    history.say("c1", withdrawn())
    assert isinstance(history.row(Cycle, "c1").state, Closing)

    history.wait(days=7)

    state = history.row(Cycle, "c1").state
    assert isinstance(state, Ended)
    assert (state.outcome, state.summary is None) == ("ended_early", False)
    assert [row for row in history.world.rows() if isinstance(row, Timer)] == []
