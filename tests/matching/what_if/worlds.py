"""The recorded world and another one, folded side by side in memory."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from services.matching.app import SERVICE
from services.matching.what_if.account import Account
from services.matching.what_if.alternative import Alternative
from services.matching.what_if.recording import Recording
from shared.entry import Entry
from shared.events.envelope import Event, decode
from shared.events.outside import Opened
from shared.fold import Fold
from shared.replay.history import History, Step

Told = Sequence[tuple[Entry, Sequence[Event]]]
"""Inputs, each with what matching answered."""


def fold(told: Told, **fields: Any) -> tuple[History, Alternative]:
    """Both worlds at the record's end, the other one under rules with these fields."""
    recording, listened = Recording(), History(SERVICE)
    for step in steps(listened, told):
        recording.note(step, listened.world)
    recording.close()
    recorded, other = History(SERVICE), Alternative(recording, changed(**fields))
    for step in steps(recorded, told):
        other.fold(step, recorded.world)
    other.close()
    return recorded, other


def steps(history: History, told: Told) -> Iterator[Step]:
    """Every input as it is folded; one at a time, as they are asked for."""
    reader = Fold(SERVICE)
    for entry, answers in told:
        yield history.follow(entry, reader.read(entry), answers)


def told_of(entries: Iterable[Entry]) -> Told:
    """A log's inputs with their answers."""
    entries = list(entries)
    answers: dict[int, list[Event]] = {}
    for entry in entries:
        if entry.said_by == "matching" and entry.cause is not None:
            answers.setdefault(entry.cause, []).append(decode(entry.body))
    return [(e, answers.get(e.seq, ())) for e in entries if e.said_by != "matching"]


def changed(**fields: Any) -> Callable[[Opened], Opened]:
    """Rules with these fields in their place."""
    return lambda rules: Opened.model_validate({**dict(rules), **fields})


def pairs(account: Account) -> list[tuple[str, str]]:
    """Cycle and mentor of each pair, in the order in which they were made."""
    return [(pair.cycle, pair.mentor) for pair in account.pairs]
