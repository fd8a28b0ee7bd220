"""Stamps: how long deciding took is written into answers once, by the running service, and then is a fact."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

import pytest

from shared.archive.exact import Wanted
from shared.archive.exporting import export
from shared.archive.importing import Import
from shared.archive.reading import Archive
from shared.catchup import own_words
from shared.events.envelope import Event, EventData, decode
from shared.events.feedback import Flagged
from shared.fold import Fold
from shared.ledger import Ledger
from shared.log import Log
from shared.outcome import Outcome
from shared.replay.history import history
from shared.store import Store
from shared.world import Answer, World
from tests.backends.backend import Backend
from tests.shared.replay.desk import Desk
from tests.tally.events import entry, progressed
from tests.tally.log import entries, open_log, publish
from tests.tally.service import TALLY, Load, evolve_flagged


def stamp(data: EventData, milliseconds: float) -> EventData:
    """Milliseconds in the place of the rule's name: tally has no field of its own for them."""
    assert isinstance(data, Flagged)
    return data.model_copy(update={"rule": f"took-{milliseconds:.6f}".replace(".", "-")})


def evolve_stamped(world: World, event: Event) -> list[Load]:
    """The figure is in a row: what a fold stamps otherwise gives another digest."""
    assert isinstance(event.data, Flagged)
    rows = [row for row in evolve_flagged(world, event) if isinstance(row, Load)]
    digits = event.data.rule.rpartition("-")[2]
    return [replace(row, refused=int(digits) if digits.isdigit() else -1) for row in rows]


STAMPED = replace(
    TALLY, stamps={Flagged: stamp}, evolves={**TALLY.evolves, Flagged: evolve_stamped}
)
"""Tally, whose answers say how long they took."""


def ticking(step: float) -> Iterator[float]:
    return (n * step for n in count())


def live(fold: Fold, event: Event, world: World | None = None) -> Outcome:
    given = entry(1, event)
    return fold.live(World() if world is None else world, given, fold.read(given))


def rule(outcome: Outcome) -> str:
    (answer,) = outcome.answers
    assert isinstance(answer.data, Flagged)
    return answer.data.rule


# -- one input --


def test_an_answer_tells_the_milliseconds_that_deciding_took() -> None:
    clock = ticking(0.25).__next__
    assert rule(live(Fold(STAMPED, clock=clock), progressed())) == "took-250-000000"


def test_the_figure_is_folded_and_said_as_one() -> None:
    world = World()
    outcome = live(Fold(STAMPED, clock=ticking(0.000_000_007).__next__), progressed(), world)
    assert world.get(Load, "acme") == Load("acme", 1, 7)
    assert [decode(body) for body in outcome.said] == list(outcome.answers)


def test_a_fold_without_a_clock_stamps_nothing() -> None:
    assert rule(live(Fold(STAMPED), progressed())) == "progress"


def test_a_service_without_stamps_never_asks_the_clock() -> None:
    def clock() -> float:
        pytest.fail("nobody wants to know")

    assert rule(live(Fold(TALLY, clock=clock), progressed())) == "progress"


def test_answers_of_other_kinds_are_left_as_they_are() -> None:
    plain = replace(STAMPED, stamps={type(progressed().data): stamp})
    assert rule(live(Fold(plain, clock=ticking(1).__next__), progressed())) == "progress"


def test_a_stamp_changes_nothing_else_of_an_answer() -> None:
    stamped = live(Fold(STAMPED, clock=ticking(1).__next__), progressed()).answers[0]
    plain = live(Fold(STAMPED), progressed()).answers[0]
    assert replace(stamped, data=plain.data) == plain


def test_what_is_decided_bit_by_bit_is_measured_to_its_end() -> None:
    """A decide that is a generator has not begun when it returns."""
    clock = ticking(1)

    def decide(world: World, event: Event) -> Iterator[Answer]:
        next(clock)
        yield from TALLY.decides[type(event.data)](world, event)

    slow = replace(STAMPED, decides={type(progressed().data): decide})
    assert rule(live(Fold(slow, clock=clock.__next__), progressed())) == "took-2000-000000"


