"""Asking the running scheduling service: what follows from a key that it alone has."""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from services.cli.output import Failure
from services.cli.place import Folder

ServiceUrl = Annotated[
    str | None,
    typer.Option(
        "--service",
        envvar="MENTORING_HEALTH_URL",
        metavar="URL",
        help="Where scheduling answers, such as http://{service}:8000; else the one of `mentoring up`.",
    ),
]
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
"""Without the environment's proxies: what is asked is ours."""
_PATIENCE = 15.0
_GOOD = 300


@dataclass(frozen=True, slots=True)
class Told:
    """An answer of the service."""

    status: int
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        """The body, which the service always gives so but for a calendar."""
        found: dict[str, Any] = orjson.loads(self.body)
        return found

    @property
    def good(self) -> bool:
        """Whether it is what was asked for."""
        return self.status < _GOOD


def service_url(given: str | None, folder: Path) -> str:
    """Where scheduling answers.

    Raises:
        Failure: nobody says, or what is said is no address.
    """
    if given:
        return _url(given.replace("{service}", "scheduling"))
    place = Folder(folder)
    told = place.addresses() if place.running() else None
    if told is None:
        raise Failure(f"no `mentoring up` runs in {place.path}: say --service where it answers")
    return told.services["scheduling"].url


def _url(given: str) -> str:
    if not given.startswith(("http://", "https://")):
        raise Failure(
            "--service: must begin with http:// or https://, such as http://127.0.0.1:8002"
        )
    return given.rstrip("/")


def ask(url: str, body: object | None = None) -> Told:
    """GET, or POST of a body as JSON.

    Raises:
        Failure: nobody answers.
    """
    data = None if body is None else orjson.dumps(body)
    asked = urllib.request.Request(url, data, {"Content-Type": "application/json"})  # noqa: S310 - the operator's own
    try:
        with _OPENER.open(asked, timeout=_PATIENCE) as answer:
            return Told(answer.status, answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return Told(error.code, error.read())
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise Failure(f"scheduling does not answer at {url}: {error}") from error


def refused(told: Told) -> Failure:
    """Says which rule a request broke, and in which field."""
    try:
        return Failure(f"scheduling refuses: {told.json['field']}: {told.json['rule']}")
    except (ValueError, KeyError, TypeError):
        return Failure(f"scheduling answers {told.status}")
