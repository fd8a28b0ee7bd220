"""What a service is: pure functions over a world, and the tables that hold it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection
from sqlmodel import SQLModel

from shared.events.envelope import Event, EventData
from shared.figure import Figure
from shared.world import Answer, Change, Ref, Refusal, Row, World

Judge = Callable[[World, Event], Refusal | None]
Evolve = Callable[[World, Event], Iterable[Change]]
Decide = Callable[[World, Event], Iterable[Answer]]
Timers = Callable[[Row], Mapping[str, datetime]]
Reach = Callable[[Event], Iterable[Ref]]
Stamp = Callable[[EventData, float], EventData]


def no_reach(event: Event) -> Iterable[Ref]:
    """Nothing is loaded ahead: every row is loaded when it is asked for."""
    del event
    return ()


def no_figures(connection: Connection) -> Sequence[Figure]:
    """Nothing to tell."""
    del connection
    return ()


def not_long(event: Event) -> bool:
    """Nothing takes long."""
    del event
    return False


def no_effect(event: Event) -> None:
    """Folding has no effect outside the store."""
    del event


@dataclass(frozen=True)
class Service:
    """A service as its pure functions.

    For an input, in this order: `judges` may refuse it (then it is not folded), `evolves` folds it, `decides`
    answers it over the world that has folded it, and each answer is folded by `evolves` in turn. Events with
    no entry are passed over. `timers` says what a row waits for, by name; a `due` reaches `evolves` and
    `decides` only when a row waits for it. `reach` names rows worth loading ahead in bulk: a matter of speed,
    never of correctness. `effect` runs for every folded fact in live, catch-up and rebuild alike, must be
    idempotent, and touches nothing but the key ring.

    `stamps` write into answers of these kinds how many milliseconds deciding them took. A running service does it
    before they are folded and said, so that the figure is a fact of the log; no other fold knows a clock.

    `long` names inputs that may take long to decide, such as a round over a whole program: each is folded by itself,
    when everything before it is committed, and nothing that others wait for is held meanwhile.

    `figures` are metrics of its rows, read when they are asked for; of a bounded number of rows.

    `fold_version` rises with every change after which the same log gives other rows.
    """

    name: str
    fold_version: int
    judges: Mapping[type[EventData], Judge]
    evolves: Mapping[type[EventData], Evolve]
    decides: Mapping[type[EventData], Decide]
    timers: Timers
    tables: Mapping[type[Row], type[SQLModel]]
    reach: Reach = no_reach
    effect: Callable[[Event], None] = field(default=no_effect)
    says: frozenset[str] = frozenset()
    stamps: Mapping[type[EventData], Stamp] = field(default_factory=dict)
    long: Callable[[Event], bool] = not_long
    figures: Callable[[Connection], Sequence[Figure]] = no_figures

    @property
    def source(self) -> str:
        """The CloudEvents source of what it says."""
        return f"/mentoring/{self.name}"

    @property
    def reads(self) -> frozenset[str]:
        """The event words that it folds."""
        kinds = {*self.judges, *self.evolves, *self.decides}
        return frozenset(kind.WORD for kind in kinds)
