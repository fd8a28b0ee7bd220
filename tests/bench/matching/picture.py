"""Seconds of each contestant as a small SVG with a logarithmic scale, readable on light and dark pages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from math import ceil, floor, log10

from tests.bench.matching.field import ENTRANTS
from tests.bench.matching.results import Measured

_LEFT, _PLOT, _RIGHT, _TOP, _BAR = 250, 420, 160, 30, 22
_OURS, _OTHERS = "#2b7fd3", "#d9822b"
_STYLE = (
    "text{font:12px system-ui,sans-serif;fill:#444}.t{font-weight:600}line{stroke:#8886}"
    "@media(prefers-color-scheme:dark){text{fill:#ccc}}"
)


def bars(found: Sequence[Measured]) -> str:
    """An SVG: for each market a bar for each contestant that ended, with its share of the bound behind it."""
    seconds = [each for market in found for each in _seconds(market).values()]
    low, high = floor(log10(min(seconds))), max(1, ceil(log10(max(seconds))))
    parts, height = [], _TOP
    for market in found:
        group = list(_group(market, height, low, high))
        parts += group
        height += _BAR * (len(_seconds(market)) + 2)
    width = _LEFT + _PLOT + _RIGHT
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
        f'aria-label="Seconds of each contestant, logarithmic"><style>{_STYLE}</style>'
        f"{''.join([*_grid(low, high, height), *parts])}</svg>\n"
    )


def _seconds(market: Measured) -> dict[str, float]:
    found = {each.name: market.entries.get(each.name) for each in ENTRANTS}
    return {name: entry.seconds for name, entry in found.items() if entry and entry.seconds}


def _grid(low: int, high: int, height: int) -> Iterator[str]:
    for power in range(low, high + 1):
        at = _x(10.0**power, low, high)
        yield f'<line x1="{at:.1f}" x2="{at:.1f}" y1="{_TOP - 8}" y2="{height - _BAR}"/>'
        yield f'<text x="{at:.1f}" y="{_TOP - 14}" text-anchor="middle">{10.0**power:g} s</text>'


def _group(market: Measured, top: int, low: int, high: int) -> Iterator[str]:
    yield f'<text class="t" x="4" y="{top + 15}">{escape(market.setting.name)}</text>'
    for at, (name, seconds) in enumerate(_seconds(market).items(), 1):
        y, right = top + at * _BAR, _x(seconds, low, high)
        colour = _OURS if name in _OWN else _OTHERS
        share = market.share(name)
        words = f"{seconds:.3g} s" + (
            f", {floor(share * 1000) / 1000:.3f} of the bound" if share is not None else ""
        )
        yield f'<text x="{_LEFT - 8}" y="{y + 15}" text-anchor="end">{escape(_TITLES[name])}</text>'
        yield (
            f'<rect x="{_LEFT}" y="{y + 3}" width="{max(1.0, right - _LEFT):.1f}" height="{_BAR - 6}" '
            f'fill="{colour}"/>'
        )
        yield f'<text x="{right + 6:.1f}" y="{y + 15}">{words}</text>'


def _x(seconds: float, low: int, high: int) -> float:
    return _LEFT + _PLOT * (log10(seconds) - low) / (high - low)


_TITLES = {each.name: each.title.replace("*", "").replace("`", "") for each in ENTRANTS}
_OWN = frozenset(each.name for each in ENTRANTS if each.is_ours)
