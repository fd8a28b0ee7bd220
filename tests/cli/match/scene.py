"""A program's story for tests of `mentoring match`: folded in memory, and put on a real log."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from services.cli.match.reading import Found
from services.matching.app import SERVICE
from shared.entry import Entry
from shared.events import outside
from shared.events.envelope import decode, encode
from shared.replay.history import History as Replay
from tests.matching.history import PROGRAM, History, a_program, hours, only

MONDAYS = {"rrule": "FREQ=WEEKLY;BYDAY=MO", "start": "09:00"}


def a_story() -> History:
    """Ann is paired at the second attempt, Bob is asked, Cyd waits, and Dan's hours fit nobody's.

    Rounds are on Mondays, both sides are asked. Ann and mia would rather have each other, ann avoids mob.
    """
    history = a_program(rounds=MONDAYS, acceptance="both", request_expires="P20D", hard=HARD)
    history.say("ann", outside.Preferred(prefer=("mia",), avoid=("mob",)))
    history.say("mia", outside.Preferred(prefer=("ann",)))
    history.a_mentor("mia", skills=("python", "sql"))
    history.a_mentor("max", skills=("python",), languages=("en", "de"))
    history.a_mentor("mob", skills=("python", "sql"))
    history.a_request("c-ann", "ann", wanted_skills=("python", "sql"))
    history.a_request("c-dan", "dan", time=hours("03:00", 30))
    history.wait(days=7)
    answer(history, "c-ann", outside.Declined, "mia", reason="not_now")
    history.wait(days=7)
    answer(history, "c-ann", outside.Accepted, "ann", "max")
    history.a_request("c-bob", "bob", wanted_skills=("sql",))
    history.wait(days=7)
    history.a_request("c-cyd", "cyd", wanted_skills=("cooking",))
    return history


HARD = ("language", "time", "format", "team", "reporting_line")


def answer(
    history: History,
    cycle: str,
    kind: type[outside.Accepted | outside.Declined],
    *by: str,
    reason: str | None = None,
) -> None:
    """These people answer the proposal that stands."""
    proposal = history.proposal(cycle)
    for each in by:
        history.say(cycle, kind(proposal=proposal, by=each, reason=reason))


def found(history: History, cycle: str) -> Found:
    """What the command reads of a cycle."""
    replay = Replay(SERVICE)
    found = Found(PROGRAM, cycle, world=replay.world)
    for entry, answers in history.log:
        found.note(replay.follow(entry, decode(entry.body), answers))
    return found


def on_the_log(history: History) -> list[Entry]:
    """The story as entries of a log: answers right behind what caused them."""
    return list(_entries(history))


def _entries(history: History) -> Iterator[Entry]:
    numbers = itertools.count(1)
    for entry, answers in history.log:
        cause = next(numbers)
        yield entry._replace(seq=cause)
        for each in answers:
            yield Entry(next(numbers), each.subject, encode(each), cause, "matching")


__all__ = ["PROGRAM", "a_story", "answer", "found", "on_the_log", "only"]
