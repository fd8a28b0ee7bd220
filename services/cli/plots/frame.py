"""What all plots share: inline SVG without scripts, fonts or anything from elsewhere; colours come from the page's style.

Each plot is 360 wide, so that its text can be read on a telephone, and says in words what it shows.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from html import escape

WIDTH, HEIGHT = 360, 230
LEFT, RIGHT, TOP, BOTTOM = 48, 12, 16, 44
PLOT_WIDTH, PLOT_HEIGHT = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
_LETTER = 7.0
"""Mean width of a letter of 13 pixels; what is measured in a browser stays below it."""
_MANY = 10_000
_ROUND = (1, 2, 2.5, 5, 10)


def svg(title: str, words: str, shapes: Iterable[str], height: float = HEIGHT) -> str:
    """A drawing that says what it is to whoever cannot see it."""
    label = f"{escape(title)}. {escape(words)}"
    drawn = "".join(shapes)
    return f'<svg viewBox="0 0 {WIDTH} {height:g}" role="img" aria-label="{label}">{drawn}</svg>'


def x_of(share: float) -> float:
    """Where a share of the plot's width lies."""
    return LEFT + PLOT_WIDTH * share


def y_of(share: float) -> float:
    """Where a share of the plot's height lies, from below."""
    return TOP + PLOT_HEIGHT * (1 - share)


def ticks(highest: float, *, whole: bool = False) -> list[float]:
    """Round numbers from 0 to at least `highest`, at most six of them."""
    if highest <= 0:
        return [0.0, 1.0]
    scale = 10.0 ** math.floor(math.log10(highest / 4))
    step = next(s * scale for s in _ROUND if s * scale * 5 >= highest)
    if whole:
        step = float(max(1, math.ceil(step)))
    return [step * number for number in range(math.ceil(highest / step) + 1)]


def grid(shares: Sequence[float], names: Sequence[str]) -> list[str]:
    """Lines across the plot at these shares of its height, each with its name at the left."""
    shapes = []
    for share, name in zip(shares, names, strict=True):
        y = y_of(share)
        shapes.append(line("grid", LEFT, y, WIDTH - RIGHT, y))
        shapes.append(text(LEFT - 6, y + 4, name, anchor="end"))
    return shapes


def percents(shares: Sequence[float] = SHARES) -> list[str]:
    """Names of shares."""
    return [f"{share:.0%}" for share in shares]


def axis(marks: Sequence[float], name: str, height: float = HEIGHT) -> list[str]:
    """Numbers below the plot, the last at its right end, and what they are."""
    below = height - BOTTOM + 18
    labels = [_inside(x_of(mark / marks[-1]), below, number(mark)) for mark in marks]
    return [*labels, text(LEFT + PLOT_WIDTH / 2, height - 7, name)]


def _inside(x: float, y: float, words: str) -> str:
    """A number below its mark; what would stick out at the right ends at the drawing's end."""
    if x + width_of(words) / 2 > WIDTH:
        return text(WIDTH, y, words, anchor="end")
    return text(x, y, words)


def below(labels: Sequence[str], name: str) -> list[str]:
    """Labels below the plot, as many as have room beside each other, and what they are."""
    group = PLOT_WIDTH / max(1, len(labels))
    widest = max(map(width_of, labels), default=0.0) + 8
    every = max(1, math.ceil(widest / group))
    shown = [
        text(LEFT + group * (place + 0.5), HEIGHT - BOTTOM + 18, label)
        for place, label in enumerate(labels)
        if place % every == 0
    ]
    return [*shown, text(LEFT + PLOT_WIDTH / 2, HEIGHT - 7, name)]


def text(x: float, y: float, words: str, *, anchor: str = "middle", style: str = "axis") -> str:
    """A text that begins, is centred on, or ends at x."""
    where = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    return f'<text class="{style}" {where}>{escape(words)}</text>'


def line(style: str, x: float, y: float, to_x: float, to_y: float) -> str:
    """A straight line."""
    return f'<line class="{style}" x1="{x:.1f}" y1="{y:.1f}" x2="{to_x:.1f}" y2="{to_y:.1f}"/>'


def box(style: str, x: float, y: float, width: float, height: float, told: str) -> str:
    """A rectangle that says what it is when it is pointed at."""
    size = f'x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"'
    return f'<rect class="{style}" {size}><title>{escape(told)}</title></rect>'


def number(value: float) -> str:
    """Without decimals where it has none; thousands are counted where there are many."""
    if value >= _MANY:
        return f"{value / 1000:,g}k"
    return f"{value:,.0f}" if value == int(value) else f"{value:g}"


def fitted(words: str, width: float) -> str:
    """Words cut so that they fit into a width, with an ellipsis where something is missing."""
    most = max(1, int(width / _LETTER))
    return words if len(words) <= most else f"{words[: most - 1].rstrip()}…"


def width_of(words: str) -> float:
    """At most so wide is a text on a plot."""
    return _LETTER * len(words)
