"""Redrives and gives up what an operator chose: asks first, tells what became of it."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any

from services.cli.acting import confirm
from services.cli.connection import connected
from services.cli.dead import result_view
from services.cli.dead.ages import wanted
from services.cli.dead.choosing import Behind, choose, ready
from services.cli.dead.discarding import Discarding
from services.cli.dead.journal import Journal
from services.cli.dead.letters import Letter, held
from services.cli.dead.redriving import Redriving, Try
from services.cli.dead.saying import Operator
from services.cli.dead.selection import Acting, Place, Selection
from services.cli.output import Failure
from services.cli.stores import databases, opened
from shared.log import Log, LogTrouble, Refused
from shared.outcome import StoreTrouble
from shared.reader import ReaderLost
from shared.replay.audit import AuditTrouble
from shared.store import Store
from shared.transaction import positions_of

_AGAIN = "run it again: what was said already is not said twice"


async def redrive_letters(
    service: str, selection: Selection, acting: Acting, place: Place, *, as_json: bool
) -> bool:
    """Redrive what is selected and tell; whether something of it stays parked.

    Raises:
        Failure: nothing can be done, or the log or the database went away; the words say what to do.
        typer.Exit: the operator says no.
    """
    url = databases(place.database, place.folder, place.nats, service)[service]
    async with connected(place.nats, place.folder) as log:
        with opened(service, url) as store:
            await _belongs(store, log)
            good, behind = await _chosen(log, store, selection)
            if selection.seqs and behind:
                raise Failure(_first(behind))
            journal = Journal(store, "redrive", acting.by, acting.reason)
            operator = Operator(acting.by, acting.code)
            work = Redriving(log, store, service, operator, acting.patience, journal)
            plan = await work.plan(good)
            good = list(plan.letters)
            if good:
                confirm(f"Have {service} fold {_count(good)} now?", yes=acting.yes)
            trouble = await _trouble(work.carry_out(plan))
    left = [letter for letter in good if letter not in work.gone]
    return _tell(service, left, work.last_tries(), behind, trouble, as_json=as_json)


async def discard_letters(
    service: str, selection: Selection, acting: Acting, place: Place, *, as_json: bool
) -> bool:
    """Give up what is selected and tell; whether something of it stays parked.

    Raises:
        Failure, typer.Exit: as `redrive_letters`.
    """
    url = databases(place.database, place.folder, place.nats, service)[service]
    async with connected(place.nats, place.folder) as log:
        with opened(service, url) as store:
            await _belongs(store, log)
            chosen = choose(await _held(store), await wanted(log, selection), selection.limit)
            journal = Journal(store, "discard", acting.by, acting.reason)
            operator = Operator(acting.by, acting.code)
            work = Discarding(log, store, service, operator, acting.patience, journal)
            if chosen:
                confirm(f"Have {service} give {_count(chosen)} up for good?", yes=acting.yes)
            trouble = await _trouble(work.carry_out(chosen))
    return _tell(service, chosen, work.tries, (), trouble, as_json=as_json)


async def _belongs(store: Store, log: Log) -> None:
    """Nothing is said in a log that knows nothing of these letters: it would stand there for good.

    Raises:
        Failure: the store was folded from another log.
        LogTrouble, StoreTrouble: the log or the database does not answer.
    """
    positions = await asyncio.to_thread(store.read, positions_of)
    known = {each.log for each in positions.values()} - {""}
    told = (await log.info()).uuid
    if known and told not in known:
        raise Failure(
            f"the store belongs to the log {', '.join(known)}, this is {told or 'none'}: "
            "correct --nats, --database or --dir"
        )


async def _chosen(
    log: Log, store: Store, selection: Selection
) -> tuple[list[Letter], list[Behind]]:
    """What can be redriven of what is selected, and what is behind something that is not selected."""
    waiting = await _held(store)
    chosen = choose(waiting, await wanted(log, selection), None)
    good, behind = ready(waiting, chosen)
    return good[: selection.limit], behind


async def _held(store: Store) -> list[Letter]:
    return await asyncio.to_thread(held, store)


async def _trouble(work: Coroutine[Any, Any, None]) -> str:
    """Carry out; what went wrong half-way, in words."""
    try:
        await work
    except (LogTrouble, ReaderLost) as error:
        return f"the log is away ({error}): {_AGAIN}"
    except AuditTrouble as error:
        return f"{error}: {_AGAIN}"
    except StoreTrouble as error:
        return f"the database is away ({error}): {_AGAIN}"
    except Refused as error:
        return f"the log refuses it: {error}"
    return ""


def _tell(
    service: str,
    chosen: Sequence[Letter],
    tries: Sequence[Try],
    behind: Sequence[Behind],
    trouble: str,
    *,
    as_json: bool,
) -> bool:
    result = result_view.Result(service, chosen, tries, behind)
    result_view.tell(result, as_json=as_json)
    if trouble:
        raise Failure(trouble)
    return result.is_left


def _count(letters: Sequence[Letter]) -> str:
    keys = len({(letter.program, letter.about) for letter in letters})
    return f"{len(letters):,} parked event{'s' * (len(letters) != 1)} of {keys:,} key{'s' * (keys != 1)}"


def _first(behind: Sequence[Behind]) -> str:
    each = behind[0]
    return (
        f"{each.letter.seq} stands behind {each.first.seq} of the same key: redrive or discard "
        f"{each.first.seq} first, or name both"
    )
