"""Lines of steps: which share of all has got there by when."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from services.cli.plots import frame

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Curve:
    """A rising line of steps.

    Attributes:
        name: what it is.
        style: its class in the page's style.
        points: where it rises to which share, in the order of x; 0 before the first.
        said: the whole in words.
    """

    name: str
    style: str
    points: Sequence[Point]
    said: str


def reached(name: str, style: str, values: Iterable[float], total: int) -> Curve:
    """The curve of the share of `total` that was reached by x, from the x of each that was."""
    ordered = sorted(values)
    points = [(value, place / max(1, total)) for place, value in enumerate(ordered, 1)]
    return Curve(name, style, points, f"{name}: {len(ordered):,} of {total:,}")


def steps(
    title: str,
    x_name: str,
    curves: Sequence[Curve],
    *,
    middle: float | None = None,
    until: float = 0.0,
) -> str:
    """Shares by x, a line for each curve.

    Args:
        title: what it shows.
        x_name: what x is.
        curves: the lines; each goes on to the right end as it stands.
        middle: an x to mark where half is reached.
        until: the axis goes at least so far.
    """
    last = max((point[0] for curve in curves for point in curve.points), default=0.0)
    marks = frame.ticks(max(last, until))
    shapes = [*frame.grid(frame.SHARES, frame.percents()), *frame.axis(marks, x_name)]
    if middle is not None:
        shapes += _middle(middle, marks[-1])
    shapes += [_drawn(curve, marks[-1]) for curve in curves]
    return frame.svg(title, ", ".join(curve.said for curve in curves), shapes)


def trend(
    title: str, x_name: str, labels: Sequence[str], values: Sequence[float | None], said: str
) -> str:
    """A share at each of some moments, in their order; a gap where there was none."""
    step = frame.PLOT_WIDTH / max(1, len(labels))
    places = [frame.LEFT + step * (place + 0.5) for place in range(len(labels))]
    known = [(x, frame.y_of(v)) for x, v in zip(places, values, strict=True) if v is not None]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in known)
    dots = "".join(f'<circle class="a" cx="{x:.1f}" cy="{y:.1f}" r="4"/>' for x, y in known)
    line = f'<polyline class="line a" points="{path}"/>'
    shapes = [*frame.grid(frame.SHARES, frame.percents()), line, dots]
    return frame.svg(title, said, [*shapes, *frame.below(labels, x_name)])


def _drawn(curve: Curve, end: float) -> str:
    points = [(0.0, 0.0)]
    for x, share in curve.points:
        points += [(x, points[-1][1]), (x, share)]
    points.append((end, points[-1][1]))
    path = " ".join(f"{frame.x_of(x / end):.1f},{frame.y_of(y):.1f}" for x, y in points)
    name = f"<title>{escape(curve.name)}</title>"
    return f'<polyline class="line {curve.style}" points="{path}">{name}</polyline>'


def _middle(value: float, end: float) -> list[str]:
    """Half, across to where it is reached and down to when."""
    x, half = frame.x_of(value / end), frame.y_of(0.5)
    words = f"half by {value:.1f}"
    after = x + 6 + frame.width_of(words) <= frame.WIDTH - frame.RIGHT
    place, anchor = (x + 6, "start") if after else (x - 6, "end")
    return [
        frame.line("guide", frame.LEFT, half, x, half),
        frame.line("guide", x, half, x, frame.y_of(0.0)),
        frame.text(place, frame.y_of(0.0) - 6, words, anchor=anchor, style="told"),
    ]
