"""Copies of frozen dataclasses."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime

import pytest

from shared.events.types import Duration
from shared.frozen import replace
from shared.world import Timer

TIMER = Timer("acme", "c1", "expires", datetime(2026, 3, 1, tzinfo=UTC))


def test_a_copy_has_the_other_values_and_keeps_the_rest() -> None:
    """It is what the standard library's copy is; the original stays as it was."""
    before = dataclasses.astuple(TIMER)
    assert replace(TIMER, name="offer") == dataclasses.replace(TIMER, name="offer")
    assert dataclasses.astuple(TIMER) == before


def test_a_copy_is_frozen_too() -> None:
    """Nobody writes into it."""
    copy = replace(TIMER, name="offer")
    with pytest.raises(dataclasses.FrozenInstanceError):
        copy.name = "ends"  # type: ignore[misc]


def test_a_field_that_there_is_not_is_an_error() -> None:
    """A slip of the pen does not make a silent copy."""
    with pytest.raises(KeyError):
        replace(TIMER, nmae="offer")  # type: ignore[call-arg]


def test_a_class_that_checks_its_values_is_refused() -> None:
    """A copy goes past the check, so such a class is copied by the standard library only."""
    with pytest.raises(TypeError, match="Duration checks its values"):
        replace(Duration(1), days=-1)
