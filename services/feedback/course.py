"""How a pair's course goes: what the risk rules look at, what is summed up, and what stays when it ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from shared.events.types import Side

Outcome = Literal["completed", "goals_reached", "ended_early", "withdrawn", "unmatched", "left"]


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a side gave in one revealed review: the mean of (rating - min) / (max - min), 0 to 1."""

    event: str
    share: float


@dataclass(frozen=True, slots=True)
class Flag:
    """A flag that stands. `level`: of ratings that fell, what they were before; it stands until they are back."""

    id: str
    evidence: tuple[str, ...]
    level: float | None = None


@dataclass(frozen=True, slots=True)
class Watch:
    """What the risk rules look at; ids are those of events, the newest last.

    `missed` since the last `met`; `opinions` of each side's last four revealed reviews; `one_sided` reviews in a
    row. `sign` is the last sign of life, `move` the last time that a goal moved (None: no goal in force that is
    not reached). Their timers, `silent_at` and `still_at`, are moved only when they ring: one that is None while
    its sign is set has rung. `flags` stand, by cause.
    """

    missed: tuple[str, ...] = ()
    opinions: Mapping[Side, tuple[Opinion, ...]] = field(default_factory=dict)
    one_sided: tuple[str, ...] = ()
    sign: str | None = None
    sign_at: datetime | None = None
    silent_at: datetime | None = None
    move: str | None = None
    move_at: datetime | None = None
    still_at: datetime | None = None
    flags: Mapping[str, Flag] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Total:
    """Ratings of a side: `sum` of their shares in millionths, and how many there are."""

    sum: int = 0
    count: int = 0


@dataclass(frozen=True, slots=True)
class Summary:
    """How a pair went: meetings, minutes together, goals, and each side's mean rating as a share, 0 to 1.

    A side that was never asked, or never answered, is absent from `satisfaction`.
    """

    outcome: Outcome
    planned: int
    held: int
    unplanned: int
    overlap: int
    goals_agreed: int
    goals_reached: int
    satisfaction: Mapping[Side, float]
    paired_at: datetime
    concluded_at: datetime
