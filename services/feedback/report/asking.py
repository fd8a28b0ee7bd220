"""Reports on demand: read from the log, computed beside the loop, one at a time, and kept for a while."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterable, Sequence
from datetime import UTC, datetime

from services.feedback.report.calendar import next_release
from services.feedback.report.collect import WORDS, Collector
from services.feedback.report.model import ClockName, Report
from services.feedback.report.report import make_report
from shared.entry import Entry
from shared.log import Log

_KEPT = 8
"""Reports that are kept: each is asked for again by whoever looks at it."""


def filters_of(program: str) -> list[str]:
    """The subjects of the log that a report reads."""
    return [f"mentoring.{program}.{word}.>" for word in sorted(WORDS)]


async def collected(
    batches: AsyncIterable[Sequence[Entry]], program: str, clock: ClockName = "stored"
) -> Collector:
    """Collect a program from events as they arrive, in a thread.

    Raises:
        NotAFact: a service says what it cannot have said.
    """
    collector = Collector(program, clock)
    async for entries in batches:
        await asyncio.to_thread(collector.add, entries)
    return collector


async def report_of(
    batches: AsyncIterable[Sequence[Entry]],
    program: str,
    *,
    asked: datetime | None,
    clock: ClockName,
    log: str,
) -> Report:
    """The report of a program from events as they arrive.

    Args:
        batches: in the log's order, at least those of `filters_of`.
        program: which.
        asked: the instant; None: when the last event was seen.
        clock: see `Collector`.
        log: identity of the log.

    Raises:
        NoProgram: the log does not open it.
        NotAFact: a service says what it cannot have said.
    """
    return await asyncio.to_thread(finished, await collected(batches, program, clock), asked, log)


def finished(collector: Collector, asked: datetime | None, log: str) -> Report:
    """The report of what was collected; see `report_of`."""
    columns = collector.columns()
    return make_report(columns, asked or collector.last, log=log)


class Reports:
    """Reports for an API: one is computed at a time, and the last ones are kept.

    By the clock `stored` a report of a past release is final, for nothing is stored into the past: it is kept, and
    answers for every instant until the next release. By the events' own times it is not.

    Args:
        url: the log's address. Reading for a report has a connection of its own.
        clock: see `Collector`.
    """

    def __init__(self, url: str, clock: ClockName = "stored") -> None:
        self._url, self._clock = url, clock
        self._busy = asyncio.Lock()
        self._kept: OrderedDict[tuple[str, datetime], Report] = OrderedDict()

    async def get(self, program: str, at: datetime | None = None) -> Report:
        """The report of a program at an instant, now at the latest; by the events' own times the last one.

        Raises:
            NoProgram: the log does not open it.
            NotAFact: a service says what it cannot have said.
            LogTrouble, ReaderLost: the log does not answer.
        """
        if self._clock == "stored":
            now = datetime.now(UTC)
            at = now if at is None else min(at, now)
        async with self._busy:
            known = None if at is None else self._known(program, at)
            return known or self._keep(await self._read(program, at))

    async def _read(self, program: str, at: datetime | None) -> Report:
        log = await Log.connect(self._url, "mentoring-report")
        try:
            identity = (await log.info()).uuid
            batches = log.read(filters_of(program))
            return await report_of(batches, program, asked=at, clock=self._clock, log=identity)
        finally:
            await log.close()

    def _known(self, program: str, at: datetime) -> Report | None:
        for (name, released), report in self._kept.items():
            if name == program and released <= at < next_release(released, report.zone):
                self._kept.move_to_end((name, released))
                return report.model_copy(update={"asked": at})
        return None

    def _keep(self, report: Report) -> Report:
        if report.released is not None and self._clock == "stored":
            self._kept[report.program, report.released] = report
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        return report
