"""What benchmarks read from their command lines."""

from __future__ import annotations

import argparse


def whole_number(text: str) -> int:
    """Read a whole number of at least 1; commas and underscores may part its thousands.

    Raises:
        ArgumentTypeError: it is less.
        ValueError: it is none.
    """
    found = int(text.replace(",", "").replace("_", ""))
    if found < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return found
