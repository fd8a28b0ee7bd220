"""A program's report from the log, or from an archive of one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from services.cli.archive.progress import bar
from services.cli.connection import connected
from services.cli.output import Failure
from services.cli.report.closing import Instead, opened, with_closing
from services.cli.report.sealed_reviews import WORDS, Sealings
from services.feedback.keyring import KeyRing
from services.feedback.report.asking import filters_of, finished, report_of
from services.feedback.report.collect import Collector, NoProgram, NotAFact
from services.feedback.report.model import ClockName, Report
from services.feedback.report.sources import collect_archive
from services.feedback.unsealing import for_readers
from shared.archive.lines import BadArchive
from shared.archive.reading import Archive, Cursor
from shared.entry import Entry
from shared.log import Log


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which report.

    Attributes:
        program, clock: see `Collector`.
        asked: as of then; None: as of the last event that counts.
    """

    program: str
    clock: ClockName
    asked: datetime | None


async def report_from(
    wanted: Wanted, nats: str | None, folder: Path, archive: Path | None, ring: KeyRing | None
) -> Report:
    """The report from an archive, or else from the log.

    Args:
        wanted: which.
        nats, folder: where the log is.
        archive: the archive; None: the log.
        ring: opens what only the report may read; None: it has no part in it.

    Raises:
        Failure: there is no such program, the archive is damaged, or something in the log cannot be.
    """
    try:
        if archive is not None:
            found = await asyncio.to_thread(_unpacked, wanted, archive)
            return await _with_closing(wanted, found, _archived(wanted, archive), ring)
        async with connected(nats, folder) as log:
            found = await _read(wanted, log)
            return await _with_closing(wanted, found, log.read, ring)
    except (NoProgram, NotAFact) as error:
        raise Failure(str(error)) from error


async def _read(wanted: Wanted, log: Log) -> Report:
    info = await log.info()
    return await report_of(
        _told(log, filters_of(wanted.program), info.last_seq),
        wanted.program,
        asked=wanted.asked,
        clock=wanted.clock,
        log=info.uuid or "",
    )


async def _told(log: Log, filters: Sequence[str], last: int) -> AsyncIterator[Sequence[Entry]]:
    """The log's events, with a bar for whoever waits."""
    with bar("reading the log") as move:
        async for entries in log.read(filters):
            yield entries
            move(entries[-1].seq, last)


def _unpacked(wanted: Wanted, path: Path) -> Report:
    collector = Collector(wanted.program, wanted.clock)
    try:
        with bar("reading the archive") as move:
            size = path.stat().st_size
            log = collect_archive(path, collector, lambda done: move(done, size))
    except BadArchive as error:
        raise Failure(f"{path}: {error}") from error
    except OSError as error:
        raise Failure(f"{path} cannot be read: {error.strerror}") from error
    return finished(collector, wanted.asked, log)


Events = Callable[[Sequence[str]], AsyncIterator[Sequence[Entry]]]
"""Gives the events on some subjects, or more than these, from the beginning."""


async def _with_closing(
    wanted: Wanted, found: Report, events: Events, ring: KeyRing | None
) -> Report:
    """With what only the report may read: once for what is sealed, once more for what it is counted with."""
    if ring is None:
        return found
    sealings = Sealings(wanted.program)
    async for entries in events([f"mentoring.{wanted.program}.{word}.>" for word in WORDS]):
        await asyncio.to_thread(sealings.add, entries)
    unseal = for_readers(lambda: ring)
    reviews = await asyncio.to_thread(opened, wanted.program, sealings.reviews(), unseal)
    collectors = {
        kind: Instead(Collector(wanted.program, wanted.clock), told)
        for kind, told in reviews.told.items()
    }
    async for entries in events(filters_of(wanted.program)):
        for collector in collectors.values():
            await asyncio.to_thread(collector.add, entries)
    reports = {
        kind: await asyncio.to_thread(each.report, found.asked, found.log)
        for kind, each in collectors.items()
    }
    return with_closing(found, reports, reviews.unreadable)


def _archived(wanted: Wanted, path: Path) -> Events:
    """The archive's events of the program; it was found whole."""

    async def read(_filters: Sequence[str]) -> AsyncIterator[Sequence[Entry]]:
        archive = await asyncio.to_thread(Archive.open, path)
        cursor = Cursor(archive.entries(program=wanted.program))
        while entries := await cursor.batch():
            yield entries

    return read
