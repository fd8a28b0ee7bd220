"""Rebuilds a service's store from the log: fold into a shadow, show what would change, ask, exchange."""

from __future__ import annotations

import sys
import time
from collections.abc import AsyncIterator, Callable, Container
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from services.cli.acting import confirm
from services.cli.archive.progress import bar
from services.cli.output import Failure, say
from services.cli.replay.journal import Journal, close_cut_off
from services.cli.replay.keys import settle_keys
from services.cli.replay.preview import Preview, explained, preview
from services.cli.replay.sharing import Bulk, Place, check_workers, without_effect
from services.cli.replay.sources import must_reach, source_of
from services.cli.replay.swapping import swap
from services.cli.replay.trouble import in_words
from services.cli.stores import databases, opened
from shared.replay.accepted import words
from shared.replay.exchange import kept
from shared.replay.progress import Progress
from shared.replay.rebuild import Rebuild
from shared.replay.shadow import Shadow
from shared.replay.source import Source
from shared.service import Service
from shared.store import Store
from shared.transaction import fold_version_of

Show = Callable[[Preview], None]
_NOTE = 5.0
"""Seconds between two looks of others at how far it is."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an operator asks for.

    Attributes:
        service: whose store.
        by, reason: who, and why.
        program: only this one's rows.
        archive: read this file, not the log.
        dry_run: only show what would change.
        fresh: begin anew, whatever an earlier call has folded.
        accept: sequences at which the log wins over today's code.
        yes: do not ask.
        limit: how many differing rows to show; None: all.
        workers: how many processes fold the bulk of it; None: as many as pay.
    """

    service: str
    by: str
    reason: str
    program: str | None = None
    archive: Path | None = None
    dry_run: bool = False
    fresh: bool = False
    accept: Container[int] = frozenset()
    yes: bool = False
    limit: int | None = 20
    workers: int | None = None


@dataclass
class Rebuilt:
    """What became of it.

    Attributes:
        found: what differed before.
        operation: its number.
        exchanged: the store has taken over what the log says.
        kept: where the store as it was is.
        events, seconds: read and passed.
        accepted: sequences at which the log won.
    """

    found: Preview
    operation: int
    exchanged: bool = False
    kept: str = ""
    events: int = 0
    seconds: float = 0.0
    accepted: list[int] = field(default_factory=list)


async def rebuild(
    wanted: Wanted, database: str | None, nats: str | None, folder: Path, show: Show
) -> Rebuilt:
    """Do it.

    Args:
        wanted: what.
        database, nats, folder: where.
        show: called with the preview before anybody is asked.

    Raises:
        Failure: it cannot be done; the words say what to do.
    """
    if not (wanted.dry_run or wanted.yes or sys.stdin.isatty()):
        raise Failure("nobody is there to ask: say --yes, or --dry-run to see what would change")
    check_workers(wanted.workers, wanted.program)
    url = databases(database, folder, nats, wanted.service)[wanted.service]
    service = without_effect(wanted.service)
    place = Place(wanted.archive, nats, folder)
    with opened(wanted.service, url) as live, in_words(wanted.accept):
        _check_kept(live, wanted)
        _check_version(live, service, wanted)
        async with source_of(wanted.archive, nats, folder) as source:
            with Shadow.open(live, service, program=wanted.program, fresh=wanted.fresh) as shadow:
                bulk = Bulk(live, shadow.store, source, place, wanted.workers, wanted.accept)
                done = await _into(shadow, live, service, bulk, wanted, show)
        if done.exchanged:
            settle_keys(wanted.service, url, folder)
    return done


def _is_older(live: Store, service: Service) -> bool:
    """Whether another fold version has written the store: then it is exchanged even where no row differs."""
    return live.read(fold_version_of) not in {None, service.fold_version}


def _check_version(live: Store, service: Service, wanted: Wanted) -> None:
    if wanted.program is not None and _is_older(live, service):
        raise Failure(
            f"another fold version has written the store, this is {service.fold_version}: "
            "rebuild the whole store, not one program"
        )


def _check_kept(live: Store, wanted: Wanted) -> None:
    found = None if wanted.dry_run else kept(live)
    if found is not None:
        raise Failure(
            f"the store that the last rebuild has replaced is still kept in {found.name}: take it back with "
            f"`mentoring replay undo {wanted.service}`, or `mentoring replay drop {wanted.service}`"
        )


async def _into(
    shadow: Shadow, live: Store, service: Service, bulk: Bulk, wanted: Wanted, show: Show
) -> Rebuilt:
    close_cut_off(live, "rebuild")
    older = _is_older(live, service)
    begun = max((each.seq for each in shadow.positions.values()), default=0)
    if begun:
        say(f"goes on at sequence {begun}, where an earlier rebuild was left")
    journal = Journal(live, "rebuild", wanted.by, wanted.reason, wanted.program, begun)
    journal.detail = {"dry_run": wanted.dry_run, "from_archive": wanted.archive is not None}
    with journal:
        async with _working(shadow, live, service, bulk, wanted, journal) as work:
            found = await _look(work, live, shadow, bulk.source, wanted)
            show(found)
            _tell_accepted(work, journal)
            done = Rebuilt(found, journal.number)
            if wanted.dry_run or (found.same and not older):
                journal.done(found, found.position)
            else:
                journal.note(found.position, "waiting")
                confirm(_question(found), yes=wanted.yes)
                await swap(work, live, shadow, wanted.program, journal, found)
                done.exchanged, done.kept = True, _kept_in(live)
        done.events, done.seconds = work.progress.events, work.progress.seconds
        done.accepted = [each.diverged.seq for each in work.accepted]
    if not wanted.dry_run:
        shadow.drop()
    return done


def _tell_accepted(work: Rebuild, journal: Journal) -> None:
    """Say and write down where the log won, in this call or one that it goes on from."""
    journal.detail |= {
        "accepted": [each.diverged.seq for each in work.accepted],
        "passed_over": work.progress.passed_over,
    }
    if work.accepted:
        say(f"the log wins {words(work.accepted)}")


@asynccontextmanager
async def _working(
    shadow: Shadow,
    live: Store,
    service: Service,
    bulk: Bulk,
    wanted: Wanted,
    journal: Journal,
) -> AsyncIterator[Rebuild]:
    """A rebuild that has caught up."""
    with bar(f"folding {wanted.service}") as move:
        noted = time.monotonic()

        def tell(progress: Progress) -> None:
            nonlocal noted
            move(sum(progress.positions.values()), sum(progress.goals.values()))
            if time.monotonic() - noted > _NOTE:
                noted = time.monotonic()
                journal.note(
                    max(progress.positions.values(), default=0),
                    rate=round(progress.rate),
                    left=progress.left,
                )

        folded = await bulk.fold(service.name, tell) if wanted.program is None else None
        async with Rebuild(
            service,
            live,
            shadow.store,
            bulk.source,
            program=wanted.program,
            accept=wanted.accept,
            on_progress=tell,
        ) as work:
            if folded is not None:
                work.take_up(*folded)
            await work.catch_up()
            yield work


async def _look(
    work: Rebuild, live: Store, shadow: Shadow, source: Source, wanted: Wanted
) -> Preview:
    must_reach(source, live, "call again without --from-archive, it folds the rest from the log")
    found = await preview(work, live, shadow.store, wanted.program, wanted.limit)
    await explained(found, work.service, source)
    return found


def _kept_in(live: Store) -> str:
    found = kept(live)
    return found.name if found else ""


def _question(found: Preview) -> str:
    what = f"{found.differing:,} rows change" if found.differing else "its fold version changes"
    return f"Exchange {found.service}'s store? {what}"
