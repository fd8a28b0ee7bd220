"""A row as of an instant, folded from the log, and the events that changed it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import orjson
from pydantic import TypeAdapter
from rich.console import Group
from rich.table import Table
from rich.text import Text

from services.cli.brief import instant, printable
from services.cli.confidential import veiled
from services.cli.connection import connected
from services.cli.entries import stored
from services.cli.folds import ServiceWord, fold_of
from services.cli.output import Failure
from services.cli.row_name import parts_of, ref_of
from shared.outcome import Diverged
from shared.replay.history import Changed, Cut, Step, history
from shared.world import Ref, Row


class Change(NamedTuple):
    """An input that changed the row.

    Attributes:
        seq: its sequence.
        stored: when the server stored it.
        word: what it says.
        key: what it is about.
        said: the words of its answers about the row's own key.
        columns: what it changed; every column of a new row.
        verb: made, changed or removed.
    """

    seq: int
    stored: datetime
    word: str
    key: str
    said: tuple[str, ...]
    columns: tuple[str, ...]
    verb: str


@dataclass
class Found:
    """A row as of a sequence, None when there was none, and all that changed it until then."""

    service: ServiceWord
    table: str
    ref: Ref
    position: int = 0
    row: Row | None = None
    changes: list[Change] = field(default_factory=list)


async def read(
    service: ServiceWord,
    table: str,
    key: str,
    program: str | None,
    cut: Cut,
    nats: str | None,
    folder: Path,
) -> Found:
    """Fold the row's program up to the cut.

    Raises:
        Failure: there is no such table, the log is away, or today's code judges otherwise than it.
    """
    fold = fold_of(service)
    ref = ref_of(fold, table, key, program)
    found = Found(service, table, ref)
    async with connected(nats, folder) as log:
        try:
            async with history(log, fold, ref.key[0], cut) as (folded, steps):
                await _walk(found, steps)
        except Diverged as error:
            raise Failure(f"today's code would judge otherwise than the log {error}") from error
    found.position = folded.position
    return found


async def _walk(found: Found, steps: AsyncIterator[Step]) -> None:
    async for step in steps:
        changed = step.changes.get(found.ref)
        if changed is not None:
            found.row = changed.after
            found.changes.append(_change(step, changed))


def _change(step: Step, changed: Changed) -> Change:
    before, after = _plain(changed.before), _plain(changed.after)
    names = [name for name in before | after if before.get(name) != after.get(name)]
    verb = "made" if not before else "changed" if after else "removed"
    _, _, word, key = step.entry.subject.split(".", 3)
    said = tuple(answer.word for answer in step.outcome.answers)
    return Change(
        step.entry.seq,
        stored(step.entry),
        printable(word),
        printable(key),
        tuple(dict.fromkeys(said)),
        tuple(names),
        verb,
    )


def _plain(row: Row | None) -> dict[str, Any]:
    if row is None:
        return {}
    plain: dict[str, Any] = TypeAdapter(type(row)).dump_python(row, mode="json")
    return plain


def _shown(found: Found, *, confidential: bool) -> Mapping[str, Any]:
    plain = _plain(found.row)
    return plain if confidential else veiled(found.service, found.table, plain)


def plain(found: Found, *, confidential: bool) -> dict[str, Any]:
    """For programs."""
    row = None if found.row is None else _shown(found, confidential=confidential)
    return {
        "service": found.service,
        "table": found.table,
        "key": parts_of(found.ref.key),
        "position": found.position,
        "row": row,
        "changes": [change._asdict() for change in found.changes],
    }


def table_of_row(found: Found, *, confidential: bool) -> Group:
    """The row for people, a line for each column."""
    key = "/".join(map(str, parts_of(found.ref.key)))
    title = f"{found.service} {found.table} {key}, as of sequence {found.position}"
    shown = Table(box=None, show_header=False)
    shown.add_column(style="cyan", no_wrap=True)
    shown.add_column(overflow="fold")
    for name, value in _shown(found, confidential=confidential).items():
        shown.add_row(name, Text(value if isinstance(value, str) else orjson.dumps(value).decode()))
    return Group(Text(title, "bold"), shown)


def table_of_changes(found: Found) -> Group:
    """The events that made the row what it is."""
    shown = Table(box=None)
    shown.add_column("seq", justify="right")
    for name in ("stored (UTC)", "event", "about", "answered with", "row"):
        shown.add_column(name, no_wrap=True)
    shown.add_column("columns", overflow="fold")
    for each in found.changes:
        said, columns = ", ".join(each.said), ", ".join(each.columns)
        shown.add_row(
            str(each.seq),
            instant(each.stored),
            Text(each.word, "bold"),
            each.key,
            said,
            each.verb,
            Text(columns if each.verb == "changed" else "", "dim"),
        )
    return Group(Text("\nwhat made it so", "bold"), shown)
