"""Time as a strip of characters: a day of 48 half hours, or a meeting of some minutes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import NamedTuple

from rich.text import Text

from services.cli.schedule.clock import Clock
from services.cli.schedule.period import day_of
from shared.intervals import Interval, clip, merge

_DAY = timedelta(days=1)
_STEP = timedelta(minutes=15)
"""All of today's zones lie whole quarters from UTC, and their clocks leap by such."""


class Ink(NamedTuple):
    """What time is drawn with: a character, and its style."""

    character: str
    style: str = ""


EMPTY = Ink("·", "dim")
"""Of time that no layer takes."""
_UNKNOWN = Ink(" ")
Cells = Sequence[Sequence[Interval]]
"""What each character of a strip stands for; nothing where the clock leapt over it."""


def cells_of_day(day: date, clock: Clock, count: int) -> Cells:
    """A day of a clock in so many characters: an hour that comes twice is one character, one that never comes is empty.

    Args:
        day: on that clock.
        clock: whose.
        count: of characters; 24 hours are a whole multiple of quarters each.
    """
    lasting = _DAY / count
    at, ends = day_of(day, clock)
    found: list[list[Interval]] = [[] for _ in range(count)]
    while at < ends:
        local = at.astimezone(clock.zone)
        since = timedelta(hours=local.hour, minutes=local.minute)
        found[since // lasting].append((at, at + _STEP))
        at += _STEP
    return [merge(each) for each in found]


def cells_of(start: datetime, end: datetime, count: int) -> Cells:
    """A time in so many characters of one length."""
    lasting = (end - start) / count
    return [[(start + lasting * n, start + lasting * (n + 1))] for n in range(count)]


def drawn(cells: Cells, layers: Mapping[Ink, Sequence[Interval]], within: Interval) -> Text:
    """A strip: each character as the layer that takes most of it, the earlier of two; empty outside of `within`.

    Args:
        cells: what each character stands for.
        layers: tidy lists of intervals that share no time, by what they are drawn with.
        within: what is known.
    """
    text = Text()
    for ink, run in groupby(_ink(cell, layers, within) for cell in cells):
        text.append(ink.character * len(list(run)), ink.style)
    return text


def _ink(
    cell: Sequence[Interval], layers: Mapping[Ink, Sequence[Interval]], within: Interval
) -> Ink:
    known = [part for each in cell for part in clip([each], *within)]
    return _most(known, layers) if known else _UNKNOWN


def _most(cell: Sequence[Interval], layers: Mapping[Ink, Sequence[Interval]]) -> Ink:
    """The layer that takes most of a character's time; what no layer takes is time as well."""
    taken = {ink: _seconds(cell, layer) for ink, layer in layers.items()}
    rest = sum(((end - start).total_seconds() for start, end in cell), 0.0) - sum(taken.values())
    ink = max(taken, key=lambda each: taken[each])
    return ink if taken[ink] >= rest else EMPTY


def _seconds(cell: Sequence[Interval], layer: Sequence[Interval]) -> float:
    return sum((end - start).total_seconds() for each in cell for start, end in clip(layer, *each))


def axis(day: date, shown: Clock, other: Clock, count: int) -> str:
    """Times of day on another clock above a strip of a day, each at its place, six characters apart."""
    words = ""
    for at in range(0, count, 6):
        local = datetime.combine(day, time.min) + _DAY / count * at
        instant = local.replace(tzinfo=shown.zone).astimezone(other.zone)
        told = f"{instant.hour}:{instant:%M}" if instant.minute else str(instant.hour)
        words += f"{told:<6}"
    return words.rstrip()
