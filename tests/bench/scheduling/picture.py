"""Plans a second of each contestant as a small SVG with a logarithmic scale, readable on light and dark pages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from math import ceil, floor, log10

from tests.bench.scheduling.field import ENTRANTS, OURS
from tests.bench.scheduling.results import Measured

_LEFT, _PLOT, _RIGHT, _TOP, _BAR = 250, 420, 160, 30, 22
_COLOURS = {True: "#2b7fd3", False: "#d9822b"}
_STYLE = (
    "text{font:12px system-ui,sans-serif;fill:#444}.t{font-weight:600}line{stroke:#8886}"
    "@media(prefers-color-scheme:dark){text{fill:#ccc}}"
)


def bars(measured: Sequence[Measured]) -> str:
    """An SVG: for each program a bar for each contestant."""
    found = [(each, _rates(each)) for each in measured]
    rates = [rate for _, each in found for rate in each.values()]
    scale = floor(log10(min(rates))), ceil(log10(max(rates)))
    parts: list[str] = []
    height = _TOP
    for each, theirs in found:
        parts += _group(each.setting.name, theirs, height, scale)
        height += _BAR * (len(theirs) + 2)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_LEFT + _PLOT + _RIGHT} {height}" role="img" '
        f'aria-label="Plans a second of each contestant, logarithmic"><style>{_STYLE}</style>'
        f"{''.join([*_grid(scale, height), *parts])}</svg>\n"
    )


def _rates(measured: Measured) -> dict[str, float]:
    rates = {entrant.name: measured.rate(entrant.name) for entrant in ENTRANTS}
    return {name: rate for name, rate in rates.items() if rate}


def _grid(scale: tuple[int, int], height: int) -> Iterator[str]:
    for power in range(scale[0], scale[1] + 1):
        at = _x(10.0**power, scale)
        yield f'<line x1="{at:.1f}" x2="{at:.1f}" y1="{_TOP - 8}" y2="{height - _BAR}"/>'
        yield f'<text x="{at:.1f}" y="{_TOP - 14}" text-anchor="middle">{10.0**power:g}/s</text>'


def _group(title: str, rates: dict[str, float], top: int, scale: tuple[int, int]) -> Iterator[str]:
    yield f'<text class="t" x="4" y="{top + 15}">{escape(title)}</text>'
    for at, (name, rate) in enumerate(rates.items(), 1):
        y, right = top + at * _BAR, _x(rate, scale)
        yield f'<text x="{_LEFT - 8}" y="{y + 15}" text-anchor="end">{escape(_TITLES[name])}</text>'
        yield (
            f'<rect x="{_LEFT}" y="{y + 3}" width="{max(1.0, right - _LEFT):.1f}" height="{_BAR - 6}" '
            f'fill="{_COLOURS[name == OURS]}"/>'
        )
        yield f'<text x="{right + 6:.1f}" y="{y + 15}">{rate:,.3g} plans/s</text>'


def _x(rate: float, scale: tuple[int, int]) -> float:
    low, high = scale
    return _LEFT + _PLOT * (log10(rate) - low) / (high - low)


_TITLES = {each.name: each.title.replace("*", "").replace("`", "") for each in ENTRANTS}
