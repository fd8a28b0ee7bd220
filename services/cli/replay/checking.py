"""Checks stores against the log: each is folded anew in a scratch store, and compared."""

from __future__ import annotations

import sys
from collections.abc import Container, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from services.cli.archive.progress import bar
from services.cli.folds import fold_of
from services.cli.output import Failure, say
from services.cli.replay.preview import Preview, explained
from services.cli.replay.sources import must_reach, source_of
from services.cli.replay.trouble import in_words
from services.cli.stores import databases, opened
from shared.outcome import StoreRefused, StoreTrouble
from shared.replay import operation
from shared.replay.operation import Ended
from shared.replay.progress import Progress
from shared.replay.shadow import scratch
from shared.replay.source import Source
from shared.replay.verify import Verdict, Wishes, verify
from shared.store import Store


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be checked.

    Attributes:
        service: only this one; None: all whose stores are known.
        program: only this one's rows.
        archive: read this file, not the log.
        accept: sequences at which the log wins over today's code.
        limit: how many differing rows to show; None: all.
        by: who asks.
    """

    service: str | None
    program: str | None
    archive: Path | None
    accept: Container[int]
    limit: int | None
    by: str


@dataclass(frozen=True, slots=True)
class Checked:
    """What became of a check of several stores.

    Attributes:
        found: what differs, of each service that was checked.
        failed: what hindered the others, in words.
    """

    found: Sequence[Preview]
    failed: Sequence[str]

    @property
    def same(self) -> bool:
        """Whether every store that was checked is what the log says."""
        return all(each.same for each in self.found)


async def check(asked: Asked, database: str | None, nats: str | None, folder: Path) -> Checked:
    """Check one store after the other: what hinders one does not hinder the next.

    Raises:
        Failure: nobody says where the stores or the log are, or what was archived cannot be read.
        LogTrouble, ReaderLost: the log does not answer.
    """
    found, failed = list[Preview](), list[str]()
    async with source_of(asked.archive, nats, folder) as source:
        for name, url in databases(database, folder, nats, asked.service).items():
            try:
                found.append(await _check(name, url, source, asked))
            except Failure as error:
                failed.append(f"{name}: {str(error).removeprefix(f'{name}: ')}")
    return Checked(found, failed)


async def _check(name: str, url: str, source: Source, asked: Asked) -> Preview:
    service = fold_of(name)
    with (
        opened(name, url) as live,
        in_words(asked.accept),
        kept_on_record(live, asked) as record,
    ):
        with scratch(service) as store, bar(name) as move:

            def tell(progress: Progress) -> None:
                move(sum(progress.positions.values()), sum(progress.goals.values()))

            must_reach(source, live, "export the log again")
            limit = asked.limit if asked.limit is not None else sys.maxsize
            wishes = Wishes(asked.program, asked.accept, limit, tell)
            record.verdict = await verify(service, live, source, store, wishes)
        found = _preview(name, asked, record.verdict)
        await explained(found, service, source)
    return found


def _preview(name: str, asked: Asked, verdict: Verdict) -> Preview:
    return Preview(
        name,
        asked.program,
        verdict.positions,
        verdict.rows,
        verdict.found,
        verdict.differences,
        {},
        verdict.digest_live,
        verdict.digest_log,
    )


# -- the record --


@dataclass
class Record:
    """Of one check; its verdict is there when the stores were compared."""

    verdict: Verdict | None = None


@contextmanager
def kept_on_record(live: Store, asked: Asked) -> Iterator[Record]:
    """Write down how a check ends, so that one that failed, or never came, is noticed.

    A store that may only be read is checked all the same: somebody is told that it is not on record.
    """
    started, record = datetime.now(UTC), Record()
    try:
        yield record
    except BaseException as error:
        _write(live, asked, started, Ended("failed", detail={"error": type(error).__name__}))
        raise
    if record.verdict is not None:
        _write(live, asked, started, _ended(record.verdict))


def _ended(verdict: Verdict) -> Ended:
    differing = sum(sum(kinds.values()) for kinds in verdict.found.values())
    detail = {
        "rows": verdict.rows,
        "differing": differing,
        "tables": verdict.found,
        "accepted": [each.diverged.seq for each in verdict.accepted],
    }
    digests = verdict.digest_live, verdict.digest_log
    return Ended("done", max(verdict.positions.values(), default=0), digests, detail)


def _write(live: Store, asked: Asked, started: datetime, ended: Ended) -> None:
    detail = {"from_archive": asked.archive is not None, **ended.detail}
    ended = replace(ended, detail=detail)
    try:
        operation.record(live, "verify", asked.by, ended, started, asked.program)
    except (StoreTrouble, StoreRefused) as error:
        say(f"that this check is {ended.state} is not on record: {error}")
