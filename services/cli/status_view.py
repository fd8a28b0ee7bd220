"""Shows where the log and the services stand."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from services.cli.standing import PartitionStanding, Standing, Whole
from shared.log import LogInfo

_STYLES = {"live": "green", "not ready": "yellow", "down": "bold red", "unknown": "dim"}


def plain(whole: Whole) -> dict[str, Any]:
    """For programs."""
    return {
        "log": asdict(whole.log) if whole.log else None,
        "services": [_plain_service(each) for each in whole.services],
        "problems": list(whole.problems),
    }


def _plain_service(standing: Standing) -> dict[str, Any]:
    store = standing.store
    return {
        "service": standing.service,
        "state": standing.state,
        "reasons": list(standing.reasons),
        "partitions": [asdict(each) for each in standing.partitions],
        "timers": store.timers if store else None,
        "next_timer": asdict(store.next) if store and store.next else None,
        "dead_letters": dict(store.letters) if store else None,
    }


def shown(whole: Whole) -> RenderableType:
    """For people."""
    parts: list[RenderableType] = [_log_line(whole.log), "", _services_table(whole)]
    if whole.problems:
        parts.append("")
    parts += [Text(f"• {problem}", "yellow") for problem in whole.problems]
    return Group(*parts)


def _log_line(info: LogInfo | None) -> Text:
    if info is None:
        return Text("log: down", "bold red")
    return Text(
        f"log {info.uuid}: {info.messages:,} messages, last sequence {info.last_seq:,}, "
        f"{info.partitions} partition(s), {info.replicas} replica(s), {info.bytes:,} bytes"
    )


def _services_table(whole: Whole) -> Table:
    table = Table(box=None)
    for name in ("service", "state", "partition", "position", "mark", "behind"):
        table.add_column(name, justify="left" if name in {"service", "state"} else "right")
    for name in ("timers", "next", "dead letters"):
        table.add_column(name, justify="right" if name == "timers" else "left")
    for standing in whole.services:
        partitions = standing.partitions or [PartitionStanding(0)]
        for number, partition in enumerate(partitions):
            head = ("", "", "") if number else _head(standing)
            name = "" if number else standing.service
            state = "" if number else Text(standing.state, _STYLES[standing.state])
            table.add_row(name, state, *_numbers(partition), *head)
    return table


def _numbers(partition: PartitionStanding) -> tuple[str, str, str, str]:
    behind = _figure(partition.behind)
    return (
        str(partition.partition),
        _figure(partition.position),
        _figure(partition.mark),
        f"≤ {behind}" if partition.at_most else behind,
    )


def _head(standing: Standing) -> tuple[str, str, str]:
    store = standing.store
    if store is None:
        return "?", "?", "?"
    letters = ", ".join(f"{count} {kind}" for kind, count in store.letters.items()) or "none"
    return _figure(store.timers), _next(standing), letters


def _next(standing: Standing) -> str:
    following = standing.store.next if standing.store else None
    if following is None:
        return "none"
    overdue = " (overdue)" if following.at < datetime.now(UTC) else ""
    when = following.at.strftime("%Y-%m-%d %H:%MZ")
    return f"{when}{overdue} {following.name} of {following.program}/{following.about}"


def _figure(value: int | None) -> str:
    return "?" if value is None else f"{value:,}"
