"""What is said about other events: deadlines, verdicts, dead letters. Their key is that of the event concerned."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from shared.events.base import EventData
from shared.events.types import Code, EventId, Instant, Pointer, Token


class Due(EventData):
    """A deadline has passed. One that no row waits for means nothing."""

    WORD = "due"
    KEY = "any"
    OWNER = "timer"

    service: Token = Field(description="The service that set the timer.")
    name: Token = Field(description="The timer's name within its key.")
    at: Instant = Field(description="The deadline.")


class Rejected(EventData):
    """The judge of an input refuses it; no one folds it."""

    WORD = "rejected"
    KEY = "any"
    OWNER = "judge"

    event: EventId = Field(description="Id of the refused event.")
    rule: Code = Field(description="The rule that it breaks.")
    field: Pointer = Field(
        default="", description="JSON Pointer to the field at fault; never its value."
    )


class Parked(EventData):
    """A service cannot fold an event for now and waits for an operator."""

    WORD = "parked"
    KEY = "any"
    OWNER = "judge"

    event: EventId = Field(description="Id of the parked event.")
    service: Token = Field(description="The service whose folding waits.")
    cause: Literal["raised", "waits"] = Field(
        description="Its code raised, or it waits behind another parked event."
    )
    error: Token = Field(description="Code of the error, such as the exception's class.")


class Redriven(EventData):
    """An operator has a parked event folded now, at this place of the log."""

    WORD = "redriven"
    KEY = "any"
    OWNER = "operator"

    event: EventId = Field(description="Id of the parked event.")
    service: Token = Field(description="The service that folds it.")
    by: Token = Field(description="The operator.")
    reason: Code = Field(description="A code; the words stay in the audit store.")


class Discarded(EventData):
    """An operator gives a parked event up for a service."""

    WORD = "discarded"
    KEY = "any"
    OWNER = "operator"

    event: EventId = Field(description="Id of the parked event.")
    service: Token = Field(description="The service that passes over it.")
    by: Token = Field(description="The operator.")
    reason: Code = Field(description="A code; the words stay in the audit store.")
