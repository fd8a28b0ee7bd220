"""Flags: meetings missed one after the other, once per run, cleared by one that was held."""

from shared.events.feedback import Flagged
from tests.feedback.history import a_pair, hold, miss, only


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


def test_the_limit_is_the_programs_and_may_be_off() -> None:
    off = a_pair(4, risk={"missed": None})
    three = a_pair(4, risk={"missed": 3})

    assert [miss(off, number) for number in (1, 2, 3)] == [[], [], []]
    assert [len(miss(three, number)) for number in (1, 2, 3)] == [0, 0, 1]
