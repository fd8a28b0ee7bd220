"""A small service for tests and benchmarks of the ledger: it counts progress, and each input has one answer.

`progressed` moves a goal of a cycle; the program's capacity (from `opened`) bounds how many cycles may be
active at once, so that inputs of different keys race for the same rows. `value` 666 raises, 13 is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import ClassVar

from sqlalchemy import Column
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

from shared.events.duration import Duration
from shared.events.envelope import Event
from shared.events.feedback import Flagged
from shared.events.matching import Unmatched
from shared.events.outside import Progressed, Withdrawn
from shared.events.system import Due
from shared.service import Service
from shared.tables import Instant
from shared.world import Answer, Ref, Refusal, Row, World

CAPACITY = 5


@dataclass(frozen=True, slots=True)
class Tally(Row):
    """What a cycle has reached."""

    KEY: ClassVar[tuple[str, ...]] = ("program", "cycle")
    ABOUT: ClassVar[str] = "cycle"

    program: str
    cycle: str
    value: float
    count: int
    active: bool
    expires: datetime | None = None


@dataclass(frozen=True, slots=True)
class Load(Row):
    """How many cycles of a program are active."""

    KEY: ClassVar[tuple[str, ...]] = ("program",)
    ABOUT: ClassVar[str] = "program"

    program: str
    active: int
    refused: int


class Base(SQLModel, registry=registry()):
    """Tables of this service alone."""


class TallyTable(Base, table=True):
    """Table of `Tally`."""

    __tablename__ = "tally"
    program: str = Field(primary_key=True, max_length=64)
    cycle: str = Field(primary_key=True, max_length=64)
    value: float
    count: int
    active: bool
    expires: datetime | None = Field(default=None, sa_column=Column(Instant, nullable=True))


class LoadTable(Base, table=True):
    """Table of `Load`."""

    __tablename__ = "load"
    program: str = Field(primary_key=True, max_length=64)
    active: int
    refused: int


def judge_progressed(world: World, event: Event) -> Refusal | None:
    """Thirteen is refused."""
    del world
    assert isinstance(event.data, Progressed)
    return Refusal("thirteen", "/data/value") if event.data.value == 13 else None


def evolve_progressed(world: World, event: Event) -> list[Row]:
    """Count, and keep the last value."""
    assert isinstance(event.data, Progressed)
    tally = world.get(Tally, event.program, event.key) or Tally(
        event.program, event.key, 0.0, 0, active=False
    )
    expires = world.now + timedelta(days=1)
    return [replace(tally, value=float(event.data.value), count=tally.count + 1, expires=expires)]


def evolve_flagged(world: World, event: Event) -> list[Row]:
    """The answer: the cycle is active, or was refused for want of capacity."""
    assert isinstance(event.data, Flagged)
    tally = world.get(Tally, event.program, event.key)
    load = world.get(Load, event.program) or Load(event.program, 0, 0)
    if tally is None:
        return []
    if event.data.status == "cleared":
        return [replace(load, refused=load.refused + 1)]
    return [replace(tally, active=True), replace(load, active=load.active + (not tally.active))]


def evolve_withdrawn(world: World, event: Event) -> list[Row]:
    """The cycle gives its place back."""
    tally = world.get(Tally, event.program, event.key)
    load = world.get(Load, event.program)
    if tally is None or load is None or not tally.active:
        return []
    return [replace(tally, active=False, expires=None), replace(load, active=load.active - 1)]


def evolve_due(world: World, event: Event) -> list[Row]:
    """The deadline ends the cycle's activity."""
    tally = world.get(Tally, event.program, event.key)
    return (
        []
        if tally is None
        else [*evolve_withdrawn(world, event), replace(tally, active=False, expires=None)]
    )


def decide_progressed(world: World, event: Event) -> list[Answer]:
    """Raised while there is capacity, cleared when there is none."""
    assert isinstance(event.data, Progressed)
    if event.data.value == 666:
        raise ArithmeticError("the number of the beast")
    tally = world.get(Tally, event.program, event.key)
    load = world.get(Load, event.program)
    free = load is None or load.active < CAPACITY or (tally is not None and tally.active)
    return [
        Answer(
            event.key,
            Flagged(
                mentee="a",
                mentor="b",
                rules="v1",
                flag=event.key,
                rule="progress",
                status="raised" if free else "cleared",
                evidence=(event.id,),
            ),
        )
    ]


def decide_due(world: World, event: Event) -> list[Answer]:
    """Says that nothing more came."""
    del world
    return [Answer(event.key, Unmatched(mentee="a", waited=Duration(days=1), excluded={}))]


def timers(row: Row) -> Mapping[str, datetime]:
    """A cycle expires."""
    return {"expires": row.expires} if isinstance(row, Tally) and row.expires else {}


def reach(event: Event) -> list[Ref]:
    """The rows of the cycle and of its program."""
    return [Ref(Tally, (event.program, event.key)), Ref(Load, (event.program,))]


TALLY = Service(
    name="tally",
    fold_version=1,
    judges={Progressed: judge_progressed},
    evolves={
        Progressed: evolve_progressed,
        Withdrawn: evolve_withdrawn,
        Due: evolve_due,
        Flagged: evolve_flagged,
    },
    decides={Progressed: decide_progressed, Due: decide_due},
    timers=timers,
    tables={Tally: TallyTable, Load: LoadTable},
    reach=reach,
    says=frozenset({"flagged", "unmatched"}),
)
