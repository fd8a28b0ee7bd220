"""The fold: an input is judged, folded, answered and timed, whole or not at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from shared.entry import Entry
from shared.events.envelope import Event, answer_id, due_event
from shared.events.feedback import Flagged
from shared.events.system import Parked, Rejected
from shared.outcome import Diverged, Outcome, StoreTrouble
from shared.service import Service
from shared.world import Answer, Clock, Refusal, Row, Timer, World
from tests.tally.book import Book
from tests.tally.events import DAY, START, due, entry, event_id, progressed, withdrawn
from tests.tally.service import CAPACITY, TALLY, Load, Tally, decide_progressed


def with_decide(decide: Callable[[World, Event], list[Answer]]) -> Service:
    """The tally service with another answer to `progressed`."""
    kind = type(progressed().data)
    return replace(TALLY, decides={**TALLY.decides, kind: decide})


def with_timers(at: Callable[[Row], dict[str, datetime]]) -> Service:
    return replace(TALLY, timers=at)


def flagged(key: str) -> Answer:
    return Answer(
        key,
        Flagged(mentee="a", mentor="b", rules="v1", flag="f", rule="progress", status="raised"),
    )


# -- an input and its answers --


def test_an_input_is_folded_then_its_answers() -> None:
    book = Book()
    (outcome,) = book.live(progressed("c1", 3.0))
    assert [answer.word for answer in outcome.answers] == ["flagged"]
    assert book.world.get(Tally, "acme", "c1") == Tally("acme", "c1", 3.0, 1, True, START + DAY)
    assert book.world.get(Load, "acme") == Load("acme", 1, 0)


def test_the_next_input_sees_what_the_answers_before_it_did() -> None:
    book = Book()
    outcomes = book.live(*[progressed(f"c{n}", n=n) for n in range(CAPACITY + 1)])
    statuses = [outcome.answers[0].data.status for outcome in outcomes]  # type: ignore[attr-defined]
    assert statuses == ["raised"] * CAPACITY + ["cleared"]


def test_an_answer_has_an_id_that_follows_from_its_cause_and_says_whose_answer_it_is() -> None:
    (first,), (again,) = Book().live(progressed()), Book().live(progressed())
    answer = first.answers[0]
    assert answer == again.answers[0]
    assert answer.causationid == progressed().id
    assert answer.source == "/mentoring/tally"
    assert (answer.program, answer.key, answer.correlationid) == ("acme", "c1", "c1")
    (other,) = Book().live(progressed(n=2))
    assert other.answers[0].id != answer.id


def test_an_answer_may_point_at_another_one_of_the_same_input_by_its_id() -> None:
    def decide(world: World, event: Event) -> list[Answer]:
        del event
        first, second = flagged("c1"), flagged("c1")
        evidence = (answer_id("tally", world.cause, "flagged", 0),)
        return [first, Answer("c1", second.data.model_copy(update={"evidence": evidence}))]

    (outcome,) = Book(with_decide(decide)).live(progressed())

    first, second = outcome.answers
    assert second.data.evidence == (first.id,)  # type: ignore[attr-defined]


def test_answers_of_one_word_to_one_input_have_different_ids() -> None:
    book = Book(with_decide(lambda world, event: [flagged("c1"), flagged("c1")]))
    (outcome,) = book.live(progressed())
    assert len({answer.id for answer in outcome.answers}) == 2


def test_a_word_that_the_service_does_not_read_is_passed_over_undecoded() -> None:
    book = Book()
    outcome = book.live_entry(Entry(1, "mentoring.acme.opened.acme", b"not even JSON"))
    assert outcome == Outcome()
    assert book.letters == []


def test_a_copy_of_an_input_is_not_folded_again() -> None:
    book = Book()
    book.live(progressed(n=1, value=1.0))
    (copy,) = book.live(progressed(n=1, value=2.0))
    assert copy.answers == ()
    assert book.world.get(Tally, "acme", "c1") == Tally("acme", "c1", 1.0, 1, True, START + DAY)


def test_the_same_id_from_another_source_is_no_copy() -> None:
    book = Book()
    book.live(progressed(n=1), replace(progressed(n=1), source="urn:other"))
    tally = book.world.get(Tally, "acme", "c1")
    assert tally is not None
    assert tally.count == 2


def test_the_same_id_in_another_program_is_no_copy_and_has_answers_of_its_own() -> None:
    """Programs may lie in different partitions, where nobody can say which of the two came first."""
    outcomes = Book().live(progressed(n=1), progressed(n=1, program="beta"))
    assert [outcome.folded is not None for outcome in outcomes] == [True, True]
    assert len({answer.id for outcome in outcomes for answer in outcome.answers}) == 2


def test_a_fact_of_a_service_is_never_taken_for_a_copy() -> None:
    book = Book()
    fact = replace(withdrawn(), source="/mentoring/matching")
    book.live(progressed(), fact, progressed(n=2), fact)
    assert book.world.get(Load, "acme") == Load("acme", 0, 0)


# -- bad inputs --


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"[]", b"{}", b"null", b"{" * 9999, b"\x00"])
def test_bytes_that_are_no_event_become_an_invalid_dead_letter_and_hold_nothing(
    body: bytes,
) -> None:
    book = Book()
    outcome = book.live_entry(Entry(1, "mentoring.acme.progressed.c1", body))
    assert (outcome.answers, book.letters) == ((), [(1, "invalid", "open")])
    (next_one,) = book.live(progressed())
    assert next_one.letter is None


def test_an_unknown_event_word_is_an_invalid_dead_letter() -> None:
    book = Book()
    book.live_entry(Entry(1, "mentoring.acme.exploded.c1", b"{}"))
    assert book.letters == [(1, "invalid", "open")]


def test_an_event_about_something_else_than_its_subject_is_invalid() -> None:
    book = Book()
    book.live_entry(entry(1, progressed("c1"))._replace(subject="mentoring.acme.progressed.c2"))
    assert book.letters == [(1, "invalid", "open")]


def test_a_refused_input_is_not_folded_and_is_answered_by_rejected() -> None:
    book = Book()
    (outcome,) = book.live(progressed(value=13))
    assert outcome.answers[0].data == Rejected(
        event=event_id(1), rule="thirteen", field="/data/value"
    )
    assert book.rows(Tally) == []
    assert book.letters == [(1, "rejected", "open")]


def test_a_refused_input_holds_nothing_behind_it() -> None:
    book = Book()
    _, after = book.live(progressed(value=13), progressed(n=2))
    assert after.letter is None


def test_a_copy_of_a_refused_input_is_refused_once() -> None:
    book = Book()
    _, copy = book.live(progressed(value=13), progressed(value=13))
    assert copy.answers == ()


def test_an_input_whose_deciding_raises_is_parked_and_leaves_no_trace() -> None:
    book = Book()
    (outcome,) = book.live(progressed(value=666))
    assert outcome.answers[0].data == Parked(
        event=event_id(1), service="tally", cause="raised", error="ArithmeticError"
    )
    assert (book.rows(Tally), book.rows(Load), book.rows(Timer)) == ([], [], [])


def test_an_input_of_a_parked_key_waits_behind_it() -> None:
    book = Book()
    _, behind = book.live(progressed(value=666), progressed(n=2))
    assert behind.answers[0].data.cause == "waits"  # type: ignore[attr-defined]
    assert book.letters == [(1, "parked", "open"), (2, "parked", "open")]


def test_inputs_of_other_keys_flow_past_a_parked_one() -> None:
    book = Book()
    _, other = book.live(progressed("c1", 666), progressed("c2", n=2))
    assert other.letter is None


def test_an_input_that_loads_a_row_of_a_parked_key_waits_too() -> None:
    def decide(world: World, event: Event) -> list[Answer]:
        if event.key == "c2":
            world.get(Tally, event.program, "c1")
        return decide_progressed(world, event)

    book = Book(with_decide(decide))
    book.live(progressed("c1"), progressed("c1", 666, n=2))
    (outcome,) = book.live(progressed("c2", n=3))
    assert outcome.answers[0].data.cause == "waits"  # type: ignore[attr-defined]


def test_an_input_with_more_to_say_than_a_batch_holds_is_parked() -> None:
    book = Book(with_decide(lambda world, event: [flagged("c1")] * 901))
    (outcome,) = book.live(progressed())
    assert outcome.answers[0].data.error == "TooMuchSaid"  # type: ignore[attr-defined]


def test_an_answer_about_no_valid_key_parks_its_input() -> None:
    book = Book(with_decide(lambda world, event: [flagged("not a token")]))
    (outcome,) = book.live(progressed())
    assert outcome.answers[0].data.error == "InvalidEvent"  # type: ignore[attr-defined]


def test_a_refusal_whose_rule_is_no_code_parks_the_input() -> None:
    kind = type(progressed().data)
    judges = {kind: lambda world, event: Refusal("Not A Code")}
    book = Book(replace(TALLY, judges=judges))
    (outcome,) = book.live(progressed())
    assert outcome.letter is not None
    assert outcome.letter.kind == "parked"


def test_trouble_with_the_store_is_raised_and_never_a_dead_letter() -> None:
    def decide(world: World, event: Event) -> list[Answer]:
        raise StoreTrouble("away")

    book = Book(with_decide(decide))
    with pytest.raises(StoreTrouble):
        book.live(progressed())
    assert book.rows(Tally) == []
    assert book.letters == []


# -- timers --


def test_a_timer_of_a_row_is_set_once() -> None:
    book = Book()
    first, second = book.live(progressed(n=1), progressed(n=2))
    assert list(first.timers) == [Timer("acme", "c1", "expires", START + DAY)]
    assert list(second.timers) == []


def test_a_timer_that_moves_is_set_again() -> None:
    book = Book()
    _, later = book.live(progressed(n=1), progressed(n=2, at=START + timedelta(hours=1)))
    assert [timer.at for timer in later.timers] == [START + DAY + timedelta(hours=1)]
    assert len(book.rows(Timer)) == 1


def test_a_timer_that_no_row_wants_any_more_is_dropped() -> None:
    book = Book()
    book.live(progressed(), withdrawn(n=2))
    assert book.rows(Timer) == []


def test_a_due_that_a_row_waits_for_is_folded_and_answered() -> None:
    book = Book()
    _, outcome = book.live(progressed(), due())
    assert [answer.word for answer in outcome.answers] == ["unmatched"]
    assert book.rows(Timer) == []


def test_a_due_that_comes_twice_is_folded_once() -> None:
    book = Book()
    _, _, again = book.live(progressed(), due(), due())
    assert again.answers == ()


def test_a_due_of_an_instant_that_was_moved_away_from_is_not_folded() -> None:
    book = Book()
    book.live(progressed(n=1), progressed(n=2, at=START + timedelta(hours=1)))
    (early,) = book.live(due(at=START + DAY))
    assert early.answers == ()
    (late,) = book.live(due(at=START + DAY + timedelta(hours=1)))
    assert [answer.word for answer in late.answers] == ["unmatched"]


def test_a_due_of_another_service_only_moves_the_clock() -> None:
    book = Book()
    foreign = due_event("matching", "acme", "c1", "expires", START + DAY)
    _, outcome = book.live(progressed(), foreign)
    assert outcome.answers == ()
    assert book.rows(Clock) == [Clock("acme", START + DAY)]


def test_no_timer_is_set_from_an_instant_before_the_last_due() -> None:
    book = Book()
    book.live(progressed("c1", n=1), due("c1"))
    (late,) = book.live(progressed("c2", n=2, at=START))
    assert [timer.at for timer in late.timers] == [START + DAY + DAY]


def test_the_clock_of_a_program_is_its_own() -> None:
    book = Book()
    book.live(progressed("c1", n=1), due("c1"))
    (other,) = book.live(progressed("c1", n=2, program="beta"))
    assert [timer.at for timer in other.timers] == [START + DAY]


def test_a_due_waits_behind_a_parked_event_of_its_key() -> None:
    book = Book()
    book.live(progressed(n=1), progressed(value=666, n=2))
    (outcome,) = book.live(due())
    assert outcome.answers[0].data.cause == "waits"  # type: ignore[attr-defined]
    assert len(book.rows(Timer)) == 1


def test_a_timer_whose_name_is_no_token_parks_its_input() -> None:
    book = Book(with_timers(lambda row: {"no token": START}))
    (outcome,) = book.live(progressed())
    assert outcome.letter is not None
    assert outcome.letter.kind == "parked"


@pytest.mark.parametrize(
    "at", [datetime(1969, 12, 31, tzinfo=UTC), datetime(3000, 1, 1, tzinfo=UTC)], ids=str
)
def test_a_timer_whose_instant_no_event_can_have_parks_its_input(at: datetime) -> None:
    book = Book(with_timers(lambda row: {"expires": at}))
    (outcome,) = book.live(progressed())
    assert outcome.letter is not None
    assert (outcome.letter.kind, list(outcome.timers)) == ("parked", [])
    assert book.replay(TALLY).digest == book.digest


# -- following the log --


def test_following_gives_the_same_world_as_live() -> None:
    book = Book()
    book.live(
        progressed(n=1),
        progressed("c2", 13, n=2),
        progressed("c3", 666, n=3),
        progressed("c3", n=4),
        progressed(n=1),
        due(),
        due(),
        withdrawn("c9", n=5),
    )
    assert book.replay().digest == book.digest


def test_following_takes_the_answers_of_the_log_and_does_not_decide() -> None:
    def decide(world: World, event: Event) -> list[Answer]:
        raise AssertionError("asked once per input, ever")

    book = Book()
    book.live(progressed())
    assert book.replay(with_decide(decide)).digest == book.digest


def test_following_takes_the_verdicts_of_the_log_where_today_s_code_would_fold() -> None:
    book = Book()
    book.live(progressed("c1", 13), progressed("c2", 666, n=2))
    kind = type(progressed().data)
    lenient = replace(TALLY, judges={}, decides={**TALLY.decides, kind: lambda world, event: []})
    assert book.replay(lenient).digest == book.digest


def test_following_stops_where_today_s_code_refuses_what_the_log_folded() -> None:
    book = Book()
    book.live(progressed())
    kind = type(progressed().data)
    strict = replace(TALLY, judges={kind: lambda world, event: Refusal("strict")})
    with pytest.raises(Diverged, match=r"sequence 1.*strict"):
        book.replay(strict)


def test_following_folds_what_the_log_folded_before_it_was_a_rule() -> None:
    book = Book()
    book.live(progressed())
    kind = type(progressed().data)
    strict = replace(TALLY, judges={kind: lambda world, event: Refusal("strict", later=True)})
    assert book.replay(strict).digest == book.digest


def test_following_stops_where_today_s_code_raises_and_the_log_folded() -> None:
    def evolve(world: World, event: Event) -> list[Row]:
        raise KeyError("new code")

    book = Book()
    book.live(progressed())
    kind = type(progressed().data)
    broken = replace(TALLY, evolves={**TALLY.evolves, kind: evolve})
    with pytest.raises(Diverged, match="KeyError"):
        book.replay(broken)


def test_following_stops_where_the_log_answers_a_due_that_no_row_waits_for_today() -> None:
    book = Book()
    book.live(progressed(), due())
    with pytest.raises(Diverged, match="sequence 2"):
        book.replay(with_timers(lambda row: {}))


def test_an_outcome_names_what_was_folded_and_nothing_for_a_verdict_or_a_copy() -> None:
    told, refused = progressed(n=1), progressed(value=13, n=2)
    outcomes = Book().live(told, told, refused)
    assert [outcome.folded for outcome in outcomes] == [told, None, None]
