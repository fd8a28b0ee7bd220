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
_IMPORTING = "importing"
_IMPORTED = "imported"
_SHORT_WINDOW = 100_000_000
"""Nanoseconds, the least that the server takes: events with one id stand far apart in a log, not in an import."""


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
    if config is not None and _IMPORTING in (config.get("metadata") or {}):
        raise ValueError(
            "an import into this log has not ended: run `mentoring log import` again with the same archive"
        )
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


async def begin_import(
    log: Log, archive: str, partitions: int, first: int, replicas: int | None = None
) -> int:
    """Make the stream for an import, or find the one that was begun; returns its last sequence.

    It has no identity until `end_import`, so no service folds it. One that is there already must never have held a
    message; it is made anew.

    Args:
        log: the connection.
        archive: the digest of what is imported; another one cannot go on.
        partitions: as many as the archive's log has.
        first: the first sequence that the stream gives.
        replicas: those of the stream that is there, else 1, when not given.

    Raises:
        ValueError: the stream is not empty, or another import into it has not ended.
        LogTrouble: the server refused or did not answer.
    """
    answer = await _info(log)
    if answer is not None:
        config, last = answer["config"], int(answer["state"]["last_seq"])
        metadata = config.get("metadata") or {}
        if metadata.get(_IMPORTING) == archive:
            return last
        _refuse_import(metadata, last, archive)
        replicas = replicas or config.get("num_replicas")
        await _call(log, f"STREAM.DELETE.{STREAM}", {})
    fresh = wanted(partitions, replicas or 1) | {
        "metadata": {_IMPORTING: archive},
        "duplicate_window": _SHORT_WINDOW,
        "first_seq": first,
    }
    await _call(log, f"STREAM.CREATE.{STREAM}", fresh)
    return first - 1


async def end_import(log: Log, identity: str) -> None:
    """Give the stream its identity and its usual settings: services may fold it.

    Raises:
        LogTrouble: the server refused or did not answer.
    """
    config = await _config(log) or {}
    metadata = dict(config.get("metadata") or {})
    metadata |= {_IMPORTED: metadata.pop(_IMPORTING, ""), "uuid": identity}
    usual = wanted(_partitions(config), config.get("num_replicas", 1))
    await _call(log, f"STREAM.UPDATE.{STREAM}", config | usual | {"metadata": metadata})


async def purge(log: Log, subject: str) -> None:
    """Remove what stands on one subject; the stream's last sequence stays.

    Raises:
        LogTrouble: the server refused or did not answer.
    """
    await _call(log, f"STREAM.PURGE.{STREAM}", {"filter": subject})


def _refuse_import(metadata: Mapping[str, Any], last: int, archive: str) -> None:
    if _IMPORTING in metadata:
        raise ValueError(
            f"an import of another archive (digest {metadata[_IMPORTING]}) has not ended here: end it with that "
            "archive, or remove the stream"
        )
    if metadata.get(_IMPORTED) == archive:
        raise ValueError("this archive is imported already")
    if last > 0:
        raise ValueError(
            f"the log is not empty (its last sequence is {last}): an archive is imported into an empty one only, "
            "before any service has started on it"
        )


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
    answer = await _info(log)
    return None if answer is None else answer["config"]


async def _info(log: Log) -> dict[str, Any] | None:
    answer = await _ask(log, f"STREAM.INFO.{STREAM}", {})
    if error := answer.get("error"):
        if error.get("err_code") == _MISSING:
            return None
        raise LogTrouble(f"{error.get('description')} (error {error.get('err_code')})")
    return answer


async def _call(log: Log, call: str, body: Mapping[str, Any]) -> None:
    if error := (await _ask(log, call, body)).get("error"):
        raise LogTrouble(f"{error.get('description')} (error {error.get('err_code')})")


async def _ask(log: Log, call: str, body: Mapping[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = await log.request(f"$JS.API.{call}", json.dumps(body).encode())
    return answer
