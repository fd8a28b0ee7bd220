"""The peer: a replay with the projection runner of the `eventsourcing` package, as its documentation shows it.

All events of the log stand in an application's recorder of plain Python objects (the package's SQLite recorder
cannot be subscribed to), in the order in which they are folded. A `ProjectionRunner` hands those of the topics that
the service folds to `process_event`, which updates a view in SQLite: in one transaction the rows that change, and the
tracking record. As documented, the view's rows are read from the view, with the package's settings for SQLite. The
eased peer goes beyond that: it keeps all rows in memory and does not wait for the disk.

What the idiom leaves open is chosen for its speed: the mapper decodes with our `decode`, the service's own `evolve`
folds, only changed rows are written, with our table's SQL and encoders. Copies, verdicts, timers and the order of
answers are looked after beforehand, untimed; ours does that while it replays.
"""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, ClassVar

from eventsourcing.application import Application
from eventsourcing.persistence import Mapper, StoredEvent, Tracking
from eventsourcing.popo import POPOApplicationRecorder
from eventsourcing.projection import Projection, ProjectionRunner

from shared.entry import Entry
from shared.events.envelope import Event, decode
from shared.fold import Fold
from shared.rows import TableMap
from shared.service import Service
from shared.store import Store
from shared.world import World
from tests.bench.contestants.contestant import Task, main
from tests.bench.replay.check import checked
from tests.bench.replay.contestants.peer_view import EasedView, View
from tests.bench.replay.services import service
from tests.bench.replay.stamped import programs_of, stamped


class Bodies(Mapper[str]):
    """Stored events hold the bodies of the log."""

    def to_domain_event(self, stored_event: StoredEvent) -> Any:
        """Decoded as we do."""
        return decode(stored_event.state)


class Events(Application[str]):
    """The application whose events are projected; they are recorded before it is made."""

    recorded = POPOApplicationRecorder()

    def construct_recorder(self) -> POPOApplicationRecorder:
        """The one with the events."""
        return self.recorded

    def construct_mapper(self) -> Mapper[str]:
        """Ours."""
        return Bodies(self.construct_transcoder())


class Rows(Projection[View]):
    """Folds each event into the rows."""

    service: Service
    instants: ClassVar[list[datetime]] = [datetime.min.replace(tzinfo=UTC)]
    """When each event is folded: its time, or the program's last deadline; found out beforehand as well."""

    def process_event(self, domain_event: Event, tracking: Tracking) -> None:
        """One event, one transaction."""
        now = self.instants[tracking.notification_id]
        self.view.fold(self.service.evolves[type(domain_event.data)], domain_event, now, tracking)


class Peer:
    """Records the events, then lets the runner process them."""

    def __init__(self, task: Task, name: str, view: type[View]) -> None:
        self._task = task
        self._service = Rows.service = service(name)
        self._view = view
        self._last = 0
        self._runner: ProjectionRunner[Events, View] | None = None

    @property
    def inputs(self) -> int:
        """How far in the log it is, with what it passes over; what stands behind the last topic counts as well."""
        tracked = self._runner.view.tracked if self._runner else 0
        return tracked if tracked < self._last else self._task.count or 0

    async def open(self) -> None:
        """Make the tables and record the events."""
        store = Store(self._service.tables, self._task.database)
        store.create_all()
        View.maps = {
            kind: TableMap(kind, table.__table__, store.engine)  # type: ignore[attr-defined]
            for kind, table in self._service.tables.items()
        }
        store.dispose()
        entries = list(stamped(programs_of(self._task.count or 0)))
        Rows.topics = tuple(kind.WORD for kind in self._service.evolves)
        Events.recorded.insert_events(list(self._stored(entries)))

    async def run(self) -> None:
        """From making the runner until it has processed the last event."""
        env = {
            "ROWS_PERSISTENCE_MODULE": "eventsourcing.sqlite",
            "ROWS_SQLITE_DBNAME": self._task.sqlite,
        }
        self._runner = ProjectionRunner(
            application_class=Events, projection_class=Rows, view_class=self._view, env=env
        )
        while self._runner.view.tracked < self._last:
            self._runner.run_forever(timeout=0)
            await asyncio.sleep(0.005)

    async def close(self) -> None:
        """Stop its threads, and check the rows."""
        if self._runner is not None:
            with self._runner:
                pass
        store = Store(self._service.tables, self._task.database)
        checked(store, self._service, self.inputs, own_only=True)
        store.dispose()

    def _stored(self, entries: list[Entry]) -> Iterator[StoredEvent]:
        """The log in the order in which it is folded; what the service does not fold is of no topic of its."""
        versions: Counter[str] = Counter()
        for number, (entry, now, is_folded) in enumerate(self._ordered(entries), 1):
            _, program, word, key = entry.subject.split(".")
            about = f"{program}/{key}"
            versions[about] += 1
            topic = word if is_folded else f"not-folded:{word}"
            Rows.instants.append(now)
            self._last = number if topic in Rows.topics else self._last
            yield StoredEvent(about, versions[about], topic, entry.body)

    def _ordered(self, entries: list[Entry]) -> Iterator[tuple[Entry, datetime, bool]]:
        """Each input with its answers behind it, when they are folded, and whether."""
        fold, world, name = Fold(self._service), World(), self._service.name
        told: dict[int, list[Entry]] = {}
        for entry in entries:
            if entry.said_by == name and entry.cause is not None:
                told.setdefault(entry.cause, []).append(entry)
        for entry in entries:
            if entry.said_by == name:
                continue
            answers = told.get(entry.seq, [])
            events = [decode(answer.body) for answer in answers]
            outcome = fold.follow(world, entry, fold.read(entry), events)
            fold.keep(world, outcome)
            is_folded = outcome.folded is not None
            yield from ((each, world.now, is_folded) for each in (entry, *answers))


if __name__ == "__main__":
    NAME, VIEW = sys.argv.pop(1), {"documented": View, "eased": EasedView}[sys.argv.pop(1)]
    main(lambda task: Peer(task, NAME, VIEW))
