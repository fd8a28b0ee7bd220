"""What a contestant's store must hold: for every program the golden rows, under the program's name."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable

import sqlalchemy as sa

from shared.service import Service
from shared.store import Store
from shared.world import Row
from tests.bench.check import Wrong
from tests.bench.contestants.contestant import say
from tests.bench.replay.stamped import name, programs_of
from tests.bench.replay.template import NAME, golden
from tests.lifecycle.golden import golden_log

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_UTC = "datetime.timezone.utc"
_EXPECTED: dict[str, list[Row]] = {}


def checked(store: Store, service: Service, events: int, *, own_only: bool = False) -> None:
    """Check a contestant's store, and tell the bench; `own_only` leaves out what the fold keeps beside the service."""
    kinds = service.tables if own_only else store.maps
    say({"checked": check(store, service, programs_of(events), tuple(kinds))})


def check(store: Store, service: Service, programs: int, kinds: Collection[type[Row]]) -> int:
    """Count the rows of all programs, and compare three programs row by row; returns how many rows there are.

    Ids of events are not compared: what is answered live has ids that follow from the program's name.

    Raises:
        Wrong: others than belong there.
    """
    total = 0
    for kind in kinds:
        total += _count(store, service, kind, programs)
    for number in sorted({0, programs // 2, programs - 1}):
        _compare(store, service, name(number), kinds)
    return total


def plain(rows: Iterable[Row], program: str) -> list[str]:
    """A program's rows as text, with the golden program's words in the place of its own, and without sequences."""
    own = [row for row in rows if row.program == program]  # type: ignore[attr-defined]
    texts = [re.sub(r"seq=\d+", "seq", repr(row)).replace("TzInfo(0)", _UTC) for row in own]
    for word, original in zip(golden().words(program), golden().words(NAME), strict=True):
        texts = [text.replace(word.decode(), original.decode()) for text in texts]
    return sorted(texts)


def expected(service: Service) -> list[Row]:
    """The golden program's rows."""
    if service.name not in _EXPECTED:
        world = golden_log.fold(service, golden_log.read())
        _EXPECTED[service.name] = list(world.rows())
    return _EXPECTED[service.name]


def _count(store: Store, service: Service, kind: type[Row], programs: int) -> int:
    table = sa.table(store.maps[kind].name)
    found: int = store.read(
        lambda connection: connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0
    )
    wanted = programs * Counter(type(row) for row in expected(service))[kind]
    if found != wanted:
        raise Wrong(f"{service.name}: {found} rows of {kind.__name__} where {wanted} belong")
    return found


def _compare(store: Store, service: Service, program: str, kinds: Collection[type[Row]]) -> None:
    transaction = store.connect()
    found = [row for kind in kinds for row in transaction.find(kind, {"program": program})]
    transaction.close()
    wanted = [row for row in expected(service) if type(row) in kinds]
    is_, should = (
        [_UUID.sub("id", row) for row in plain(*each)]
        for each in ((found, program), (wanted, NAME))
    )
    if sorted(is_) != sorted(should):
        odd = sorted({*is_} ^ {*should})
        raise Wrong(f"{service.name}, {program}: {len(odd)} rows differ, {odd[:2]} for two")
