"""Reading the log in order: a reader either gives everything or says that it is lost."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from shared import reader as reader_module
from shared.entry import make_entry
from shared.events.envelope import HEADERS, encode
from shared.log import STREAM, Log, Message
from shared.reader import PULL, SILENCE, Reader, ReaderLost
from tests.backends.nats_cluster import NatsCluster
from tests.backends.nats_server import NatsServer
from tests.tally.events import progressed
from tests.tally.log import PATIENCE, entries, open_log, publish

ALL = ["mentoring.>"]


@pytest.fixture
async def log(nats_url: str) -> AsyncIterator[Log]:
    async with open_log(nats_url) as log:
        yield log


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server is to be heard three times as often, and is taken for gone as much earlier."""
    monkeypatch.setattr(reader_module, "HEARTBEAT", reader_module.HEARTBEAT / 3)
    monkeypatch.setattr(reader_module, "SILENCE", reader_module.SILENCE / 3)


async def take(reader: Reader, count: int) -> list[int]:
    """Sequences of the next `count` entries."""
    found: list[int] = []
    while len(found) < count:
        found += [entry.seq for entry in await asyncio.wait_for(reader.batch(), PATIENCE)]
    return found


async def lost(reader: Reader) -> str:
    """Read until the reader says that it is lost, and why."""
    with pytest.raises(ReaderLost) as raised:
        await read_for_ever(reader)
    return str(raised.value)


async def read_for_ever(reader: Reader) -> None:
    while True:
        await asyncio.wait_for(reader.batch(), PATIENCE)


async def test_a_reader_gives_everything_in_order_however_much_it_is(log: Log) -> None:
    count = 3 * PULL + 7
    await publish(log, *[progressed(n=n) for n in range(count)])
    reader = await log.reader(ALL, 1)
    assert reader.pending == count
    assert await take(reader, count) == list(range(1, count + 1))
    assert (reader.pending, reader.last) == (0, count)
    await reader.close()


async def test_what_comes_later_is_given_as_it_comes(log: Log) -> None:
    reader = await log.reader(ALL, 1)
    for seq in (1, 2, 3):
        await log.publish(progressed(n=seq))
        assert await take(reader, 1) == [seq]
    await reader.close()


async def test_a_batch_is_never_larger_than_asked_for(log: Log) -> None:
    await publish(log, *[progressed(n=n) for n in range(20)])
    reader = await log.reader(ALL, 1)
    sizes: list[int] = []
    while sum(sizes) < 20:
        sizes.append(len(await reader.batch(limit=6)))
    assert max(sizes) <= 6
    await reader.close()


async def test_nothing_comes_when_nothing_is_there_in_the_time_given(log: Log) -> None:
    reader = await log.reader(ALL, 1)
    assert await reader.batch(wait=0.01) == []
    await log.publish(progressed())
    assert await take(reader, 1) == [1]
    await reader.close()


async def test_a_reader_starts_where_it_is_told(log: Log) -> None:
    await publish(log, *[progressed(n=n) for n in range(10)])
    reader = await log.reader(ALL, 8)
    assert await take(reader, 3) == [8, 9, 10]
    await reader.close()


async def test_a_reader_that_starts_beyond_the_end_waits_for_what_comes_there(log: Log) -> None:
    await publish(log, *[progressed(n=n) for n in range(3)])
    reader = await log.reader(ALL, 6)
    assert reader.pending == 0
    await publish(log, *[progressed(n=n) for n in range(3, 6)])
    assert await take(reader, 1) == [6]
    await reader.close()


@pytest.mark.usefixtures("impatient")
async def test_an_idle_reader_hears_the_server_and_is_not_lost(log: Log) -> None:
    reader = await log.reader(ALL, 1)
    assert await reader.batch(wait=4 / 3 * reader_module.SILENCE) == []
    await log.publish(progressed())
    assert await take(reader, 1) == [1]
    await reader.close()


async def test_a_gap_between_deliveries_is_noticed(log: Log) -> None:
    await publish(log, *[progressed(n=n) for n in range(3)])
    reader = await log.reader(ALL, 1)
    await take(reader, 3)
    reader._delivered -= 1
    await log.publish(progressed(n=9))
    assert "gap" in await lost(reader)
    await reader.close()


@pytest.mark.usefixtures("impatient")
async def test_a_delivery_that_got_lost_last_is_noticed_by_the_heartbeat(log: Log) -> None:
    reader = await log.reader(ALL, 1)
    await log.publish(progressed())
    await take(reader, 1)
    reader._delivered -= 1
    assert "gap" in await lost(reader)
    await reader.close()


