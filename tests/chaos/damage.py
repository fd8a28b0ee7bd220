"""Rows that stand in a store against the log: what a hand in the database, or a bug of once, leaves behind.

Nothing of it is ever read by the service that goes on over it: rows of programs that nobody speaks of, and letters
of what was refused. So exactly these rows differ from the log, however long the service goes on.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    and_,
    delete,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.engine import RowMapping

from shared.engine import eager
from shared.store import Store

Planted = tuple[str, str, tuple[object, ...]]
"""Table, kind of difference and key."""
_OVER = ("invalid", "rejected")
"""Kinds of letters that nobody takes up again."""


def plant(store: Store, dice: random.Random) -> set[Planted]:
    """A row too many, and, when there are letters, one changed and one missing.

    Raises:
        StoreTrouble: the database does not answer.
    """
    with eager(store.engine) as connection:
        tables = [store.metadata.tables[str(each.__tablename__)] for each in store.tables.values()]
        ghosts = _ghost(connection, dice.choice(tables), dice)
        return {*ghosts, *_letters(connection, store.metadata.tables["dead_letter"], dice)}


def _ghost(connection: Connection, table: Table, dice: random.Random) -> Iterator[Planted]:
    key = [column.name for column in table.primary_key.columns]
    rows = connection.execute(select(*table.primary_key.columns)).mappings().all()
    if rows:
        row, name = dice.choice(rows), f"ghost{dice.getrandbits(40)}"
        others = [column for column in table.columns if column.name != "program"]
        copy = select(literal(name), *others).where(*(table.c[each] == row[each] for each in key))
        connection.execute(insert(table).from_select([table.c.program, *others], copy))
        yield table.name, "extra", tuple({**row, "program": name}[each] for each in key)


def _letters(connection: Connection, table: Table, dice: random.Random) -> Iterator[Planted]:
    query = select(table).where(table.c.kind.in_(_OVER))
    letters = connection.execute(query).mappings().all()
    if len(letters) > 1:
        changed, missing = dice.sample(letters, 2)
        connection.execute(update(table).where(_is(table, changed)).values(rule="planted"))
        yield table.name, "changed", (changed["program"], changed["seq"])
        connection.execute(delete(table).where(_is(table, missing)))
        yield table.name, "missing", (missing["program"], missing["seq"])


def _is(table: Table, row: RowMapping) -> ColumnElement[bool]:
    return and_(table.c.program == row["program"], table.c.seq == row["seq"])
