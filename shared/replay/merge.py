"""Putting what several workers have folded into one store, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from shared.engine import trouble
from shared.replay.accepted import KIND
from shared.replay.beside import Beside
from shared.store import Store
from shared.transaction import Transaction


def merge(into: Store, parts: Sequence[Beside], version: int) -> None:
    """Take over the rows of parts that hold different programs, up to where each partition is folded.

    Args:
        into: without rows; all of the parts are in it afterwards, or none.
        parts: each folded to the same goals, with no transaction open. SQLite attaches at most ten.
        version: of the fold that has written them.

    Raises:
        StoreTrouble: the database does not answer.
    """
    with trouble(), into.engine.connect() as connection:
        connection.detach()  # what is attached to it ends with it
        with connection.begin():
            names = [_name(connection, number, part) for number, part in enumerate(parts, 1)]
            for table, columns in _columns(into).items():
                for name in names:
                    connection.exec_driver_sql(
                        f'INSERT INTO "{table}" ({columns}) SELECT {columns} FROM {name}."{table}"'  # noqa: S608 - our own names
                    )
            _accepted(connection, into, names)
            transaction = Transaction(connection, into.maps)
            transaction.set_fold_version(version)
            _stand(transaction, names)


def _name(connection: Connection, number: int, part: Beside) -> str:
    """How SQL names a part."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"ATTACH DATABASE ? AS part{number}", (part.name,))
        return f"part{number}"
    return connection.dialect.identifier_preparer.quote(part.name)


def _columns(store: Store) -> Mapping[str, str]:
    """The columns of each table that holds something of a program."""
    tables = [*(table.name for table in store.maps.values()), "seen"]
    return {
        name: ", ".join(f'"{column}"' for column in store.metadata.tables[name].columns.keys())  # noqa: SIM118 - a column collection
        for name in tables
    }


def _accepted(connection: Connection, into: Store, names: Sequence[str]) -> None:
    """What was accepted for a part; it gets a number of its own."""
    columns = [
        f'"{each.name}"' for each in into.metadata.tables["operation"].c if each.name != "id"
    ]
    listed = ", ".join(columns)
    for name in names:
        sql = f"INSERT INTO operation ({listed}) SELECT {listed} FROM {name}.operation"  # noqa: S608 - our own names
        connection.exec_driver_sql(f"{sql} WHERE kind = '{KIND}' ORDER BY from_seq")


def _stand(transaction: Transaction, names: Sequence[str]) -> None:
    """Where the last of the parts stands in each partition: behind it no other has an input up to the goal."""
    last: dict[int, Any] = {}
    for name in names:
        sql = f"SELECT partition, seq, log, event FROM {name}.position"  # noqa: S608 - our own names
        for row in transaction.connection.exec_driver_sql(sql):
            if row.partition not in last or row.seq > last[row.partition].seq:
                last[row.partition] = row
    transaction.connection.exec_driver_sql("DELETE FROM position")
    for at, row in last.items():
        transaction.begin_position(at, row.log)
        transaction.move(at, 0, row.seq, row.event, 0)
