"""Making the stream what it should be: the only code that creates or changes it."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from shared.log import STREAM, Log, LogTrouble

SUBJECTS = ["mentoring.*.*.*", "mentoring-timer.*.*.*.*", "mentoring-mark.*.*"]
"""Exactly these, never `mentoring.>`: a publisher could then choose its partition."""
_MISSING = 10059


@dataclass(frozen=True, slots=True)
class Difference:
    """One setting of the stream that is not what it should be.

    Attributes:
        setting: its name in the stream's configuration.
        is_: what stands there.
        should: what `apply` would set.
        fixed: cannot be changed on an existing stream; `apply` refuses.
        loses: the log may lose events as it stands.
    """

    setting: str
    is_: Any
    should: Any
    fixed: bool = False
    loses: bool = False


def wanted(partitions: int, replicas: int) -> dict[str, Any]:
    """The stream's configuration: nothing is ever discarded; timers, batches and marks are allowed."""
    parts = ".".join(f"{{{{wildcard({n})}}}}" for n in (1, 2, 3))
    return {
        "name": STREAM,
        "description": "The mentoring lifecycle, one ordered log",
        "subjects": SUBJECTS,
        "subject_transform": {
            "src": "mentoring.*.*.*",
            "dest": f"mentoring.{parts}.{{{{partition({partitions},1)}}}}",
        },
        "storage": "file",
        "retention": "limits",
        "discard": "old",
        "max_age": 0,
        "max_msgs": -1,
        "max_bytes": -1,
        "max_msgs_per_subject": -1,
        "max_msg_size": -1,
        "num_replicas": replicas,
        "duplicate_window": 120_000_000_000,
        "allow_rollup_hdrs": True,
        "allow_direct": True,
        "allow_msg_schedules": True,
        "allow_atomic": True,
        "deny_delete": True,
    }


_LOSING = frozenset(
    {"max_age", "max_msgs", "max_bytes", "max_msgs_per_subject", "discard", "storage"}
)
_FIXED = frozenset({"subject_transform", "storage", "deny_delete"})


async def diff(
    log: Log, partitions: int | None = None, replicas: int | None = None
) -> list[Difference]:
    """What of the stream is not as it should be; one difference named `stream` when there is none.

    Partitions and replicas that are not given are taken as they stand.

    Raises:
        LogTrouble: nobody answers.
    """
    config = await _config(log)
    if config is None:
        return [Difference("stream", None, STREAM)]
    return list(_differences(config, partitions, replicas))


async def apply(
    log: Log, partitions: int | None = None, replicas: int | None = None
) -> list[Difference]:
    """Create the stream, or change what differs; returns what was done. Doing it again does nothing.

    Args:
        log: the connection.
        partitions: fixed when the stream is created; 1 when not given.
        replicas: 1 when not given and the stream is new.

    Raises:
        ValueError: a setting differs that cannot be changed on an existing stream.
        LogTrouble: the server refused or did not answer.
    """
    config = await _config(log)
    if config is None:
        fresh = wanted(partitions or 1, replicas or 1) | {"metadata": {"uuid": str(uuid.uuid4())}}
        await _call(log, f"STREAM.CREATE.{STREAM}", fresh)
        return [Difference("stream", None, STREAM)]
    found = list(_differences(config, partitions, replicas))
    for difference in found:
        if difference.fixed:
            raise ValueError(
                f"{difference.setting} is {difference.is_!r} and cannot become {difference.should!r}: "
                "it is fixed when the stream is created"
            )
    if found:
        changed = config | {difference.setting: difference.should for difference in found}
        await _call(log, f"STREAM.UPDATE.{STREAM}", changed)
    return found


def _differences(
    config: Mapping[str, Any], partitions: int | None, replicas: int | None
) -> Iterator[Difference]:
    standing = _partitions(config)
    for setting, should in wanted(
        partitions or standing, replicas or config.get("num_replicas", 1)
    ).items():
        is_ = config.get(setting)
        if is_ != should and (is_ or should):
            yield Difference(setting, is_, should, setting in _FIXED, setting in _LOSING)
    metadata = config.get("metadata") or {}
    if not metadata.get("uuid"):
        yield Difference("metadata", metadata, metadata | {"uuid": str(uuid.uuid4())})


def _partitions(config: Mapping[str, Any]) -> int:
    dest = (config.get("subject_transform") or {}).get("dest", "")
    _, found, rest = dest.lower().partition("partition(")
    return int(rest.split(",")[0]) if found else 1


async def _config(log: Log) -> dict[str, Any] | None:
    answer = await _ask(log, f"STREAM.INFO.{STREAM}", {})
    if error := answer.get("error"):
        if error.get("err_code") == _MISSING:
            return None
        raise LogTrouble(f"{error.get('description')} (error {error.get('err_code')})")
    config: dict[str, Any] = answer["config"]
    return config


async def _call(log: Log, call: str, body: Mapping[str, Any]) -> None:
    if error := (await _ask(log, call, body)).get("error"):
        raise LogTrouble(f"{error.get('description')} (error {error.get('err_code')})")


async def _ask(log: Log, call: str, body: Mapping[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = await log.request(f"$JS.API.{call}", json.dumps(body).encode())
    return answer
