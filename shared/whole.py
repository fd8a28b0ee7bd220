"""A store as the source of a world that need not ask it about programs whose rows are all in memory.

A program that begins while its partition is folded has no rows in the store, so whatever it has is in the world from
then on, for as long as the world is kept. Most programs of a rebuild are such, and most of its queries were theirs.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import MetaData

from shared.transaction import Transaction
from shared.world import Key, R


class Whole:
    """Loads rows from a transaction, except those of programs that had none when they were met.

    Args:
        transaction: where the rows are.
        metadata: its tables; those of rows have `program` first in their keys.
    """

    def __init__(self, transaction: Transaction, metadata: MetaData) -> None:
        self._transaction = transaction
        self._met: dict[str, bool] = {}
        tables = sorted(name for name, t in metadata.tables.items() if "program" in t.primary_key.c)
        self._tables = tables

    def meet(self, programs: Collection[str]) -> set[str]:
        """Look which of these programs have rows in the store, once; returns those that may have."""
        for program in programs:
            if program not in self._met:
                self._met[program] = not self._transaction.holds(self._tables, program)
        return {program for program in programs if not self._met[program]}

    def keep_only(self, programs: Collection[str]) -> None:
        """The world has forgotten the rows of all other programs."""
        self._met = {program: whole for program, whole in self._met.items() if program in programs}

    def load(self, kind: type[R], keys: Iterable[Key]) -> Iterable[R]:
        """The rows of these keys that are not in the world yet."""
        met = self._met
        asked = [key for key in keys if not met.get(key[0], False)]
        return self._transaction.load(kind, asked) if asked else ()

    def find(self, kind: type[R], where: Mapping[str, Any]) -> Iterable[R]:
        """All rows whose fields equal these values, of which some may not be in the world yet."""
        if self._met.get(where.get("program", ""), False):
            return ()
        return self._transaction.find(kind, where)
