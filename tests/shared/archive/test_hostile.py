"""Whatever stands in a log comes back: bytes that are no text, headers that the server obeys, ids that stand twice."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from shared.log import Log, Message
from tests.backends.nats_server import NatsServer
from tests.shared.archive.books import Stored, exported, imported, stored
from tests.tally.log import open_log, until

SUBJECT = "mentoring.spring.progressed.c1"


async def raw(log: Log, subject: bytes, head: bytes, body: bytes) -> None:
    """Publish bytes that no client library would."""
    before = (await log.info()).last_seq
    size = len(head) + len(body)
    await log.client._send_command(
        b"HPUB %b %d %d\r\n%b%b\r\n" % (subject, len(head), size, head, body)
    )
    await log.client.flush()

    async def arrived() -> bool:
        return (await log.info()).last_seq > before

    await until(arrived, "it is stored")


@asynccontextmanager
async def two_logs(folder: Path) -> AsyncIterator[tuple[Log, Log]]:
    """A log with 4 partitions, and a connection to an empty server."""
    with NatsServer(folder / "one") as one, NatsServer(folder / "other") as other:
        async with open_log(one.url, 4) as log:
            empty = await Log.connect(other.url)
            try:
                yield log, empty
            finally:
                await empty.close()


async def there_and_back(log: Log, empty: Log, folder: Path) -> tuple[list[Stored], int]:
    """What stands in the second log after an archive of the first was imported, and what was altered."""
    await exported(log, folder / "a.zst")
    work = await imported(empty, folder / "a.zst")
    return await stored(empty), work.altered


async def test_bytes_that_are_no_text_come_back(tmp_path: Path) -> None:
    async with two_logs(tmp_path) as (log, empty):
        plain = b"NATS/1.0\r\nA: b\r\n\r\n"
        await raw(
            log, b"mentoring.spring.progressed.c\xff1", plain, b"\x00\xff\xfe not \xc3\x28 text"
        )
        await raw(log, SUBJECT.encode(), b"NATS/1.0\r\nNot-Text: \xff\xfe\r\n\r\n", b"\r\n\x00")
        await raw(log, SUBJECT.encode(), b"NATS/1.0\r\n\r\n", "ä“🎈\u2028".encode())
        await raw(
            log, SUBJECT.encode(), b"NATS/1.0\r\na:b\r\n  A :  b \r\nA: b\r\nnone\r\n\r\n", b""
        )
        await raw(log, SUBJECT.encode(), b"NATS/1.0 503 Odd\r\nA: b\r\n\r\n", b"x" * 70_000)
        before = await stored(log)

        after, altered = await there_and_back(log, empty, tmp_path)

    assert len(before) == 5
    assert after == before
    assert altered == 0


async def test_events_with_one_id_are_all_there_again(tmp_path: Path) -> None:
    """They stood more than the server's window of two minutes apart; an import is faster."""
    async with two_logs(tmp_path) as (log, empty):
        await change(log, duplicate_window=100_000_000)
        for n in range(6):
            await log.send(Message(SUBJECT, b"%d" % n, {"Nats-Msg-Id": f"id-{n // 3}"}))
            await asyncio.sleep(0.3)
        before = await stored(log)

        after, altered = await there_and_back(log, empty, tmp_path)

    assert len(before) == 6
    assert (after, altered) == (before, 0)


async def test_a_fired_timer_comes_back_and_fires_nothing(tmp_path: Path) -> None:
    async with two_logs(tmp_path) as (log, empty):
        at = (datetime.now(UTC) + timedelta(seconds=0.3)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        headers = {
            "Nats-Schedule": f"@at {at}",
            "Nats-Schedule-Target": "mentoring.spring.due.c1",
            "A": "b",
        }
        await log.send(Message("mentoring-timer.matching.spring.c1.n", b"{}", headers))

        async def fired() -> bool:
            return len(await stored(log)) == 1

        await until(fired, "the timer fires")
        before = await stored(log)

        after, altered = await there_and_back(log, empty, tmp_path)

        assert b"Nats-Scheduler" in before[0].head
        assert (after, altered) == (before, 0)


async def test_headers_that_the_server_obeys_do_no_harm_again(tmp_path: Path) -> None:
    async with two_logs(tmp_path) as (log, empty):
        await log.send(Message(SUBJECT, b"0"))
        await log.send(Message(SUBJECT, b"1", {"Nats-Rollup": "sub"}))
        await log.send(Message(SUBJECT, b"2", {"Nats-Expected-Last-Sequence": "2"}))
        await log.send(Message(SUBJECT, b"3", {"Nats-Expected-Last-Subject-Sequence": "3"}))
        await log.send(Message("mentoring.spring.progressed.c2", b"4"))
        before = await stored(log)

        after, altered = await there_and_back(log, empty, tmp_path)

    assert [each.body for each in before] == [b"1", b"2", b"3", b"4"]
    assert [(each.seq, each.body) for each in after] == [(each.seq, each.body) for each in before]
    assert altered == sum(a.head != b.head for a, b in zip(after, before, strict=True))


async def test_a_schedule_that_an_outsider_put_on_an_event_is_left_out_and_told(
    tmp_path: Path,
) -> None:
    async with two_logs(tmp_path) as (log, empty):
        later = {
            "Nats-Schedule": "@at 2100-01-01T00:00:00Z",
            "Nats-Schedule-Target": "mentoring.spring.paired.c9",
            "A": "b",
        }
        await log.send(Message(SUBJECT, b"1", later))
        await log.send(Message(SUBJECT, b"2"))

        after, altered = await there_and_back(log, empty, tmp_path)

    assert [(each.seq, each.body) for each in after] == [(1, b"1"), (2, b"2")]
    assert b"\r\nA: b\r\n" in after[0].head
    assert b"Nats-Schedule" not in after[0].head
    assert altered == 1


async def change(log: Log, **settings: int) -> None:
    config = (await log.request("$JS.API.STREAM.INFO.MENTORING", b""))["config"]
    body = json.dumps(config | settings).encode()
    assert "error" not in await log.request("$JS.API.STREAM.UPDATE.MENTORING", body)
