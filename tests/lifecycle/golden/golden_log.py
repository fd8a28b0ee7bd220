"""The golden log: a small program as it once ran through the three services, and the digests of its folds.

`log.jsonl.gz` holds the events of `mentoring demo --seed 13 --mentors 6 --mentees 12 --months 3` as they stood
in the log, a line each. `digests.json` holds, for each service and fold version, the digest of the rows that
the log leads to. So a fold that leads elsewhere needs a new fold version, and says so here. `log-1.jsonl.gz` is the
log as it was recorded before pairs named runners-up, rounds were tallied and reviews named their scales: logs of its
kind are in the field, so it is kept and folded by every version.

    python -m tests.lifecycle.golden.record digests    after a new fold version: adds its digest
    python -m tests.lifecycle.golden.record log        after the contracts changed: records anew, on real servers

Neither is for making a red test green while the fold version stays: services in the field hold rows of it.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from services.feedback.app import SERVICE as FEEDBACK
from services.matching.app import SERVICE as MATCHING
from services.scheduling.app import SERVICE as SCHEDULING
from shared.digest import digest
from shared.entry import Entry
from shared.events.envelope import Event, decode
from shared.fold import Fold
from shared.service import Service
from shared.world import World

FOLDER = Path(__file__).parent
LOG = FOLDER / "log.jsonl.gz"
OLDER = FOLDER / "log-1.jsonl.gz"
DIGESTS = FOLDER / "digests.json"
SEED, MENTORS, MENTEES, MONTHS = 13, 6, 12, 3
SERVICES: Mapping[str, Service] = {
    # Nothing is opened or erased outside the rows: the golden log needs no key ring.
    service.name: replace(service, effect=lambda event: None)
    for service in (MATCHING, SCHEDULING, FEEDBACK)
}


def write(entries: Iterable[Entry], path: Path = LOG) -> None:
    """Keep entries, the same bytes for the same entries."""
    lines = (
        json.dumps([e.seq, e.subject, e.cause, e.said_by, e.body.decode()], ensure_ascii=False)
        for e in entries
    )
    path.write_bytes(gzip.compress("".join(f"{line}\n" for line in lines).encode(), 9, mtime=0))


def read(path: Path = LOG) -> list[Entry]:
    """The entries as they stood in the log."""
    lines = gzip.decompress(path.read_bytes()).decode().splitlines()
    return [
        Entry(seq, subject, body.encode(), cause, said_by)
        for seq, subject, cause, said_by, body in map(json.loads, lines)
    ]


def fold(service: Service, entries: Sequence[Entry]) -> World:
    """The world after the log: each input, with the service's own answers right behind it."""
    answers: dict[int, list[Event]] = defaultdict(list)
    inputs = []
    for entry in entries:
        if entry.said_by == service.name and entry.cause is not None:
            answers[entry.cause].append(decode(entry.body))
        else:
            inputs.append(entry)
    folding, world = Fold(service), World()
    for entry in inputs:
        told = answers.get(entry.seq, ())
        folding.keep(world, folding.follow(world, entry, folding.read(entry), told))
    return world


def digest_of(service: Service, entries: Sequence[Entry]) -> str:
    """The digest of all rows after the log."""
    return digest(fold(service, entries).rows())


def fingerprint(path: Path = LOG) -> str:
    """Which log the digests belong to."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