async def test_a_deleted_consumer_is_noticed(log: Log) -> None:
    reader = await log.reader(ALL, 1, name="doomed")
    await log.publish(progressed())
    await take(reader, 1)
    await log.request(f"$JS.API.CONSUMER.DELETE.{STREAM}.doomed", b"")
    assert await lost(reader)
    await reader.close()


NOBODY_ANSWERS = [(b"_INBOX.x", b"", b"NATS/1.0 503\r\n\r\n", b"")]
"""What the server says to a pull request that nobody hears."""


async def test_a_new_consumer_that_nobody_knows_yet_is_asked_again(log: Log) -> None:
    reader = await log.reader(ALL, 1)
    reader._receive(NOBODY_ANSWERS)
    await log.publish(progressed())
    assert await take(reader, 1) == [1]
    await reader.close()


async def test_a_consumer_that_nobody_knows_any_more_is_lost(log: Log) -> None:
    reader = await log.reader(ALL, 1)
    await log.publish(progressed())
    await take(reader, 1)
    reader._receive(NOBODY_ANSWERS)
    assert "503" in await lost(reader)
    await reader.close()


async def test_a_consumer_that_nobody_ever_knows_is_lost(log: Log) -> None:
    reader = await log.reader(ALL, 1)
    reader._opened -= SILENCE
    reader._receive(NOBODY_ANSWERS)
    assert "503" in await lost(reader)
    await reader.close()


async def test_readers_of_a_replicated_log_give_everything_however_new_they_are(
    nats_cluster: NatsCluster,
) -> None:
    async with open_log(nats_cluster.url, replicas=3) as log:
        await publish(log, *[progressed(n=n) for n in range(20)])
        found = {len(await entries(log)) for _ in range(150)}
    assert found == {20}


async def test_another_reader_of_the_same_name_takes_over(log: Log) -> None:
    await publish(log, *[progressed(n=n) for n in range(5)])
    first = await log.reader(ALL, 1, name="same")
    await take(first, 5)
    second = await log.reader(ALL, 4, name="same")
    assert await take(second, 2) == [4, 5]
    assert await lost(first)
    await second.close()


async def test_a_closed_reader_leaves_no_consumer_behind(log: Log) -> None:
    reader = await log.reader(ALL, 1)
    await reader.close()
    answer = await log.request(f"$JS.API.CONSUMER.NAMES.{STREAM}", b"{}")
    assert not answer.get("consumers")


async def test_the_consumer_is_seen_by_nats_tools_under_its_name_with_its_lag(log: Log) -> None:
    await publish(log, *[progressed(n=n) for n in range(2 * PULL + 100)])
    reader = await log.reader(ALL, 1, name="tally-0-me")
    answer = await log.request(f"$JS.API.CONSUMER.INFO.{STREAM}.tally-0-me", b"")
    assert answer["config"]["ack_policy"] == "none"
    assert answer["config"]["mem_storage"] is True
    assert answer["num_pending"] <= 2 * PULL + 100
    await reader.close()


async def test_a_stream_that_is_missing_loses_the_reader(nats_url: str) -> None:
    log = await Log.connect(nats_url)
    with pytest.raises(ReaderLost):
        await log.reader(ALL, 1)
    await log.close()


@pytest.mark.usefixtures("impatient")
async def test_a_frozen_server_is_noticed_by_its_silence(nats_server: NatsServer) -> None:
    async with open_log(nats_server.url) as log:
        reader = await log.reader(ALL, 1)
        await log.publish(progressed())
        await take(reader, 1)
        nats_server.freeze()
        try:
            assert await lost(reader)
        finally:
            nats_server.thaw()


async def test_a_server_that_restarts_loses_its_readers_and_a_new_one_goes_on(
    nats_server: NatsServer,
) -> None:
    async with open_log(nats_server.url) as log:
        reader = await log.reader(ALL, 1)
        await log.publish(progressed(n=1))
        await take(reader, 1)
        nats_server.kill9()
        nats_server.start()
        assert await lost(reader)
        await reader.close()
        again = await new_reader(log, 1)
        assert await take(again, 1) == [1]
        await again.close()


async def new_reader(log: Log, start: int) -> Reader:
    """A reader as soon as the server gives one."""
    for _ in range(200):
        try:
            return await log.reader(ALL, start)
        except ReaderLost:
            await asyncio.sleep(0.05)
    raise AssertionError("no reader")


