"""The tally service one release later: what it reads and what it says have each a second major version.

`progressed` v2 counts in thousandths, `flagged` v2 tells a flag's standing in one field. The rules are the same,
so the same log leads to the same rows, whichever version each of its events has.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Literal

from shared.events.base import EventData, PairData
from shared.events.catalog import contracts
from shared.events.envelope import Event
from shared.events.feedback import Flagged
from shared.events.outside import Progressed
from shared.events.upcast import Upcasters
from shared.events.wire import Reader
from shared.service import Service
from shared.world import Answer, World
from tests.tally.service import TALLY


class ProgressedV2(EventData):
    """A goal has moved."""

    WORD = "progressed"
    VERSION = 2
    KEY = "cycle"
    OWNER = "outside"

    goal: str
    thousandths: int
    unit: str
    as_of: datetime
    by: str


class FlaggedV2(PairData):
    """A cycle is at risk, or no longer."""

    WORD = "flagged"
    VERSION = 2
    KEY = "cycle"
    OWNER = "feedback"

    flag: str
    rule: str
    stands: bool
    evidence: tuple[str, ...] = ()


STEPS = Upcasters()


@STEPS.step("progressed", 1)
def upcast_progressed_v1_v2(data: dict[str, Any]) -> dict[str, Any]:
    """Thousandths of the unit."""
    value = data.pop("value")
    return {**data, "thousandths": round(value * 1000)}


@STEPS.step("flagged", 1)
def upcast_flagged_v1_v2(data: dict[str, Any]) -> dict[str, Any]:
    """One field that says whether it stands."""
    status = data.pop("status")
    return {**data, "stands": status == "raised"}


READER = Reader([*contracts(), ProgressedV2, FlaggedV2], STEPS)
"""Reads both versions of both."""


def raised(event: Event) -> Event:
    """The same statement by a publisher that speaks v2."""
    data = event.data
    assert isinstance(data, Progressed)
    return replace(
        event,
        data=ProgressedV2(
            goal=data.goal,
            thousandths=round(data.value * 1000),
            unit=data.unit,
            as_of=data.as_of,
            by=data.by,
        ),
    )


def _lowered(event: Event) -> Event:
    """What the rules read of it."""
    data = event.data
    if isinstance(data, ProgressedV2):
        plain = data.model_dump(exclude={"thousandths"})
        return replace(event, data=Progressed(**plain, value=data.thousandths / 1000))
    assert isinstance(data, FlaggedV2)
    plain = data.model_dump(exclude={"stands"})
    status: Literal["raised", "cleared"] = "raised" if data.stands else "cleared"
    return replace(event, data=Flagged(**plain, status=status))


def _decide(world: World, event: Event) -> list[Answer]:
    """The same answers, said as v2; 666 raises no more."""
    plain = _lowered(event)
    told = TALLY.decides[Progressed](world, replace(plain, data=_mended(plain.data)))
    return [Answer(each.key, _said(each.data)) for each in told]


def _mended(data: EventData) -> EventData:
    assert isinstance(data, Progressed)
    return data.model_copy(update={"value": 0}) if data.value == 666 else data


def _said(data: EventData) -> EventData:
    assert isinstance(data, Flagged)
    plain = data.model_dump(exclude={"status"})
    return FlaggedV2(**plain, stands=data.status == "raised")


def _of_v2(functions: Mapping[type[EventData], Any]) -> dict[type[EventData], Any]:
    """The same rules over the newer models."""
    newer: dict[type[EventData], type[EventData]] = {
        Progressed: ProgressedV2,
        Flagged: FlaggedV2,
    }

    def over(function: Any) -> Any:
        return lambda world, event: function(world, _lowered(event))

    return {
        newer.get(kind, kind): over(function) if kind in newer else function
        for kind, function in functions.items()
    }


TALLY_V2: Service = replace(
    TALLY,
    judges=_of_v2(TALLY.judges),
    evolves=_of_v2(TALLY.evolves),
    decides={**_of_v2(TALLY.decides), ProgressedV2: _decide},
)
