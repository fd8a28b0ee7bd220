"""What the HTTP interface takes and gives, and how it refuses: field and rule, never what was sent."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Annotated, Any, Literal

from fastapi import Header, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from pydantic import BaseModel, Field

from services.feedback.model import CLOSING, Side
from shared.events.types import Rating, Token
from shared.outcome import StoreTrouble

MAX_TEXT = 8000

IdempotencyKey = Annotated[
    str | None,
    Header(
        min_length=1,
        max_length=256,
        description="Repeated by a retry, so that it is not a second command.",
    ),
]
Kind = Literal["introduction", "resource", "win", "setback", "action_item", "gratitude"]


class NewReview(BaseModel):
    """One side's review of a meeting."""

    program: Token
    cycle: Token
    meeting: Token = Field(description=f"The meeting, or `{CLOSING}` for the whole cycle.")
    side: Side
    form: Token
    ratings: dict[Token, Rating] = Field(default_factory=dict, max_length=32)
    text: str = Field(default="", max_length=MAX_TEXT)


class NewNote(BaseModel):
    """Something worth keeping."""

    program: Token
    cycle: Token
    note: Token | None = Field(
        default=None, description="The id; an author's note is replaced by it."
    )
    kind: Kind
    by: Token
    about: Token | None = None
    text: str = Field(min_length=1, max_length=MAX_TEXT)


class NewErasure(BaseModel):
    """A person who has left is to be erased."""

    program: Token
    person: Token


class Outcome(BaseModel):
    """What became of a command: its sequence in the log, and why it was refused, if it was."""

    seq: int | None = None
    rule: str = ""
    field: str = ""


class RevealedReview(BaseModel):
    """A meeting's review as one side may see it."""

    meeting: str
    by: str
    missing: list[str]
    ratings: dict[str, dict[str, int]] = Field(
        description="By side; the other side's only for who has submitted too."
    )


class Refused(Exception):
    """A command that is refused before it reaches the log."""

    def __init__(self, status: int, rule: str, field: str) -> None:
        super().__init__(rule)
        self.status = status
        self.outcome = Outcome(rule=rule, field=field)


class Quiet(APIRoute):
    """A route whose refusals name field and rule and never repeat what was sent."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, with its errors turned into answers."""
        handle = super().get_route_handler()

        async def quiet(request: Request) -> Response:
            try:
                return await handle(request)
            except RequestValidationError as error:
                first = error.errors()[0]
                # Deeper steps may be keys that the sender chose: they are not repeated either.
                field = "".join(f"/{step}" for step in first["loc"][1:2] if isinstance(step, str))
                outcome = Outcome(rule=str(first["type"]), field=field)
                return JSONResponse(outcome.model_dump(), 422)
            except Refused as refused:
                return JSONResponse(refused.outcome.model_dump(), refused.status)
            except StoreTrouble:
                outcome = Outcome(rule="store_away")
                return JSONResponse(outcome.model_dump(), 503, {"Retry-After": "2"})

        return quiet
