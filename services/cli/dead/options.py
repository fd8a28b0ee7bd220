"""Options that the dead-letter commands have in common."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated

import typer

from services.cli.output import Failure, read_token

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_AGE = re.compile(r"([0-9]{1,6})([smhdw])")
_CODE = re.compile(r"[a-z][a-z0-9_.-]{0,63}")
MAX_SEQ = 2**63 - 1


def read_age(text: str | None) -> timedelta | None:
    """An age: a number and one of s, m, h, d, w.

    Raises:
        Failure: it is none.
    """
    if text is None:
        return None
    found = _AGE.fullmatch(text)
    if found is None:
        raise Failure(f"an age is a number and s, m, h, d or w, such as 90m or 2d, not {text!r}")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def _code(text: str) -> str:
    if not _CODE.fullmatch(text):
        raise typer.BadParameter(
            "must be 1 to 64 of a-z 0-9 _ . -, a letter first: it stands in the log"
        )
    return text


Key = Annotated[
    str | None,
    typer.Option("--key", "-k", callback=read_token, help="Only this key: a cycle, a person."),
]
Word = Annotated[
    str | None,
    typer.Option("--event", "-e", callback=read_token, help="Only this word, such as paired."),
]
Error = Annotated[
    str | None,
    typer.Option("--error", help="Only this rule, or error of a parked one, such as KeyError."),
]
Older = Annotated[
    str | None, typer.Option(metavar="AGE", help="Only what was stored longer ago, such as 2d.")
]
Newer = Annotated[
    str | None, typer.Option(metavar="AGE", help="Only what was stored since then, such as 90m.")
]
Seqs = Annotated[
    list[int] | None,
    typer.Argument(
        metavar="[SEQ]…", min=1, max=MAX_SEQ, help="Only the events at these sequences."
    ),
]
All = Annotated[bool, typer.Option("--all", help="All that the other options leave.")]
Limit = Annotated[
    int | None, typer.Option("--limit", "-n", min=1, help="At most so many, the oldest first.")
]
Patience = Annotated[
    float, typer.Option(min=0, help="Seconds that the service may take to fold what was said.")
]
Code = Annotated[
    str, typer.Option("--code", callback=_code, help="Why, as a code; it stands in the log.")
]
