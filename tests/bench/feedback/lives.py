"""What becomes of a program's cycles over a year and a half: which event happens when, drawn from one seed.

Requests come over twelve months. Most are paired after some days, meet every week, and are concluded; some wait in vain, end
early, are continued with another mentor, or have two seats. Meetings are moved, cancelled, missed, and corrected; reviews are
written by both, one or none.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tests.bench.feedback.settings import MEETINGS, OPENED, Setting

Longs = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
HOUR = 3600
DAY = 24 * HOUR
START = int(OPENED.timestamp())
NEVER = np.iinfo(np.int64).max // 2
MET, ABSENT, TOO_SHORT, NO_EVIDENCE, CANCELLED = range(5)

KINDS = (
    "opened", "available", "offered", "requested", "restated", "copied", "ghost", "proposed", "declined", "accepted",
    "paired", "scheduled", "moved", "cancelled", "dropped", "attended_mentee", "attended_mentor", "met", "missed",
    "corrected", "submitted_mentee", "submitted_mentor", "reviewed", "concluded", "left",
)  # fmt: skip
"""In the order in which they stand in the log when they happen in the same second."""
_SUCCESSOR, _SECOND_SEAT = 3, 1
_EVERY = 40


@dataclass(frozen=True, slots=True)
class Lives:
    """All cycles; arrays by cycle or (cycle, meeting). Instants are seconds since 1970, NEVER where something never happens.

    Attributes:
        mentee, mentor: persons by number; mentors come before mentees.
        successor: continues the cycle before it; second: takes the second seat of its request.
        requested, paired, concluded: instants.
        early: it ends before its last meeting; held: so many of its meetings had a verdict, or were cancelled.
        starts, verdict, says: of each meeting start, instant of the verdict or cancellation, and which.
        moved, corrected, absent_mentor: of each meeting.
        written: (cycle, meeting, side) instant of each review; revealed: of both.
        agreed, reached: goals.
        hours: hours a week and mentee; 0: states none.
    """

    setting: Setting
    mentee: Longs
    mentor: Longs
    successor: Flags
    second: Flags
    requested: Longs
    paired: Longs
    concluded: Longs
    early: Flags
    held: Longs
    starts: Longs
    verdict: Longs
    says: Longs
    moved: Flags
    corrected: Flags
    absent_mentor: Flags
    written: Longs
    revealed: Longs
    agreed: Longs
    reached: Longs
    hours: Longs

    @property
    def happens(self) -> Flags:
        """Of each meeting whether its time comes while the pair stands."""
        return np.asarray(np.arange(MEETINGS) < self.held[:, None])

    @property
    def judged(self) -> Flags:
        """Of each meeting whether it gets a verdict."""
        return np.asarray(self.happens & (self.says != CANCELLED))


def drawn(setting: Setting) -> Lives:
    """Everything, from the seed."""
    chance, count = np.random.default_rng(setting.seed), setting.cycles
    number = np.arange(count)
    early = chance.random(count) < 0.08
    last = np.where(early, chance.integers(2, MEETINGS - 1, count), MEETINGS)
    requested = START + 14 * DAY + chance.integers(0, 364 * DAY, count)
    waited = np.clip(chance.exponential(12, count), 1, 55) * DAY + chance.integers(0, DAY, count)
    unmatched = chance.random(count) < 0.05
    second = (number % _EVERY == _SECOND_SEAT) & ~unmatched
    successor = (number % _EVERY == _SUCCESSOR) & np.roll(early & ~unmatched, 1)
    mentee = setting.mentors + np.where(second | successor, number - 1, number)
    requested = np.where(second, np.roll(requested, 1) + 1, requested)
    ended = requested + waited.astype(np.int64) + (3 + 7 * last) * DAY
    requested = np.where(successor, np.roll(ended, 1) + 1, requested)
    paired = np.where(unmatched, NEVER, requested + waited.astype(np.int64))
    return _with_meetings(
        setting, chance, _Pairs(mentee, successor, second, requested, paired, early, last)
    )


@dataclass(frozen=True, slots=True)
class _Pairs:
    mentee: Longs
    successor: Flags
    second: Flags
    requested: Longs
    paired: Longs
    early: Flags
    last: Longs


def _with_meetings(setting: Setting, chance: np.random.Generator, pairs: _Pairs) -> Lives:
    count, shape = setting.cycles, (setting.cycles, MEETINGS)
    never = (pairs.paired == NEVER)[:, None]
    hour = chance.integers(7, 20, count)
    first = (pairs.paired // DAY + 3) * DAY + hour * HOUR
    moved = (chance.random(shape) < 0.1) & ~never
    starts = np.where(never, NEVER, first[:, None] + 7 * DAY * np.arange(MEETINGS) + moved * DAY)
    says = chance.choice(5, shape, p=[0.89, 0.05, 0.01, 0.02, 0.03])
    delay = np.select([says == MET, says == CANCELLED], [HOUR, -DAY], HOUR + HOUR // 2)
    written = starts[:, :, None] + HOUR + chance.integers(HOUR, 4 * DAY, (*shape, 2))
    written[chance.random(written.shape) < 0.15] = NEVER
    deadline = starts + HOUR + 6 * DAY
    agreed = chance.integers(0, 4, count)
    return Lives(
        setting,
        pairs.mentee,
        chance.integers(0, setting.mentors, count),
        pairs.successor,
        pairs.second,
        pairs.requested,
        pairs.paired,
        np.where(
            never[:, 0],
            pairs.requested + 60 * DAY,
            starts[np.arange(count), pairs.last - 1] + 8 * DAY - HOUR,
        ),
        pairs.early & ~never[:, 0],
        np.where(never[:, 0], 0, pairs.last),
        starts,
        starts + delay,
        says,
        moved,
        (says == ABSENT) & (chance.random(shape) < 0.1),
        chance.random(shape) < 0.5,
        written,
        np.minimum(written.max(axis=2), deadline),
        agreed,
        np.minimum(agreed, chance.integers(0, 4, count)),
        chance.choice([0, 1, 2, 4, 8, 24], count, p=[0.05, 0.1, 0.25, 0.3, 0.2, 0.1]),
    )


def timeline(lives: Lives) -> npt.NDArray[np.void]:
    """All events in the log's order: `at` in seconds, `kind` in KINDS, `who` (a cycle, or a mentor) and `number` (from 0)."""
    parts = [
        _rows(kind, *(np.atleast_1d(each) for each in make(lives)))
        for kind, make in _HAPPENS.items()
    ]
    every = np.concatenate(parts)
    return every[np.lexsort((every["number"], every["who"], every["kind"], every["at"]))]