async def test_headers_of_outsiders_harm_nobody(log: Log) -> None:
    told = progressed()
    strange: list[dict[str, str]] = [
        {"Mentoring-Cause": "9" * 5000},
        {"Mentoring-Cause": "-1"},
        {"Mentoring-Cause": "²"},
        {"Mentoring-Cause": "", "Mentoring-Service": ""},
        {"Mentoring-Service": "x" * 5000, "Mentoring-Cause": "1e3"},
    ]
    for headers in strange:
        await log.send(Message(told.subject, encode(told), {**HEADERS, **headers}))
    found = await entries(log)
    assert len(found) == len(strange)
    assert all(entry.cause is None for entry in found)


@pytest.mark.parametrize(
    "head",
    [
        b"NATS/1.0\r\nno colon here\r\n\r\n",
        b"NATS/1.0\r\n: empty\r\n\r\n",
        b"NATS/1.0\r\nX: \xff\xfe\r\n\r\n",
        b"NATS/1.0 999 Strange Status\r\n\r\n",
        b"NATS/1.0 100 Idle Heartbeat\r\nNats-Last-Consumer: 77\r\n\r\n",
    ],
)
async def test_broken_headers_harm_nobody(nats_url: str, head: bytes) -> None:
    async with open_log(nats_url) as log:
        body = encode(progressed())
        await raw_publish(nats_url, b"mentoring.acme.progressed.c1", head, body)
        await log.publish(progressed(n=2))
        assert [entry.body for entry in await entries(log)] == [body, encode(progressed(n=2))]


@pytest.mark.parametrize(
    "token",
    [b"\xff\xfe", b"\x00", "ä".encode(), b"x" * 400, b"\x1b[31m", b"{{x}}", b"%s"],
)
async def test_subjects_of_any_bytes_harm_nobody(nats_url: str, token: bytes) -> None:
    async with open_log(nats_url) as log:
        await raw_publish(nats_url, b"mentoring.acme.progressed." + token, b"", b"{}")
        await log.publish(progressed(n=2))
        assert [entry.body for entry in await entries(log)][-1] == encode(progressed(n=2))


async def raw_publish(url: str, subject: bytes, head: bytes, body: bytes) -> None:
    """Publish past any client library, as an outsider may; returns when the server has taken it."""
    reader, writer = await asyncio.open_connection(*url.removeprefix("nats://").split(":"))
    await reader.readline()
    connect = json.dumps({"verbose": False, "headers": True}).encode()
    sizes = b"%d %d" % (len(head), len(head) + len(body)) if head else b"%d" % len(body)
    verb = b"HPUB " if head else b"PUB "
    writer.write(
        b"CONNECT " + connect + b"\r\n" + verb + subject + b" " + sizes + b"\r\n" + head + body
    )
    writer.write(b"\r\nPING\r\n")
    await writer.drain()
    answer = await asyncio.wait_for(reader.readline(), PATIENCE)
    assert answer == b"PONG\r\n", answer
    writer.close()


def test_an_entry_s_subject_is_without_the_partition() -> None:
    assert make_entry(1, "mentoring.acme.paired.c42.3", b"", None).subject == (
        "mentoring.acme.paired.c42"
    )
    assert make_entry(1, "mentoring.acme.paired.c42", b"", {}).word == "paired"


async def test_a_reader_that_nobody_asks_holds_two_pull_requests_at_most(log: Log) -> None:
    await publish(log, *[progressed(n=n) for n in range(100)])
    reader = await log.reader(ALL, 1, pull=10)
    for taken in range(5):
        assert len(await reader.batch(limit=1)) == 1
        await asyncio.sleep(0.05)
        assert reader.behind == 100 - taken - 1
        assert len(reader._arrived) <= 20
    assert await take(reader, 95) == list(range(6, 101))
    await reader.close()


async def test_somebody_else_s_words_on_a_reader_s_inbox_lose_it_and_harm_no_other(
    log: Log,
) -> None:
    reader, other = await log.reader(ALL, 1), await log.reader(ALL, 1)
    assert reader._subscription is not None
    await log.client.publish(reader._subscription.subject, b"x")
    assert "the server says" in await lost(reader)
    await log.publish(progressed())
    assert await take(other, 1) == [1]
    await asyncio.gather(reader.close(), other.close())


async def test_a_delivery_that_names_no_place_in_the_log_loses_the_reader(log: Log) -> None:
    reader = await log.reader(ALL, 1)
    reader._receive([(b"mentoring.acme.progressed.c1.0", b"$JS.ACK.x", b"", b"{}")])
    assert "somebody else" in await lost(reader)
    await reader.close()
