"""HTTP of the calendars: the address of a person's feed, the feed itself, and a meeting's invitation.

The feed is the one thing here that is meant for others than trusted systems: who has its address may read it, and
nobody else learns from it who exists.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field
from sqlalchemy import Connection

from services.scheduling import feed_rows
from services.scheduling.caching import Kept, has_it
from services.scheduling.feed import Feed, entity_tag, rendered
from services.scheduling.feed_key import FILE_VARIABLE, FeedKey
from services.scheduling.invitation import invitation, method_of
from services.scheduling.templates import Calendars, opened
from shared.commands import Name
from shared.events.types import TOKEN_PATTERN
from shared.outcome import StoreTrouble
from shared.refusals import Refused, Refusing, answers
from shared.runtime import Runtime

BACK = timedelta(days=90)
"""How long a meeting that is over stays in a feed."""
KEPT = 32 << 20
"""Bytes of rendered feeds that a process keeps."""
_DATED = timedelta(seconds=2)
"""How old Date may be at most: the server renews it every second."""
_FRESH = {"Cache-Control": "private, max-age=300", "X-Robots-Tag": "noindex"}
_ASK_AGAIN = {"Cache-Control": "private, no-cache"}
_KEEP_NOWHERE = {"Cache-Control": "no-store"}
_CALENDAR: dict[str, Any] = {
    "response_class": Response,
    "responses": {
        200: {"content": {"text/calendar": {"schema": {"type": "string"}}}},
        304: {"description": "The reader has it already: `If-None-Match` names its `ETag`."},
    },
}


class FeedAddress(BaseModel):
    """Where a person's calendar stands. Whoever has it may read it."""

    url: str | None = Field(description="The whole address; null without MENTORING_PUBLIC_URL.")
    path: str = Field(description="Its path at the scheduling service.")
    generation: int = Field(description="How many addresses were withdrawn before.")


@dataclass(frozen=True, slots=True)
class _Shelf:
    """What the routes need beside the store."""

    runtime: Runtime
    calendars: Calendars
    key: FeedKey | None
    kept: Kept = field(default_factory=lambda: Kept(KEPT))


def feed_router(runtime: Runtime) -> APIRouter:
    """The routes, on a running service.

    Raises:
        BadSetting: the key or the file of templates cannot be used.
    """
    shelf = _Shelf(runtime, *opened(runtime.settings))
    routes = APIRouter(route_class=Refusing)
    _add_address(routes, shelf)
    _add_feed(routes, shelf)
    _add_invitation(routes, shelf)
    return routes


# -- the address --------------------------------------------------------------------------------


def _add_address(routes: APIRouter, shelf: _Shelf) -> None:
    told: dict[str, Any] = {"tags": ["queries"], "responses": answers(404, 409, 422)}

    @routes.get("/programs/{program}/persons/{person}/calendar", **told)
    async def calendar(program: Name, person: Name, answer: Response) -> FeedAddress:
        """The secret address of a person's calendar; `POST …/revoked/{person}` withdraws it."""
        answer.headers.update(_KEEP_NOWHERE)
        if shelf.key is None:
            raise Refused(409, FILE_VARIABLE, "no_calendar_key")

        def look(connection: Connection) -> int | None:
            if not feed_rows.is_known(connection, program, person):
                return None
            return feed_rows.subscriber(connection, program, person).generation

        generation = await shelf.runtime.read(look)
        if generation is None:
            raise Refused(404, "/person", "unknown_person")
        path = f"/calendar/{program}/{person}/{shelf.key.token(program, person, generation)}.ics"
        base = shelf.runtime.settings.public_url
        return FeedAddress(url=base and base + path, path=path, generation=generation)


# -- the feed -----------------------------------------------------------------------------------


