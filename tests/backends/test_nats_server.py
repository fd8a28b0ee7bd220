"""NatsServer and NatsCluster: what tests that disturb servers rely on."""

import asyncio
import urllib.error
from pathlib import Path

import nats
import pytest
from nats.js import JetStreamContext
from nats.js.errors import NoStreamResponseError

from tests.backends.nats_cluster import NatsCluster
from tests.backends.nats_server import EMBEDDED_CONF, NatsServer
from tests.backends.process import StartError

PATIENCE = 30


async def test_it_has_jetstream_with_our_configuration(nats_server: NatsServer) -> None:
    jetstream = nats_server.monitor("jsz?config=true")["config"]

    assert jetstream["sync_always"] is True
    assert jetstream["store_dir"].startswith(str(nats_server.store_dir))
    assert nats_server.monitor("varz")["max_payload"] == 1024 * 1024


async def test_it_listens_on_loopback_only(nats_server: NatsServer) -> None:
    state = nats_server.monitor("varz")

    assert (state["host"], state["port"]) == ("127.0.0.1", nats_server.port)


async def test_what_was_acknowledged_is_there_after_a_kill(nats_server: NatsServer) -> None:
    await store(nats_server.url, b"one")

    nats_server.kill9()
    assert not nats_server.running
    nats_server.start()

    assert await stored(nats_server.url) == 1


async def test_a_client_reconnects_to_the_same_port_after_a_restart(
    nats_server: NatsServer,
) -> None:
    client = await nats.connect(
        nats_server.url, reconnect_time_wait=0.05, max_reconnect_attempts=-1, error_cb=ignore
    )
    nats_server.stop()
    nats_server.start()

    async with asyncio.timeout(10):
        while not client.is_connected:
            await asyncio.sleep(0.01)
    await client.close()


async def test_a_frozen_server_does_not_answer_until_it_is_thawed(nats_server: NatsServer) -> None:
    nats_server.freeze()
    assert nats_server.running
    assert not nats_server.healthy()

    nats_server.thaw()

    assert nats_server.healthy()


async def test_a_frozen_server_can_be_stopped(nats_server: NatsServer) -> None:
    nats_server.freeze()
    nats_server.stop()

    assert not nats_server.running


async def test_a_server_that_cannot_start_says_its_last_words(tmp_path: Path) -> None:
    broken = tmp_path / "broken.conf"
    broken.write_text("jetstream { sync_interval: sometimes }")

    with pytest.raises(StartError, match=r"(?s)nats-server nats ended with 1.*sync_interval"):
        NatsServer(tmp_path, config=broken).start()


async def test_it_is_not_started_twice(nats_server: NatsServer) -> None:
    with pytest.raises(StartError, match="is running already"):
        nats_server.start()


async def test_a_stopped_server_has_no_process(nats_server: NatsServer) -> None:
    nats_server.stop()

    with pytest.raises(StartError, match="is not running"):
        _ = nats_server.pid
    with pytest.raises(urllib.error.URLError):
        nats_server.monitor("varz")


@pytest.mark.xdist_group("cluster")
async def test_a_cluster_keeps_a_replicated_stream_when_its_leader_is_killed(
    nats_cluster: NatsCluster,
) -> None:
    await store(nats_cluster.url, b"one", replicas=3)
    leader = nats_cluster.leader_of("MENTORING")

    leader.kill9()
    follower = nats_cluster.leader_of("MENTORING")

    assert follower is not leader
    assert await stored(follower.url) == 1

    leader.start()
    nats_cluster.wait_healthy()
    assert {node.running for node in nats_cluster.nodes} == {True}


@pytest.mark.xdist_group("cluster")
async def test_a_stream_that_nobody_leads_is_said_as_such(
    nats_cluster: NatsCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.backends.nats_cluster._PATIENCE", 0.2)

    with pytest.raises(StartError, match="ABSENT has no leader"):
        nats_cluster.leader_of("ABSENT")


def test_the_configuration_is_the_one_that_is_shipped() -> None:
    assert EMBEDDED_CONF.parts[-3:] == ("deploy", "nats", "embedded.conf")
    assert "sync_interval: always" in EMBEDDED_CONF.read_text()


async def store(url: str, body: bytes, *, replicas: int = 1) -> None:
    """Make the stream and publish one acknowledged message to it."""
    client = await nats.connect(url.split(","))
    jetstream = client.jetstream()
    await jetstream.add_stream(name="MENTORING", subjects=["mentoring.>"], num_replicas=replicas)
    # A stream that has just been made may be looking for its leader.
    async with asyncio.timeout(PATIENCE):
        while not await is_stored(jetstream, body):
            await asyncio.sleep(0.05)
    await client.close()


async def is_stored(jetstream: JetStreamContext, body: bytes) -> bool:
    try:
        await jetstream.publish("mentoring.test", body)
    except NoStreamResponseError:
        return False
    return True


async def stored(url: str) -> int:
    """How many messages the stream has."""
    client = await nats.connect(url)
    state = (await client.jetstream().stream_info("MENTORING")).state
    await client.close()
    return state.messages


async def ignore(_: Exception) -> None:
    """A lost connection is what the test is about."""
