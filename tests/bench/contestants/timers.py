"""Ours live with the tally service's timers: each input also sets a scheduled message a day ahead."""

from __future__ import annotations

from tests.bench.contestants.contestant import main
from tests.bench.contestants.ours import Ours
from tests.tally.service import TALLY

if __name__ == "__main__":
    main(lambda task: Ours(task, TALLY))
