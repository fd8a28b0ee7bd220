"""Lists dead letters of the services, in groups or each."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime

from services.cli.connection import connected
from services.cli.dead import ages, view
from services.cli.dead.letters import Letter, Wanted, find
from services.cli.dead.selection import Place, Selection
from services.cli.output import Failure, out, print_json, say
from services.cli.stores import databases, opened
from shared.log import LogTrouble

Letters = Sequence[tuple[str, Letter]]
_DATED = 500
"""Letters whose instants are looked up one by one; of more, only each group's oldest."""


async def listing(
    service: str | None, selection: Selection, place: Place, *, each: bool, as_json: bool
) -> bool:
    """List what is selected; whether something of it waits for an operator.

    Raises:
        Failure: a database, or the log where ages are asked for, does not answer.
    """
    if selection.has_age:
        async with connected(place.nats, place.folder) as log:
            chosen = await ages.wanted(log, selection)
    else:
        chosen = ages.plain(selection)
    letters = await _letters(service, chosen, place)
    dated = await _dated(letters, place, each=each) if letters else {}
    _show(letters, dated, each=each, as_json=as_json)
    return any(letter.kind == "parked" and letter.state == "open" for _, letter in letters)


async def _letters(service: str | None, wanted: Wanted, place: Place) -> Letters:
    """The wanted letters of one service or of all whose database is known, each with its service.

    Raises:
        Failure: a database does not answer, or nobody knows where it is.
    """
    found: list[tuple[str, Letter]] = []
    for name, url in databases(place.database, place.folder, place.nats, service).items():
        with opened(name, url) as store:
            found += [(name, letter) for letter in await asyncio.to_thread(find, store, wanted)]
    return found


async def _dated(letters: Letters, place: Place, *, each: bool) -> Mapping[int, datetime]:
    """When they were stored; nothing where the log does not answer, for the stores tell the rest."""
    firsts = {group.first.seq for group in view.by_cause(letters)}
    if each and len(letters) <= _DATED:
        firsts |= {letter.seq for _, letter in letters}
    try:
        async with connected(place.nats, place.folder) as log:
            return await ages.instants(log, sorted(firsts))
    except (Failure, LogTrouble) as error:
        say(f"without instants: {error}")
        return {}


def _show(letters: Letters, dated: Mapping[int, datetime], *, each: bool, as_json: bool) -> None:
    if as_json:
        print_json(
            [view.plain(name, letter, dated) for name, letter in letters]
            if each
            else [view.plain_group(group, dated) for group in view.by_cause(letters)]
        )
    elif not letters:
        out().print("no dead letters")
    elif each:
        out().print(view.letters_table(letters, dated))
    else:
        out().print(view.groups_table(view.by_cause(letters), dated))
