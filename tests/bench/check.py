"""Checks that a contestant has done its work: the same rows and the same answers as everybody."""

from __future__ import annotations

import asyncio

import orjson
import sqlalchemy as sa

from shared.log import Log
from tests.bench.workload import Expected, expected


class Wrong(AssertionError):
    """A contestant did other work than it was given."""


def check_rows(url: str, count: int) -> None:
    """The tables hold what `count` inputs lead to. Raises Wrong."""
    wanted = expected(count)
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        tallies = {
            (program, cycle): (value, times, bool(active))
            for program, cycle, value, times, active in connection.execute(
                sa.text("SELECT program, cycle, value, count, active FROM tally")
            )
        }
        loads = {
            program: (active, refused)
            for program, active, refused in connection.execute(
                sa.text("SELECT program, active, refused FROM load")
            )
        }
    engine.dispose()
    _same("tallies", tallies, wanted.tallies)
    _same("loads", loads, wanted.loads)


def check_answers(url: str, count: int) -> None:
    """The log holds exactly one answer to each of `count` inputs, and the right one. Raises Wrong."""
    asyncio.run(_check_answers(url, expected(count)))


async def _check_answers(url: str, wanted: Expected) -> None:
    log = await Log.connect(url)
    answers: dict[str, str] = {}
    async for entries in log.read(["mentoring.*.flagged.*.*"]):
        for entry in entries:
            data = orjson.loads(entry.body)["data"]
            (cause,) = data["evidence"]
            if cause in answers:
                raise Wrong(f"two answers to {cause}")
            answers[cause] = data["status"]
    await log.close()
    _same("answers", answers, wanted.answers)


def _same(what: str, found: object, wanted: object) -> None:
    if found != wanted:
        assert isinstance(found, dict)
        assert isinstance(wanted, dict)
        odd = [key for key in wanted if found.get(key) != wanted[key]]
        raise Wrong(
            f"{what}: {len(found)} where {len(wanted)} belong, {len(odd)} differ, {odd[:1]} for one: "
            f"{[found.get(key) for key in odd[:1]]} where {[wanted[key] for key in odd[:1]]} belongs"
        )
