"""Where the log and each service stand, from whatever answers: never raises, never waits long."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from services.cli import health as http
from services.cli import store_view
from services.cli.health import Health
from services.cli.place import SERVICES
from services.cli.store_view import StoreAway, StoreView
from shared import mark as marks
from shared import provision
from shared.log import Log, LogInfo, LogTrouble
from shared.reader import ReaderLost

_PATIENCE = 5.0
_COUNTED = 10_000
"""Messages behind a position that are looked at one by one; beyond it their number is an upper bound."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where to ask about a service; either may be unknown."""

    url: str | None = None
    database: str | None = None


@dataclass(frozen=True, slots=True)
class PartitionStanding:
    """One partition of a service.

    Attributes:
        position: the sequence up to which its tables have folded, None when nobody says.
        mark: the sequence up to which it has answered, as the log says.
        behind: events of others in the log after the position.
        at_most: `behind` is an upper bound: there are too many to look at each.
    """

    partition: int
    position: int | None = None
    mark: int | None = None
    behind: int | None = None
    at_most: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """A service as it stands: `live`, `not ready`, `down`, or `unknown` when nobody knows where to ask."""

    service: str
    state: str
    reasons: Sequence[str] = ()
    partitions: Sequence[PartitionStanding] = ()
    store: StoreView | None = None


@dataclass(frozen=True, slots=True)
class Whole:
    """Everything that `mentoring status` tells."""

    log: LogInfo | None
    services: Sequence[Standing]
    problems: Sequence[str] = field(default_factory=list)


async def take(log: Log | None, why: str, sources: Mapping[str, Source]) -> Whole:
    """Ask the log, the services and their databases, all at once.

    Args:
        log: the connection; None when there is none.
        why: why there is none.
        sources: where to ask about each service.
    """
    info, trouble = await _info(log, why)
    found = await asyncio.gather(
        *(
            _service(log if info else None, info, name, sources.get(name, Source()))
            for name in SERVICES
        )
    )
    problems = [trouble] if trouble else await _losing(log)
    for standing in found:
        problems += [f"{standing.service}: {reason}" for reason in standing.reasons]
        parked = standing.store.letters.get("parked", 0) if standing.store else 0
        if parked:
            problems.append(f"{standing.service}: {parked} parked events wait for an operator")
    return Whole(info, found, problems)


async def _info(log: Log | None, why: str) -> tuple[LogInfo | None, str]:
    if log is None:
        return None, why
    try:
        return await asyncio.wait_for(log.info(), _PATIENCE), ""
    except LogTrouble as error:
        return None, f"the log: {error}"
    except TimeoutError:
        return None, "the log does not answer"


async def _losing(log: Log | None) -> list[str]:
    """Settings of the stream by which it may lose events: somebody has changed it by hand."""
    if log is None:
        return []
    try:
        found = await asyncio.wait_for(provision.diff(log), _PATIENCE)
    except (LogTrouble, TimeoutError):
        return []
    return [
        f"the log may lose events: {each.setting} is {each.is_}: see `mentoring log diff`"
        for each in found
        if each.loses
    ]


async def _service(log: Log | None, info: LogInfo | None, name: str, source: Source) -> Standing:
    health, (store, trouble) = await asyncio.gather(_health(source.url), _store(source.database))
    partitions = await _partitions(log, info, name, health, store)
    reasons = [*(health.reasons if health else ()), *([trouble] if trouble else ())]
    if source == Source():
        reasons.append("nobody says where it is: give --dir, or --health and --database")
    return Standing(name, _state(health), reasons, partitions, store)


def _state(health: Health | None) -> str:
    if health is None:
        return "unknown"
    if health.ready:
        return "live"
    return "not ready" if health.answers else "down"


async def _health(url: str | None) -> Health | None:
    return None if url is None else await http.ask(url)


async def _store(database: str | None) -> tuple[StoreView | None, str]:
    if database is None:
        return None, ""
    try:
        return await store_view.look(database), ""
    except StoreAway as error:
        return None, str(error)


async def _partitions(
    log: Log | None, info: LogInfo | None, name: str, health: Health | None, store: StoreView | None
) -> list[PartitionStanding]:
    positions = dict(store.positions) if store else {}
    for told in health.partitions if health else ():
        positions.setdefault(told["partition"], told["position"])
    numbers = range(info.partitions) if info else sorted(positions)
    each = (_partition(log, name, number, positions.get(number)) for number in numbers)
    return list(await asyncio.gather(*each))


async def _partition(
    log: Log | None, name: str, number: int, position: int | None
) -> PartitionStanding:
    if log is None:
        return PartitionStanding(number, position)
    try:
        async with asyncio.timeout(_PATIENCE):
            mark = (await marks.read(log, name, number)).seq
            behind, at_most = await _behind(log, name, number, position or mark)
    except (LogTrouble, ReaderLost, TimeoutError):
        return PartitionStanding(number, position)
    return PartitionStanding(number, position, mark, behind, at_most)


async def _behind(log: Log, name: str, number: int, position: int) -> tuple[int, bool]:
    """Events of others after the position; its own answers are folded where they were said."""
    reader = await log.reader([f"mentoring.*.*.*.{number}"], position + 1)
    try:
        left = reader.pending
        if left > _COUNTED:
            return left, True
        count = 0
        while left > 0:
            entries = await reader.batch()
            left -= len(entries)
            count += sum(1 for entry in entries if entry.said_by != name)
        return count, False
    finally:
        await reader.close()
