"""Dead letters of a service as its store holds them: which there are, and which are wanted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, select
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from shared.outcome import DeadLetter
from shared.store import Store

_Columns = ReadOnlyColumnCollection[str, Column[Any]]
Letter = DeadLetter
"""A row of the table `dead_letter`."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which dead letters; what is None does not matter.

    Attributes:
        kind: invalid, rejected or parked.
        state: open, redriven or discarded.
        word: the event's word, such as paired.
        program, about: the event's program and key.
        error: the rule that was broken, or the class or code of the error.
        seqs: these sequences of the log alone.
        first, last: sequences from and up to which they stand, both included.
    """

    kind: str | None = None
    state: str | None = None
    word: str | None = None
    program: str | None = None
    about: str | None = None
    error: str | None = None
    seqs: Sequence[int] = ()
    first: int | None = None
    last: int | None = None

    def takes(self, letter: Letter) -> bool:
        """Whether a letter is one of them."""
        given = (self.kind, self.state, self.word, self.program, self.about)
        has = (letter.kind, letter.state, letter.word, letter.program, letter.about)
        return (
            all(want is None or want == is_ for want, is_ in zip(given, has, strict=True))
            and (self.error is None or self.error in {error_of(letter), letter.rule})
            and (not self.seqs or letter.seq in self.seqs)
            and (self.first is None or letter.seq >= self.first)
            and (self.last is None or letter.seq <= self.last)
        )


def error_of(letter: Letter) -> str:
    """What it failed of: the rule, or for a parked one the error's class."""
    return letter.field or letter.rule if letter.kind == "parked" else letter.rule


def find(store: Store, wanted: Wanted) -> list[Letter]:
    """The wanted letters, in the order of the log.

    Raises:
        StoreTrouble: the database does not answer.
    """
    return [each for each in store.read(lambda c: _rows(c, store, wanted)) if wanted.takes(each)]


def held(store: Store) -> list[Letter]:
    """Every parked letter that waits for an operator, in the order of the log."""
    return find(store, Wanted(kind="parked", state="open"))


def _rows(connection: Connection, store: Store, wanted: Wanted) -> list[Letter]:
    table = store.metadata.tables["dead_letter"]
    query = select(table).where(*_conditions(table.c, wanted)).order_by(table.c.seq)
    return [Letter(**row) for row in connection.execute(query).mappings()]


def _conditions(columns: _Columns, wanted: Wanted) -> Iterable[ColumnElement[bool]]:
    """What the database can leave out for us; `takes` decides."""
    for name in ("kind", "state", "word", "program", "about"):
        if (value := getattr(wanted, name)) is not None:
            yield columns[name] == value
    if wanted.first is not None:
        yield columns.seq >= wanted.first
    if wanted.last is not None:
        yield columns.seq <= wanted.last
