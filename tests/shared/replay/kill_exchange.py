"""A process that exchanges a store's contents and kills itself: `url when`.

`when` is the number of the statement before which it dies, or `commit`, or `never`.
Prints `done` when it came to its end alive.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

from sqlalchemy import event

from shared.replay.exchange import Exchange
from shared.replay.shadow import Shadow
from shared.store import Store
from tests.tally.service import TALLY


def die(*_: Any) -> None:
    """As a power cut would end it."""
    os.kill(os.getpid(), signal.SIGKILL)


def main(url: str, when: str) -> None:
    """Exchange, and die on the way."""
    live = Store(TALLY.tables, url)
    statements = 0

    def count(*_: Any) -> None:
        nonlocal statements
        statements += 1
        if str(statements) == when:
            die()

    with Shadow.open(live, TALLY) as shadow:
        assert shadow.resumed
        with Exchange(live) as held:
            event.listen(held.connection, "before_cursor_execute", count)
            if when == "commit":
                event.listen(held.connection, "commit", die)
            held.replace(shadow)
    print("done")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
