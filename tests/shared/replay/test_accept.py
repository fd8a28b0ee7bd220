"""Where today's code would judge otherwise than the log, an operator may let the log win."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shared.events.envelope import Event
from shared.fold import Fold
from shared.outcome import Diverged, Outcome
from shared.service import Service
from shared.world import Refusal, Row, World
from tests.tally.book import Book
from tests.tally.events import due, entry, progressed
from tests.tally.service import TALLY, Tally

KIND = type(progressed().data)


def raising(world: World, event: Event) -> list[Row]:
    raise KeyError("new code")


def forced(service: Service, *events: Event) -> tuple[World, list[Outcome]]:
    """The events as tally answered them, folded by another service that lets the log win."""
    answered = Book().live(*events)
    fold, world, outcomes = Fold(service), World(), []
    for seq, (event, said) in enumerate(zip(events, answered, strict=True), 1):
        at = entry(seq, event)
        outcome = fold.force(world, at, fold.read(at), said.answers)
        fold.keep(world, outcome)
        outcomes.append(outcome)
    return world, outcomes


def test_what_is_refused_today_is_folded_with_its_answers_as_the_log_has_it() -> None:
    strict = replace(TALLY, judges={KIND: lambda world, event: Refusal("strict")})
    world, (outcome,) = forced(strict, progressed())
    book = Book()
    book.live(progressed())
    assert world.get(Tally, "acme", "c1") == book.world.get(Tally, "acme", "c1")
    assert outcome.folded == progressed()


def test_what_raises_today_is_passed_over_and_leaves_nothing_behind() -> None:
    broken = replace(TALLY, evolves={**TALLY.evolves, KIND: raising})
    world, (outcome,) = forced(broken, progressed())
    assert outcome.folded is None
    assert not outcome.timers
    assert world.get(Tally, "acme", "c1") is None


def test_what_raises_today_is_told_by_class_and_place_never_by_its_words() -> None:
    (outcome,) = Book().live(progressed())
    broken = replace(TALLY, evolves={**TALLY.evolves, KIND: raising})
    at = entry(1, progressed())
    with pytest.raises(Diverged) as stopped:
        Fold(broken).follow(World(), at, progressed(), outcome.answers)
    words = str(stopped.value)
    assert "KeyError at tests/shared/replay/test_accept.py:" in words
    assert "new code" not in words


def test_a_due_that_no_row_waits_for_today_is_folded_with_its_answers() -> None:
    patient = replace(TALLY, timers=lambda row: {})
    world, outcomes = forced(patient, progressed(), due())
    tally = world.get(Tally, "acme", "c1")
    assert tally is not None
    assert not tally.active
    assert outcomes[1].folded == due()


def test_the_verdicts_of_the_log_stand_where_it_wins_too() -> None:
    _, (outcome,) = forced(replace(TALLY, judges={}), progressed(value=13))
    assert outcome.letter is not None
    assert outcome.letter.kind == "rejected"
