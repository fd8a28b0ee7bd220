"""A program's report from the log, or from an archive of one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from services.cli.archive.progress import bar
from services.cli.connection import connected
from services.cli.output import Failure
from services.feedback.report.asking import filters_of, finished, report_of
from services.feedback.report.collect import Collector, NoProgram, NotAFact
from services.feedback.report.model import ClockName, Report
from services.feedback.report.sources import collect_archive
from shared.archive.lines import BadArchive
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
    wanted: Wanted, nats: str | None, folder: Path, archive: Path | None
) -> Report:
    """The report from an archive, or else from the log.

    Raises:
        Failure: there is no such program, the archive is damaged, or something in the log cannot be.
    """
    try:
        if archive is not None:
            return await asyncio.to_thread(_unpacked, wanted, archive)
        async with connected(nats, folder) as log:
            return await _read(wanted, log)
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
