"""Values without people: what a choice finds when scoring costs next to nothing.

A pair is worth what the skills of both have in common, how popular the mentor is, and a noise of its own; three
pairs in ten are not allowed. Only whole numbers are computed, so that every machine gets the same values; the
range is that of the services' own.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

import numpy as np
from numpy.typing import NDArray

from services.matching.assignment.market import NOBODY, Rows
from tests.bench.matching.settings import Setting, places

SKILLS = 24
LEVELS = (-3, -1, 1, 3)
"""Far below the middle to far above it, so that nobody suits everybody by skills alone."""
_FORBIDDEN = 3 * 2**16 // 10
"""Three in ten, of what 16 bits can say."""
_MOST = SKILLS * LEVELS[-1] ** 2
_SPREAD = 64
_SKILLS_SHARE = 60
_LOOSE = 5
_TIGHT = {1_000: 22, 10_000: 13, 100_000: 10}
"""Hundredths of a pair's worth: skills, and popularity; a noise of each pair is the rest.

The more mentors there are, the less popularity it takes to draw the best of a request to the same few.
"""
_STEEP = {"loose": 1, "tight": 3}
"""The higher, the fewer mentors are popular."""


@dataclass(frozen=True, slots=True)
class Made:
    """A market whose values follow from a few figures of each side."""

    setting: Setting
    wanted: NDArray[np.float32]
    """[n, SKILLS] Of LEVELS."""
    offered: NDArray[np.float32]
    """[SKILLS, m] The same."""
    popular: NDArray[np.int32]
    """[m] What each mentor's popularity adds to every pair."""
    capacity: NDArray[np.int64]
    mentee: NDArray[np.int32]
    as_mentor: NDArray[np.int32]

    def values(self, rows: Rows) -> NDArray[np.int32]:
        """[b, m] What the pairs are worth, 0 where they are not allowed."""
        numbers = np.arange(self.setting.requests, dtype=np.uint32)[rows]
        noise = 100 - _SKILLS_SHARE - _popularity(self.setting)
        chance = self._noise(numbers)
        common = (self.wanted[rows] @ self.offered).astype(np.int32)
        worth = (common + _MOST) * (_SKILLS_SHARE * 10_000 // (2 * _MOST))
        worth += self.popular
        worth += (chance & 0xFFFF).astype(np.int32) * 10_000 // 65_535 * noise
        worth += 1
        worth *= _SPREAD
        worth[chance >> 16 < _FORBIDDEN] = 0
        return worth

    def _noise(self, numbers: NDArray[np.uint32]) -> NDArray[np.uint32]:
        """32 bits for each pair, after the finaliser of MurmurHash3 (Appleby, public domain)."""
        columns = np.arange(self.setting.mentors, dtype=np.uint32)
        mixed = numbers[:, None] * np.uint32(0x9E3779B1) + columns * np.uint32(0x85EBCA77)
        for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35)):
            mixed ^= mixed >> np.uint32(shift)
            mixed *= np.uint32(factor)
        mixed ^= mixed >> np.uint32(16)
        return mixed


def made(setting: Setting) -> Made:
    """The same for the same setting."""
    chance = Random(f"{setting.seed} {setting.name}")
    most, steep = _popularity(setting) * 10_000, _STEEP[setting.supply]
    popular = [int(chance.random() ** steep * most) for _ in range(setting.mentors)]
    return Made(
        setting=setting,
        wanted=_levels(chance, setting.requests),
        offered=np.ascontiguousarray(_levels(chance, setting.mentors).T),
        popular=np.array(popular, np.int32),
        capacity=np.array(places(setting, chance), np.int64),
        mentee=np.arange(setting.requests, dtype=np.int32),
        as_mentor=np.full(setting.requests, NOBODY, np.int32),
    )


def _popularity(setting: Setting) -> int:
    return _TIGHT.get(setting.requests, _TIGHT[1_000]) if setting.is_tight else _LOOSE


def _levels(chance: Random, count: int) -> NDArray[np.float32]:
    """[count, SKILLS] How well each skill is mastered, or wanted."""
    drawn = np.frombuffer(chance.randbytes(count * SKILLS), np.uint8) % len(LEVELS)
    return np.array(LEVELS, np.float32)[drawn].reshape(count, SKILLS)
