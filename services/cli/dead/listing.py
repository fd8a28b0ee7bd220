"""Lists dead letters of the services, in groups or each."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime

from services.cli.connection import connected
from services.cli.dead import ages, view
from services.cli.dead.groups import by_cause
from services.cli.dead.letters import Letter, Wanted, find
from services.cli.dead.selection import Place, Selection
from services.cli.output import Failure, out, print_json, say
from services.cli.stores import databases, opened
from shared.log import Log

Letters = Sequence[tuple[str, Letter]]
_DATED = 500
"""Letters whose instants are looked up one by one; of more, only each group's oldest."""


async def listing(
    service: str | None, selection: Selection, place: Place, *, each: bool, as_json: bool
) -> bool:
    """List what is selected; whether something of it waits for an operator.

    Raises:
        Failure: a database, or the log where it is needed, does not answer.
    """
    try:
        async with connected(place.nats, place.folder) as log:
            letters = await letters_of(service, await wanted(log, selection), place)
            dated = await _dated(log, letters, each=each)
    except Failure as error:
        if selection.has_age:
            raise
        letters, dated = await letters_of(service, plain(selection), place), {}
        say(f"without instants: {error}")
    _show(letters, dated, each=each, as_json=as_json)
    return any(letter.kind == "parked" and letter.state == "open" for _, letter in letters)


def plain(selection: Selection) -> Wanted:
    """The selection as far as the store alone can tell."""
    return Wanted(
        kind=selection.kind,
        state=None if selection.state == "all" else selection.state,
        word=selection.word,
        program=selection.program,
        about=selection.key,
        error=selection.error,
        seqs=selection.seqs,
    )


async def wanted(log: Log, selection: Selection) -> Wanted:
    """The selection with its ages as places in the log.

    Raises:
        LogTrouble, ReaderLost: the log cannot be read.
    """
    return await ages.within(log, plain(selection), selection.older, selection.newer)


async def letters_of(service: str | None, wanted: Wanted, place: Place) -> Letters:
    """The wanted letters of one service or of all whose database is known, each with its service.

    Raises:
        Failure: a database does not answer, or nobody knows where it is.
    """
    found: list[tuple[str, Letter]] = []
    for name, url in databases(place.database, place.folder, place.nats, service).items():
        with opened(name, url) as store:
            found += [(name, letter) for letter in await asyncio.to_thread(find, store, wanted)]
    return found


async def _dated(log: Log, letters: Letters, *, each: bool) -> Mapping[int, datetime]:
    firsts = {group.first.seq for group in by_cause(letters)}
    if each and len(letters) <= _DATED:
        firsts |= {letter.seq for _, letter in letters}
    return await ages.instants(log, sorted(firsts))


def _show(letters: Letters, dated: Mapping[int, datetime], *, each: bool, as_json: bool) -> None:
    if as_json:
        print_json(
            [view.plain(name, letter, dated) for name, letter in letters]
            if each
            else [view.plain_group(group, dated) for group in by_cause(letters)]
        )
    elif not letters:
        out().print("no dead letters")
    elif each:
        out().print(view.letters_table(letters, dated))
    else:
        out().print(view.groups_table(by_cause(letters), dated))
