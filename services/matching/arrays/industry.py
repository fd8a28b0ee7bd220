"""How close two industries are, by the International Standard Industrial Classification (ISIC Rev. 4)."""

from __future__ import annotations

from bisect import bisect_right

FIRST_DIVISIONS = {
    "A": 1, "B": 5, "C": 10, "D": 35, "E": 36, "F": 41, "G": 45, "H": 49, "I": 55, "J": 58, "K": 64,
    "L": 68, "M": 69, "N": 77, "O": 84, "P": 85, "Q": 86, "R": 90, "S": 94, "T": 97, "U": 99,
}  # fmt: skip
"""The first division of each section; divisions are numbered through."""

SAME, SAME_DIVISION, SAME_SECTION = 1.0, 0.75, 0.5
DIVISION = 2
"""Digits of a division; groups and classes refine it."""


def closeness(one: str, two: str) -> float:
    """1 for the same code, less for the same division or section only, 0 for different sections."""
    if one == two:
        return SAME
    if one[:DIVISION].isdigit() and one[:DIVISION] == two[:DIVISION]:
        return SAME_DIVISION
    return SAME_SECTION if section(one) == section(two) else 0.0


def section(code: str) -> str:
    """The section, A to U, of a code."""
    if code.isalpha():
        return code
    place = bisect_right(list(FIRST_DIVISIONS.values()), int(code[:DIVISION]))
    return list(FIRST_DIVISIONS)[max(0, place - 1)]
