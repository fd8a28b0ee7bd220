"""What all event models have in common."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.events.types import Token

KeyKind = Literal["cycle", "mentor", "person", "program", "any"]
Owner = Literal["outside", "matching", "scheduling", "feedback", "timer", "judge", "operator"]


class Value(BaseModel):
    """A part of an event's data: frozen; unknown fields are ignored on read and never written."""

    model_config = ConfigDict(
        frozen=True,
        extra="ignore",
        hide_input_in_errors=True,  # a refused value may be confidential
        validate_by_name=True,
        validate_by_alias=True,
        serialize_by_alias=True,
    )


class EventData(Value):
    """The data of one type of event; its docstring is the description in the catalogue."""

    WORD: ClassVar[str]
    """The event's word, such as `requested`."""
    VERSION: ClassVar[int] = 1
    """The major version."""
    KEY: ClassVar[KeyKind]
    """What the event is about; `any`: the key of the event that this one refers to."""
    OWNER: ClassVar[Owner]
    """Who may say it."""
    KEY_FIELD: ClassVar[str | None] = None
    """The field that must hold the same id as the key, when one does."""


class PairData(EventData):
    """Data of an event of a paired cycle: it names both sides, so that no reader needs another's tables."""

    mentee: Token = Field(description="The person who is mentored.")
    mentor: Token = Field(description="The person who mentors.")
    rules: Token = Field(description="The version of the program's rules that binds this cycle.")
