"""Publishing to the log, one by one or whole batches, and what it refuses."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.events.envelope import HEADERS, encode
from shared.log import MAX_BATCH, STREAM, Fenced, Log, LogTrouble, Message, Refused
from shared.reader import Reader
from tests.backends.nats_server import NatsServer
from tests.tally.events import due, progressed
from tests.tally.log import entries, ids, open_log, publish, until

MARK = "mentoring-mark.tally.0"


@pytest.fixture
async def log(nats_url: str) -> AsyncIterator[Log]:
    async with open_log(nats_url, partitions=4) as log:
        yield log


def message(n: int, **headers: str) -> Message:
    told = progressed(n=n)
    return Message(told.subject, encode(told), {**HEADERS, **headers})


def mark(expected: int) -> Message:
    headers = {"Nats-Rollup": "sub", "Nats-Expected-Last-Subject-Sequence": str(expected)}
    return Message(MARK, b"{}", headers)


def timer(at: datetime, target: str = "") -> Message:
    told = due(at=at)
    headers = {
        **HEADERS,
        "Nats-Schedule": f"@at {at.strftime('%Y-%m-%dT%H:%M:%S.%fZ')}",
        "Nats-Schedule-Target": target or told.subject,
    }
    return Message("mentoring-timer.tally.acme.c1.expires", encode(told), headers)


async def change(log: Log, **settings: Any) -> None:
    config = (await log.request(f"$JS.API.STREAM.INFO.{STREAM}", b""))["config"]
    body = json.dumps(config | settings).encode()
    assert "error" not in await log.request(f"$JS.API.STREAM.UPDATE.{STREAM}", body)


async def test_an_event_published_twice_is_stored_once(log: Log) -> None:
    assert await log.publish(progressed(n=1)) == await log.publish(progressed(n=1))
    assert (await log.info()).messages == 1


async def test_an_entry_is_read_back_as_it_was_published(log: Log) -> None:
    seq = await log.send(message(1, **{"Mentoring-Cause": "7", "Mentoring-Service": "tally"}))
    entry = await log.entry(seq)
    assert entry is not None
    assert (entry.subject, entry.body) == ("mentoring.acme.progressed.c1", encode(progressed(n=1)))
    assert (entry.cause, entry.said_by) == (7, "tally")
    (read,) = await entries(log)
    assert (read.seq, read.subject, read.body, read.cause) == (seq, entry.subject, entry.body, 7)


async def test_a_sequence_that_is_not_there_is_none(log: Log) -> None:
    assert await log.entry(99) is None


async def test_a_batch_stands_in_the_log_in_its_order(log: Log) -> None:
    last = await log.send_batch([message(n) for n in range(50)])
    assert last == 50
    assert [e.body for e in await entries(log)] == [encode(progressed(n=n)) for n in range(50)]


async def test_a_batch_of_the_greatest_size_is_stored_and_one_more_is_an_error(log: Log) -> None:
    assert await log.send_batch([message(n) for n in range(MAX_BATCH)]) == MAX_BATCH
    with pytest.raises(ValueError, match="1 to 1000"):
        await log.send_batch([message(n) for n in range(MAX_BATCH + 1)])
    with pytest.raises(ValueError, match="1 to 1000"):
        await log.send_batch([])


async def test_events_a_timer_and_the_mark_are_stored_together(log: Log) -> None:
    far = datetime.now(UTC) + timedelta(days=1)
    await log.send_batch([message(1), message(2), timer(far), mark(0)])
    assert len(await entries(log)) == 2
    assert (await log.info()).messages == 4


async def test_a_batch_behind_a_fence_is_refused_whole(log: Log) -> None:
    at = await log.send(mark(0))
    with pytest.raises(Fenced) as fenced:
        await log.send_batch([message(1), message(2), mark(at - 1)])
    assert fenced.value.code == 10071
    assert await entries(log) == []
    await log.send_batch([message(1), mark(at)])
    assert len(await entries(log)) == 1


async def test_a_lone_mark_is_fenced_too(log: Log) -> None:
    await log.send(mark(0))
    with pytest.raises(Fenced):
        await log.send_batch([mark(0)])


async def test_two_timers_on_one_subject_in_a_batch_are_refused_for_good(log: Log) -> None:
    far = datetime.now(UTC) + timedelta(days=1)
    with pytest.raises(Refused) as refused:
        await log.send_batch([timer(far), timer(far), mark(0)])
    assert (refused.value.code, isinstance(refused.value, Fenced)) == (10111, False)
    assert (await log.info()).messages == 0


async def test_a_timer_for_a_place_outside_the_stream_is_refused_for_good(log: Log) -> None:
    far = datetime.now(UTC) + timedelta(days=1)
    with pytest.raises(Refused) as refused:
        await log.send_batch([message(1), timer(far, target="elsewhere")])
    assert refused.value.code == 10190
    assert await entries(log) == []


async def test_a_batch_that_lost_its_first_messages_is_trouble_that_passes(log: Log) -> None:
    headers = {
        "Nats-Batch-Id": "lost",
        "Nats-Batch-Sequence": "2",
        "Nats-Batch-Commit": "1",
    }
    with pytest.raises(LogTrouble, match="10176"):
        await log.send(message(1, **headers))


async def test_a_stream_that_was_changed_to_take_no_batches_is_trouble(log: Log) -> None:
    await change(log, allow_atomic=False)
    with pytest.raises(LogTrouble, match="10174"):
        await log.send_batch([message(1), message(2)])


async def test_a_subject_that_no_stream_takes_is_trouble(log: Log) -> None:
    with pytest.raises(LogTrouble):
        await log.send(Message("nobody.listens", b"{}"))


async def test_a_reading_ends_though_a_timer_that_stood_at_its_beginning_is_gone(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    far = datetime.now(UTC) + timedelta(days=300)
    goes, stays = timer(far), replace(timer(far), subject="mentoring-timer.tally.acme.c2.expires")
    await log.send_batch([goes, stays, mark(0)])
    pull = Reader._pull

    async def too_late(reader: Reader) -> None:
        await log.request(
            f"$JS.API.STREAM.PURGE.{STREAM}", json.dumps({"filter": goes.subject}).encode()
        )
        await pull(reader)

    monkeypatch.setattr(Reader, "_pull", too_late)
    found = [entry async for batch in log.read(["mentoring-timer.>"]) for entry in batch]
    assert [entry.subject for entry in found] == [stays.subject]


async def test_a_timer_fires_into_the_log_with_its_partition_and_is_gone(log: Log) -> None:
    past = datetime.now(UTC) - timedelta(seconds=1)
    await log.send(timer(past))

    async def fired() -> bool:
        return bool(await entries(log))

    await until(fired, "the timer fires")
    (entry,) = await entries(log)
    assert (entry.subject, entry.body) == ("mentoring.acme.due.c1", encode(due(at=past)))
    assert entry.said_by is None
    assert await log.last("mentoring-timer.tally.acme.c1.expires") is None


async def test_a_timer_set_again_takes_the_place_of_the_one_before(log: Log) -> None:
    far = datetime.now(UTC) + timedelta(days=1)
    await log.send(timer(far))
    await log.send(timer(far + timedelta(days=1)))
    assert (await log.info()).messages == 1


async def test_reading_ends_where_it_is_told_or_where_the_log_ends(log: Log) -> None:
    await publish(log, *[progressed(n=n) for n in range(1200)])
    read = [e.seq async for batch in log.read(["mentoring.>"], 3, until=1100) for e in batch]
    assert read == list(range(3, 1101))
    rest = [e.seq async for batch in log.read(["mentoring.>"], 1190) for e in batch]
    assert rest == list(range(1190, 1201))
    assert [b async for b in log.read(["mentoring.>"], 5000)] == []


async def test_reading_by_program_key_and_word(log: Log) -> None:
    told = [
        progressed("c1", n=1),
        progressed("c2", n=2),
        progressed("c1", n=3, program="beta"),
        due("c1"),
    ]
    await publish(log, *told)
    assert ids(await entries(log, "mentoring.acme.>")) == [told[0].id, told[1].id, told[3].id]
    assert ids(await entries(log, "mentoring.acme.*.c1.*")) == [told[0].id, told[3].id]
    assert ids(await entries(log, "mentoring.*.due.>")) == [told[3].id]


async def test_reading_from_an_instant(log: Log) -> None:
    await publish(log, progressed(n=1))
    (first,) = await entries(log)
    between = datetime.fromtimestamp(first.stored / 1e9, UTC) + timedelta(milliseconds=1)
    await until(lambda: datetime.now(UTC) > between, "the clock moves")
    await publish(log, progressed(n=2))
    read = [e.seq async for batch in log.read(["mentoring.>"], since=between) for e in batch]
    assert read == [2]


async def test_a_log_that_went_away_is_trouble_and_comes_back_by_itself(
    nats_server: NatsServer,
) -> None:
    async with open_log(nats_server.url) as log:
        nats_server.kill9()
        with pytest.raises(LogTrouble):
            await log.send(message(1))
        with pytest.raises(LogTrouble):
            await log.send_batch([message(2), message(3)])
        nats_server.start()

        async def back() -> bool:
            try:
                return await log.publish(progressed(n=4)) > 0
            except LogTrouble:
                return False

        await until(back, "the connection comes back")
        stored = ids(await entries(log))
        assert len(stored) == len(set(stored))
        assert progressed(n=4).id in stored
