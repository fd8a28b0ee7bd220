"""One redelivery, from its first event to its end or to where it is stopped."""

from __future__ import annotations

import asyncio
import signal
import uuid
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import aclosing, contextmanager, suppress
from dataclasses import replace
from datetime import datetime

from services.cli.output import Failure
from services.cli.redeliver.courier import Courier
from services.cli.redeliver.target import is_kept
from services.cli.redeliver.ticket import Ticket
from shared.archive.exact import Wanted, read
from shared.archive.lines import Record
from shared.log import Log

_WINDOW = 100
"""Events under way at a time."""
_BEATS = 10
"""With a rate, so many windows a second."""


async def begin(log: Log, wanted: Wanted, to: str, *, acknowledged: bool) -> Ticket:
    """The ticket of a new redelivery: what stands in the log now, in sequences.

    Raises:
        Failure: nobody keeps what is delivered there, and it was not said that this is meant.
        LogTrouble: the log does not answer.
    """
    info = await log.info()
    kept = await is_kept(log, to)
    if acknowledged and not kept:
        raise Failure(
            f"no stream keeps what is published to {to}: whoever does not listen now loses it, and nobody says so. "
            "Make a stream for it, or give --no-ack"
        )
    end = info.last_seq
    if wanted.until is not None:
        end = min(end, await _place(log, wanted.until, end) - 1)
    start = 1 if wanted.since is None else await _place(log, wanted.since, info.last_seq)
    return Ticket(
        run=uuid.uuid4().hex[:16],
        log=info.uuid,
        to=to,
        next=start,
        end=end,
        program=wanted.program,
        event=wanted.word,
        key=wanted.key,
        acknowledged=acknowledged,
    )


async def check(log: Log, ticket: Ticket) -> None:
    """A token belongs to this log, and its subject is still kept.

    Raises:
        Failure: it does not, or is not.
    """
    if (await log.info()).uuid != ticket.log:
        raise Failure(f"--resume: the token is for the log {ticket.log}, and this is another one")
    if ticket.acknowledged and not await is_kept(log, ticket.to):
        raise Failure(f"no stream keeps what is published to {ticket.to} any more")


async def count(log: Log, ticket: Ticket) -> int:
    """How many events a redelivery would deliver; only asks, reads none."""
    filters = [_wanted(ticket).filter]
    found = []
    for start in (ticket.next, ticket.end + 1):
        reader = await log.reader(filters, start)
        found.append(reader.standing)
        await reader.close()
    return max(0, found[0] - found[1])


async def deliver(
    log: Log, ticket: Ticket, courier: Courier, rate: float | None, tell: Callable[[Ticket], None]
) -> None:
    """Deliver all of it, in order; stops in order at SIGINT and SIGTERM, between two windows.

    Args:
        log: the connection.
        ticket: what to deliver.
        courier: who delivers.
        rate: at most so many events a second; None: as fast as the stream takes them.
        tell: hears of the ticket that is left, after each window.
    """
    await courier.open()
    size = _WINDOW if rate is None else max(1, min(_WINDOW, int(rate / _BEATS)))
    loop = asyncio.get_running_loop()
    due = loop.time()
    with _stopped() as stop:
        async with aclosing(_windows(log, ticket, size)) as windows:
            async for window in windows:
                if stop.is_set():
                    return
                await courier.deliver(window)
                ticket = replace(ticket, next=window[-1].seq + 1)
                tell(ticket)
                if rate is not None:
                    due = max(due, loop.time() - 1) + len(window) / rate
                    await _rest(stop, due - loop.time())
    if not stop.is_set():
        tell(replace(ticket, next=ticket.end + 1))


async def _windows(log: Log, ticket: Ticket, size: int) -> AsyncGenerator[Sequence[Record], None]:
    async with aclosing(read(log, _wanted(ticket), ticket.end, ticket.next - 1)) as found:
        async for batch in found:
            for start in range(0, len(batch), size):
                yield [seen.record for seen in batch[start : start + size]]


def _wanted(ticket: Ticket) -> Wanted:
    return Wanted(ticket.program, ticket.event, ticket.key)


async def _place(log: Log, place: int | datetime, last: int) -> int:
    """The sequence of the first message at or behind a place."""
    if isinstance(place, int):
        return place
    reader = await log.reader(["mentoring.*.*.*.>"], since=place)
    try:
        return (await reader.batch())[0].seq if reader.standing else last + 1
    finally:
        await reader.close()


async def _rest(stop: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), max(0.0, seconds))


@contextmanager
def _stopped() -> Iterator[asyncio.Event]:
    """An event that a signal sets; the first one asks, a second one ends at once."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    signals = (signal.SIGINT, signal.SIGTERM)

    def ask() -> None:
        stop.set()
        for number in signals:
            loop.remove_signal_handler(number)

    for number in signals:
        loop.add_signal_handler(number, ask)
    try:
        yield stop
    finally:
        for number in signals:
            loop.remove_signal_handler(number)
