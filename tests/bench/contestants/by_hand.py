"""The same work by hand: pull requests of 500, orjson, executemany, an atomic batch, the position in the transaction.

It has what makes it quick and nothing else: no fence against a second owner, no dead letters, no copies
recognised, no rebuild that is checked against it.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import uuid
from dataclasses import dataclass, field
from typing import Any

import nats
import orjson
from nats.aio.client import Client
from nats.aio.msg import Msg

from tests.bench.contestants.contestant import Task, main
from tests.bench.contestants.pull import Puller, sequence
from tests.tally.service import CAPACITY

_TALLY = (
    "INSERT INTO tally (program, cycle, value, count, active) VALUES (?, ?, ?, ?, ?) "
    "ON CONFLICT (program, cycle) DO UPDATE SET "
    "value = excluded.value, count = excluded.count, active = excluded.active"
)
_LOAD = (
    "INSERT INTO load (program, active, refused) VALUES (?, ?, ?) "
    "ON CONFLICT (program) DO UPDATE SET active = excluded.active, refused = excluded.refused"
)


@dataclass(slots=True)
class Batch:
    """What a batch changes and says."""

    last: int
    tallies: dict[tuple[str, str], tuple[Any, ...]] = field(default_factory=dict)
    loads: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    answers: list[tuple[str, bytes]] = field(default_factory=list)


class ByHand:
    """See the module's words. Rows stay in memory, as they do in ours."""

    def __init__(self, task: Task) -> None:
        self.inputs = 0
        self._task = task
        self._client: Client = Client()
        self._database = sqlite3.connect(task.sqlite, isolation_level=None, check_same_thread=False)
        self._tallies: dict[tuple[str, str], tuple[int, bool]] = {}
        self._loads: dict[str, tuple[int, int]] = {}

    async def open(self) -> None:
        """Connect, and load the rows."""
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "wal_autocheckpoint=4000"):
            self._database.execute(f"PRAGMA {pragma}")
        self._database.execute("INSERT OR IGNORE INTO position VALUES (0, 0, '', '', 0, TRUE)")
        for program, cycle, count, active in self._database.execute(
            "SELECT program, cycle, count, active FROM tally"
        ):
            self._tallies[program, cycle] = (count, bool(active))
        for program, active, refused in self._database.execute("SELECT * FROM load"):
            self._loads[program] = (active, refused)
        self._client = await nats.connect(self._task.nats)

    async def run(self) -> None:
        """Batch after batch, one stage after the other."""
        (position,) = self._database.execute("SELECT seq FROM position").fetchone()
        puller = Puller(self._client, "mentoring.*.progressed.*.*", position + 1)
        await puller.open()
        while True:
            messages = await puller.batch()
            batch = self._fold(messages)
            await asyncio.to_thread(self._save, batch)
            await self._publish(batch.answers)
            await asyncio.to_thread(self._database.execute, "COMMIT")
            self.inputs += len(messages)

    async def close(self) -> None:
        """Disconnect."""
        await self._client.close()
        self._database.close()

    def _fold(self, messages: list[Msg]) -> Batch:
        batch = Batch(sequence(messages[-1]))
        for message in messages:
            event = orjson.loads(message.data)
            data, program, cycle = event["data"], event["program"], event["correlationid"]
            value = data["value"]
            if event["type"] != "mentoring.progressed.v1" or not isinstance(value, float):
                raise ValueError(message.subject)
            count, active = self._tallies.get((program, cycle), (0, False))
            busy, refused = self._loads.get(program, (0, 0))
            raised = active or busy < CAPACITY
            busy, refused = (busy + (not active), refused) if raised else (busy, refused + 1)
            self._tallies[program, cycle] = (count + 1, raised)
            self._loads[program] = (busy, refused)
            batch.tallies[program, cycle] = (program, cycle, value, count + 1, raised)
            batch.loads[program] = (program, busy, refused)
            subject = f"mentoring.{program}.flagged.{cycle}"
            batch.answers.append((subject, _answer(event, "raised" if raised else "cleared")))
        return batch

    def _save(self, batch: Batch) -> None:
        self._database.execute("BEGIN IMMEDIATE")
        self._database.execute("UPDATE position SET seq = ? WHERE partition = 0", (batch.last,))
        self._database.executemany(_TALLY, batch.tallies.values())
        self._database.executemany(_LOAD, batch.loads.values())

    async def _publish(self, answers: list[tuple[str, bytes]]) -> None:
        name = uuid.uuid4().hex
        for number, (subject, body) in enumerate(answers[:-1], 1):
            headers = {"Nats-Batch-Id": name, "Nats-Batch-Sequence": str(number)}
            await self._client.publish(subject, body, headers=headers)
        subject, body = answers[-1]
        headers = {"Nats-Batch-Id": name, "Nats-Batch-Sequence": str(len(answers))}
        headers["Nats-Batch-Commit"] = "1"
        acknowledged = json.loads(
            (await self._client.request(subject, body, timeout=5, headers=headers)).data
        )
        if "error" in acknowledged:
            raise RuntimeError(acknowledged["error"]["description"])


def _answer(event: dict[str, Any], status: str) -> bytes:
    cycle = event["correlationid"]
    return orjson.dumps(
        {
            "specversion": "1.0",
            "id": str(uuid.uuid5(uuid.UUID(event["id"]), "flagged")),
            "source": "/mentoring/tally",
            "type": "mentoring.flagged.v1",
            "subject": event["subject"],
            "time": event["time"],
            "datacontenttype": "application/json",
            "dataschema": "urn:mentoring:flagged:v1",
            "program": event["program"],
            "correlationid": cycle,
            "causationid": event["id"],
            "traceparent": event["traceparent"],
            "data": {
                "mentee": "a",
                "mentor": "b",
                "rules": "v1",
                "flag": cycle,
                "rule": "progress",
                "status": status,
                "evidence": [event["id"]],
            },
        }
    )


if __name__ == "__main__":
    main(ByHand)
