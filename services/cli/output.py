"""How the command speaks: answers on stdout, everything else on stderr, and three exit codes.

0: as wished. 1: something was found, such as a bad line or a difference. 2: it could not be done.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Coroutine
from datetime import UTC, datetime
from typing import Any, TypeVar

import orjson
import typer
from rich.console import Console
from rich.text import Text

T = TypeVar("T")
FOUND = 1
FAILED = 2
INTERRUPTED = 130
MOST = 1_000_000
"""Of a list at most so many: a database does not take every number."""
_INSTANT_RULE = (
    "use an instant with its offset, such as 2026-03-01T09:00:00Z, between 1970 and 2261"
)
_FIRST, _END = datetime(1970, 1, 1, tzinfo=UTC), datetime(2262, 1, 1, tzinfo=UTC)
"""What NATS counts in nanoseconds of 64 bits; beyond it, it would begin elsewhere without a word."""


class Failure(Exception):
    """The command cannot do what it was asked; the words are for whoever typed it."""


class Answer(Console):
    """Where answers go. A reader who has seen enough and gone is no finding, which an exit code of 1 would mean."""

    def on_broken_pipe(self) -> None:
        """End quietly with 0."""
        try:
            super().on_broken_pipe()
        except SystemExit:
            raise SystemExit(0) from None


def out() -> Console:
    """Where answers go; wide when nobody looks, so that no line is folded for a program.

    Nothing is markup: brackets in what outsiders wrote would be taken for styles, or end the command.
    """
    console = Answer(highlight=False, markup=False)
    return console if console.is_terminal else Answer(highlight=False, markup=False, width=160)


def err() -> Console:
    """Where errors and progress go."""
    return Console(stderr=True, highlight=False, markup=False)


def print_json(answer: object) -> None:
    """An answer for programs: one JSON document on a line of its own."""
    typer.echo(orjson.dumps(answer, default=str).decode())


def say(words: str) -> None:
    """A word on what goes on, for people."""
    err().print(words, soft_wrap=True)


def say_error(words: str) -> None:
    """One error, in words."""
    err().print(Text.assemble(("error: ", "bold red"), words), soft_wrap=True)


def end(found: bool) -> None:
    """End with the exit code of a finding, when there is one."""
    if found:
        raise typer.Exit(FOUND)


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run asynchronous work; Ctrl-C ends it quietly."""
    try:
        return asyncio.run(work)
    except KeyboardInterrupt:
        with contextlib.suppress(OSError):
            err().print("interrupted", style="dim")
        raise typer.Exit(INTERRUPTED) from None


def read_instant(text: str | None) -> datetime | None:
    """An option's instant, RFC 3339.

    Raises:
        typer.BadParameter: it is none, has no offset, or lies where the log cannot.
    """
    if text is None:
        return None
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(_INSTANT_RULE) from None
    if instant.tzinfo is None or not _FIRST <= instant < _END:
        raise typer.BadParameter(_INSTANT_RULE)
    return instant.astimezone(UTC)


def read_token(text: str | None) -> str | None:
    """An option's program, key or event word: it becomes a part of a NATS subject.

    Raises:
        typer.BadParameter: it is no token.
    """
    if text is not None and not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", text):
        raise typer.BadParameter("must be 1 to 64 of A-Z a-z 0-9 _ -")
    return text
