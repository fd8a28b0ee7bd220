"""Commands that change something: who acts, why, and whether it is meant."""

from __future__ import annotations

import getpass
import os
import re
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from services.cli.output import INTERRUPTED, Failure


def read_words(text: str) -> str:
    """Words as every database and JSON take them: what is no text in them is written out."""
    return text.encode("utf-8", "backslashreplace").decode()


By = Annotated[
    str | None,
    typer.Option(
        "--by",
        envvar="MENTORING_OPERATOR",
        metavar="NAME",
        help="Who acts, for the record; else the user of this machine.",
    ),
]
Reason = Annotated[
    str,
    typer.Option("--reason", callback=read_words, help="Why, in words; kept in the audit log."),
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do it without asking.")]
_UNFIT = re.compile(r"[^A-Za-z0-9_-]")


def operator(by: str | None) -> str:
    """Who acts: the name given, else the user of this machine. It is in the log: a token, 64 characters at most.

    Raises:
        Failure: a name was given that is no token, or nobody knows one.
    """
    if by is not None:
        if _UNFIT.search(by) or not 0 < len(by) <= 64:  # noqa: PLR2004 - a token's length
            raise Failure("--by: must be 1 to 64 of A-Z a-z 0-9 _ -: it stands in the log")
        return by
    try:
        return _UNFIT.sub("-", getpass.getuser())[:64] or f"uid-{os.getuid()}"
    except (OSError, KeyError):  # a container's user often has no name
        return f"uid-{os.getuid()}"


def confirm(question: str, *, yes: bool) -> None:
    """Ask, unless it was said already.

    Raises:
        Failure: nobody can be asked.
        typer.Exit: the answer is no, and the exit code 1; or Ctrl-C, and it is 130.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise Failure("nobody is there to ask: say --yes")
    with _ended_at_once():
        sure = typer.confirm(question, err=True)
    if not sure:
        raise typer.Exit(1)


@contextmanager
def _ended_at_once() -> Iterator[None]:
    """Let Ctrl-C end a question: asyncio's own handler would wait until the question is answered.

    Raises:
        typer.Exit: Ctrl-C, or nothing more comes in.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    except typer.Abort as error:
        interrupted = isinstance(error.__context__, KeyboardInterrupt)
        raise typer.Exit(INTERRUPTED if interrupted else 1) from None
    finally:
        signal.signal(signal.SIGINT, before)
