"""Reading alone, every event of the log in order: nats-py's fetch, pull requests by hand, and our reader."""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod

import nats
from nats.aio.client import Client
from nats.js.api import AckPolicy, ConsumerConfig

from shared.log import Log
from tests.bench.contestants.contestant import Task, main
from tests.bench.contestants.pull import Puller

_ALL = "mentoring.*.*.*.*"


class Reading(ABC):
    """Counts what it reads until the log's end."""

    def __init__(self, task: Task) -> None:
        self.inputs = 0
        self._task = task
        self._client = Client()

    async def open(self) -> None:
        """Connect."""
        self._client = await nats.connect(self._task.nats)

    @abstractmethod
    async def run(self) -> None:
        """Read."""

    async def close(self) -> None:
        """Disconnect."""
        await self._client.close()

    @property
    def _goes_on(self) -> bool:
        return self.inputs < (self._task.count or 0)


class Fetch(Reading):
    """`fetch(1000)`, nats-py's own way."""

    async def run(self) -> None:
        """Read."""
        consumer = ConsumerConfig(ack_policy=AckPolicy.NONE, filter_subject=_ALL)
        subscription = await self._client.jetstream().pull_subscribe(
            _ALL, stream="MENTORING", config=consumer
        )
        while self._goes_on:
            left = (self._task.count or 0) - self.inputs
            self.inputs += len(await subscription.fetch(min(1000, left), timeout=5))


class Pull(Reading):
    """Pull requests by hand."""

    async def run(self) -> None:
        """Read."""
        puller = Puller(self._client, _ALL)
        await puller.open()
        while self._goes_on:
            self.inputs += len(await puller.batch())


class Ours(Reading):
    """shared/reader.py, with its checks for gaps and silence."""

    async def run(self) -> None:
        """Read."""
        reader = await Log(self._client).reader([_ALL])
        while self._goes_on:
            self.inputs += len(await reader.batch())


if __name__ == "__main__":
    main({"fetch": Fetch, "pull": Pull, "ours": Ours}[sys.argv.pop(1)])