def test_following_the_log_keeps_its_figure_whatever_the_clock_says() -> None:
    given = entry(1, progressed())
    first = live(Fold(STAMPED, clock=ticking(0.000_000_007).__next__), progressed())
    fold, world = Fold(STAMPED, clock=ticking(1).__next__), World()
    outcome = fold.follow(world, given, fold.read(given), first.answers)
    assert outcome.answers == first.answers
    assert world.get(Load, "acme") == Load("acme", 1, 7)


# -- every path into a store --


@dataclass
class Stores:
    """Stores of the stamped service on one log."""

    folder: Path
    made: int = 0

    @asynccontextmanager
    async def on(self, log: Log, *, driven: bool = False) -> AsyncIterator[tuple[Ledger, Store]]:
        """An empty store and its ledger."""
        self.made += 1
        store = Store(STAMPED.tables, f"sqlite:///{self.folder / f'{self.made}.db'}")
        store.create_all()
        ledger = Ledger(STAMPED, store, log, owner=f"owner{self.made}", driven=driven)
        try:
            yield ledger, store
        finally:
            await ledger.close()
            store.dispose()

    async def folded(self, log: Log, *, driven: bool = False) -> str:
        """The digest of an empty store behind all that is in the log."""
        async with self.on(log, driven=driven) as (ledger, store):
            start = await ledger.start()
            await ledger.fold(await entries(log, start=start))
            await ledger.settle()
            return store.digest()


async def rules(log: Log) -> list[str]:
    """What the answers in the log tell."""
    told = [decode(each.body).data for each in await entries(log) if each.said_by == "tally"]
    return [each.rule for each in told if isinstance(each, Flagged)]


INPUTS = [progressed(f"c{n}", n=n) for n in range(40)]


async def test_catching_up_folds_the_logged_figures(nats_url: str, tmp_path: Path) -> None:
    stores = Stores(tmp_path)
    async with open_log(nats_url) as log:
        await publish(log, *INPUTS)
        first = await stores.folded(log)
        assert all(each.startswith("took-") for each in await rules(log))
        assert await stores.folded(log) == first
        assert len(await rules(log)) == len(INPUTS)


async def test_a_rebuild_folds_the_logged_figures(nats_url: str, tmp_path: Path) -> None:
    names = count()
    async with open_log(nats_url) as log:
        desk = Desk(log, lambda: f"sqlite:///{tmp_path / f'{next(names)}.db'}")
        await publish(log, *INPUTS)
        live_store = desk.new_store(STAMPED)
        await desk.fold(STAMPED, live_store)
        assert await desk.rebuilt(STAMPED) == live_store.digest()
        desk.dispose()


async def test_a_history_shows_the_logged_figures(nats_url: str, tmp_path: Path) -> None:
    async with open_log(nats_url) as log:
        await publish(log, *INPUTS)
        async with Stores(tmp_path).on(log) as (ledger, store):
            await ledger.start()
            await ledger.fold(await entries(log))
            transaction = store.connect()
            expected = {row.key(): row for row in transaction.everything() if isinstance(row, Load)}
            transaction.close()
        async with history(log, STAMPED, "acme") as (folded, steps):
            async for _ in steps:
                pass
            assert {row.key(): row for row in folded.world.rows() if isinstance(row, Load)} == (
                expected
            )


async def test_an_imported_archive_keeps_the_figures_to_the_byte(
    backend: Backend, nats_url: str, tmp_path: Path
) -> None:
    path, stores = tmp_path / "log.zst", Stores(tmp_path)
    async with open_log(nats_url) as log:
        await publish(log, *INPUTS)
        first, told = await stores.folded(log), await rules(log)
        with path.open("wb") as file:
            await export(log, file, Wanted())
    with backend.nats(tmp_path / "other") as other:
        log = await Log.connect(other)
        await Import(log, Archive.open(path), {"tally": own_words(STAMPED)}).run()
        assert await stores.folded(log) == first
        assert await rules(log) == told
        await log.close()


async def test_driven_time_is_the_same_whenever_it_is_driven(nats_url: str, tmp_path: Path) -> None:
    async with open_log(nats_url) as log:
        await publish(log, *INPUTS)
        await Stores(tmp_path).folded(log, driven=True)
        assert set(await rules(log)) == {"progress"}
