"""Tries in memory whether the code of this command would fold a parked event: nothing is said or stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.cli.dead.letters import Letter
from services.cli.folds import ServiceWord, fold_of
from services.cli.output import Failure
from shared.entry import Entry
from shared.events.envelope import Event, encode
from shared.events.system import Redriven
from shared.fold import Fold
from shared.log import Log
from shared.outcome import Condemned, Diverged, Outcome, place_of
from shared.replay.history import history
from shared.world import World


@dataclass(frozen=True, slots=True)
class Probe:
    """What would become of a letter, were it redriven now, with those before it.

    Attributes:
        letter: the one asked about, or the first before it that fails.
        state: folded, refused or parked.
        error: the rule or the error's class.
        place: file, line and function that raise; empty where nothing does.
        answers, timers: how many would be said and set.
    """

    letter: Letter
    state: str
    error: str = ""
    place: str = ""
    answers: int = 0
    timers: int = 0


async def probe(log: Log, service: ServiceWord, before: Sequence[Letter], letter: Letter) -> Probe:
    """Fold the program's history in memory, then the letters before this one, then this one.

    Raises:
        Failure: today's code cannot follow the log up to here, or the log lacks an event.
        LogTrouble, ReaderLost: the log cannot be read.
    """
    letters = [*before, letter]
    entries = {each.seq: await _entry(log, each) for each in letters}
    try:
        async with history(log, fold_of(service), letter.program) as (folded, steps):
            async for _ in steps:
                pass
    except Diverged as error:
        raise Failure(
            f"the code of this command judges sequence {error.seq} otherwise than the log: nothing can be tried "
            f"with it; see `mentoring replay verify {service}`"
        ) from error
    fold = _Watched(folded.service, fetch=entries.__getitem__)
    for number, each in enumerate(before, 1):
        found = _redrive(fold, folded.world, each, folded.position + number)
        if found.state == "parked":
            return found
    return _redrive(fold, folded.world, letter, folded.position + len(letters))


def _redrive(fold: _Watched, world: World, letter: Letter, seq: int) -> Probe:
    data = Redriven(event=letter.event, service=fold.service.name, by="nobody", reason="tried")
    name = f"00000000-0000-4000-8000-{seq:012x}"
    said = Event(name, "/mentoring/operations", letter.program, letter.about, world.now, data)
    fold.raised = None
    outcome = fold.live(world, Entry(seq, said.subject, encode(said)), said)
    fold.keep(world, outcome)
    return _told(letter, outcome, fold.raised)


def _told(letter: Letter, outcome: Outcome, raised: Exception | None) -> Probe:
    end = outcome.letter
    if end is None:
        return Probe(letter, "folded", answers=len(outcome.answers), timers=len(outcome.timers))
    if end.kind == "parked":
        return Probe(letter, "parked", end.field or end.rule, place_of(raised) if raised else "")
    return Probe(letter, "refused", end.rule)


class _Watched(Fold):
    """A fold that keeps what a service raised, for where it was raised."""

    raised: Exception | None = None

    def _park(
        self, world: World, entry: Entry, event: Event, cause: Event, error: Exception
    ) -> Outcome:
        self.raised = error.error if isinstance(error, Condemned) else error
        return super()._park(world, entry, event, cause, error)


async def _entry(log: Log, letter: Letter) -> Entry:
    found = await log.entry(letter.seq)
    if found is None:
        raise Failure(f"the log does not hold sequence {letter.seq} any more")
    return found
