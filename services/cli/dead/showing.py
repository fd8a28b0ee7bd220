"""Shows one dead letter with what stands around it; the event itself only when asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from services.cli.connection import connected
from services.cli.dead import attempts, detail
from services.cli.dead.detail import Attempt, Detail
from services.cli.dead.letters import Letter, Wanted, find, held
from services.cli.dead.probing import probe
from services.cli.dead.selection import Place
from services.cli.folds import ServiceWord
from services.cli.output import Failure, out, print_json, say
from services.cli.stores import databases, opened
from shared.entry import Entry
from shared.events.envelope import InvalidEvent, decode
from shared.events.system import Discarded, Parked, Redriven, Rejected
from shared.log import Log
from shared.store import Store

_VERDICTS = "rejected", "parked"


async def show_letter(
    service: ServiceWord,
    seq: int,
    program: str | None,
    place: Place,
    *,
    trying: bool,
    body: bool,
    as_json: bool,
) -> None:
    """Show a dead letter of a service.

    Raises:
        Failure: there is none at this sequence, or the log or the database does not answer.
    """
    url = databases(place.database, place.folder, place.nats, service)[service]
    async with connected(place.nats, place.folder) as log:
        with opened(service, url) as store:
            found = await _detail(log, store, service, Wanted(program=program, seqs=(seq,)))
        if trying:
            found = await _probed(log, service, found)
    if body:
        say(
            "what follows is the event itself: it may be confidential, keep it out of tickets and chats"
        )
    if as_json:
        print_json(detail.plain(found, body=body))
    else:
        out().print(detail.shown(found, body=body), soft_wrap=True)


async def _probed(log: Log, service: ServiceWord, found: Detail) -> Detail:
    if (found.letter.kind, found.letter.state) != ("parked", "open"):
        raise Failure(f"{found.letter.seq} is not parked: there is nothing to try")
    return replace(found, probe=await probe(log, service, found.before, found.letter))


async def _detail(log: Log, store: Store, service: str, wanted: Wanted) -> Detail:
    letters = await asyncio.to_thread(find, store, wanted)
    if not letters:
        raise Failure(
            f"{service} has no dead letter at {wanted.seqs[0]}: see `mentoring dead list`"
        )
    letter = letters[0]
    same = [
        each
        for each in await asyncio.to_thread(held, store)
        if (each.program, each.about) == (letter.program, letter.about)
    ]
    return Detail(
        service,
        letter,
        await log.entry(letter.seq),
        await _attempts(log, service, letter) if letter.event else (),
        [each for each in same if each.seq < letter.seq],
        [each for each in same if each.seq > letter.seq],
    )


async def _attempts(log: Log, service: str, letter: Letter) -> Sequence[Attempt]:
    known = await attempts.read(log, letter.program, letter.about)
    said = [
        *known.of(service, letter, Redriven),
        *known.of(service, letter, Discarded),
    ]
    answers = await _answers(log, service, letter)
    said.sort(key=lambda each: each.seq)
    return [Attempt(each, answers.get(each.seq, "")) for each in said]


async def _answers(log: Log, service: str, letter: Letter) -> dict[int, str]:
    """The verdicts of a service on this key, by what they answer."""
    found = {}
    filters = [f"mentoring.{letter.program}.{word}.{letter.about}.>" for word in _VERDICTS]
    async for entries in log.read(filters, letter.seq):
        for entry in entries:
            if entry.said_by == service and entry.cause is not None:
                found[entry.cause] = _code(entry)
    return found


def _code(entry: Entry) -> str:
    try:
        data = decode(entry.body).data
    except InvalidEvent:
        return entry.word
    if isinstance(data, Parked):
        return f"parked again: {data.error}"
    return f"refused: {data.rule}" if isinstance(data, Rejected) else entry.word
