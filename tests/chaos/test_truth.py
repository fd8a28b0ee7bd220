"""The checks that end every chaos run can fail: each sees the harm that it is for."""

from __future__ import annotations

import pytest

from shared.entry import Entry
from shared.events.envelope import encode
from tests.chaos import truth
from tests.chaos.truth import Told
from tests.tally.events import entry, progressed

WORDS = frozenset({"progressed"})
INPUTS = [entry(1, progressed(n=1)), entry(2, progressed(n=2))]


def answer(seq: int, cause: int, n: int | str) -> Entry:
    told = entry(seq, progressed(n=f"answer {n}"))
    return told._replace(cause=cause, said_by="tally")


GOOD = Told(INPUTS, [answer(3, 1, 1), answer(4, 2, 2)])


def test_a_log_as_it_should_be_passes_every_check() -> None:
    truth.published_all(GOOD, [progressed(n=1), progressed(n=2)])
    truth.nothing_said_twice(GOOD)
    truth.answered_in_order(GOOD)
    truth.each_answered_once(GOOD, WORDS)


def test_an_event_that_was_lost_is_seen() -> None:
    with pytest.raises(AssertionError, match="1 events were never stored"):
        truth.published_all(GOOD, [progressed(n=1), progressed(n=3)])


def test_an_output_that_stands_twice_is_seen() -> None:
    with pytest.raises(AssertionError, match="more than once"):
        truth.nothing_said_twice(Told(INPUTS, [*GOOD.answers, answer(5, 2, 2)]))


def test_an_input_without_an_answer_is_seen() -> None:
    with pytest.raises(AssertionError, match="1 of 2 inputs are not answered exactly once"):
        truth.each_answered_once(Told(INPUTS, GOOD.answers[:1]), WORDS)


def test_an_input_that_was_decided_twice_is_seen_even_when_it_said_different_things() -> None:
    with pytest.raises(AssertionError, match="1 of 2 inputs"):
        truth.each_answered_once(Told(INPUTS, [*GOOD.answers, answer(5, 2, "other")]), WORDS)


def test_a_copy_needs_no_answer() -> None:
    copy = Entry(5, INPUTS[0].subject, encode(progressed(n=1)))
    truth.each_answered_once(Told([*INPUTS, copy], GOOD.answers), WORDS)


def test_answers_out_of_order_are_seen() -> None:
    with pytest.raises(AssertionError):
        truth.answered_in_order(Told(INPUTS, [answer(3, 2, 2), answer(4, 1, 1)]))


def test_an_answer_before_its_cause_is_seen() -> None:
    with pytest.raises(AssertionError):
        truth.answered_in_order(Told(INPUTS, [answer(2, 2, 2)]))
