"""How far each service has folded the log, read from the stores of one folder thousands of times a minute.

A position moves in the transaction that keeps the rows, after the answers are in the log. Reading it costs
some microseconds; asking over HTTP as often would cost the services more than their work.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from pathlib import Path


class Positions:
    """Reads the positions of SQLite stores, given by service."""

    def __init__(self, stores: Mapping[str, Path]) -> None:
        self._stores = {
            name: sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)
            for name, path in stores.items()
        }

    def __call__(self) -> dict[str, int]:
        """The sequence up to which each service has folded; 0 before its first input."""
        return {name: _position(store) for name, store in self._stores.items()}

    def close(self) -> None:
        """Give the files back."""
        for store in self._stores.values():
            store.close()


def _position(store: sqlite3.Connection) -> int:
    found = store.execute("SELECT min(seq) FROM position").fetchone()
    return found[0] or 0
