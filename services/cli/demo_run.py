"""One run of the demo on a stack that is up: people, driven time, and what it came to."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.cli.demo_heard import Heard, Letter
from services.cli.demo_positions import Positions
from services.cli.demo_result import Said, store_digests
from services.cli.demo_sealing import SeededSeal
from services.cli.driver import Driver
from services.cli.place import Folder
from services.cli.population import Population
from services.cli.population_program import PROGRAM, Plan
from services.feedback.app import SERVICE as FEEDBACK
from services.feedback.report.asking import finished
from services.feedback.report.collect import Collector
from services.feedback.report.model import Report
from services.matching.app import SERVICE as MATCHING
from services.scheduling.app import SERVICE as SCHEDULING
from shared.entry import Entry
from shared.events.envelope import Event
from shared.log import Log

SERVICES = (MATCHING, SCHEDULING, FEEDBACK)
AFTERWARDS = timedelta(days=21)
"""Past the program's last day: closing reviews and the last deadlines."""


@dataclass(frozen=True, slots=True)
class Moment:
    """How far a run is.

    Attributes:
        now: the simulated instant.
        share: of the whole simulated time.
        events, pairs, meetings: how many so far.
    """

    now: datetime
    share: float
    events: int
    pairs: int
    meetings: int


@dataclass(frozen=True, slots=True)
class Result:
    """What a run came to: the same for the same seed and sizes, to the byte.

    Attributes:
        program: its id.
        events: how many there are.
        report: how it went, without what differs between two runs: the log's identity and its sequences.
        letters: what the services refused or could not fold, how often.
        said: a digest over every event, by who said it.
        rows: a digest of every store.
        example: a cycle that went all the way.
    """

    program: str
    seed: int
    plan: Plan
    events: int
    report: Report
    letters: Mapping[Letter, int]
    said: Mapping[str, str]
    rows: Mapping[str, str]
    example: str | None


class Run:
    """A program that is driven from its opening to its end.

    Args:
        folder: where the stack keeps its stores.
        nats: the log's address.
        seed, plan: what happens.
        told: hears how far it is, after every event.
        heard: hears every event, in the order of the log.
    """

    def __init__(
        self,
        folder: Folder,
        nats: str,
        seed: int,
        plan: Plan,
        told: Callable[[Moment], None],
        heard: Callable[[Entry], None] | None = None,
    ) -> None:
        self._folder = folder
        self._nats = nats
        self._seed, self._plan = seed, plan
        self._told, self._heard = told, heard
        self._said, self._known = Said(), Heard()
        self._collector = Collector(PROGRAM, "event")
        self._until = plan.ends + AFTERWARDS

    async def __call__(self) -> Result:
        """Drive it; returns what it came to.

        Raises:
            Failure: a service does not keep up.
            LogTrouble: the log does not answer.
        """
        population = self._population()
        stores = {service.name: self._folder.database(service.name) for service in SERVICES}
        log, positions = await Log.connect(self._nats, "mentoring-demo"), Positions(stores)
        # A busy machine is no reason to end a demo, and a batch whose fate is unknown cannot be sent again.
        log.ack_timeout = 30.0
        driver = Driver(log, SERVICES, positions, population, PROGRAM, self._hear)
        try:
            await driver.run(self._until)
        finally:
            positions.close()
            await log.close()
        return await asyncio.to_thread(self._result)

    def _population(self) -> Population:
        seal = SeededSeal(self._seed, PROGRAM)
        population = Population(self._seed, self._plan, seal)
        persons = [person.id for person in population.scene.people.everybody()]
        seal.hand_over(f"sqlite:///{self._folder.database('keyring')}", self._folder.kek, persons)
        return population

    def _hear(self, entry: Entry, event: Event) -> None:
        self._known.add(event)
        self._collector.add([entry])
        self._said.add(entry, event)
        if self._heard is not None:
            self._heard(entry)
        words, last = self._known.words, self._known.last or event.time
        share = (last - self._plan.opens) / (self._until - self._plan.opens)
        self._told(Moment(last, share, words.total(), words["paired"], words["met"]))

    def _result(self) -> Result:
        return Result(
            program=PROGRAM,
            seed=self._seed,
            plan=self._plan,
            events=self._known.words.total(),
            report=self._report(),
            letters=dict(sorted(self._known.letters.items())),
            said=self._said.digests(),
            rows=store_digests(SERVICES, self._folder.path),
            example=self._known.example(),
        )

    def _report(self) -> Report:
        found = finished(self._collector, None, log="")
        return found.model_copy(update={"position": 0})
