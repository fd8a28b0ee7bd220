"""Small plots of one line, for a terminal."""

from __future__ import annotations

_FULL, _EIGHTHS = "█", " ▏▎▍▌▋▊▉"
_EMPTY = "·"


def bar(share: float, width: int = 10) -> str:
    """A share in [0, 1] as a bar of this width, to an eighth of a character; what is missing is dotted."""
    eighths = round(max(0.0, min(1.0, share)) * width * 8)
    whole, rest = divmod(eighths, 8)
    drawn = _FULL * whole + (_EIGHTHS[rest] if rest else "")
    return drawn + _EMPTY * (width - len(drawn))
