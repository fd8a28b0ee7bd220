"""HTTP: what is confidential comes in here, is sealed, and only then goes to the log.

Nothing that a request holds is ever repeated in an answer or written to a log.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Response

from services.feedback import forms, judge
from services.feedback.access import acting, side_for
from services.feedback.find import forms_of, other, side_of
from services.feedback.keyring import KeyDamaged, KeyRing, PersonErased
from services.feedback.messages import IdempotencyKey, NewErasure, NewNote, NewReview
from services.feedback.model import CLOSING, Cycle, Meeting, Note, Side
from services.feedback.note_view import words_of
from services.feedback.reveal import place_of
from services.feedback.sealing import Contents, Place, TooLong
from services.feedback.store import Reading
from services.feedback.unsealing import for_readers
from shared.commands import OUTCOMES, SOURCE, ToldRefused, told
from shared.events.envelope import Event, EventData
from shared.events.outside import Erased, Noted, Submitted
from shared.events.rules import Form
from shared.identity import Caller, Identity
from shared.refusals import Refusal, Refused, answers
from shared.runtime import Runtime
from shared.world import World

logger = logging.getLogger("mentoring.feedback")
_KEYS = uuid.uuid5(uuid.NAMESPACE_URL, "urn:mentoring:idempotency")
_ANSWERS: dict[int | str, dict[str, Any]] = {
    **answers(401, 403, 503),
    **OUTCOMES,
    409: {"model": ToldRefused | Refusal, "description": "Refused: the rule and the field."},
}


@dataclass(frozen=True, slots=True)
class Submissions:
    """Seals what comes in, and says it."""

    runtime: Runtime
    ring: Callable[[], KeyRing]

    async def review(self, caller: Identity, new: NewReview, once: str | None) -> Event:
        """A review as `submitted`, sealed."""
        caller.require_program(new.program)
        by = acting(caller, new.by)
        cycle, side, subject, form = await self.runtime.read(
            lambda connection: _asked(World(Reading(connection)), caller, new, by)
        )
        if refusal := forms.check(form, new.ratings, new.texts):
            raise Refused(422, refusal.field, refusal.rule)
        contents = Contents(ratings=new.ratings, texts=new.texts)
        place = place_of(cycle, new.meeting, side, form.id)
        sealed = await self._sealed(by, subject, place, contents, "/texts")
        data = Submitted(meeting=new.meeting, side=side, form=form.id, sealed=sealed)
        return _event(new.program, new.cycle, data, by, once, new.meeting)

    async def note(self, caller: Identity, new: NewNote, once: str | None) -> Event:
        """A note as `noted`, sealed under the keys of its author and of whom it is about."""
        caller.require_program(new.program)
        by = acting(caller, new.by)
        once = once or uuid.uuid4().hex
        name = new.note or _id("note", new.program, new.cycle, by, once).hex
        known = await self.runtime.read(
            lambda connection: _noted(World(Reading(connection)), caller, new, by, name)
        )
        contents = Contents(text=await self._words(new, known))
        place = Place(new.program, new.cycle, "note", name, by, new.kind)
        sealed = await self._sealed(by, new.about or by, place, contents, "/text")
        data = Noted(
            note=name,
            kind=new.kind,
            by=by,
            about=new.about,
            sealed=sealed,
            goal=new.goal,
            due_on=new.due_on,
            done=new.done,
            audience=new.audience,
        )
        return _event(new.program, new.cycle, data, by, once, name)

    async def erasure(self, caller: Identity, new: NewErasure, once: str | None) -> Event:
        """An erasure as `erased`; only when it will not be refused, for the other services do not wait for the judge."""
        caller.require_program(new.program)
        caller.require("coordinator", "operator", "system")
        data = Erased(person=new.person, effective_at=datetime.now(UTC))
        event = _event(new.program, new.person, data, caller.person, once)
        refusal = await self.runtime.read(
            lambda connection: judge.erased(World(Reading(connection)), event, data)
        )
        if refusal:
            raise Refused(409, "/person", refusal.rule)
        return event

    async def _words(self, new: NewNote, known: Note | None) -> str:
        """What the note says: what is sent, or what it said before."""
        if new.text is not None:
            return new.text
        if known is None:
            raise Refused(422, "/text", "required")
        before = await asyncio.to_thread(words_of, for_readers(self.ring), known)
        if before is None:
            raise Refused(409, "/text", "unreadable")
        return before.text

    async def _sealed(
        self, author: str, subject: str, place: Place, contents: Contents, field: str
    ) -> str:
        try:
            return await asyncio.to_thread(
                lambda: self.ring().seal(author, subject, place, contents)
            )
        except PersonErased as error:
            raise Refused(409, "/cycle", "erased") from error
        except KeyDamaged as error:
            logger.warning("nothing is sealed: %s; restore it from a backup of the key ring", error)
            raise Refused(503, "", "key_damaged", {"Retry-After": "600"}) from error
        except TooLong as error:
            raise Refused(422, field, "too_long") from error

    async def append(self, event: Event) -> Response:
        """Say it, and wait until it is folded."""
        return told(event, await self.runtime.append(event))


def add_submissions(routes: APIRouter, runtime: Runtime, ring: Callable[[], KeyRing]) -> None:
    """Add the commands whose words are sealed, and the erasure of a person."""
    entry = Submissions(runtime, ring)

    @routes.post("/reviews", responses=_ANSWERS, tags=["commands"])
    async def review(
        new: NewReview, caller: Caller, idempotency_key: IdempotencyKey = None
    ) -> Response:
        """Submit a review; it stays sealed until both sides are in or the deadline has passed."""
        return await entry.append(await entry.review(caller, new, idempotency_key))

    @routes.post("/notes", responses=_ANSWERS, tags=["commands"])
    async def note(
        new: NewNote, caller: Caller, idempotency_key: IdempotencyKey = None
    ) -> Response:
        """Keep a note, sealed; or replace one of the same author."""
        return await entry.append(await entry.note(caller, new, idempotency_key))

    @routes.post("/erasures", responses=_ANSWERS, tags=["commands"])
    async def erase(
        new: NewErasure, caller: Caller, idempotency_key: IdempotencyKey = None
    ) -> Response:
        """Delete the key of a person who has left: what they wrote, and what was written about them, is gone."""
        return await entry.append(await entry.erasure(caller, new, idempotency_key))


def _asked(
    world: World, caller: Identity, new: NewReview, by: str
) -> tuple[Cycle, Side, str, Form]:
    """The cycle, the side that reviews, whom, and the form that was filled in."""
    cycle, side = side_for(caller, world.get(Cycle, new.program, new.cycle), by)
    subject = cycle.person(other(side))
    if subject is None:
        raise Refused(409, "/cycle", "not_paired")
    if new.meeting != CLOSING and not world.get(Meeting, new.program, new.cycle, new.meeting):
        raise Refused(409, "/meeting", "unknown_meeting")
    may_fill_in = forms_of(world, cycle, new.meeting, side)
    if new.form is None and len(may_fill_in) > 1:
        raise Refused(422, "/form", "required")
    for form in may_fill_in:
        if new.form in {None, form.id}:
            return cycle, side, subject, form
    raise Refused(409, "/form", "not_a_form_for_this")


def _noted(world: World, caller: Identity, new: NewNote, by: str, name: str) -> Note | None:
    """The author's note that is replaced, if there is one."""
    cycle, _ = side_for(caller, world.get(Cycle, new.program, new.cycle), by)
    if new.about is not None and side_of(cycle, new.about) is None:
        raise Refused(409, "/about", "not_in_pair")
    known = world.get(Note, new.program, new.cycle, name)
    return known if known and known.by == by else None


def _id(*parts: str) -> uuid.UUID:
    return uuid.uuid5(_KEYS, "/".join(parts))


def _event(
    program: str, key: str, data: EventData, by: str, once: str | None, of: str = ""
) -> Event:
    """The command as an event; a retry in the same name under the same idempotency key has the same id.

    `of` is the meeting or note: words about another one are never taken for a retry, and lost.
    """
    event_id = str(_id(data.WORD, program, key, by, of, once or uuid.uuid4().hex))
    return Event(event_id, SOURCE, program, key, datetime.now(UTC), data)
