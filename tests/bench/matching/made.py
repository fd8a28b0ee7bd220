"""Values without people: what a choice finds when scoring costs next to nothing.

A pair is worth what the skills of both have in common, how popular the mentor is, and a noise of its own; three
pairs in ten are not allowed. Only whole numbers are computed (below 2^24 where a product of matrices holds them as
float32), so that every machine gets the same values; the range is that of the services' own.
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
_SKILLS_MOST = 600_000
"""What skills may add to a pair, in millionths."""
_NOISE_BITS = 18
"""The noise adds up to 262,143."""
_LOOSE = 0.05
_TIGHT = {1_000: 0.3, 10_000: 0.13, 100_000: 0.1}
"""What popularity may add to a pair.

The more mentors there are, the less popularity it takes to draw the best of a request to the same few.
"""
_STEEP = 3
"""The higher, the fewer mentors of a tight market are popular."""
_FORBIDDEN = 307
"""Of 1,024."""
_SPREAD = 64
_AT_ONCE = 200_000
"""So many pairs stay in a processor's cache."""


@dataclass(frozen=True, slots=True)
class Made:
    """A market whose values follow from a few figures of each side.

    Attributes:
        wanted: [n, SKILLS + 1] of LEVELS, and 1.
        offered: [SKILLS + 1, m] of LEVELS, times what a level is worth, and what a mentor's popularity adds.
        row_bits: [n] drawn.
        column_bits: [m] drawn.
        capacity: [m]
        mentee: [n]
        as_mentor: [n]
    """

    wanted: NDArray[np.float32]
    offered: NDArray[np.float32]
    row_bits: NDArray[np.uint32]
    column_bits: NDArray[np.uint32]
    capacity: NDArray[np.int64]
    mentee: NDArray[np.int32]
    as_mentor: NDArray[np.int32]

    def values(self, rows: Rows) -> NDArray[np.int32]:
        """[b, m] What the pairs are worth, 0 where they are not allowed."""
        wanted, bits = self.wanted[rows], self.row_bits[rows]
        worth = np.empty((len(bits), len(self.column_bits)), np.int32)
        step = max(1, _AT_ONCE // len(self.column_bits))
        for start in range(0, len(bits), step):
            part = slice(start, start + step)
            self._fill(worth[part], wanted[part], bits[part])
        return worth

    def _fill(
        self,
        worth: NDArray[np.int32],
        wanted: NDArray[np.float32],
        bits: NDArray[np.uint32],
    ) -> None:
        np.copyto(worth, wanted @ self.offered, casting="unsafe")
        noise = self._noise(bits)
        allowed = (noise & np.uint32(1023)) >= _FORBIDDEN
        noise >>= np.uint32(32 - _NOISE_BITS)
        worth += noise.view(np.int32)
        worth *= allowed
        worth *= _SPREAD

    def _noise(self, bits: NDArray[np.uint32]) -> NDArray[np.uint32]:
        """32 bits for each pair, mixed as MurmurHash3 does in its end (Appleby, public domain)."""
        mixed = bits[:, None] ^ self.column_bits
        mixed *= np.uint32(0x85EBCA6B)
        mixed ^= mixed >> np.uint32(13)
        mixed *= np.uint32(0xC2B2AE35)
        return mixed


def made(setting: Setting) -> Made:
    """The same for the same setting."""
    chance = Random(f"{setting.seed} {setting.name}")
    level = _SKILLS_MOST // (2 * SKILLS * LEVELS[-1] ** 2)
    middle = np.full((1, setting.mentors), 1 + SKILLS * LEVELS[-1] ** 2 * level, np.float32)
    wanted = _levels(chance, setting.requests)
    offered = _levels(chance, setting.mentors).T * level
    return Made(
        wanted=np.hstack([wanted, np.ones((setting.requests, 1), np.float32)]),
        offered=np.vstack([offered, middle + _popularity(chance, setting)]),
        row_bits=np.frombuffer(chance.randbytes(4 * setting.requests), np.uint32),
        column_bits=np.frombuffer(chance.randbytes(4 * setting.mentors), np.uint32),
        capacity=np.array(places(setting, chance), np.int64),
        mentee=np.arange(setting.requests, dtype=np.int32),
        as_mentor=np.full(setting.requests, NOBODY, np.int32),
    )


def _levels(chance: Random, count: int) -> NDArray[np.float32]:
    """[count, SKILLS] How well each skill is mastered, or wanted."""
    drawn = np.frombuffer(chance.randbytes(count * SKILLS), np.uint8) % len(LEVELS)
    return np.array(LEVELS, np.float32)[drawn].reshape(count, SKILLS)


def _popularity(chance: Random, setting: Setting) -> NDArray[np.float32]:
    """[m] Whole millionths: in a tight market much for few."""
    tight = _TIGHT.get(setting.requests, _TIGHT[1_000])
    most, steep = (tight, _STEEP) if setting.is_tight else (_LOOSE, 1)
    drawn = [int(chance.random() ** steep * most * 1_000_000) for _ in range(setting.mentors)]
    return np.array(drawn, np.float32)
