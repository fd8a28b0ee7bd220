"""Plots as inline SVG: no scripts, no fonts and nothing from elsewhere, colours from the page's style.

Each is 400 wide, so that its text can be read on a telephone, and says in `title` and `desc` what it shows.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 400, 250
LEFT, RIGHT, TOP, BOTTOM = 44, 12, 14, 42
_PLOT_WIDTH, _PLOT_HEIGHT = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
_ROUND = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True, slots=True)
class Series:
    """Values of one world; `style` is its class in the page's style."""

    name: str
    style: str
    values: Sequence[float]


def bar_of_parts(title: str, parts: Sequence[tuple[str, str, int]]) -> str:
    """One bar, its parts (name, style, count) as long as their share."""
    total = sum(count for _, _, count in parts) or 1
    at, shapes = 0.0, []
    for name, style, count in parts:
        width = WIDTH * count / total
        shapes.append(
            f'<rect class="{style}" x="{at:.1f}" y="10" width="{width:.1f}" height="46">'
            f"<title>{escape(name)}: {count:,}</title></rect>"
        )
        if width > 7 * len(f"{count:,}") + 10:
            shapes.append(
                f'<text class="on" x="{at + width / 2:.1f}" y="39" text-anchor="middle">{count:,}</text>'
            )
        at += width
    words = ", ".join(f"{name}: {count:,}" for name, _, count in parts)
    return _svg(title, words, shapes, height=66)


def steps(title: str, x_name: str, series: Sequence[Series], totals: Sequence[int]) -> str:
    """Shares of all that were reached by x: a rising line of steps for each series.

    Args:
        title: what it shows.
        x_name: what x is.
        series: the x of each that was reached, in any order.
        totals: of each series, how many could have been reached.
    """
    longest = max((max(each.values, default=0.0) for each in series), default=0.0)
    ticks = _ticks(longest)
    shapes = [*_grid([0, 0.25, 0.5, 0.75, 1], "%"), *_axis(ticks, x_name)]
    for each, total in zip(series, totals, strict=True):
        points = [(0.0, 0.0)]
        for number, value in enumerate(sorted(each.values), 1):
            points += [(value, points[-1][1]), (value, number / max(1, total))]
        points.append((ticks[-1], points[-1][1]))
        path = " ".join(f"{_x(x / ticks[-1]):.1f},{_y(y):.1f}" for x, y in points)
        shapes.append(
            f'<polyline class="line {each.style}" points="{path}"><title>{escape(each.name)}</title></polyline>'
        )
    reached = ", ".join(
        f"{each.name}: {len(each.values):,} of {total:,}"
        for each, total in zip(series, totals, strict=True)
    )
    return _svg(title, reached, shapes)


def bars(title: str, x_name: str, labels: Sequence[str], series: Sequence[Series]) -> str:
    """Counts beside each other: a group of bars for each label, one bar for each series."""
    highest = max((max(each.values, default=0.0) for each in series), default=0.0)
    ticks = _ticks(highest, whole=True)
    group = _PLOT_WIDTH / max(1, len(labels))
    width = group * 0.8 / max(1, len(series))
    shapes = _grid([tick / ticks[-1] for tick in ticks], "", ticks)
    for place, each in enumerate(series):
        for number, value in enumerate(each.values):
            x = LEFT + group * (number + 0.1) + width * place
            top = _y(value / ticks[-1])
            shapes.append(
                f'<rect class="{each.style}" x="{x:.1f}" y="{top:.1f}" width="{max(1.0, width - 1):.1f}" '
                f'height="{_y(0) - top:.1f}"><title>{escape(each.name)}, {escape(labels[number])}: '
                f"{value:,.0f}</title></rect>"
            )
    every = math.ceil(len(labels) / 11)
    for number, label in enumerate(labels):
        if number % every == 0:
            shapes.append(_label(LEFT + group * (number + 0.5), HEIGHT - BOTTOM + 17, label))
    shapes.append(_label(LEFT + _PLOT_WIDTH / 2, HEIGHT - 6, x_name))
    return _svg(title, ", ".join(each.name for each in series), shapes)


def histogram(values: Iterable[float], edges: Sequence[float]) -> list[float]:
    """How many values lie between each two edges; the last edge belongs to the last bin."""
    counts = [0.0] * (len(edges) - 1)
    for value in values:
        inside = sum(edge <= value for edge in edges[1:-1])
        counts[inside] += 1
    return counts


def _ticks(highest: float, *, whole: bool = False) -> list[float]:
    """Round numbers from 0 to at least `highest`, four to six of them."""
    if highest <= 0:
        return [0.0, 1.0]
    scale = 10.0 ** math.floor(math.log10(highest / 4))
    step = next(s * scale for s in _ROUND if s * scale * 5 >= highest)
    if whole:
        step = float(max(1, math.ceil(step)))
    return [step * number for number in range(math.ceil(highest / step) + 1)]


def _grid(shares: Sequence[float], unit: str, names: Sequence[float] | None = None) -> list[str]:
    shapes = []
    for place, share in enumerate(shares):
        y = _y(share)
        name = f"{share:.0%}" if unit == "%" or names is None else _number(names[place])
        shapes.append(
            f'<line class="grid" x1="{LEFT}" y1="{y:.1f}" x2="{WIDTH - RIGHT}" y2="{y:.1f}"/>'
        )
        shapes.append(
            f'<text class="axis" x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{name}</text>'
        )
    return shapes


def _axis(ticks: Sequence[float], name: str) -> list[str]:
    labels = [_label(_x(tick / ticks[-1]), HEIGHT - BOTTOM + 17, _number(tick)) for tick in ticks]
    return [*labels, _label(LEFT + _PLOT_WIDTH / 2, HEIGHT - 6, name)]


def _label(x: float, y: float, text: str) -> str:
    return f'<text class="axis" x="{x:.1f}" y="{y:.1f}" text-anchor="middle">{escape(text)}</text>'


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:g}"


def _x(share: float) -> float:
    return LEFT + _PLOT_WIDTH * share


def _y(share: float) -> float:
    return TOP + _PLOT_HEIGHT * (1 - share)


def _svg(title: str, words: str, shapes: Sequence[str], height: int = HEIGHT) -> str:
    return (
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(title)}. {escape(words)}">'
        f"{''.join(shapes)}</svg>"
    )
