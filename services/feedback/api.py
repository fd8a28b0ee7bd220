"""HTTP: what is confidential comes in here, is sealed, and only then goes to the log.

Nothing that a request holds is ever repeated in an answer or written to a log.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Response

from services.feedback.find import other, side_of
from services.feedback.keyring import KeyRing, PersonErased
from services.feedback.messages import (
    IdempotencyKey,
    NewErasure,
    NewNote,
    NewReview,
    Outcome,
    Quiet,
    Refused,
    RevealedReview,
)
from services.feedback.model import Cycle, Revealed, Review, Side
from services.feedback.reveal import form_of, place_of
from services.feedback.sealing import Contents, Place, TooLong
from services.feedback.store import Reading
from shared.commands import SOURCE, add_commands
from shared.events.envelope import Event, EventData
from shared.events.outside import Agreed, Erased, Left, Noted, Progressed, Submitted, Withdrawn
from shared.events.rules import Form
from shared.events.types import Token
from shared.runtime import Runtime
from shared.world import World

OPEN: tuple[type[EventData], ...] = (Agreed, Withdrawn, Left, Progressed)
"""What may be said in the open; the rest is sealed first."""
_KEYS = uuid.uuid5(uuid.NAMESPACE_URL, "urn:mentoring:idempotency")


def router(runtime: Runtime, ring: Callable[[], KeyRing]) -> APIRouter:
    """Feedback's commands and queries."""
    routes = APIRouter(tags=["feedback"], route_class=Quiet)
    answers: dict[int | str, dict[str, Any]] = {
        202: {"model": Outcome, "description": "In the log, not folded yet."},
        409: {"model": Outcome, "description": "Refused: the rule and the field."},
    }

    @routes.post("/reviews", responses=answers)
    async def review(
        new: NewReview, response: Response, idempotency_key: IdempotencyKey = None
    ) -> Outcome:
        """Submit a review; it stays sealed until both sides are in or the deadline has passed."""
        cycle, form = await runtime.read(lambda connection: _asked(World(Reading(connection)), new))
        _check_ratings(form, new.ratings)
        author, subject = _sides(cycle, new.side)
        place = place_of(cycle, new.meeting, new.side, new.form)
        sealed = await _sealed(ring, author, subject, place, Contents(new.ratings, new.text))
        data = Submitted(meeting=new.meeting, side=new.side, form=new.form, sealed=sealed)
        event = _event(new.program, new.cycle, data, idempotency_key)
        return await _append(runtime, event, response)

    @routes.post("/notes", responses=answers)
    async def note(
        new: NewNote, response: Response, idempotency_key: IdempotencyKey = None
    ) -> Outcome:
        """Keep a note, sealed under the keys of its author and of whom it is about."""
        cycle = await runtime.read(
            lambda connection: _known(World(Reading(connection)), new.program, new.cycle)
        )
        about = new.about or new.by
        for name, person in (("by", new.by), ("about", about)):
            if side_of(cycle, person) is None:
                raise Refused(409, "not_in_pair", f"/{name}")
        key = idempotency_key or uuid.uuid4().hex
        name = new.note or _id("note", new.program, key).hex
        place = Place(new.program, new.cycle, "note", name, new.by, new.kind)
        sealed = await _sealed(ring, new.by, about, place, Contents(text=new.text))
        data = Noted(note=name, kind=new.kind, by=new.by, about=new.about, sealed=sealed)
        return await _append(runtime, _event(new.program, new.cycle, data, key), response)

    @routes.post("/erasures", responses=answers)
    async def erase(
        new: NewErasure, response: Response, idempotency_key: IdempotencyKey = None
    ) -> Outcome:
        """Delete the key of a person who has left: what they wrote, and what was written about them, is gone."""
        data = Erased(person=new.person, effective_at=datetime.now(UTC))
        event = _event(new.program, new.person, data, idempotency_key)
        return await _append(runtime, event, response)

    @routes.get("/programs/{program}/cycles/{cycle}/reviews")
    async def reviews(
        program: Token, cycle: Token, side: Annotated[Side, Query(description="Who asks.")]
    ) -> list[RevealedReview]:
        """The revealed reviews of a cycle; who was silent does not see what the other side said."""
        found = await runtime.read(
            lambda connection: _revealed(World(Reading(connection)), program, cycle)
        )
        return [_as_seen_by(side, *one) for one in found]

    add_commands(routes, runtime, OPEN)
    return routes


def _known(world: World, program: str, cycle: str) -> Cycle:
    found = world.get(Cycle, program, cycle)
    if found is None:
        raise Refused(409, "unknown_cycle", "/cycle")
    return found


def _asked(world: World, new: NewReview) -> tuple[Cycle, Form]:
    """The cycle, and the form that was filled in."""
    cycle = _known(world, new.program, new.cycle)
    form = form_of(world, cycle, new.meeting, new.side, new.form)
    if form is None:
        raise Refused(409, "not_a_form_for_this", "/form")
    return cycle, form


def _check_ratings(form: Form, ratings: dict[str, int]) -> None:
    items = {item.id: item for item in form.items}
    for name, value in ratings.items():
        item = items.get(name)
        if item is None:
            raise Refused(422, "not_asked_by_the_form", "/ratings")
        if not item.min <= value <= item.max:
            raise Refused(422, f"must_be_{item.min}_to_{item.max}", f"/ratings/{name}")


def _sides(cycle: Cycle, side: Side) -> tuple[str, str]:
    """Author and subject of what this side says."""
    author, subject = cycle.person(side), cycle.person(other(side))
    if author is None or subject is None:
        raise Refused(409, "not_paired", "/cycle")
    return author, subject


async def _sealed(
    ring: Callable[[], KeyRing], author: str, subject: str, place: Place, contents: Contents
) -> str:
    try:
        return await asyncio.to_thread(lambda: ring().seal(author, subject, place, contents))
    except PersonErased as error:
        raise Refused(409, "erased", "/cycle") from error
    except TooLong as error:
        raise Refused(422, "too_long", "/text") from error


def _id(*parts: str) -> uuid.UUID:
    return uuid.uuid5(_KEYS, "/".join(parts))


def _event(program: str, key: str, data: EventData, idempotency_key: str | None) -> Event:
    """The command as an event; a retry under the same idempotency key has the same id."""
    once = idempotency_key or uuid.uuid4().hex
    event_id = str(_id(data.WORD, program, key, once))
    return Event(event_id, SOURCE, program, key, datetime.now(UTC), data)


async def _append(runtime: Runtime, event: Event, response: Response) -> Outcome:
    appended = await runtime.append(event)
    response.status_code = appended.status
    return Outcome(seq=appended.seq, rule=appended.rule, field=appended.field)


def _revealed(world: World, program: str, cycle: str) -> list[tuple[Review, Revealed]]:
    if world.get(Cycle, program, cycle) is None:
        raise HTTPException(404, "there is no such cycle")
    found = world.where(Review, program=program, cycle=cycle, status="revealed")
    return [(review, review.state) for review in found if isinstance(review.state, Revealed)]


def _as_seen_by(side: Side, review: Review, revealed: Revealed) -> RevealedReview:
    seen = {side} if side in revealed.missing else {side, other(side)}
    ratings: dict[str, dict[str, int]] = {
        who: dict(items) for who, items in revealed.ratings.items() if who in seen
    }
    return RevealedReview(
        meeting=review.meeting, by=revealed.by, missing=list(revealed.missing), ratings=ratings
    )
