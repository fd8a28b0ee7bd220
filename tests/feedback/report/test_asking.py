"""Reports on demand, from a real log."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from services.feedback.report.asking import Reports, report_of
from services.feedback.report.collect import NoProgram
from services.feedback.report.model import Report
from shared.entry import Entry
from shared.log import Log, Message
from tests.feedback.report.telling import PROGRAM, at, begun
from tests.lifecycle.golden import golden_log
from tests.tally.log import open_log


async def batches(entries: Sequence[Entry], size: int = 100) -> AsyncIterator[Sequence[Entry]]:
    for start in range(0, len(entries), size):
        yield entries[start : start + size]


async def fill(log: Log, entries: Sequence[Entry]) -> None:
    """The entries as services and others append them, each answer naming its cause."""
    for entry in entries:
        headers = {} if entry.said_by is None else {"Mentoring-Service": entry.said_by}
        if entry.cause is not None:
            headers["Mentoring-Cause"] = str(entry.cause)
        await log.send(Message(entry.subject, entry.body, headers))


async def test_a_report_from_the_log_is_that_of_its_events(nats_url: str) -> None:
    golden = golden_log.read()
    async with open_log(nats_url) as log:
        await fill(log, golden)
        identity = (await log.info()).uuid

        found = await Reports(nats_url, "event").get("demo")

    expected = await report_of(batches(golden), "demo", asked=None, clock="event", log=identity)
    assert found.model_copy(update={"position": 0}) == expected.model_copy(update={"position": 0})
    assert found.released is not None


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """The instants for which a log was read; it is a program of three months that is told by hand."""
    instants: list[datetime] = []
    told = begun()
    for number in range(90):
        told.day = number
        told.requested(f"c{number}", f"mentee-{number}")

    async def reading(self: Reports, program: str, at: datetime) -> Report:
        instants.append(at)
        return await report_of(batches(told.entries), program, asked=at, clock="stored", log="x")

    monkeypatch.setattr(Reports, "_read", reading)
    return instants


async def test_a_report_of_a_past_release_is_read_once_for_all_instants_until_the_next(
    read: list[datetime],
) -> None:
    reports = Reports("nats://nowhere")

    first = await reports.get(PROGRAM, at(30))
    again = await reports.get(PROGRAM, at(31))
    other = await reports.get(PROGRAM, at(37))

    assert read == [at(30), at(37)]
    assert again == first.model_copy(update={"asked": at(31)})
    assert other.released != first.released


async def test_reports_asked_for_at_once_are_computed_one_after_the_other(
    read: list[datetime],
) -> None:
    reports = Reports("nats://nowhere")

    found = await asyncio.gather(*(reports.get(PROGRAM, at(30)) for _ in range(5)))

    assert len(read) == 1
    assert len({each.model_dump_json() for each in found}) == 1


async def test_the_report_that_nobody_asked_for_longest_makes_place(read: list[datetime]) -> None:
    reports = Reports("nats://nowhere")
    weeks = [at(14 + 7 * week) for week in range(9)]
    for each in weeks[:8]:
        await reports.get(PROGRAM, each)
    await reports.get(PROGRAM, weeks[0])
    await reports.get(PROGRAM, weeks[8])

    await reports.get(PROGRAM, weeks[0])
    await reports.get(PROGRAM, weeks[1])

    assert read == [*weeks, weeks[1]]


async def test_by_the_events_own_time_nothing_is_kept(read: list[datetime]) -> None:
    reports = Reports("nats://nowhere", "event")

    await reports.get(PROGRAM, at(30))
    await reports.get(PROGRAM, at(30))

    assert len(read) == 2


async def test_without_a_release_nothing_is_kept_and_an_instant_ahead_is_now(nats_url: str) -> None:
    async with open_log(nats_url) as log:
        await fill(log, begun().entries)
        ahead = await Reports(nats_url).get(PROGRAM, datetime.now(UTC) + timedelta(days=400))

    assert ahead.released is None
    assert ahead.asked <= datetime.now(UTC)


async def test_a_program_that_the_log_does_not_open_has_no_report(nats_url: str) -> None:
    async with open_log(nats_url):
        with pytest.raises(NoProgram):
            await Reports(nats_url).get("nobody")
