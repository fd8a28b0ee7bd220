"""`mentoring replay …` in a process that folds in small pieces and kills itself: `when arguments…`.

`when` is the number of the piece behind which it dies, `exchange`: when the live store is held, or `merge`:
when workers have folded all.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

from services.cli.main import main
from shared.replay import exchange, rebuild, workers


def die() -> None:
    """As a power cut would end it."""
    os.kill(os.getpid(), signal.SIGKILL)


def dying(when: str) -> None:
    """Arrange the end."""
    rebuild.SIZE = 50
    note, replace = rebuild.Rebuild._note, exchange.Exchange.replace
    pieces = 0

    def count(self: Any, folding: Any, piece: Any) -> None:
        nonlocal pieces
        note(self, folding, piece)
        pieces += 1
        if str(pieces) == when:
            die()

    def replaced(self: Any, shadow: Any, program: str | None = None) -> None:
        replace(self, shadow, program)
        if when == "exchange":
            die()

    if when == "merge":
        vars(workers)["merge"] = lambda *given: die()
    rebuild.Rebuild._note = count  # type: ignore[method-assign]
    exchange.Exchange.replace = replaced  # type: ignore[method-assign]


if __name__ == "__main__":
    dying(sys.argv[1])
    main(sys.argv[2:])
