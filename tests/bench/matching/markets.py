"""Markets as they are handed in: as a matrix from a folder, or made block by block."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import numpy as np

from services.matching.assignment.market import Market, dense
from tests.bench.matching.judge import blocks
from tests.bench.matching.made import made
from tests.bench.matching.settings import Setting

_SETTING, _VALUES, _CAPACITY = "setting.json", "values.npy", "capacity.npy"


def keep(setting: Setting, folder: Path) -> float | None:
    """Write down what a contestant needs: the setting, and of a market that is handed in whole its values.

    Returns the seconds that the values took, by one thread; None when they are made later.
    """
    (folder / _SETTING).write_text(json.dumps(asdict(setting)))
    if not setting.is_dense:
        return None
    take_in = drawn_up(setting)
    begun = time.perf_counter()
    market = take_in()
    matrix = np.empty((setting.requests, setting.mentors), np.int32)
    for rows, values in blocks(market):
        matrix[rows] = values
    seconds = time.perf_counter() - begun
    np.save(folder / _VALUES, matrix)
    np.save(folder / _CAPACITY, market.capacity)
    return seconds


def kept_setting(folder: Path) -> Setting:
    """The setting of a folder."""
    return Setting(**json.loads((folder / _SETTING).read_text()))


def kept(folder: Path, *, as_people: bool = False) -> Callable[[], Market]:
    """The market of a folder, in memory: as values where it is handed in whole; what is left to do is returned."""
    setting = kept_setting(folder)
    if as_people or not setting.is_dense:
        return drawn_up(setting)
    market = dense(np.load(folder / _VALUES), np.load(folder / _CAPACITY))
    return lambda: market


def drawn_up(setting: Setting) -> Callable[[], Market]:
    """A market whose values are computed when they are asked for; people have yet to become a pool."""
    if setting.family == "made":
        market = made(setting)
        return lambda: market
    # Only who is handed people loads what scores them.
    from tests.bench.matching.pooled import drawn, pooled

    rows = drawn(setting)
    return lambda: pooled(rows)
