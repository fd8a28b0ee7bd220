"""`mentoring replay undo …` in a process that kills itself: `before|behind arguments…`, the exchange's commit."""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

from services.cli.main import main
from shared.replay.exchange import Exchange


def dying(when: str) -> None:
    """Arrange the end, as a power cut would make it."""
    leave = Exchange.__exit__

    def die(self: Exchange, *error: Any) -> None:
        if when == "behind":
            leave(self, *error)
        os.kill(os.getpid(), signal.SIGKILL)

    Exchange.__exit__ = die  # type: ignore[method-assign]


if __name__ == "__main__":
    dying(sys.argv[1])
    main(sys.argv[2:])
