"""The memory curves as a small SVG, readable on light and dark pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil

from tests.bench.replay.measure import Sample

_WIDTH, _HEIGHT = 640, 260
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 100, 16, 36
_COLOURS = ("#2b7fd3", "#d9822b", "#3f9e5a")
_STYLE = (
    "text{font:12px system-ui,sans-serif;fill:#444}line{stroke:#8886}"
    "@media(prefers-color-scheme:dark){text{fill:#ccc}}"
)


def curves(found: Mapping[str, Sequence[Sample]]) -> str:
    """An SVG: resident MB against events, a line for each name."""
    events = max(sample.events for curve in found.values() for sample in curve) or 1
    most = max(sample.megabytes for curve in found.values() for sample in curve)
    top = ceil(most / 50) * 50
    parts = [*_grid(events, top)]
    for curve, colour in zip(found.values(), _COLOURS, strict=False):
        points = [(_x(each.events, events), _y(each.megabytes, top)) for each in curve]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        parts.append(
            f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.8"/>'
        )
    parts += _names(found)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        f'aria-label="Resident memory against events folded"><style>{_STYLE}</style>'
        f"{''.join(parts)}</svg>\n"
    )


def _grid(events: int, top: int) -> list[str]:
    parts = []
    for step in range(5):
        value, height = top * step / 4, _y(top * step / 4, top)
        parts.append(f'<line x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{height}" y2="{height}"/>')
        parts.append(f'<text x="{_LEFT - 8}" y="{height + 4}" text-anchor="end">{value:.0f}</text>')
        at = _x(events * step / 4, events)
        words = f"{events * step / 4:,.0f}"
        parts.append(f'<text x="{at}" y="{_HEIGHT - 14}" text-anchor="middle">{words}</text>')
    return [*parts, f'<text x="4" y="{_TOP}">MB</text>']


def _names(found: Mapping[str, Sequence[Sample]]) -> list[str]:
    """A legend beside the lines, which often lie on each other."""
    return [
        f'<rect x="{_WIDTH - _RIGHT + 10}" y="{_TOP + 20 * at}" width="10" height="10" fill="{colour}"/>'
        f'<text x="{_WIDTH - _RIGHT + 25}" y="{_TOP + 9 + 20 * at}">{name}</text>'
        for at, (name, colour) in enumerate(zip(found, _COLOURS, strict=False))
    ]


def _x(events: float, most: float) -> float:
    return _LEFT + (_WIDTH - _LEFT - _RIGHT) * events / most


def _y(megabytes: float, top: float) -> float:
    return _HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * megabytes / top
