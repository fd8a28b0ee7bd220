"""What a ledger looks at before it folds, and whose answers it takes for its own when it catches up."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from shared import mark as marks
from shared.catchup import Told
from shared.entry import Entry
from shared.events.envelope import HEADERS, Event, encode
from shared.events.feedback import Flagged
from shared.fitness import NotReady
from shared.ledger import Ledger
from shared.log import STREAM, Log, LogTrouble, Message, Refused
from shared.outcome import Diverged, StoreRefused, StoreTrouble
from shared.reader import Reader
from shared.service import Service
from shared.store import Store
from shared.world import Ref
from tests.tally.events import event, event_id, progressed
from tests.tally.log import entries, open_log, publish
from tests.tally.service import TALLY, Tally

SAID = Flagged(mentee="a", mentor="b", rules="v1", flag="f", rule="progress", status="raised")


FUTURE = datetime(2099, 1, 1, tzinfo=UTC)
"""Timers set from here do not fire during a test."""


@pytest.fixture
async def log(nats_url: str) -> AsyncIterator[Log]:
    async with open_log(nats_url) as log:
        yield log


@asynccontextmanager
async def ledger(
    log: Log, folder: Path, name: str = "tally", service: Service = TALLY
) -> AsyncIterator[Ledger]:
    store = Store(service.tables, f"sqlite:///{folder / name}.db")
    store.create_all()
    made = Ledger(service, store, log, owner=name)
    try:
        yield made
    finally:
        await made.close()
        store.dispose()


async def fold(log: Log, folder: Path, name: str = "tally", service: Service = TALLY) -> None:
    async with ledger(log, folder, name, service) as made:
        start = await made.start()
        await made.fold(await entries(log, start=start))


def said(n: int, cause: int, data: Flagged = SAID, body: bytes | None = None) -> Message:
    """What claims to be an answer of tally."""
    answer = event(data, n=n, source="/mentoring/tally")
    headers = {**HEADERS, "Mentoring-Cause": str(cause), "Mentoring-Service": "tally"}
    return Message(answer.subject, encode(answer) if body is None else body, headers)


async def without_marks(log: Log) -> None:
    assert await log.request(
        f"$JS.API.STREAM.PURGE.{STREAM}", json.dumps({"filter": "mentoring-mark.>"}).encode()
    )


# -- before it folds --


async def test_a_stream_without_identity_is_refused_with_words(log: Log, tmp_path: Path) -> None:
    config = (await log.request(f"$JS.API.STREAM.INFO.{STREAM}", b""))["config"]
    await log.request(
        f"$JS.API.STREAM.UPDATE.{STREAM}", json.dumps(config | {"metadata": {}}).encode()
    )
    async with ledger(log, tmp_path) as made:
        with pytest.raises(NotReady, match="mentoring log apply"):
            await made.start()


async def test_a_log_without_the_mark_of_a_store_that_folded_is_refused_with_words(
    log: Log, tmp_path: Path
) -> None:
    await publish(log, progressed(n=1))
    await fold(log, tmp_path)
    await without_marks(log)
    with pytest.raises(NotReady, match="truncated"):
        await fold(log, tmp_path)


async def test_a_new_store_on_a_log_that_lost_its_mark_says_nothing_twice(
    log: Log, tmp_path: Path
) -> None:
    await publish(log, progressed(n=1))
    await fold(log, tmp_path)
    before = await entries(log)
    await without_marks(log)
    with pytest.raises(NotReady, match="truncated"):
        await fold(log, tmp_path, "new")
    assert await entries(log) == before


# -- whose answers --


async def test_an_input_with_the_headers_of_an_answer_is_folded_all_the_same(
    log: Log, tmp_path: Path
) -> None:
    """Its word is none that the service says, so it cannot be an answer, live or when catching up."""
    headers = {**HEADERS, "Mentoring-Cause": "1", "Mentoring-Service": "tally"}
    first, second = progressed(n=1, at=FUTURE), progressed(n=2, at=FUTURE)
    await publish(log, first)
    await log.send(Message(second.subject, encode(second), headers))
    await fold(log, tmp_path)
    await fold(log, tmp_path, "rebuilt")
    assert [entry.cause for entry in await entries(log, "mentoring.*.flagged.*.>")] == [1, 2]
    for name in ("tally", "rebuilt"):
        store = Store(TALLY.tables, f"sqlite:///{tmp_path / name}.db")
        transaction = store.connect()
        (row,) = transaction.load(Tally, [("acme", "c1")])
        assert row.count == 2
        transaction.close()
        store.dispose()


async def test_an_answer_to_what_comes_later_is_none(log: Log, tmp_path: Path) -> None:
    await log.send(said(1, cause=10**18))
    await publish(log, *(progressed(n=n, at=FUTURE) for n in range(5)))
    await fold(log, tmp_path)
    await fold(log, tmp_path, "rebuilt")
    assert await digest(tmp_path, "rebuilt") == await digest(tmp_path, "tally")


@pytest.mark.parametrize("body", [None, b"not JSON"], ids=["readable", "unreadable"])
async def test_catching_up_stops_at_an_answer_that_the_service_did_not_say(
    log: Log, tmp_path: Path, body: bytes | None
) -> None:
    await publish(log, *(progressed(f"c{n}", n=n) for n in range(600)))
    await fold(log, tmp_path)
    await log.send(said(1, cause=1, body=body))
    await publish(log, progressed(n="last"))
    await fold(log, tmp_path)
    with pytest.raises(Diverged, match="an answer"):
        await fold(log, tmp_path, "rebuilt")


async def digest(folder: Path, name: str) -> str:
    store = Store(TALLY.tables, f"sqlite:///{folder / name}.db")
    try:
        return store.digest()
    finally:
        store.dispose()


class Late(Reader):
    """A reader served by a server that lags behind: it counts nothing ahead, and everything comes later."""

    def __init__(self, *batches: Sequence[Entry]) -> None:
        self.standing = 0
        self._batches = list(batches)

    async def batch(self, limit: int | None = None, wait: float | None = None) -> list[Entry]:
        return list(self._batches.pop(0))


async def test_answers_are_waited_for_until_the_mark_arrives() -> None:
    def answer(seq: int, cause: int) -> Entry:
        message = said(seq, cause)
        return Entry(seq, message.subject, message.body, cause, "tally")

    mark = Entry(9, marks.subject("tally", 0), b"{}")
    told = Told(Late([answer(5, 2)], [answer(6, 3), answer(7, 4)], [mark]), 1, bound=9)
    assert list(await told.until(3, lambda entry: entry.said_by == "tally")) == [2, 3]
    assert list(await told.until(8, lambda entry: entry.said_by == "tally")) == [4]


# -- what must not stop everybody --


async def test_a_ledger_at_rest_does_not_keep_the_next_owner_from_folding(
    log: Log, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The log is away in the middle of a batch, and the partition becomes another process's meanwhile."""

    async def away(work: object) -> None:
        raise LogTrouble("away")

    store = Store(TALLY.tables, database_url)
    store.create_all()
    one, two = (Ledger(TALLY, store, log, owner=name) for name in ("one", "two"))
    await publish(log, progressed(n=1))
    start = await one.start()
    monkeypatch.setattr(one, "_publish", away)
    with pytest.raises(LogTrouble):
        await one.fold(await entries(log, start=start))
    await one.rest()
    async with asyncio.timeout(10):
        await two.fold(await entries(log, start=await two.start()))
    assert [entry.word for entry in await entries(log) if entry.cause] == ["flagged"]
    await asyncio.gather(one.close(), two.close())
    store.dispose()


