"""Shows differences between a store and the log: a table for people, plain values for programs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from services.cli.brief import printable
from services.cli.confidential import veiled
from services.cli.replay.preview import Preview
from services.cli.row_name import parts_of
from shared.replay.compare import Difference

_WORDS = {
    "changed": "differs",
    "missing": "missing in the store",
    "extra": "only in the store",
}
_LONG = 60
_REASONS = 4
"""Events shown behind a row: the last ones, which made it what it is."""


def plain(found: Preview, *, confidential: bool) -> dict[str, Any]:
    """For programs."""
    return {
        "service": found.service,
        "program": found.program,
        "same": found.same,
        "positions": {str(at): seq for at, seq in found.positions.items()},
        "rows": found.rows,
        "differing": found.differing,
        "tables": found.found,
        "digest_live": found.digest_live,
        "digest_log": found.digest_log,
        "differences": [_plain(found, each, confidential=confidential) for each in found.shown],
    }


def _plain(found: Preview, each: Difference, *, confidential: bool) -> dict[str, Any]:
    return {
        "table": each.table,
        "key": parts_of(each.key),
        "kind": each.kind,
        "columns": {
            name: {"live": live, "log": log}
            for name, (live, log) in _columns(found, each, confidential=confidential).items()
        },
        "events": [reason._asdict() for reason in found.reasons.get(each.ref, ())],
    }


def shown(found: Preview, *, confidential: bool) -> RenderableType:
    """For people."""
    whose = found.service if found.program is None else f"{found.service}, {found.program}"
    if found.same:
        words = f"{whose}: the store is what the log says: {found.rows:,} rows, as of sequence {found.position}"
        return Group(Text(words, "green"), Text(f"digest {found.digest_log}", "dim"))
    head = f"{whose}: {found.differing:,} of {found.rows:,} rows differ, as of sequence {found.position}"
    parts: list[RenderableType] = [Text(head, "yellow"), _counts(found), ""]
    parts += [_one(found, each, confidential=confidential) for each in found.shown]
    if left := found.differing - len(found.shown):
        parts.append(Text(f"{left:,} more: --all shows them", "dim"))
    digests = f"digest of the store {found.digest_live}\ndigest of the log   {found.digest_log}"
    return Group(*parts, Text(digests, "dim"))


def _counts(found: Preview) -> Table:
    table = Table(box=None)
    table.add_column("table")
    for kind in _WORDS.values():
        table.add_column(kind, justify="right")
    for name, kinds in sorted(found.found.items()):
        table.add_row(name, *(f"{kinds.get(kind, 0):,}" for kind in _WORDS))
    return table


def _one(found: Preview, each: Difference, *, confidential: bool) -> Group:
    """A row: its columns as the store and the log have them, and the events behind it."""
    key = printable("/".join(map(str, parts_of(each.key))))
    head = Text.assemble((f"{each.table} {key}", "bold"), f"  {_WORDS[each.kind]}")
    table = Table(box=None, padding=(0, 2, 0, 2))
    for name in ("column", "in the store", "by the log"):
        table.add_column(name, overflow="fold")
    for name, (live, log) in _columns(found, each, confidential=confidential).items():
        table.add_row(Text(name, "cyan"), _value(live), _value(log))
    return Group(head, table, _events(found, each), "")


def _events(found: Preview, each: Difference) -> Text:
    reasons = found.reasons.get(each.ref, ())
    if not reasons:
        return Text("    no event of the log has made it", "dim")
    words = [f"{r.seq} {printable(r.word)} {printable(r.event)}" for r in reasons[-_REASONS:]]
    more = f"{len(reasons) - _REASONS} earlier, " if len(reasons) > _REASONS else ""
    return Text(f"    made so by {more}{', '.join(words)}", "dim")


def _columns(
    found: Preview, each: Difference, *, confidential: bool
) -> Mapping[str, tuple[Any, Any]]:
    """The columns, without what is confidential unless it was asked for."""
    if confidential:
        return each.columns
    sides = [
        veiled(found.service, each.table, {name: pair[n] for name, pair in each.columns.items()})
        for n in (0, 1)
    ]
    return {name: (sides[0][name], sides[1][name]) for name in each.columns}


def _value(value: object) -> Text:
    if value is None:
        return Text("-", "dim")
    text = printable(value if isinstance(value, str) else orjson.dumps(value).decode())
    return Text(text if len(text) <= _LONG else f"{text[: _LONG - 1]}…")
