"""What the HTTP interface takes, and how it refuses: field and rule, never what was sent."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Annotated, Any, Literal

from fastapi import Header, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.status import HTTP_400_BAD_REQUEST

from services.feedback.model import CLOSING
from shared.events.types import Day, Rating, Token
from shared.identity import Handler, Tokens, identified
from shared.log import LogTrouble
from shared.outcome import StoreTrouble
from shared.reader import ReaderLost
from shared.refusals import Refused

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
Words = Annotated[str, Field(max_length=MAX_TEXT)]
By = Annotated[
    Token | None,
    Field(description="In whose name: a system names it, a person may leave it out."),
]


class _Sealed(BaseModel):
    """What is sealed names nothing that is not known: words must not be lost by a misspelling."""

    model_config = ConfigDict(extra="forbid")


class NewReview(_Sealed):
    """One side's review of a meeting. Which side follows from the person."""

    program: Token
    cycle: Token
    meeting: Token = Field(description=f"The meeting, or `{CLOSING}` for the whole cycle.")
    form: Token | None = Field(
        default=None, description="The form; may be left out where only one is to be filled in."
    )
    ratings: dict[Token, Rating] = Field(
        default_factory=dict, max_length=32, description="By item of the form."
    )
    texts: dict[Token, Words] = Field(
        default_factory=dict, max_length=8, description="By text of the form."
    )
    by: By = None


class NewNote(_Sealed):
    """Something worth keeping."""

    program: Token
    cycle: Token
    note: Token | None = Field(
        default=None, description="The id; a note of that id by the same author is replaced."
    )
    kind: Kind
    text: str | None = Field(
        default=None,
        min_length=1,
        max_length=MAX_TEXT,
        description="The words; those of the note that is replaced when left out.",
    )
    about: Token | None = Field(default=None, description="Whom it is about; absent: its author.")
    goal: Token | None = Field(default=None, description="The goal that it serves.")
    due_on: Day | None = Field(default=None, description="By when to do it: an action_item.")
    done: bool = Field(default=False, strict=True, description="Whether it is: an action_item.")
    audience: Literal["author", "pair"] = Field(
        default="author", description="Who reads it: the author alone, or both sides."
    )
    by: By = None


class NewErasure(BaseModel):
    """A person who has left is to be erased."""

    program: Token
    person: Token


def quiet(tokens: Callable[[], Tokens]) -> type[APIRoute]:
    """Routes for whoever has a token, whose refusals name field and rule and never repeat what was sent."""

    class Quiet(APIRoute):
        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            handle = identified(super().get_route_handler(), tokens)

            async def answering(request: Request) -> Response:
                answer = await _answer(handle, request)
                answer.headers["Cache-Control"] = "no-store"  # RFC 9111: it is for one reader, now
                return answer

            return answering

    return Quiet


async def _answer(handle: Handler, request: Request) -> Response:
    try:
        return await handle(request)
    except RequestValidationError as error:
        return _refused(_invalid(error))
    except Refused as refused:
        return _refused(refused)
    except HTTPException as error:
        return _refused(_unread(error))
    except (StoreTrouble, LogTrouble, ReaderLost) as trouble:
        return _refused(_away(trouble))


def _invalid(error: RequestValidationError) -> Refused:
    """Names that the sender chose, such as keys and unknown fields, are not repeated either."""
    first = error.errors()[0]
    known = first["type"] != "extra_forbidden"
    field = "".join(f"/{step}" for step in first["loc"][1:2] if known and isinstance(step, str))
    # The contract's own rules say themselves; pydantic's are told by their codes.
    rule = first["msg"] if first["type"] == "rule" else first["type"]
    return Refused(422, field, str(rule))


def _unread(error: HTTPException) -> Refused:
    """FastAPI gives up a body that is no UTF-8, or nested too deeply, with 400 and no error of validation.

    Raises:
        HTTPException: it says something else.
    """
    if error.status_code != HTTP_400_BAD_REQUEST:
        raise error
    return Refused(422, "", "json_invalid")


def _away(trouble: Exception) -> Refused:
    what = "store_away" if isinstance(trouble, StoreTrouble) else "log_away"
    return Refused(503, "", what, {"Retry-After": "2"})


def _refused(refused: Refused) -> Response:
    return JSONResponse(refused.refusal.model_dump(), refused.status, refused.headers)
