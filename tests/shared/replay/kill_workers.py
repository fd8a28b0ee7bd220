"""Folds with two workers and kills itself, not them, when so many pieces are told: `url live into pieces`."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import sys

from shared.replay.progress import Progress
from shared.replay.workers import Workers
from shared.store import Store
from tests.shared.replay.working import fold, means
from tests.tally.service import TALLY


def main(url: str, live: str, into: str, pieces: int) -> None:
    """Say the workers' process numbers, fold, and die."""
    told = 0

    def count(progress: Progress) -> None:
        nonlocal told
        told += 1
        if told == pieces:
            print(*(child.pid for child in multiprocessing.active_children()), flush=True)
            os.kill(os.getpid(), signal.SIGKILL)

    store = Store(TALLY.tables, into, disposable=True)
    workers = Workers(means(url), store, 1, 2, on_progress=count)
    asyncio.run(fold(workers, Store(TALLY.tables, live)))


if __name__ == "__main__":
    URL, LIVE, INTO, PIECES = sys.argv[1:]
    main(URL, LIVE, INTO, int(PIECES))
