"""Lying bars and ranges, one below the other, each under its own words: for names too long to stand upright."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.cli.plots import frame

_STEP, _BAR, _WORDS = 46, 16, 15
"""Pixels from row to row, of a bar, and from a row's top to the foot of its words."""
_BOLD = 1.2
"""So much wider are letters of what is told than those of names."""
_INSET = 6
_RULER = 42


@dataclass(frozen=True, slots=True)
class Bar:
    """A lying bar.

    Attributes:
        name: above it at the left.
        note: above it at the right, such as its figure.
        share: its length, of the whole width.
        style: its class in the page's style.
    """

    name: str
    note: str
    share: float
    style: str


@dataclass(frozen=True, slots=True)
class Range:
    """Quantiles of a group: a thin line from `low` to `high`, a thick one from `first` to `third`, a mark at `middle`."""

    name: str
    note: str
    low: float
    first: float
    middle: float
    third: float
    high: float
    style: str


def lying(title: str, rows: Sequence[Bar]) -> str:
    """Bars below each other on a track as long as the whole."""
    shapes: list[str] = []
    for place, row in enumerate(rows):
        top = _STEP * place
        shapes += _named(row.name, row.note, top)
        at = top + _WORDS + 6
        told = f"{row.name}: {row.note}"
        shapes.append(frame.box("track", 0, at, frame.WIDTH, _BAR, told))
        if row.share > 0:
            long = max(2.0, frame.WIDTH * min(1.0, row.share))
            shapes.append(frame.box(row.style, 0, at, long, _BAR, told))
    words = ", ".join(f"{row.name}: {row.note}" for row in rows)
    return frame.svg(title, words, shapes, height=max(1, _STEP * len(rows)))


def ranges(title: str, x_name: str, rows: Sequence[Range]) -> str:
    """Quantiles below each other over one ruler."""
    marks = frame.ticks(max((row.high for row in rows), default=0.0))
    foot = _STEP * len(rows)
    shapes = _ruler(marks, x_name, foot)
    for place, row in enumerate(rows):
        top = _STEP * place
        shapes += _named(row.name, row.note, top)
        shapes += _range(row, top + _WORDS + 6 + _BAR / 2, marks[-1])
    words = ", ".join(f"{row.name}: {row.note}" for row in rows)
    return frame.svg(title, words, shapes, height=foot + _RULER)


def _named(name: str, note: str, top: float) -> list[str]:
    y = top + _WORDS
    room = frame.WIDTH - _BOLD * frame.width_of(note) - 12
    return [
        frame.text(0, y, frame.fitted(name, room), anchor="start", style="name"),
        frame.text(frame.WIDTH, y, note, anchor="end", style="told"),
    ]


def _range(row: Range, y: float, end: float) -> Iterable[str]:
    low, first, middle, third, high = (
        _along(value / end) for value in (row.low, row.first, row.middle, row.third, row.high)
    )
    told = f"{row.name}: {row.note}"
    yield frame.box(f"{row.style} thin", low, y - 1.5, max(2.0, high - low), 3, told)
    yield frame.box(f"{row.style} half", first, y - 6, max(2.0, third - first), 12, told)
    yield frame.box("mark", middle - 1.5, y - 9, 3, 18, told)


def _ruler(marks: Sequence[float], x_name: str, foot: float) -> list[str]:
    shapes = []
    for mark in marks:
        x = _along(mark / marks[-1])
        shapes.append(frame.line("grid", x, _WORDS + 4, x, foot))
        shapes.append(frame.text(x, foot + 16, frame.number(mark), anchor=_anchor(mark, marks)))
    return [*shapes, frame.text(frame.WIDTH / 2, foot + 35, x_name)]


def _anchor(mark: float, marks: Sequence[float]) -> str:
    """So that the first and the last number do not stick out."""
    if mark == marks[0]:
        return "start"
    return "end" if mark == marks[-1] else "middle"


def _along(share: float) -> float:
    return _INSET + (frame.WIDTH - 2 * _INSET) * share
