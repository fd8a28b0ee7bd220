"""`mentoring token`: a bearer token for feedback's HTTP interface, signed with the secret that checks it."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated

import typer

from services.cli.options import DEFAULT_DIR, Dir
from services.cli.output import Failure, read_token
from services.cli.place import Folder
from shared.settings import Settings, from_environment

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_LONGEST = timedelta(days=366)


def read_span(text: str) -> timedelta:
    """A span such as `30m`, `1h` or `7d`.

    Raises:
        typer.BadParameter: it is none, or longer than a year.
    """
    found = re.fullmatch(r"([1-9]\d{0,8})([smhd])", text)
    span = timedelta(**{_UNITS[found[2]]: int(found[1])}) if found else None
    if span is None or span > _LONGEST:
        raise typer.BadParameter("must be a number and s, m, h or d, such as 1h; at most 366d")
    return span


def read_roles(given: Sequence[str]) -> Sequence[str]:
    """The roles, each once, in their own order.

    Raises:
        typer.BadParameter: one is not known.
    """
    from shared.identity import ROLES

    if not set(given) <= set(ROLES):
        raise typer.BadParameter(f"must be one of {', '.join(ROLES)}")
    return [role for role in ROLES if role in given]


def token(
    program: Annotated[str, typer.Argument(callback=read_token, help="The program.")],
    subject: Annotated[
        str,
        typer.Argument(
            callback=read_token,
            help="The person's id in the program, or the name of a system, coordinator or operator.",
        ),
    ],
    role: Annotated[
        list[str],
        typer.Option(
            "--role",
            callback=read_roles,
            metavar="ROLE",
            help="person, coordinator, system or operator; may be given several times.",
        ),
    ],
    lasting: Annotated[
        timedelta,
        typer.Option(
            "--for", parser=read_span, metavar="SPAN", help="How long, such as 30m or 7d."
        ),
    ] = "1h",  # type: ignore[assignment]  # Typer parses it as it parses what is given
    folder: Dir = DEFAULT_DIR,
) -> None:
    """Print a bearer token for feedback's HTTP interface.

    For development, and for operators; persons get theirs from whatever signs them in. It is signed with the
    secret that MENTORING_TOKEN_KEY_FILE or MENTORING_TOKEN_KEY name, else with that of the folder of
    `mentoring up`. Whoever has the token may do what it says until it has expired: nothing withdraws it.

    For example:

        mentoring token spring-2030 p-mentee --role person
        mentoring token spring-2030 c-lee --role coordinator --for 8h
    """
    settings = _settings(folder)
    now = int(time.time())
    claims = {
        "sub": subject,
        "program": program,
        "roles": role,
        "iat": now,
        "exp": now + int(lasting.total_seconds()),
        **({"iss": settings.token_issuer} if settings.token_issuer else {}),
        **({"aud": settings.token_audience} if settings.token_audience else {}),
    }
    typer.echo(_signed(settings, claims))


def _settings(folder: Dir) -> Settings:
    """The environment's, with the secret of the folder where it names none."""
    from dataclasses import replace

    settings, place = from_environment("feedback"), Folder(folder)
    if settings.token_key_file or settings.token_key:
        return settings
    if not place.token_key.exists():
        raise Failure(
            f"there is no {place.token_key}: give the folder of `mentoring up` with --dir, "
            "or set MENTORING_TOKEN_KEY_FILE"
        )
    return replace(settings, token_key_file=place.token_key)


def _signed(settings: Settings, claims: dict[str, object]) -> str:
    import jwt

    from shared.token_keys import read_keys

    key = read_keys(settings.token_key_file, settings.token_key)[0]
    if key.signs is None:
        raise Failure(
            "tokens are checked with a public key here: only who has the private key can issue one"
        )
    return jwt.encode(claims, key.signs, key.algorithm)
