"""The wiring: what matching says of time, and which of its inputs take long."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services.matching.app import SERVICE, is_round
from shared.events.envelope import due_event
from shared.events.matching import Tallied

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
TALLY = Tallied(
    rules="v1",
    round="r1",
    policy="optimal",
    waiting=3,
    mentors=2,
    places=2,
    matched=2,
    said=2,
    unmatched=1,
    total=1.5,
)


def test_a_tally_tells_the_milliseconds_to_a_thousandth_and_is_the_same_in_all_else() -> None:
    stamped = SERVICE.stamps[Tallied](TALLY, 12.34567)
    assert stamped == Tallied.model_validate({**TALLY.model_dump(), "milliseconds": 12.346})


@pytest.mark.parametrize("name, long", [("round", True), ("again", True), ("expires", False)])
def test_rounds_take_long_and_other_deadlines_do_not(name: str, long: bool) -> None:
    assert is_round(due_event("matching", "acme", "acme", name, AT)) is long


def test_a_round_of_another_service_is_none() -> None:
    assert not is_round(due_event("scheduling", "acme", "acme", "round", AT))