def _add_feed(routes: APIRouter, shelf: _Shelf) -> None:
    path = "/calendar/{program}/{person}/{token}.ics"
    unknown = answers(404)

    @routes.head(path, include_in_schema=False)
    @routes.get(
        path, tags=["calendars"], **{**_CALENDAR, "responses": _CALENDAR["responses"] | unknown}
    )
    async def feed(program: str, person: str, token: str, request: Request) -> Response:
        """A person's meetings as an iCalendar feed, those of the last 90 days and all to come.

        404 for every address that is not right, whether or not there is such a person.
        """
        found = None
        if shelf.key is not None and all(map(_is_token, (program, person, token))):
            try:
                found = await _feed(shelf, shelf.key, program, person, token)
            except StoreTrouble:  # its words name hosts, and this path is open to the world
                return Response(status_code=503, headers=_KEEP_NOWHERE | {"Retry-After": "2"})
        if found is None or shelf.key is None:
            raise Refused(404, "/calendar", "unknown_calendar")
        tag = entity_tag(found, shelf.calendars.of(program), shelf.key)
        headers = _FRESH | {"ETag": tag} | _last_modified(found)
        if has_it(request.headers.getlist("If-None-Match"), tag):
            return Response(status_code=304, headers=headers)
        return _answer(request, await _text(shelf, shelf.key, found, tag), headers)


def _is_token(text: str) -> bool:
    return re.fullmatch(TOKEN_PATTERN, text) is not None


async def _feed(shelf: _Shelf, key: FeedKey, program: str, person: str, token: str) -> Feed | None:
    """The feed of that address; None when it is not right."""
    since = datetime.now(UTC) - BACK

    def look(connection: Connection) -> Feed | None:
        whose = feed_rows.subscriber(connection, program, person)
        if not key.fits(token, program, person, whose.generation):
            return None
        return feed_rows.feed_of(connection, program, person, whose.zone, since)

    found = await shelf.runtime.read(look)
    if found is None:
        return None
    templates = shelf.calendars.of(program)
    return replace(found, meetings=[templates.in_words(each) for each in found.meetings])


async def _text(shelf: _Shelf, key: FeedKey, found: Feed, tag: str) -> bytes:
    text = shelf.kept.get(tag)
    if text is None:
        templates = shelf.calendars.of(found.program)
        text = await asyncio.to_thread(rendered, found, templates, key)
        shelf.kept.put(tag, text)
    return text


def _last_modified(found: Feed) -> dict[str, str]:
    """For people who look, and never later than the answer's Date (RFC 9110, 8.8.2.1), as another host's clock may be.

    `If-Modified-Since` is passed over: a meeting that is 90 days old leaves at no such time.
    """
    at = found.changed_at
    if at is None or at > datetime.now(UTC) - _DATED:
        return {}
    return {"Last-Modified": format_datetime(at, usegmt=True)}


# -- an invitation ------------------------------------------------------------------------------


def _add_invitation(routes: APIRouter, shelf: _Shelf) -> None:
    path = "/programs/{program}/cycles/{cycle}/meetings/{meeting}/invitation.ics"
    refused = answers(404, 409, 422)

    @routes.head(path, include_in_schema=False)
    @routes.get(
        path, tags=["queries"], **{**_CALENDAR, "responses": _CALENDAR["responses"] | refused}
    )
    async def invitation_(program: Name, cycle: Name, meeting: Name, request: Request) -> Response:
        """What to send to both persons of a meeting as it stands: METHOD:REQUEST, or CANCEL when it is dropped."""
        exists, found = await shelf.runtime.read(
            lambda connection: feed_rows.appointment_of(connection, program, cycle, meeting)
        )
        if found is None:
            raise Refused(409 if exists else 404, "/meeting", _WHY_NOT[exists])
        templates = shelf.calendars.of(program)
        addresses = templates.addresses(found, shelf.key)
        text = await asyncio.to_thread(invitation, templates.in_words(found), addresses)
        tag = f'"{hashlib.blake2b(text, digest_size=16).hexdigest()}"'
        headers = _ASK_AGAIN | {"ETag": tag}
        if has_it(request.headers.getlist("If-None-Match"), tag):
            return Response(status_code=304, headers=headers)
        return _answer(request, text, headers, f"; method={method_of(found)}")


_WHY_NOT = {False: "unknown_meeting", True: "never_scheduled"}


def _answer(
    request: Request, text: bytes, headers: dict[str, str], parameters: str = ""
) -> Response:
    """The text, or for HEAD what it would be sent with."""
    return Response(
        b"" if request.method == "HEAD" else text,
        headers=headers | {"Content-Length": str(len(text))},
        media_type=f"text/calendar{parameters}; charset=utf-8",
    )
