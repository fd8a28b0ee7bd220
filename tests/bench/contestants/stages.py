"""Single stages of ours, alone: publishing the answers, and saving the rows. They show where live's time goes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

from shared import mark
from shared.events.envelope import HEADERS, Event, encode
from shared.events.feedback import Flagged
from shared.fold import fingerprint
from shared.ledger import CHUNK
from shared.log import Log, Message
from shared.mark import Mark
from shared.store import Store
from shared.world import Ref
from tests.bench.contestants.contestant import Contestant, Task, main
from tests.bench.workload import PROGRAMS, SERVICE, inputs
from tests.tally.service import Load, Tally


class Publishing:
    """Atomic batches of as many answers as the ledger sends, with its mark."""

    def __init__(self, task: Task) -> None:
        self.inputs = 0
        self._task = task
        self._log: Log | None = None
        self._batches: list[list[Message]] = []

    async def open(self) -> None:
        """Connect, and make the answers."""
        self._log = await Log.connect(self._task.nats)
        answers = [_answer(event) for event in inputs(self._task.count or 0)]
        self._batches = [answers[at : at + CHUNK] for at in range(0, len(answers), CHUNK)]

    async def run(self) -> None:
        """Publish them all."""
        assert self._log is not None
        before = Mark()
        for batch in self._batches:
            sent = mark.message("tally", 0, before, self.inputs, "bench")
            before = Mark(await self._log.send_batch([*batch, sent]))
            self.inputs += len(batch)

    async def close(self) -> None:
        """Disconnect."""
        if self._log is not None:
            await self._log.close()


class Saving:
    """The ledger's statements on the store, a transaction for as many inputs as it takes at once."""

    def __init__(self, task: Task) -> None:
        self.inputs = 0
        self._store = Store(SERVICE.tables, task.database)
        events = list(inputs(task.count or 0))
        self._chunks = [events[at : at + CHUNK] for at in range(0, len(events), CHUNK)]

    async def open(self) -> None:
        """Begin the position."""
        transaction = self._store.connect()
        transaction.begin_position(0, "bench")
        transaction.commit()
        transaction.close()

    async def run(self) -> None:
        """Save them all."""
        transaction = self._store.connect()
        for chunk in self._chunks:
            transaction.known([fingerprint(event) for event in chunk])
            transaction.move(0, self.inputs, self.inputs + len(chunk), "bench", 0)
            transaction.save(_rows(chunk))
            transaction.remember([fingerprint(event) for event in chunk])
            transaction.commit()
            self.inputs += len(chunk)
        transaction.close()

    async def close(self) -> None:
        """Disconnect."""
        self._store.dispose()


def _rows(events: Sequence[Event]) -> dict[Ref, Tally | Load]:
    rows: dict[Ref, Tally | Load] = {}
    for event in events:
        tally = Tally(event.program, event.key, 1.0, 1, active=False, expires=event.time)
        rows[Ref(Tally, tally.key())] = tally
    for number in range(PROGRAMS):
        load = Load(f"program-{number:02}", 5, len(events))
        rows[Ref(Load, load.key())] = load
    return rows


def _answer(event: Event) -> Message:
    data = Flagged(
        mentee="a",
        mentor="b",
        rules="v1",
        flag=event.key,
        rule="progress",
        status="cleared",
        evidence=(event.id,),
    )
    answer = Event(
        event.id, "/mentoring/tally", event.program, event.key, event.time, data,
        causationid=event.id, traceparent=event.traceparent,
    )  # fmt: skip
    headers = {**HEADERS, "Mentoring-Cause": "1", "Mentoring-Service": "tally"}
    return Message(answer.subject, encode(answer), headers)


if __name__ == "__main__":
    STAGES: dict[str, Callable[[Task], Contestant]] = {"publishing": Publishing, "saving": Saving}
    main(STAGES[sys.argv.pop(1)])
