"""Making the stream what it should be, and saying what differs."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from shared import provision
from shared.log import STREAM, Log, LogTrouble
from tests.tally.events import progressed
from tests.tally.log import entries


@pytest.fixture
async def log(nats_url: str) -> AsyncIterator[Log]:
    log = await Log.connect(nats_url)
    yield log
    await log.close()


async def config(log: Log) -> dict[str, Any]:
    answer = await log.request(f"$JS.API.STREAM.INFO.{STREAM}", b"")
    found: dict[str, Any] = answer["config"]
    return found


async def change(log: Log, **settings: Any) -> None:
    changed = json.dumps(await config(log) | settings).encode()
    answer = await log.request(f"$JS.API.STREAM.UPDATE.{STREAM}", changed)
    assert "error" not in answer, answer


async def test_a_missing_stream_is_one_difference(log: Log) -> None:
    assert [d.setting for d in await provision.diff(log)] == ["stream"]


async def test_a_stream_that_was_applied_has_no_differences(log: Log) -> None:
    done = await provision.apply(log)
    assert [d.setting for d in done] == ["stream"]
    assert await provision.diff(log) == []


async def test_applying_again_changes_nothing(log: Log) -> None:
    await provision.apply(log, partitions=4)
    before = await config(log)
    assert await provision.apply(log, partitions=4) == []
    assert await provision.apply(log) == []
    assert await config(log) == before


async def test_the_log_has_an_identity_that_stays(log: Log) -> None:
    await provision.apply(log)
    uuid = (await log.info()).uuid
    await provision.apply(log)
    assert len(uuid) == 36
    assert (await log.info()).uuid == uuid


async def test_events_are_stored_with_their_program_s_partition(log: Log) -> None:
    await provision.apply(log, partitions=8)
    assert (await log.info()).partitions == 8
    for n, program in enumerate(("acme", "beta", "gamma", "acme")):
        await log.publish(progressed(program=program, n=n))
    parts: dict[str, set[int]] = {}
    for partition in range(8):
        for entry in await entries(log, f"mentoring.*.*.*.{partition}"):
            parts.setdefault(entry.subject.split(".")[1], set()).add(partition)
    assert set(parts) == {"acme", "beta", "gamma"}
    assert all(len(found) == 1 for found in parts.values())


async def test_the_number_of_partitions_is_fixed_when_the_stream_is_created(log: Log) -> None:
    await provision.apply(log, partitions=2)
    (difference,) = await provision.diff(log, partitions=3)
    assert (difference.setting, difference.fixed) == ("subject_transform", True)
    with pytest.raises(ValueError, match="fixed when the stream is created"):
        await provision.apply(log, partitions=3)


@pytest.mark.parametrize(
    "setting, value",
    [
        ("max_age", 3_600_000_000_000),
        ("max_msgs", 1000),
        ("max_bytes", 1_000_000),
        ("max_msgs_per_subject", 5),
    ],
)
async def test_a_limit_is_a_loss_and_apply_takes_it_away(
    log: Log, setting: str, value: int
) -> None:
    await provision.apply(log)
    should = (await config(log)).get(setting)
    await change(log, **{setting: value})
    (difference,) = await provision.diff(log)
    assert (difference.setting, difference.is_, difference.loses) == (setting, value, True)
    await provision.apply(log)
    assert await provision.diff(log) == []
    assert (await config(log)).get(setting) == should


@pytest.mark.parametrize(
    "setting, value",
    [
        ("subjects", ["mentoring.*.*.*"]),
        ("duplicate_window", 1_000_000_000),
        ("allow_direct", False),
        ("description", "mine"),
    ],
)
async def test_any_other_drift_is_shown_and_set_back(log: Log, setting: str, value: Any) -> None:
    await provision.apply(log)
    await change(log, **{setting: value})
    (difference,) = await provision.diff(log)
    assert (difference.setting, difference.is_, difference.loses) == (setting, value, False)
    await provision.apply(log)
    assert await provision.diff(log) == []


async def test_a_lost_identity_is_a_difference(log: Log) -> None:
    await provision.apply(log)
    await change(log, metadata={})
    assert [d.setting for d in await provision.diff(log)] == ["metadata"]
    await provision.apply(log)
    assert (await log.info()).uuid


async def test_settings_of_the_server_s_own_are_left_alone(log: Log) -> None:
    await provision.apply(log)
    await change(log, metadata={**(await config(log))["metadata"], "team": "x"})
    assert await provision.apply(log) == []
    assert (await config(log))["metadata"]["team"] == "x"


async def test_nobody_there_is_trouble() -> None:
    with pytest.raises(LogTrouble, match="no NATS server answers"):
        await Log.connect("nats://127.0.0.1:9", allow_reconnect=False)