_ROW = np.dtype([("at", "<i8"), ("who", "<i4"), ("kind", "i1"), ("number", "i1")])
_Made = tuple[Longs, Longs] | tuple[Longs, Longs, Longs]


def _rows(kind: str, at: Longs, who: Longs, number: Longs | None = None) -> npt.NDArray[np.void]:
    rows = np.zeros(at.size, _ROW)
    rows["at"], rows["who"], rows["kind"] = at, who, KINDS.index(kind)
    if number is not None:
        rows["number"] = number
    return rows


def _cycles(at: Longs, chosen: Flags) -> _Made:
    return at[chosen], np.flatnonzero(chosen)


def _meetings(at: Longs, chosen: Flags) -> _Made:
    who, number = np.nonzero(chosen)
    return at[chosen], who, number


def _own(lives: Lives) -> Flags:
    """Cycles that somebody asks for anew."""
    return ~(lives.successor | lives.second)


def _mentors(at: int, every: int = 1) -> Callable[[Lives], _Made]:
    def make(lives: Lives) -> _Made:
        who = np.arange(0, lives.setting.mentors, every)
        return START + at + who % DAY, who

    return make


def _some(lives: Lives, every: int) -> Flags:
    return np.asarray(np.arange(lives.setting.cycles) % every == 0)


def _proposed(lives: Lives) -> _Made:
    """A day before the pair is made, and another one first where that is declined."""
    number = np.arange(lives.setting.cycles)
    paired = number[lives.paired != NEVER]
    twice = paired[paired % 20 == 0]
    at = [lives.paired[paired] - DAY // 2, lives.paired[twice] - DAY // 2 - HOUR]
    return (
        np.concatenate(at),
        np.concatenate([paired, twice]),
        np.repeat([1, 0], [paired.size, twice.size]),
    )


def _present(lives: Lives, *, mentor: bool) -> _Made:
    absent = (lives.says == ABSENT) & (lives.absent_mentor == mentor)
    chosen = lives.judged & (lives.says != NO_EVIDENCE) & ~absent
    return _meetings(lives.starts + (30 if mentor else 0), chosen)


def _written(lives: Lives, side: int) -> _Made:
    at = lives.written[:, :, side]
    return _meetings(at, _reviewed(lives) & (at <= lives.revealed))


def _reviewed(lives: Lives) -> Flags:
    return np.asarray(lives.judged & ((lives.says == MET) | lives.corrected))


_HAPPENS: dict[str, Callable[[Lives], _Made]] = {
    "opened": lambda _: (np.array([START]), np.array([0])),
    "available": lambda lives: _cycles(lives.requested - 600, _own(lives) & (lives.hours > 0)),
    "offered": _mentors(HOUR),
    "requested": lambda lives: _cycles(lives.requested, np.ones(lives.setting.cycles, np.bool_)),
    "restated": lambda lives: _cycles(lives.requested + 60, _own(lives) & _some(lives, 10)),
    "copied": lambda lives: _cycles(lives.requested + 30, _own(lives) & _some(lives, 500)),
    "ghost": lambda lives: _cycles(lives.requested + 90, _some(lives, 500)),
    "proposed": _proposed,
    "declined": lambda lives: _cycles(
        lives.paired - DAY // 2 - 60, (lives.paired != NEVER) & _some(lives, 20)
    ),
    "accepted": lambda lives: _cycles(lives.paired, lives.paired != NEVER),
    "paired": lambda lives: _cycles(lives.paired, lives.paired != NEVER),
    "scheduled": lambda lives: _meetings(
        lives.paired[:, None] + 0 * lives.starts, lives.starts < NEVER
    ),
    "moved": lambda lives: _meetings(lives.starts - 2 * DAY, lives.happens & lives.moved),
    "cancelled": lambda lives: _meetings(lives.verdict, lives.happens & (lives.says == CANCELLED)),
    "dropped": lambda lives: _meetings(
        lives.concluded[:, None] + 0 * lives.starts, (lives.starts < NEVER) & ~lives.happens
    ),
    "attended_mentee": lambda lives: _present(lives, mentor=False),
    "attended_mentor": lambda lives: _present(lives, mentor=True),
    "met": lambda lives: _meetings(lives.verdict, lives.judged & (lives.says == MET)),
    "missed": lambda lives: _meetings(lives.verdict, lives.judged & (lives.says != MET)),
    "corrected": lambda lives: _meetings(lives.verdict + HOUR, lives.judged & lives.corrected),
    "submitted_mentee": lambda lives: _written(lives, 0),
    "submitted_mentor": lambda lives: _written(lives, 1),
    "reviewed": lambda lives: _meetings(lives.revealed, _reviewed(lives)),
    "concluded": lambda lives: _cycles(lives.concluded, np.ones(lives.setting.cycles, np.bool_)),
    "left": _mentors(400 * DAY, 100),
}
