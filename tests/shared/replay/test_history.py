"""A program's history is what its service made of the log, input by input."""

import random
from datetime import UTC, datetime

import pytest

from shared import provision
from shared.digest import digest
from shared.entry import Entry
from shared.events.envelope import Event
from shared.log import Log
from shared.replay.history import Changed, Cut, History, Step, history
from shared.service import Service
from shared.world import Ref, Row
from tests.lifecycle.golden import golden_log
from tests.shared.replay.recorded import SERVICES, ToldInMemory, golden, in_lists, publish
from tests.tally.book import Book
from tests.tally.events import entry, progressed, redriven
from tests.tally.service import TALLY, Tally

PROGRAM = golden()[0].subject.split(".")[1]
EVERY_SERVICE = pytest.mark.parametrize("service", SERVICES.values(), ids=SERVICES)


@EVERY_SERVICE
async def test_a_whole_history_ends_with_the_rows_that_the_log_leads_to(service: Service) -> None:
    entries = golden()
    folded = History(service)
    await walk(folded, entries, chunk=random.Random(7).randint(1, 300))
    assert digest(folded.world.rows()) == golden_log.digest_of(service, entries)


@EVERY_SERVICE
async def test_the_changes_of_all_steps_put_together_are_the_rows(service: Service) -> None:
    folded = History(service)
    rows: dict[Ref, Row] = {}
    for step in await walk(folded, golden()):
        for ref, change in step.changes.items():
            assert change.before == rows.pop(ref, None)
            assert change != Changed(change.after, change.after)
            if change.after is not None:
                rows[ref] = change.after
    assert rows == {Ref(type(row), row.key()): row for row in folded.world.rows()}


async def test_each_step_carries_the_answers_that_the_log_holds_for_its_input() -> None:
    entries = golden()
    said = {e.seq: e.cause for e in entries if e.said_by == "matching"}
    steps = await walk(History(SERVICES["matching"]), entries)
    assert sum(len(step.outcome.answers) for step in steps) == len(said)
    answered = {step.entry.seq for step in steps if step.outcome.answers}
    assert answered == set(said.values())


async def test_a_cut_by_sequence_leaves_what_a_shorter_log_leads_to() -> None:
    entries, service = golden(), SERVICES["feedback"]
    for seq in (1, len(entries) // 3, len(entries) // 2):
        cut, short = History(service, Cut(seq=seq)), History(service)
        await walk(cut, entries)
        await walk(short, entries, until=seq)
        assert cut.position == short.position <= seq
        assert digest(cut.world.rows()) == digest(short.world.rows())


async def test_a_cut_by_an_instant_ends_before_the_first_later_input() -> None:
    entries = golden()
    inputs = inputs_of(await walk(History(SERVICES["matching"]), entries))
    middle = max(event.time for event in inputs[:200])
    by_event = await walk(History(SERVICES["matching"], Cut(at=middle, clock="event")), entries)
    assert max(event.time for event in inputs_of(by_event)) <= middle
    assert 200 <= len(inputs_of(by_event)) < len(entries)

    stored = [Entry(e.seq, e.subject, e.body, e.cause, e.said_by, e.seq * 10**9) for e in entries]
    at = datetime.fromtimestamp(300, UTC)
    by_storage = await walk(History(SERVICES["matching"], Cut(at=at)), stored)
    assert 290 <= by_storage[-1].entry.seq <= 300


@EVERY_SERVICE
async def test_the_history_on_a_server_is_the_one_in_memory(
    service: Service, nats_url: str
) -> None:
    entries = golden()
    expected = await walk(History(service), entries)
    log = await Log.connect(nats_url)
    try:
        await provision.apply(log, partitions=5)
        await publish(log, entries, partitions=5)
        async with history(log, service, PROGRAM) as (folded, steps):
            found = [step async for step in steps]
        async with history(log, service, PROGRAM, Cut(seq=50)) as (early, steps):
            cut = [step.entry.seq async for step in steps]
        async with history(log, service, "nobody") as (_, steps):
            assert [step async for step in steps] == []
    finally:
        await log.close()
    assert [step.entry.seq for step in found] == [step.entry.seq for step in expected]
    assert [step.changes for step in found] == [step.changes for step in expected]
    assert digest(folded.world.rows()) == golden_log.digest_of(service, entries)
    assert (early.position, max(cut)) == (cut[-1], cut[-1])
    assert cut[-1] <= 50


def test_what_an_operator_redrives_is_folded_at_that_place() -> None:
    """The parked input stands earlier in the same history, so no log need be asked for it."""
    bad = progressed("c1", 666, n="bad")
    book, folded, again = Book(), History(TALLY), redriven(bad)
    parked = book.live(bad)[0].answers
    first = folded.follow(entry(1, bad), bad, parked)
    assert first.outcome.letter is not None
    assert Ref(Tally, ("acme", "c1")) not in first.changes

    step = folded.follow(entry(2, again), again, ())

    assert step.outcome.folded == bad
    assert [row.value for row in folded.world.rows() if isinstance(row, Tally)] == [666]
    assert Ref(Tally, ("acme", "c1")) in step.changes


async def test_a_history_that_no_service_has_answered_is_empty(nats_url: str) -> None:
    log = await Log.connect(nats_url)
    try:
        await provision.apply(log)
        async with history(log, SERVICES["matching"], PROGRAM) as (folded, steps):
            assert [step async for step in steps] == []
            assert folded.position == 0
    finally:
        await log.close()


async def walk(
    folded: History, entries: list[Entry], chunk: int = 250, until: int | None = None
) -> list[Step]:
    within = [entry for entry in entries if until is None or entry.seq <= until]
    told = ToldInMemory(folded.service.name, entries)
    return [step async for step in folded.fold(in_lists(within, chunk), told)]


def inputs_of(steps: list[Step]) -> list[Event]:
    return [step.read for step in steps if isinstance(step.read, Event)]
