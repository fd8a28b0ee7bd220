"""Older majors are read for ever, as the newest."""

import json
from typing import Any, ClassVar

import pytest
from pydantic import Field

from shared.events.base import EventData, KeyKind, Owner
from shared.events.catalog import CATALOG, contracts
from shared.events.envelope import InvalidEvent
from shared.events.types import Amount, Count, Token
from shared.events.upcast import UPCASTERS, Upcasters
from shared.events.wire import Reader
from tests.contracts.samples import example


class _Sung(EventData):
    WORD = "sung"
    KEY: ClassVar[KeyKind] = "person"
    OWNER: ClassVar[Owner] = "outside"


class SungV1(_Sung):
    song: Token
    minutes: Count


class SungV2(_Sung):
    VERSION = 2
    song: Token
    seconds: Amount


class SungV3(_Sung):
    VERSION = 3
    songs: tuple[Token, ...]
    seconds: Amount = Field(ge=0)


STEPS = Upcasters()


@STEPS.step("sung", 1)
def upcast_v1_v2(data: dict[str, Any]) -> dict[str, Any]:
    return {"song": data["song"], "seconds": data["minutes"] * 60}


@STEPS.step("sung", 2)
def upcast_v2_v3(data: dict[str, Any]) -> dict[str, Any]:
    return {"songs": [data["song"]], "seconds": data["seconds"]}


READER = Reader([SungV1, SungV2, SungV3], STEPS)


def body(version: int, data: dict[str, Any]) -> bytes:
    event = {**example("left"), "type": f"mentoring.sung.v{version}", "data": data}
    return json.dumps({**event, "dataschema": f"urn:mentoring:sung:v{version}"}).encode()


def test_an_older_major_is_read_as_the_newest_by_every_step_between() -> None:
    event = READER.decode(body(1, {"song": "ode", "minutes": 4}))
    assert (event.data, event.type) == (SungV3(songs=("ode",), seconds=240.0), "mentoring.sung.v3")


def test_a_major_between_is_read_by_the_later_steps_alone() -> None:
    assert READER.decode(body(2, {"song": "ode", "seconds": 9.5})).data == SungV3(
        songs=("ode",), seconds=9.5
    )


def test_the_newest_major_is_read_as_it_is() -> None:
    assert READER.decode(body(3, {"songs": [], "seconds": 1})).data == SungV3(songs=(), seconds=1)


def test_an_older_major_is_judged_by_its_own_contract() -> None:
    with pytest.raises(InvalidEvent, match=r"^/data/minutes: must be at least 0$"):
        READER.decode(body(1, {"song": "ode", "minutes": -4}))


def test_an_unknown_field_of_an_older_major_does_not_reach_its_step() -> None:
    event = READER.decode(body(1, {"song": "ode", "minutes": 1, "seconds": -1}))
    assert event.data == SungV3(songs=("ode",), seconds=60.0)


def test_a_second_step_from_the_same_major_is_refused() -> None:
    with pytest.raises(ValueError, match="a second upcaster for sung v1"):
        STEPS.step("sung", 1)(upcast_v1_v2)


def test_every_older_contract_has_its_steps_up_to_the_newest() -> None:
    older = [model for model in contracts() if model is not CATALOG[model.WORD]]
    steps = [
        (model.WORD, version)
        for model in older
        for version in range(model.VERSION, CATALOG[model.WORD].VERSION)
    ]
    assert [step for step in steps if step not in UPCASTERS._steps] == []
