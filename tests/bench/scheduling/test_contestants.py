"""Whoever plans, the plans are the same: by the service, by intervals of pandas, by grids, and minute by minute."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from importlib import import_module

import pytest

from services.scheduling.model import Cycle
from tests.bench.check import Wrong
from tests.bench.scheduling.contestants import minute, ours
from tests.bench.scheduling.contestants.plans import Plan
from tests.bench.scheduling.field import NAMES, OURS
from tests.bench.scheduling.people import Program, program, running
from tests.bench.scheduling.rounds import agree
from tests.bench.scheduling.settings import Setting

SETTING = Setting(cycles=14, mentors=4, seed=20261122)


def shortened(cycle: Cycle, meetings: int) -> Cycle:
    state = running(cycle)
    return replace(
        cycle, state=replace(state, terms=replace(state.terms, planned_meetings=meetings))
    )


def small(meetings: int) -> Program:
    whole = program(SETTING)
    return replace(whole, cycles=[shortened(cycle, meetings) for cycle in whole.cycles])


@cache
def planned_by_ours(meetings: int) -> dict[str, Plan]:
    return ours.plans(small(meetings)).found


@pytest.mark.parametrize("name", [name for name in NAMES if name not in {OURS, "minute"}])
def test_a_peer_finds_the_very_starts_that_the_service_finds(name: str) -> None:
    found = import_module(f"tests.bench.scheduling.contestants.{name}").plans(small(12)).found

    assert agree(name, found, planned_by_ours(12)) == 14
    assert any(start is None for plan in found.values() for start in plan)
    assert sum(start is not None for plan in found.values() for start in plan) > 100


def test_a_search_of_every_minute_finds_them_too() -> None:
    found = minute.plans(small(2)).found

    assert agree("minute", found, planned_by_ours(2)) == 14


def test_the_plans_of_some_mentors_are_those_of_the_whole_program() -> None:
    some = ours.plans(small(12).of_mentors(2)).found

    assert 0 < len(some) < 14
    assert agree(OURS, some, planned_by_ours(12)) == len(some)


def test_another_start_in_a_plan_is_found_out() -> None:
    plans: dict[str, Plan] = {"c1": [1, 2], "c2": [3, None]}

    with pytest.raises(Wrong, match="naive has planned 1 of 2 cycles otherwise, c2 for one"):
        agree("naive", {"c1": [1, 2], "c2": [3, 4]}, plans)
