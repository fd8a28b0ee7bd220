"""Carries an erasure out: the person leaves, the cycles conclude, `erased` is folded, and the key is gone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from services.cli.connection import connected
from services.cli.erase_plan import Plan, plan_of, refuse_staying
from services.cli.erase_saying import WAITING, Said, became, said_before, say, state_of, until
from services.cli.output import Failure
from services.cli.output import say as tell
from services.cli.stores import databases, opened
from services.cli.timeline import programs_of
from services.feedback.keyring_keks import KeyRefused
from services.feedback.keyring_store import RingStore
from shared.events.outside import Erased, Left
from shared.log import Log
from shared.outcome import StoreTrouble
from shared.replay import operation
from shared.store import Store


@dataclass(frozen=True, slots=True)
class Wanted:
    """An erasure as it was asked for.

    Attributes:
        leave: state `left` first.
        patience: seconds to wait for each step.
    """

    program: str
    person: str
    by: str
    reason: str
    leave: bool
    patience: float


@dataclass(frozen=True, slots=True)
class Place:
    """Where everything is."""

    nats: str | None
    database: str | None
    keyring: str
    folder: Path


@dataclass
class Done:
    """What an erasure came to.

    Attributes:
        operation: its number in feedback's store.
        left, erased: the sequences of what was said by this call.
        services: what each service made of `erased`.
        key: where the person stands in the key ring: `erased`, `key`, or `unknown`.
        rewritten: whether the key ring's files were rewritten.
        open: cycles that have not concluded in time.
    """

    operation: int = 0
    left: int | None = None
    erased: int | None = None
    services: dict[str, str] = field(default_factory=dict)
    key: str = "unknown"
    rewritten: bool = False
    open: list[str] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        """Whether everybody has folded it and the key is gone from its files."""
        folded = set(self.services.values()) <= {"folded"}
        return folded and self.key == "erased" and self.rewritten and not self.open

    @property
    def plain(self) -> dict[str, Any]:
        """For programs and for the record."""
        return {**asdict(self), "complete": self.complete}


async def erase(wanted: Wanted, place: Place, agreed: Callable[[Plan, str], None]) -> Done:
    """Erase a person; `agreed` is shown what would happen, and raises when it must not.

    Raises:
        Failure: nobody knows the person, they have not left, or something does not answer.
        LogTrouble, Refused, StoreTrouble: what was said until then stands; call it again.
    """
    urls = databases(place.database, place.folder, place.nats)
    if "feedback" not in urls:
        raise Failure("nobody says where feedback's database is: give --dir, or --database")
    async with connected(place.nats, place.folder) as log:
        with ExitStack() as stack:
            ring = stack.enter_context(_ring_at(place.keyring))
            stores = {name: stack.enter_context(opened(name, url)) for name, url in urls.items()}
            work = _Erasing(wanted, log, stores, ring)
            plan, key = await work.look()
            refuse_staying(plan, wanted.person, leave=wanted.leave)
            agreed(plan, key)
            return await work.carry_out(plan)


@contextmanager
def _ring_at(url: str) -> Iterator[RingStore]:
    """The key ring's database, opened without a key."""
    try:
        store = RingStore(url)
    except KeyRefused as error:
        raise Failure(str(error)) from error
    try:
        yield store
    finally:
        store.close()


class _Erasing:
    """One call of the command."""

    def __init__(
        self, wanted: Wanted, log: Log, stores: Mapping[str, Store], ring: RingStore
    ) -> None:
        self._wanted = wanted
        self._log = log
        self._stores = stores
        self._feedback = {"feedback": stores["feedback"]}
        self._ring = ring
        self._done = Done()

    async def look(self) -> tuple[Plan, str]:
        """Where the person stands, in feedback and in the key ring.

        Raises:
            Failure: nobody knows them.
        """
        program, person = self._wanted.program, self._wanted.person
        plan = await self._plan()
        key = await asyncio.to_thread(self._ring.standing, program, person)
        known = plan.cycles or plan.away or key != "unknown"
        if not known and program not in await programs_of(self._log, person):
            raise Failure(f"nobody in {program} is called {person}")
        return plan, key

    async def carry_out(self, plan: Plan) -> Done:
        """Do it, and write down who did, why, and how far it came."""
        store, wanted = self._stores["feedback"], self._wanted
        number = await asyncio.to_thread(
            operation.begin, store, "erase", wanted.by, wanted.reason, wanted.program
        )
        self._done.operation = number
        try:
            await self._steps(plan)
        except BaseException as error:  # an operator who ends it is no exception
            self._end("failed", error=type(error).__name__)
            raise
        self._end("done" if self._done.complete else "waiting")
        return self._done

    async def _steps(self, plan: Plan) -> None:
        said = await self._said_before("erased")
        if said is None and not plan.erased:
            if not plan.may_be_erased and not await self._leave():
                return
            said = await self._say(lambda now: Erased(person=self._wanted.person, effective_at=now))
            self._done.erased = said.seq
        if said is not None:
            self._done.services = await became(self._stores, said, self._wanted.patience)
        await self._clean()

    async def _said_before(self, word: str, *, folded: bool = True) -> Said | None:
        """What an earlier call has said and feedback has not refused: it is waited for, and not said again.

        Args:
            word: `left` or `erased`.
            folded: also when feedback has folded it.
        """
        store, wanted = self._stores["feedback"], self._wanted
        for said in await said_before(self._log, wanted.program, wanted.person, word):
            state = await asyncio.to_thread(state_of, store, said)
            if state == WAITING or (folded and not state.startswith("refused")):
                return said
        return None

    async def _leave(self) -> bool:
        """State that the person leaves, and wait until every cycle has concluded; whether they have."""
        said = await self._said_before("left", folded=False)
        if said is None:
            said = await self._say(lambda now: Left(roles=("mentee", "mentor"), effective_at=now))
            self._done.left = said.seq
        folded = await became(self._feedback, said, self._wanted.patience)
        if folded != {"feedback": "folded"}:
            self._done.services = folded
            return False

        async def concluded() -> bool:
            self._done.open = list((await self._plan()).open)
            return not self._done.open

        return await until(concluded, self._wanted.patience)

    async def _clean(self) -> None:
        """Is the key gone? Then rewrite what held it, so that it is gone from the files, too."""
        program, person = self._wanted.program, self._wanted.person
        self._done.key = await asyncio.to_thread(self._ring.standing, program, person)
        if self._done.key == "erased":
            try:
                await asyncio.to_thread(self._ring.scrub)
            except StoreTrouble as error:  # somebody reads in it
                tell(str(error))
            else:
                self._done.rewritten = True

    async def _say(self, made: Callable[..., Left | Erased]) -> Said:
        wanted = self._wanted
        return await say(self._log, wanted.program, wanted.person, made, wanted.patience)

    async def _plan(self) -> Plan:
        store, wanted = self._stores["feedback"], self._wanted
        return await asyncio.to_thread(plan_of, store, wanted.program, wanted.person)

    def _end(self, state: str, **more: object) -> None:
        detail = {"person": self._wanted.person, **self._done.plain, **more}
        store, number = self._stores["feedback"], self._done.operation
        operation.end(store, number, state, self._done.erased, detail=detail)
