"""What became of what an operator has said: read from the service's store, which folds it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from sqlalchemy import Connection, select

from services.cli.dead.attempts import Said
from services.cli.dead.letters import Letter, error_of
from shared.fold import fingerprint
from shared.store import Store

_SHORTEST, _LONGEST = 0.02, 0.5


@dataclass(frozen=True, slots=True)
class Became:
    """What became of a letter.

    Attributes:
        state: folded, refused (its judge refuses it now), parked (again), discarded, or waiting: not folded yet.
        error: why it was refused or parked again.
        waits: it is parked again because it needs what another parked event holds.
    """

    state: str
    error: str = ""
    waits: bool = False


WAITING = Became("waiting")


async def of(store: Store, letter: Letter, said: Said, patience: float) -> Became:
    """Wait until the service has folded what was said, and tell what became of the letter.

    Raises:
        StoreTrouble: the database does not answer.
    """
    loop = asyncio.get_running_loop()
    deadline, pause = loop.time() + patience, _SHORTEST
    while (found := await asyncio.to_thread(now, store, letter, said)) is WAITING:
        if loop.time() >= deadline:
            break
        await asyncio.sleep(pause)
        pause = min(_LONGEST, pause * 1.5)
    return found


def now(store: Store, letter: Letter, said: Said) -> Became:
    """What has become of the letter by now; WAITING while the service has not folded what was said."""
    return store.read(lambda connection: _look(connection, store, letter, said))


def _look(connection: Connection, store: Store, letter: Letter, said: Said) -> Became:
    seen = store.metadata.tables["seen"]
    query = select(seen.c.fingerprint).where(seen.c.fingerprint == fingerprint(said.event))
    if connection.execute(query).first() is None:
        return WAITING
    stands = _letter(connection, store, letter.program, letter.seq)
    if stands is None:  # another store than the one that the letter was read from
        return Became("parked", "the store does not hold the letter any more")
    if stands.kind != "parked":
        return Became("refused", stands.rule)
    if stands.state != "open":
        return Became("folded" if stands.state == "redriven" else stands.state)
    refused = _letter(connection, store, letter.program, said.seq)
    if refused is not None and refused.seq != letter.seq:
        return Became("parked", refused.rule)
    return Became("parked", error_of(stands), waits=stands.rule == "waits")


def _letter(connection: Connection, store: Store, program: str, seq: int) -> Letter | None:
    table = store.metadata.tables["dead_letter"]
    query = select(table).where(table.c.program == program, table.c.seq == seq)
    row = connection.execute(query).mappings().first()
    return None if row is None else Letter(**row)
