"""A program as one service folds it from the log, in memory, up to a cut: for commands that ask no service."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from services.cli.output import Failure
from services.cli.timeline import programs_of
from shared.events.event import TOKEN
from shared.log import Log
from shared.outcome import Diverged
from shared.replay.history import Cut, Step, history
from shared.service import Service
from shared.world import World


@asynccontextmanager
async def folded(
    log: Log, service: Service, program: str, cut: Cut
) -> AsyncIterator[tuple[World, AsyncIterator[Step]]]:
    """A program's world, and the steps that fold it.

    Raises:
        Failure: today's code judges otherwise than the log.
    """
    try:
        async with history(log, service, program, cut) as (told, steps):
            yield told.world, steps
    except Diverged as error:
        raise Failure(f"today's code would judge otherwise than the log {error}") from error


async def program_of(log: Log, key: str) -> str:
    """The program that knows this key; empty where none does.

    Raises:
        Failure: several do.
    """
    found = await programs_of(log, key)
    if len(found) > 1:
        raise Failure(f"{key} is in several programs: give --program {' or '.join(found)}")
    return found[0] if found else ""


async def programs(log: Log) -> list[str]:
    """Every program that was ever opened, sorted."""
    found = set()
    async for entries in log.read(["mentoring.*.opened.>"]):
        found |= {entry.subject.split(".")[1] for entry in entries if not entry.said_by}
    return sorted(name for name in found if TOKEN.fullmatch(name))
