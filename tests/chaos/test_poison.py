"""Poison: each kind ends where architecture.md says; others flow on, the same key waits in order."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from shared.entry import Entry
from shared.events.envelope import Event
from shared.log import Log, Message
from tests.chaos import truth
from tests.chaos.publisher import as_message
from tests.tally.events import discarded, progressed, redriven
from tests.tally.live import TallyRuntime, folded, ready, running
from tests.tally.log import entries, open_log
from tests.tally.service import TALLY

POISON: dict[str, Message | Event] = {
    "no JSON": Message("mentoring.acme.progressed.c1", b"\x00\xff not JSON"),
    "wrong schema": Message("mentoring.acme.progressed.c1", b'{"specversion":"1.0","id":7}'),
    "an unknown word": Message("mentoring.acme.exploded.c1", b"{}"),
    "impossible": progressed("c1", 13, n="impossible"),
    "raises": progressed("c1", 666, n="raises"),
}
ENDS = {
    "no JSON": ("invalid", None),
    "wrong schema": ("invalid", None),
    "an unknown word": ("invalid", None),
    "impossible": ("rejected", "rejected"),
    "raises": ("parked", "parked"),
}


@dataclass
class Place:
    """A running service and its log."""

    log: Log
    service: TallyRuntime
    url: str

    async def say(self, *told: Message | Event) -> list[int]:
        """Publish, and wait until it is folded; returns the sequences."""
        seqs = [await self.log.send(as_message(each)) for each in told]
        await folded(self.service, seqs[-1])
        return seqs

    async def answers(self, seq: int) -> list[str]:
        return [e.word for e in await self.told() if e.cause == seq]

    async def told(self) -> list[Entry]:
        return [entry for entry in await entries(self.log) if entry.said_by == "tally"]

    def letters(self) -> list[tuple[int, str, str]]:
        query = "SELECT seq, kind, state FROM dead_letter ORDER BY seq"
        rows = self.service.store.read(lambda c: c.exec_driver_sql(query).all())
        return [(row[0], row[1], row[2]) for row in rows]


@pytest.fixture
async def place(nats_url: str, database_url: str) -> AsyncIterator[Place]:
    async with (
        open_log(nats_url) as log,
        running(nats_url, database_url, driven=True) as service,
    ):
        await ready(service)
        yield Place(log, service, database_url)


@pytest.mark.parametrize("kind", POISON)
async def test_poison_ends_where_it_belongs_and_others_flow_on(place: Place, kind: str) -> None:
    letter, answer = ENDS[kind]
    seq, other = await place.say(POISON[kind], progressed("c2", n="other"))
    assert place.letters() == [(seq, letter, "open")]
    assert await place.answers(seq) == ([answer] if answer else [])
    assert await place.answers(other) == ["flagged"]


@pytest.mark.parametrize("kind", [kind for kind in POISON if kind != "raises"])
async def test_what_is_no_event_or_is_refused_holds_nothing(place: Place, kind: str) -> None:
    _, same = await place.say(POISON[kind], progressed("c1", n="same"))
    assert await place.answers(same) == ["flagged"]


async def test_what_waits_behind_a_parked_event_is_folded_in_its_order(place: Place) -> None:
    bad = POISON["raises"]
    assert isinstance(bad, Event)
    waiting = [progressed("c1", float(n), n=f"waiting{n}") for n in range(3)]
    await place.say(bad, *waiting, progressed("c2", n="other"))
    assert [kind for _, kind, _ in place.letters()] == ["parked"] * 4
    too_soon, *_ = await place.say(redriven(waiting[1], n="too soon"))
    assert await place.answers(too_soon) == ["rejected"]
    seqs = await place.say(
        discarded(bad), *[redriven(each, n=f"again{n}") for n, each in enumerate(waiting)]
    )
    assert [await place.answers(seq) for seq in seqs] == [[], *[["flagged"]] * 3]
    (after,) = await place.say(progressed("c1", n="after"))
    assert await place.answers(after) == ["flagged"]
    value = place.service.store.read(
        lambda c: c.exec_driver_sql("SELECT count FROM tally WHERE cycle = 'c1'").scalar()
    )
    assert value == 4


async def test_a_store_rebuilt_from_a_poisoned_log_is_the_live_one(
    place: Place, tmp_path_factory: pytest.TempPathFactory
) -> None:
    bad = POISON["raises"]
    assert isinstance(bad, Event)
    for kind, poison in POISON.items():
        await place.say(poison, progressed("c1", n=f"same {kind}"), progressed("c2", n=kind))
    await place.say(redriven(bad, n="once more"), discarded(bad), progressed("c1", n="last"))
    live = place.service.store.digest()
    await place.service.stop()
    folder = tmp_path_factory.mktemp("rebuilt")
    assert await truth.rebuilt_digest(place.log, TALLY, folder) == live
