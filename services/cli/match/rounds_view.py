"""Rounds for people, a line each with a bar, and for programs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from services.cli.brief import instant
from services.cli.match.plot import bar
from services.cli.match.rounds import Rounds
from services.matching.record import Round

_UNIT = 1_000_000
"""Of a row's total."""
_LEGEND = (
    "of waiting: the share that was matched; a day of a program that pairs at once is drawn beside its busiest day. "
    "reached: of what no choice can exceed. blocking: pairs that would both rather have each other. "
    "load: of the mentors with room, after the round: least, median, most."
)


def plain(found: Iterable[Rounds]) -> dict[str, Any]:
    """For programs."""
    return {"programs": [_plain(each) for each in found]}


def _plain(found: Rounds) -> dict[str, Any]:
    rounds = [{**asdict(row), "total": row.total / _UNIT} for row in found.rounds]
    for row in rounds:
        del row["program"]
    return {
        "program": found.program,
        "position": found.position,
        "all": found.all,
        "rounds": rounds,
    }


def show(found: Sequence[Rounds]) -> Group:
    """For people: a table for each program that had rounds."""
    tables = [_table(each) for each in found if each.rounds]
    return Group(*tables, Text(f"\n{_LEGEND}", "dim"))


def _table(found: Rounds) -> Group:
    table = Table(box=None)
    for name in ("when (UTC)", "policy"):
        table.add_column(name, no_wrap=True)
    for name in ("waiting", "mentors", "places", "matched"):
        table.add_column(name, justify="right")
    table.add_column("of waiting", no_wrap=True)
    for name in ("unmatched", "total", "worst", "reached", "blocking", "load", "ms"):
        table.add_column(name, justify="right", no_wrap=True)
    busiest = max((row.matched for row in found.rounds if row.kind == "day"), default=0)
    for row in found.rounds:
        table.add_row(*_cells(row, busiest))
    return Group(Text(f"{found.program}: {_how_many(found)}", "bold"), table)


def _how_many(found: Rounds) -> str:
    shown = len(found.rounds)
    one = "1 round" if found.all == 1 else f"{found.all:,} rounds"
    part = f"the last {shown:,} of {one}" if shown < found.all else one
    return f"{part}, as of sequence {found.position}"


def _cells(row: Round, busiest: int) -> Iterable[str | Text]:
    of = busiest if row.kind == "day" else row.waiting
    yield row.at.strftime("%Y-%m-%d, all day") if row.kind == "day" else instant(row.at)
    yield row.policy
    yield from (_count(value) for value in (row.waiting, row.mentors, row.places, row.matched))
    yield Text(bar(row.matched / of) if of else "", "cyan")
    yield _count(row.unmatched)
    yield f"{row.total / _UNIT:.2f}"
    yield _share(row.worst)
    yield _reached(row.reached)
    yield _count(row.blocking)
    yield _load(row)
    yield "" if row.milliseconds is None else f"{row.milliseconds:,.3g}"


def _count(value: int | None) -> str:
    return "" if value is None else f"{value:,}"


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def _reached(value: float | None) -> str:
    """Rounded down: what falls short of the bound by a hair is not said to reach it."""
    return "" if value is None else f"{round(value * _UNIT) // 100 / 100:g} %"


def _load(row: Round) -> str:
    return " ".join(_share(value) for value in (row.least, row.median, row.most))
