"""What one writes first: a FastStream handler, a SQLModel session and a publish for each message.

A pull subscriber of one, FastStream's acknowledgement after the handler, a synchronous session in the handler:
measured, the fastest of the naive ways on SQLite.
"""

from __future__ import annotations

import asyncio
import json
import uuid
from typing import Any

from faststream.nats import JStream, NatsBroker, PullSub
from pydantic import AwareDatetime, BaseModel
from sqlalchemy import Engine
from sqlmodel import Session

from shared.engine import make_engine
from tests.bench.contestants.contestant import Task, main
from tests.tally.service import CAPACITY, LoadTable, TallyTable


class Progress(BaseModel):
    """The data of `progressed`."""

    goal: str
    value: float
    unit: str
    as_of: AwareDatetime
    by: str


class Told(BaseModel):
    """A `progressed` event."""

    id: uuid.UUID
    type: str
    program: str
    correlationid: str
    time: AwareDatetime
    traceparent: str
    data: Progress


class Naive:
    """See the module's words."""

    def __init__(self, task: Task) -> None:
        self.inputs = 0
        self._engine: Engine = make_engine(task.database)
        self._broker = NatsBroker(task.nats, logger=None)  # its line per message would slow it
        stream = JStream("MENTORING", declare=False)

        @self._broker.subscriber(
            "mentoring.*.progressed.*.*", stream=stream, durable="naive", pull_sub=PullSub()
        )
        async def handle(event: Told) -> None:
            status = self._store(event)
            body = _answer(event, status)
            await self._broker.publish(
                body,
                f"mentoring.{event.program}.flagged.{event.correlationid}",
                stream="MENTORING",
                headers={
                    "Nats-Msg-Id": body["id"],
                    "Content-Type": "application/cloudevents+json",
                },
            )
            self.inputs += 1

    async def open(self) -> None:
        """Connect to both."""
        self._engine.connect().close()
        await self._broker.connect()

    async def run(self) -> None:
        """Consume for ever."""
        await self._broker.start()
        await asyncio.Event().wait()

    async def close(self) -> None:
        """End after the message under way."""
        await self._broker.stop()
        self._engine.dispose()

    def _store(self, event: Told) -> str:
        with Session(self._engine) as session:
            program, cycle = event.program, event.correlationid
            tally = session.get(TallyTable, (program, cycle)) or TallyTable(
                program=program, cycle=cycle, value=0.0, count=0, active=False
            )
            load = session.get(LoadTable, program) or LoadTable(
                program=program, active=0, refused=0
            )
            tally.value, tally.count = event.data.value, tally.count + 1
            raised = tally.active or load.active < CAPACITY
            if raised:
                load.active += not tally.active
                tally.active = True
            else:
                load.refused += 1
            session.add_all([tally, load])
            session.commit()
        return "raised" if raised else "cleared"


def _answer(event: Told, status: str) -> dict[str, Any]:
    cycle = event.correlationid
    return {
        "specversion": "1.0",
        "id": str(uuid.uuid5(event.id, "flagged")),
        "source": "/mentoring/tally",
        "type": "mentoring.flagged.v1",
        "subject": f"{event.program}/{cycle}",
        "time": json.loads(event.model_dump_json(include={"time"}))["time"],
        "datacontenttype": "application/json",
        "dataschema": "urn:mentoring:flagged:v1",
        "program": event.program,
        "correlationid": cycle,
        "causationid": str(event.id),
        "traceparent": event.traceparent,
        "data": {
            "mentee": "a",
            "mentor": "b",
            "rules": "v1",
            "flag": cycle,
            "rule": "progress",
            "status": status,
            "evidence": [str(event.id)],
        },
    }


if __name__ == "__main__":
    main(Naive)
