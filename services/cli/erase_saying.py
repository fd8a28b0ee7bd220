"""Says something about a person to the log, and waits until services have folded it."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, select

from services.cli.dead.attempts import SOURCE
from services.cli.sender import Sender
from shared.events.envelope import Event, EventData, InvalidEvent, decode
from shared.fold import fingerprint
from shared.log import Log
from shared.store import Store

WAITING = "waiting"
_SHORTEST, _LONGEST = 0.02, 0.5


@dataclass(frozen=True, slots=True)
class Said:
    """An event, and where it stands in the log."""

    event: Event
    seq: int


async def say(
    log: Log, program: str, person: str, made: Callable[[datetime], EventData], patience: float
) -> Said:
    """Append what is stated about a person, as of now.

    Raises:
        LogTrouble: the log did not take it for `patience` seconds.
        Refused: it refuses it for good.
    """
    now = datetime.now(UTC)
    event = Event(str(uuid.uuid4()), SOURCE, program, person, now, made(now))
    sender = Sender(log, (await log.info()).last_seq, patience)
    await sender.send([event])
    return Said(event, sender.last)


async def said_before(log: Log, program: str, person: str, word: str) -> list[Said]:
    """What stands in the log of a person in this word, the latest first; of `left` what operators have said.

    Raises:
        LogTrouble, ReaderLost: the log cannot be read.
    """
    found = []
    async for entries in log.read([f"mentoring.{program}.{word}.{person}.>"]):
        for entry in entries:
            with suppress(InvalidEvent):
                found.append(Said(decode(entry.body), entry.seq))
    return [said for said in reversed(found) if word == "erased" or said.event.source == SOURCE]


async def became(stores: Mapping[str, Store], said: Said, patience: float) -> dict[str, str]:
    """Wait until each service has folded it: `folded`, `refused: RULE`, `parked`, or `waiting` when it has not.

    Raises:
        StoreTrouble: a database does not answer.
    """
    found = dict.fromkeys(stores, WAITING)

    async def all_have() -> bool:
        for name in [name for name, state in found.items() if state == WAITING]:
            found[name] = await asyncio.to_thread(state_of, stores[name], said)
        return WAITING not in found.values()

    await until(all_have, patience)
    return found


async def until(holds: Callable[[], Awaitable[bool]], patience: float) -> bool:
    """Ask again and again whether something holds, for so many seconds; whether it did."""
    loop = asyncio.get_running_loop()
    deadline, pause = loop.time() + patience, _SHORTEST
    while not await holds():
        if loop.time() >= deadline:
            return False
        await asyncio.sleep(pause)
        pause = min(_LONGEST, pause * 1.5)
    return True


def state_of(store: Store, said: Said) -> str:
    """What a service has made of it by now.

    Raises:
        StoreTrouble: the database does not answer.
    """
    return store.read(lambda connection: _look(connection, store, said))


def _look(connection: Connection, store: Store, said: Said) -> str:
    seen = store.metadata.tables["seen"]
    known = select(seen.c.fingerprint).where(seen.c.fingerprint == fingerprint(said.event))
    if connection.execute(known).first() is None:
        return WAITING
    letter = store.metadata.tables["dead_letter"]
    query = select(letter.c.kind, letter.c.rule).where(
        letter.c.program == said.event.program, letter.c.seq == said.seq
    )
    found = connection.execute(query).first()
    if found is None:
        return "folded"
    return "parked" if found.kind == "parked" else f"refused: {found.rule}"
