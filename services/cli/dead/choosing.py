"""Which parked letters can be redriven or given up, in which order, and which attempt it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from services.cli.dead import outcome
from services.cli.dead.attempts import Attempts
from services.cli.dead.letters import Letter, Wanted
from services.cli.output import Failure
from shared.events.system import Redriven
from shared.store import Store

CHUNK = 100
"""Letters under way at a time: a few that fail for the same cause are seen before many are tried."""


@dataclass(frozen=True, slots=True)
class Behind:
    """A letter that cannot be redriven yet: `first` of the same key must be folded or given up before."""

    letter: Letter
    first: Letter


def choose(held: Sequence[Letter], wanted: Wanted, limit: int | None) -> list[Letter]:
    """The letters that are wanted, in the order of the log, at most `limit`.

    Args:
        held: every parked letter that waits for an operator, in the order of the log.
        wanted: which of them.
        limit: how many at most; None: all.

    Raises:
        Failure: a sequence is asked for at which nothing waits.
    """
    missing = sorted(set(wanted.seqs) - {letter.seq for letter in held})
    if missing:
        raise Failure(
            f"nothing is parked at {', '.join(map(str, missing))}: see `mentoring dead list`"
        )
    return [letter for letter in held if wanted.takes(letter)][:limit]


def ready(held: Sequence[Letter], chosen: Sequence[Letter]) -> tuple[list[Letter], list[Behind]]:
    """Part the chosen letters into those with all earlier ones of their key among them, and the others."""
    taken = {(letter.program, letter.seq) for letter in chosen}
    blocked: dict[tuple[str, str], Letter] = {}
    good: list[Letter] = []
    behind: list[Behind] = []
    for letter in held:
        place = (letter.program, letter.about)
        if (letter.program, letter.seq) not in taken:
            blocked.setdefault(place, letter)
        elif place in blocked:
            behind.append(Behind(letter, blocked[place]))
        else:
            good.append(letter)
    return good, behind


def attempt_of(store: Store, service: str, letter: Letter, known: Attempts) -> int | None:
    """Which attempt comes now; None when the letter is not parked any more.

    One that was said and is not folded yet is waited for, not said again. Whether it is folded and whether the
    letter is still parked are read at once: another operator may be at work.
    """
    made = known.of(service, letter, Redriven)
    if not made:
        return 1
    match outcome.now(store, letter, made[-1]).state:
        case "waiting":
            return len(made)
        case "parked":
            return len(made) + 1
    return None


def chunks(letters: Iterable[Letter]) -> Iterator[list[Letter]]:
    """The letters in their order, cut so that none holds two of one key."""
    chunk: list[Letter] = []
    keys: set[tuple[str, str]] = set()
    for letter in letters:
        place = (letter.program, letter.about)
        if place in keys or len(chunk) == CHUNK:
            yield chunk
            chunk, keys = [], set()
        chunk.append(letter)
        keys.add(place)
    if chunk:
        yield chunk
