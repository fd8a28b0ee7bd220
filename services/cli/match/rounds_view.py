"""Rounds for people, a line each with a bar, and for programs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import Any, NamedTuple

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from services.cli.match.plot import bar
from services.cli.match.rounds import Rounds
from services.matching.record import Round

_UNIT = 1_000_000
"""Of a row's total."""
_TELLING = 100
"""From so many milliseconds on a fraction of one tells nothing."""
_BAR = 10
_PADDING = 2
_LEGEND = (
    "of waiting: the share that was matched; a day of a program that pairs at once is drawn beside its busiest day. "
    "reached: of what no choice can exceed. blocking: pairs that would both rather have each other. "
    "load: of the mentors with room, after the round: least, median, most."
)
_NARROW = "A wider terminal shows {}, too; --json has every figure."


class _Column(NamedTuple):
    """A column: its name, how soon it gives way on a narrow terminal (0: never), and its cell in a round.

    A cell is told the most pairs of a day of the program, for the bar.
    """

    name: str
    gives_way: int
    cell: Callable[[Round, int], str]


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


def show(found: Sequence[Rounds], width: int) -> Group:
    """For people: a table for each program that had rounds, on a terminal of this width."""
    return Group(*_parts([each for each in found if each.rounds], width))


def _parts(found: Sequence[Rounds], width: int) -> Iterator[RenderableType]:
    hidden: set[str] = set()
    for each in found:
        columns = _that_fit(each, width)
        hidden |= {column.name for column in COLUMNS if column not in columns}
        yield Text(f"{each.program}: {_how_many(each)}", "bold")
        yield _table(each, columns)
    yield Text(f"\n{_LEGEND}", "dim")
    if hidden:
        names = [column.name for column in COLUMNS if column.name in hidden]
        yield Text(_NARROW.format(", ".join(names)), "dim")


def _table(found: Rounds, columns: Sequence[_Column]) -> Table:
    table, busiest = Table(box=None), _busiest(found)
    for column in columns:
        left = column.name in {"when (UTC)", "policy", "of waiting"}
        table.add_column(column.name, justify="left" if left else "right", no_wrap=True)
    for row in found.rounds:
        table.add_row(*(_styled(column, column.cell(row, busiest)) for column in columns))
    return table


def _styled(column: _Column, cell: str) -> Text:
    return Text(cell, "cyan" if column.name == "of waiting" else "")


def _that_fit(found: Rounds, width: int) -> list[_Column]:
    """The columns for which there is room; those that give way first go first."""
    busiest = _busiest(found)
    wide = {
        column: max(len(column.name), *(len(column.cell(row, busiest)) for row in found.rounds))
        for column in COLUMNS
    }
    kept = list(COLUMNS)
    while sum(wide[column] + _PADDING for column in kept) > width:
        first = max(kept, key=lambda column: column.gives_way)
        if not first.gives_way:
            break
        kept.remove(first)
    return kept


def _busiest(found: Rounds) -> int:
    """The most pairs of a day."""
    return max((row.matched for row in found.rounds if row.kind == "day"), default=0)


def _how_many(found: Rounds) -> str:
    shown = len(found.rounds)
    one = "1 round" if found.all == 1 else f"{found.all:,} rounds"
    part = f"the last {shown:,} of {one}" if shown < found.all else one
    return f"{part}, as of sequence {found.position}"


# -- cells --


def _when(row: Round, _: int) -> str:
    return row.at.strftime("%Y-%m-%d all day" if row.kind == "day" else "%Y-%m-%d %H:%M")


def _bar(row: Round, busiest: int) -> str:
    of = busiest if row.kind == "day" else row.waiting
    return bar(row.matched / of, _BAR) if of else ""


def _count(value: int | None) -> str:
    return "" if value is None else f"{value:,}"


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def _reached(row: Round, _: int) -> str:
    """Rounded down: what falls short of the bound by a hair is not said to reach it."""
    return "" if row.reached is None else f"{round(row.reached * _UNIT) // 100 / 100:g} %"


def _load(row: Round, _: int) -> str:
    return " ".join(_share(value) for value in (row.least, row.median, row.most)).strip()


def _milliseconds(row: Round, _: int) -> str:
    if row.milliseconds is None:
        return ""
    return f"{row.milliseconds:,.0f}" if row.milliseconds >= _TELLING else f"{row.milliseconds:.3g}"


COLUMNS = (
    _Column("when (UTC)", 0, _when),
    _Column("policy", 7, lambda row, _: row.policy),
    _Column("waiting", 0, lambda row, _: _count(row.waiting)),
    _Column("mentors", 8, lambda row, _: _count(row.mentors)),
    _Column("places", 3, lambda row, _: _count(row.places)),
    _Column("matched", 0, lambda row, _: _count(row.matched)),
    _Column("of waiting", 1, _bar),
    _Column("unmatched", 6, lambda row, _: _count(row.unmatched)),
    _Column("total", 2, lambda row, _: f"{row.total / _UNIT:,.2f}"),
    _Column("worst", 2, lambda row, _: _share(row.worst)),
    _Column("reached", 1, _reached),
    _Column("blocking", 4, lambda row, _: _count(row.blocking)),
    _Column("load", 5, _load),
    _Column("ms", 4, _milliseconds),
)
