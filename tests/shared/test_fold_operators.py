"""What an operator does about parked inputs: redrive or discard, in order, at that place of the log."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from shared.events.envelope import Event, answer_id
from shared.log import Refused
from shared.outcome import Outcome, StoreTrouble
from shared.service import Service
from shared.world import Answer, Timer, World
from tests.tally.book import Book
from tests.tally.events import DAY, START, discarded, due, entry, progressed, redriven, withdrawn
from tests.tally.service import TALLY, Tally, decide_progressed

BAD = progressed("c1", 666, n="bad")


@dataclass
class Faulty:
    """A decide that raises until it is mended."""

    mended: bool = False

    def service(self) -> Service:
        return replace(TALLY, decides={**TALLY.decides, type(BAD.data): self.decide})

    def decide(self, world: World, event: Event) -> list[Answer]:
        if event.data.value != 666:  # type: ignore[attr-defined]
            return decide_progressed(world, event)
        if not self.mended:
            raise ArithmeticError("not yet")
        return []


@pytest.fixture
def faulty() -> Faulty:
    return Faulty()


@pytest.fixture
def book(faulty: Faulty) -> Book:
    return Book(faulty.service())


def causes(outcomes: list[Outcome]) -> list[str | None]:
    letters = [outcome.letter for outcome in outcomes]
    return [f"{letter.kind} {letter.rule}" if letter else None for letter in letters]


def test_a_redriven_input_is_folded_where_its_redriven_stands(book: Book, faulty: Faulty) -> None:
    book.live(BAD)
    faulty.mended = True
    (outcome,) = book.live(redriven(BAD, at=START + DAY))
    tally = book.world.get(Tally, "acme", "c1")
    assert outcome.letter is None
    assert tally is not None
    assert (tally.value, tally.expires) == (666, START + DAY + DAY)
    assert book.letters == [(1, "parked", "redriven")]


def test_the_answers_of_a_redriven_input_name_the_redriven_as_their_cause(book: Book) -> None:
    waiting = progressed("c1", 2.0, n="waiting")
    book.live(BAD, waiting, discarded(BAD))
    (outcome,) = book.live(redriven(waiting))
    assert [answer.causationid for answer in outcome.answers] == [redriven(waiting).id]


def test_answers_of_a_redriven_input_find_each_other_by_the_cause_that_they_name() -> None:
    ids: list[str] = []

    def decide(world: World, event: Event) -> list[Answer]:
        ids.append(answer_id("tally", world.cause, "flagged", 0))
        if len(ids) == 1:
            raise ArithmeticError("not yet")
        return decide_progressed(world, event)

    book, input_ = (
        Book(replace(TALLY, decides={**TALLY.decides, type(BAD.data): decide})),
        progressed(),
    )
    _, outcome = book.live(input_, redriven(input_))

    assert [answer.id for answer in outcome.answers] == ids[1:]
    assert ids[0] != ids[1]


def test_inputs_that_wait_are_redriven_in_their_order_only(book: Book, faulty: Faulty) -> None:
    waiting = progressed("c1", 2.0, n="waiting")
    book.live(BAD, waiting)
    faulty.mended = True
    outcomes = book.live(
        redriven(waiting, n="too soon"), redriven(BAD, n="first"), redriven(waiting, n="second")
    )
    assert [outcome.letter and outcome.letter.kind for outcome in outcomes] == [
        "rejected",
        None,
        None,
    ]
    tally = book.world.get(Tally, "acme", "c1")
    assert tally is not None
    assert (tally.value, tally.count) == (2.0, 2)


def test_a_key_is_free_again_when_nothing_of_it_is_parked(book: Book, faulty: Faulty) -> None:
    book.live(BAD)
    faulty.mended = True
    _, after = book.live(redriven(BAD), progressed("c1", 1.0, n="after"))
    assert after.letter is None


def test_a_key_stays_held_while_something_of_it_is_parked(book: Book, faulty: Faulty) -> None:
    book.live(BAD, progressed("c1", 1.0, n="waiting"))
    faulty.mended = True
    _, after = book.live(redriven(BAD), progressed("c1", 1.0, n="after"))
    assert causes([after]) == ["parked waits"]


def test_an_input_that_raises_again_is_parked_again_and_its_key_stays_held(book: Book) -> None:
    book.live(BAD)
    outcomes = book.live(redriven(BAD), progressed("c1", 1.0, n="after"))
    assert causes(outcomes) == ["parked raised", "parked waits"]
    assert book.letters == [(1, "parked", "open"), (3, "parked", "open")]


def test_a_discarded_input_is_never_folded_and_frees_its_key(book: Book) -> None:
    book.live(BAD, discarded(BAD))
    (after,) = book.live(progressed("c1", 1.0, n="after"))
    tally = book.world.get(Tally, "acme", "c1")
    assert after.letter is None
    assert tally is not None
    assert tally.count == 1
    assert book.letters == [(1, "parked", "discarded")]


def test_redriving_what_is_not_parked_is_rejected(book: Book) -> None:
    good = progressed("c1", 1.0)
    _, outcome = book.live(good, redriven(good))
    assert causes([outcome])[0] is not None
    assert outcome.answers[0].word == "rejected"


def test_what_an_operator_does_about_another_service_changes_nothing(book: Book) -> None:
    book.live(BAD)
    first, second = book.live(
        redriven(BAD, service="matching"), discarded(BAD, service="matching", n=9)
    )
    assert (first.answers, second.answers) == ((), ())
    assert book.letters == [(1, "parked", "open")]


def test_redriving_twice_folds_once(book: Book, faulty: Faulty) -> None:
    book.live(BAD)
    faulty.mended = True
    book.live(redriven(BAD, n=1), redriven(BAD, n=1), redriven(BAD, n=2))
    tally = book.world.get(Tally, "acme", "c1")
    assert tally is not None
    assert tally.count == 1


def test_a_copy_of_a_parked_input_is_not_parked_again(book: Book) -> None:
    _, copy = book.live(BAD, BAD)
    assert copy.letter is None


def test_a_due_that_comes_twice_while_its_key_is_held_is_parked_once(
    book: Book, faulty: Faulty
) -> None:
    book.live(progressed("c1", 1.0), BAD)
    first, again = book.live(due("c1"), due("c1"))
    assert causes([first, again]) == ["parked waits", None]
    faulty.mended = True
    book.live(discarded(BAD), redriven(due("c1"), n="due"))
    assert book.rows(Timer) == []
    assert book.replay(faulty.service()).digest == book.digest


def test_a_fact_that_comes_twice_while_its_key_is_held_is_parked_once(book: Book) -> None:
    fact = replace(withdrawn("c1", n="fact"), source="/mentoring/matching")
    book.live(BAD)
    assert causes(book.live(fact, fact)) == ["parked waits", None]
    assert book.replay().digest == book.digest


def test_a_rebuild_knows_what_the_operator_did(book: Book, faulty: Faulty) -> None:
    waiting = progressed("c1", 2.0, n="waiting")
    book.live(BAD, waiting, redriven(BAD, n="again"))
    faulty.mended = True
    book.live(
        redriven(waiting, n="too soon"),
        redriven(BAD, n="first", at=START + DAY),
        discarded(waiting),
        progressed("c1", 3.0, n="after"),
    )
    faulty.mended = False
    assert book.replay(lenient(faulty)).digest == book.digest


def lenient(faulty: Faulty) -> Service:
    """Deciding is not asked in a rebuild, so what it would raise today does not matter."""
    return replace(faulty.service(), decides={})


def test_an_input_that_the_log_refuses_is_parked_and_holds_its_key(book: Book) -> None:
    refused = progressed("c1", 1.0)
    given = entry(1, refused)
    book.entries[1] = given
    outcome = book.fold.condemn(book.world, given, refused, Refused(10190, "invalid target"))
    book.fold.keep(book.world, outcome)
    after, copy = book.live(progressed("c1", 2.0, n=2), refused)
    assert causes([outcome, after, copy]) == ["parked raised", "parked waits", None]


def test_a_redriven_input_that_the_log_refuses_stays_parked(book: Book, faulty: Faulty) -> None:
    book.live(BAD)
    faulty.mended = True
    again = redriven(BAD)
    given = entry(2, again)
    book.entries[2] = given
    outcome = book.fold.condemn(book.world, given, again, Refused(10190, "invalid target"))
    book.fold.keep(book.world, outcome)
    assert book.letters == [(1, "parked", "open")]
    (free,) = book.live(redriven(BAD, n="again"))
    assert free.letter is None


def test_a_redriven_input_that_cannot_be_read_again_is_trouble(book: Book) -> None:
    book.live(BAD)
    book.fold.fetch = None
    with pytest.raises(StoreTrouble):
        book.live(redriven(BAD))


def test_a_parked_input_that_can_no_longer_be_read_is_not_redriven_and_stops_nobody(
    book: Book, faulty: Faulty
) -> None:
    book.live(BAD)
    faulty.mended = True
    fetch = book.fold.fetch
    assert fetch is not None
    book.fold.fetch = lambda seq: fetch(seq)._replace(body=b"[]")

    (outcome,) = book.live(redriven(BAD, at=START + DAY))

    assert causes([outcome]) == ["rejected unreadable"]
