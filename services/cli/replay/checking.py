"""Checks stores against the log: each is folded anew in a scratch store, and compared."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from pathlib import Path

from services.cli.archive.progress import bar
from services.cli.folds import fold_of
from services.cli.replay.preview import Preview, explained
from services.cli.replay.sources import must_reach, source_of
from services.cli.replay.trouble import in_words
from services.cli.stores import databases, opened
from shared.replay.progress import Progress
from shared.replay.shadow import scratch
from shared.replay.source import Source
from shared.replay.verify import Wishes, verify


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be checked.

    Attributes:
        service: only this one; None: all whose stores are known.
        program: only this one's rows.
        archive: read this file, not the log.
        accept: sequences at which the log wins over today's code.
        limit: how many differing rows to show; None: all.
    """

    service: str | None
    program: str | None
    archive: Path | None
    accept: Container[int]
    limit: int | None


async def check(
    asked: Asked, database: str | None, nats: str | None, folder: Path
) -> list[Preview]:
    """What differs, by service.

    Raises:
        Failure: it cannot be done; the words say what to do.
    """
    found = []
    async with source_of(asked.archive, nats, folder) as source:
        for name, url in databases(database, folder, nats, asked.service).items():
            found.append(await _check(name, url, source, asked))
    return found


async def _check(name: str, url: str, source: Source, asked: Asked) -> Preview:
    service = fold_of(name)
    with opened(name, url) as live, in_words(), scratch(service) as store, bar(name) as move:

        def tell(progress: Progress) -> None:
            move(sum(progress.positions.values()), sum(progress.goals.values()))

        must_reach(source, live, "export the log again")
        limit = asked.limit if asked.limit is not None else _ALL
        wishes = Wishes(asked.program, asked.accept, limit, tell)
        verdict = await verify(service, live, source, store, wishes)
        found = Preview(
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
        await explained(found, service, source)
    return found


_ALL = 2**62