async def test_a_reach_that_raises_harms_nobody(log: Log, tmp_path: Path) -> None:
    def reach(event: Event) -> list[Ref]:
        raise KeyError(event.id)

    await publish(log, *(progressed(n=n) for n in range(3)))
    await fold(log, tmp_path, service=replace(TALLY, reach=reach))
    assert [entry.cause for entry in await entries(log, "mentoring.*.flagged.*.>")] == [1, 2, 3]


async def test_a_reach_that_the_store_refuses_parks_the_one_input(log: Log, tmp_path: Path) -> None:
    bad = event_id(0)

    def reach(event: Event) -> list[Ref]:
        return [Ref(Tally, ("acme", 2**80))] if event.id == bad else []

    await publish(log, progressed("c9", n=9, at=FUTURE))
    await fold(log, tmp_path)  # of a program without rows nothing is loaded
    await publish(log, *(progressed(f"c{n}", n=n, at=FUTURE) for n in range(3)))
    await fold(log, tmp_path, service=replace(TALLY, reach=reach))
    found = await entries(log)
    first = next(e.seq for e in found if bad in e.body.decode())
    assert [(e.word, e.cause) for e in found if e.cause][1:] == [
        ("parked", first),
        ("flagged", first + 1),
        ("flagged", first + 2),
    ]


@pytest.mark.parametrize("error", [Refused(10000, "no"), StoreRefused("no")], ids=str)
async def test_when_parking_is_refused_too_it_is_trouble_and_tried_again(
    log: Log, tmp_path: Path, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    await publish(log, progressed(n=1))
    async with ledger(log, tmp_path) as made:
        start = await made.start()

        async def refuse(work: object) -> None:
            raise error

        with monkeypatch.context() as patch:
            patch.setattr(made, "_publish", refuse)
            with pytest.raises((LogTrouble, StoreTrouble)):
                await made.fold(await entries(log, start=start))
        await made.fold(await entries(log, start=await made.start()))
    assert [entry.word for entry in await entries(log) if entry.cause] == ["flagged"]
