"""FastStream's subscriber of the log: its wiring, and that it comes back from everything by itself."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from faststream.nats import NatsBroker, TestNatsBroker
from nats.aio.msg import Msg

from shared import reader
from shared.entry import Entry
from shared.events.envelope import HEADERS, encode
from shared.log import STREAM, Log, LogTrouble
from shared.reader import PULL
from shared.subscription import parse_batch, subscribe
from tests.backends.nats_server import NatsServer
from tests.backends.postgres_server import PostgresServer
from tests.tally.events import event_id, progressed
from tests.tally.live import TallyRuntime, folded, ready, running, say
from tests.tally.log import entries, open_log, publish, until

# -- wiring, without a server --


async def test_a_batch_reaches_its_handler_through_faststream_s_test_broker() -> None:
    broker = NatsBroker(apply_types=False)
    seen: list[Entry] = []

    async def fold(batch: list[Entry]) -> None:
        seen.extend(batch)

    subscribe(broker, 0, fold)
    told = progressed()
    async with TestNatsBroker(broker) as test:
        await test.publish(encode(told), f"{told.subject}.0", stream=STREAM, headers=HEADERS)
    assert [(entry.subject, entry.body) for entry in seen] == [(told.subject, encode(told))]


def test_a_subscriber_is_of_its_partition_and_declares_no_stream() -> None:
    broker = NatsBroker(apply_types=False)

    async def fold(batch: list[Entry]) -> None:
        """Nothing."""

    subscriber = subscribe(broker, 3, fold)
    assert subscriber.subject.broker_address == "mentoring.*.*.*.3"
    assert subscriber.stream is not None
    assert subscriber.stream.declare is False


async def test_a_batch_of_plain_messages_is_parsed_as_entries_are() -> None:
    message = Msg(_client=None, subject="mentoring.acme.paired.c1.0", data=b"{}")  # type: ignore[arg-type]
    parsed = await parse_batch([message])
    raw: Any = parsed.raw_message
    assert [(entry.subject, entry.body) for entry in raw] == [("mentoring.acme.paired.c1", b"{}")]


# -- folding, on real servers --


async def test_inputs_are_folded_and_answered_as_they_come(
    nats_url: str, database_url: str
) -> None:
    async with open_log(nats_url) as log, running(nats_url, database_url) as runtime:
        await ready(runtime)
        for n in range(3):
            await folded(runtime, await say(runtime, progressed(f"c{n}", n=n)))
        told = [entry for entry in await entries(log) if entry.said_by == "tally"]
        assert [entry.word for entry in told][:1] == ["flagged"]


async def test_what_stood_in_the_log_before_is_folded_first(
    nats_url: str, database_url: str
) -> None:
    async with open_log(nats_url) as log:
        last = await publish(log, *[progressed(f"c{n % 90}", n=n) for n in range(3 * PULL)])
        async with running(nats_url, database_url, driven=True) as runtime:
            await folded(runtime, last)
            assert runtime.statuses()[0].progress.inputs == 3 * PULL


async def test_stopping_leaves_the_mark_where_the_position_is(
    nats_url: str, tmp_path: Path
) -> None:
    async with open_log(nats_url) as log:
        last = await publish(log, *[progressed(f"c{n}", n=n) for n in range(10)])
        async with running(nats_url, f"sqlite:///{tmp_path / 't.db'}", driven=True) as runtime:
            await folded(runtime, last)
        found = await log.last("mentoring-mark.tally.0")
        assert found is not None
        assert b'"seq": %d' % last in found[1]


async def test_stopping_leaves_no_consumer_behind(nats_url: str, tmp_path: Path) -> None:
    async with open_log(nats_url) as log:
        async with running(nats_url, f"sqlite:///{tmp_path / 't.db'}") as runtime:
            await ready(runtime)
            await goes_on(runtime, "first")  # on an empty log it is ready before it reads
            assert len(await consumers(log)) == 1
        assert await consumers(log) == []


# -- recovering --


async def consumers(log: Log) -> list[str]:
    answer = await log.request(f"$JS.API.CONSUMER.NAMES.{STREAM}", b"{}")
    names: list[str] = answer.get("consumers") or []
    return names


async def goes_on(runtime: TallyRuntime, name: str) -> None:
    """A new input is folded."""
    await folded(runtime, await say(runtime, progressed(name, n=name)))


async def test_it_recovers_when_its_consumer_is_deleted(nats_url: str, tmp_path: Path) -> None:
    async with (
        open_log(nats_url) as log,
        running(nats_url, f"sqlite:///{tmp_path / 't.db'}") as runtime,
    ):
        await ready(runtime)
        for name in await consumers(log):
            await log.request(f"$JS.API.CONSUMER.DELETE.{STREAM}.{name}", b"")
        await goes_on(runtime, "after")


async def test_it_recovers_when_the_server_is_killed_and_starts_again(
    nats_server: NatsServer, tmp_path: Path
) -> None:
    async with open_log(nats_server.url):
        url = f"sqlite:///{tmp_path / 't.db'}"
        async with running(nats_server.url, url) as runtime:
            await ready(runtime)
            for turn in range(2):
                await goes_on(runtime, f"before{turn}")
                nats_server.kill9()
                await until(lambda: bool(runtime.reasons()), "it says that it is not ready")
                nats_server.start()
                await goes_on(runtime, f"after{turn}")
                await ready(runtime)


async def test_it_recovers_when_the_server_froze(
    nats_server: NatsServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "HEARTBEAT", reader.HEARTBEAT / 3)
    monkeypatch.setattr(reader, "SILENCE", reader.SILENCE / 3)
    async with (
        open_log(nats_server.url),
        running(nats_server.url, f"sqlite:///{tmp_path / 't.db'}") as runtime,
    ):
        await ready(runtime)
        nats_server.freeze()
        await until(lambda: bool(runtime.reasons()), "it says that it is not ready")
        nats_server.thaw()
        await goes_on(runtime, "after")
        await ready(runtime)


async def test_it_recovers_when_its_connection_is_cut(
    nats_server: NatsServer, tmp_path: Path
) -> None:
    async with (
        open_log(nats_server.url),
        running(nats_server.url, f"sqlite:///{tmp_path / 't.db'}") as runtime,
    ):
        await ready(runtime)
        assert runtime._log is not None
        transport: Any = runtime._log.client._transport
        transport.close()
        await goes_on(runtime, "after")


async def test_it_starts_when_the_server_comes_later_than_it(
    nats_server: NatsServer, tmp_path: Path
) -> None:
    async with open_log(nats_server.url):
        nats_server.kill9()
        async with running(nats_server.url, f"sqlite:///{tmp_path / 't.db'}") as runtime:
            await until(
                lambda: "does not answer" in said(runtime) or "Timeout" in said(runtime),
                "trouble is told",
            )
            nats_server.start()
            await goes_on(runtime, "after")


def said(runtime: TallyRuntime) -> str:
    return " ".join(runtime.reasons())


async def test_it_starts_when_the_stream_is_made_later(nats_url: str, tmp_path: Path) -> None:
    async with running(nats_url, f"sqlite:///{tmp_path / 't.db'}") as runtime:
        await until(lambda: "stream not found" in said(runtime), "the missing stream is told")
        async with open_log(nats_url):
            await goes_on(runtime, "after")


async def test_it_recovers_when_the_database_goes_away_and_returns(
    nats_url: str, postgres_server: PostgresServer
) -> None:
    async with open_log(nats_url) as log, running(nats_url, postgres_server.url) as runtime:
        await ready(runtime)
        await goes_on(runtime, "before")
        postgres_server.kill()
        last = await publish(log, *[progressed(f"c{n}", n=n) for n in range(50)])
        await until(lambda: bool(runtime.reasons()), "it says that it is not ready")
        postgres_server.start()
        await folded(runtime, last)
        await ready(runtime)
        told = [e for e in await entries(log) if e.said_by == "tally" and e.word == "flagged"]
        assert len({entry.cause for entry in told}) == len(told) == 51
        assert runtime.statuses()[0].progress.letters == {}


async def test_a_second_process_waits_for_the_store_and_takes_over(
    nats_url: str, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path / 't.db'}"
    async with open_log(nats_url), running(nats_url, url, owner="two") as second:
        await ready(second)
        async with running(nats_url, url, owner="three") as third:
            await until(lambda: "another process holds the store" in third.reasons(), "it waits")
            await second.stop()
            await goes_on(third, "after")


@pytest.mark.parametrize("times", [1, 3])
async def test_stopping_ends_whatever_it_is_doing(
    nats_url: str, tmp_path: Path, times: int
) -> None:
    """Before it has connected, while it waits for an owner, in the middle of folding."""
    async with open_log(nats_url) as log:
        await publish(log, *[progressed(f"c{n % 40}", n=event_id(n)) for n in range(2_000)])
        for turn in range(times):
            url = f"sqlite:///{tmp_path / 't.db'}"
            async with running(nats_url, url, owner=f"o{turn}") as runtime:
                await asyncio.sleep(0.1 * turn)
            assert all(status.progress.state == "stopped" for status in runtime.statuses())
        causes = [entry.cause for entry in await entries(log) if entry.said_by == "tally"]
        assert len(causes) == len(set(causes))


async def test_a_stream_that_refuses_is_trouble_that_is_told(nats_url: str, tmp_path: Path) -> None:
    """No answer to a publish is no reason to lose or to park anything."""
    async with open_log(nats_url), running(nats_url, f"sqlite:///{tmp_path / 't.db'}") as runtime:
        await ready(runtime)
        ledger = runtime._ledgers[0]
        send, refused = ledger._log.send_batch, 0

        async def refuse(messages: Any) -> int:
            nonlocal refused
            refused += 1
            if refused <= 3:
                raise LogTrouble("503")
            return await send(messages)

        ledger._log.send_batch = refuse  # type: ignore[method-assign]
        await goes_on(runtime, "after")
        assert refused >= 4
        assert ledger.progress.letters == {}
