"""Upright bars: one bar of parts, bars beside each other, and bars on each other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.cli.plots import frame


@dataclass(frozen=True, slots=True)
class Series:
    """Values of one kind; `style` is its class in the page's style."""

    name: str
    style: str
    values: Sequence[float]


def bar_of_parts(title: str, parts: Sequence[tuple[str, str, int]]) -> str:
    """One bar, its parts (name, style, count) as long as their share."""
    total = sum(count for _, _, count in parts) or 1
    at, shapes = 0.0, []
    for name, style, count in parts:
        width = frame.WIDTH * count / total
        shapes.append(frame.box(style, at, 8, width, 42, f"{name}: {count:,}"))
        if width > frame.width_of(f"{count:,}") + 12:
            shapes.append(frame.text(at + width / 2, 34, f"{count:,}", style="on"))
        at += width
    words = ", ".join(f"{name}: {count:,}" for name, _, count in parts)
    return frame.svg(title, words, shapes, height=58)


def bars(title: str, x_name: str, labels: Sequence[str], series: Sequence[Series]) -> str:
    """Counts beside each other: a group of bars for each label, one bar for each series."""
    highest = max((max(each.values, default=0.0) for each in series), default=0.0)
    marks = frame.ticks(highest, whole=True)
    group = frame.PLOT_WIDTH / max(1, len(labels))
    width = group * 0.8 / max(1, len(series))
    shapes = _counted(marks)
    for place, each in enumerate(series):
        for label, x, value in _along(labels, each.values, group, 0.1 * group + width * place):
            told = f"{each.name}, {label}: {value:,.0f}"
            shapes.append(_upright(each.style, x, width, 0.0, value / marks[-1], told))
    return frame.svg(title, _said(labels, series), [*shapes, *frame.below(labels, x_name)])


def stacks(title: str, x_name: str, labels: Sequence[str], series: Sequence[Series]) -> str:
    """Counts on each other: one bar for each label, the first series at the bottom."""
    tops = [sum(column) for column in zip(*(each.values for each in series), strict=True)]
    marks = frame.ticks(max(tops, default=0.0), whole=True)
    group = frame.PLOT_WIDTH / max(1, len(labels))
    shapes, below = _counted(marks), [0.0] * len(labels)
    for each in series:
        for place, (label, x, value) in enumerate(_along(labels, each.values, group, 0.12 * group)):
            told = f"{each.name}, {label}: {value:,.0f}"
            low, high = below[place] / marks[-1], (below[place] + value) / marks[-1]
            shapes.append(_upright(each.style, x, 0.76 * group, low, high, told))
            below[place] += value
    return frame.svg(title, _said(labels, series), [*shapes, *frame.below(labels, x_name)])


def histogram(values: Iterable[float], edges: Sequence[float]) -> list[float]:
    """How many values lie between each two edges; the last edge belongs to the last bin."""
    counts = [0.0] * (len(edges) - 1)
    for value in values:
        inside = sum(edge <= value for edge in edges[1:-1])
        counts[inside] += 1
    return counts


def _counted(marks: Sequence[float]) -> list[str]:
    return frame.grid([mark / marks[-1] for mark in marks], [frame.number(m) for m in marks])


def _along(
    labels: Sequence[str], values: Sequence[float], group: float, inset: float
) -> Iterable[tuple[str, float, float]]:
    for place, (label, value) in enumerate(zip(labels, values, strict=True)):
        yield label, frame.LEFT + group * place + inset, value


def _upright(style: str, x: float, width: float, low: float, high: float, told: str) -> str:
    """From a share of the plot's height to another; a hairline apart from its neighbours."""
    top = frame.y_of(high)
    return frame.box(style, x, top, max(1.0, width - 1), frame.y_of(low) - top, told)


def _said(labels: Sequence[str], series: Sequence[Series]) -> str:
    """Every figure of the plot, for whoever cannot see it."""
    return "; ".join(
        f"{each.name}: "
        + ", ".join(f"{a} {v:,.0f}" for a, v in zip(labels, each.values, strict=True))
        for each in series
    )
