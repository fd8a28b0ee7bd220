"""The events of the benchmark are those of the contract, in the order of a log."""

from __future__ import annotations

from functools import cache

import pytest

from shared.events.envelope import decode
from tests.bench.feedback.lives import KINDS, drawn, timeline
from tests.bench.feedback.settings import PROGRAM, Setting
from tests.bench.feedback.words import Said, said

SETTING = Setting(cycles=60, seed=1)


@cache
def everything() -> list[Said]:
    return list(said(drawn(SETTING)))


def test_every_event_is_one_of_the_contract() -> None:
    for event in everything():
        assert decode(event.body).subject == f"mentoring.{PROGRAM}.{event.word}.{event.key}"


def test_events_stand_in_the_order_in_which_they_happen() -> None:
    instants = [event.at for event in everything()]
    assert instants == sorted(instants)


def test_one_seed_gives_the_same_bytes_twice() -> None:
    assert list(said(drawn(SETTING))) == everything()


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_event_happens(kind: str) -> None:
    rows = timeline(drawn(Setting(cycles=2_000, seed=1)))
    assert (rows["kind"] == KINDS.index(kind)).any()


def test_every_cycle_is_concluded_once() -> None:
    ends = [event.key for event in everything() if event.word == "concluded"]
    assert len(ends) == len(set(ends)) == SETTING.cycles
