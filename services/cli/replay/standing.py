"""Stores beside the live ones: what a rebuild has begun, what one has replaced, and what operators did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from services.cli.brief import instant, printable
from services.cli.replay.journal import Journal, alone
from services.cli.replay.trouble import in_words
from services.cli.stores import opened
from shared.replay import operation
from shared.replay.beside import beside
from shared.replay.exchange import Exchange, Kept, drop_before, kept
from shared.replay.operation import Operation


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands beside a service's store.

    Attributes:
        service: whose.
        shadow: what a rebuild has folded into, and its bytes; empty when there is none.
        kept: the store that was replaced.
        operations: what operators did to it, the newest first.
    """

    service: str
    shadow: tuple[str, int] | None
    kept: Kept | None
    operations: Sequence[Operation]


def look(databases: Mapping[str, str], limit: int) -> list[Standing]:
    """What stands beside these stores.

    Raises:
        Failure: a database is not there or does not answer.
    """
    found = []
    for service, url in databases.items():
        with opened(service, url) as live:
            place = beside(live, "rebuild")
            there = (place.name, place.size()) if place.exists() else None
            found.append(Standing(service, there, kept(live), operation.listing(live, limit)))
    return found


def plain(standing: Standing) -> dict[str, Any]:
    """For programs."""
    there, before = standing.shadow, standing.kept
    return {
        "service": standing.service,
        "rebuild": {"place": there[0], "bytes": there[1]} if there else None,
        "kept": {"place": before.name, "bytes": before.size, "positions": _sequences(before)}
        if before
        else None,
        "operations": [asdict(each) for each in standing.operations],
    }


def shown(found: Sequence[Standing]) -> RenderableType:
    """For people."""
    parts: list[RenderableType] = []
    for each in found:
        parts.append(Text(each.service, "bold"))
        if each.shadow:
            parts.append(f"  begun: {each.shadow[0]}, {each.shadow[1]:,} bytes")
        if each.kept:
            where = f"{each.kept.name}, {each.kept.size:,} bytes"
            parts.append(
                f"  kept: {where}, as of sequence {max(_sequences(each.kept).values(), default=0)}"
            )
        if not (each.shadow or each.kept):
            parts.append(Text("  nothing stands beside its store", "dim"))
        if each.operations:
            parts.append(operations_table([(each.service, one) for one in each.operations]))
    return Group(*parts)


def operations_table(operations: Sequence[tuple[str, Operation]]) -> Table:
    """What operators did."""
    table = Table(box=None, padding=(0, 2, 0, 0))
    for name in ("service", "id", "what", "state", "by", "begun (UTC)", "took", "reason"):
        table.add_column(name, overflow="fold", justify="right" if name == "id" else "left")
    for service, each in operations:
        what = each.kind if each.program is None else f"{each.kind} {printable(each.program)}"
        took = f"{(each.ended - each.started).total_seconds():.1f} s" if each.ended else ""
        table.add_row(
            service,
            str(each.id) if service else "",
            f"{what} (dry run)" if each.detail.get("dry_run") else what,
            Text(each.state, _STYLES.get(each.state, "")),
            printable(each.by),
            instant(each.started),
            took,
            Text(printable(each.reason)),
        )
    return table


_STYLES = {"running": "cyan", "waiting": "yellow", "failed": "red", "done": "green"}


def undo(service: str, url: str, by: str, reason: str) -> int:
    """Take back the store that is kept; returns the sequence from which the service catches up.

    Touches no key of feedback's: what it takes back may be what a bug wrote, and a deleted key is gone for good.

    Raises:
        Failure: none is kept, or the database does not answer.
    """
    with opened(service, url) as live, in_words(), alone(live, service):
        with Journal(live, "undo", by, reason) as journal:
            with Exchange(live) as held:
                stood = max((each.seq for each in held.positions.values()), default=0)
                back = held.undo()
                journal.detail = {"stood": stood}
                journal.done_within(held.connection, None, back)
            journal.told()
        drop_before(live)
    return back


def drop(service: str, url: str, by: str, reason: str) -> list[str]:
    """Remove what stands beside a store; returns what was removed.

    Raises:
        Failure: somebody works on it, or the database does not answer.
    """
    with (
        opened(service, url) as live,
        in_words(),
        alone(live, service),
        Journal(live, "drop", by, reason) as journal,
    ):
        begun = beside(live, "rebuild")
        removed = ["what a rebuild had begun"] if begun.exists() else []
        begun.drop()
        removed += ["the store as it was before the last rebuild"] if drop_before(live) else []
        journal.detail = {"removed": len(removed)}
        journal.done()
    return removed


def _sequences(found: Kept) -> dict[str, int]:
    return {str(at): position.seq for at, position in found.positions.items()}
