"""One mentoring program's events as a form to be filled in for other programs.

The golden log holds a whole program as the three services once ran it. What in it follows from the program's name
is filled in anew: the name itself, the ids of proposals and of meetings. So each program that is stamped out of it is
one that the services would have told in the same words: they fold it, and answer it, as they do the golden one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import accumulate
from operator import itemgetter
from uuid import UUID, uuid5

from services.matching.naming import proposal_id
from services.scheduling.said import MEETINGS
from shared.entry import Entry
from tests.lifecycle.golden import golden_log

NAME = "demo"
"""The program of the golden log."""
_TRIES = 30
"""Attempts at a pairing, and meetings for a place in the plan, are fewer."""
_BLANK = re.compile(
    rb'(?<="program":")demo(?=")|(?<="subject":")demo(?=/)|(?<="subject":"demo/)demo(?=")'
    rb"|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{32}"
)

Recipe = Callable[[str], bytes]
"""What stands in a blank, by the program's name."""


@dataclass(frozen=True, slots=True)
class Line:
    """An event of the form.

    Attributes:
        subject: with NUL in the place of the program's name.
        form: the body as a printf pattern.
        blanks: takes from a program's words those that the body asks for, in order.
        cause: the line that it answers.
        said_by: the service that says it.
    """

    subject: str
    form: bytes
    blanks: Callable[[Sequence[bytes]], tuple[bytes, ...]]
    cause: int | None
    said_by: str | None

    def body(self, words: Sequence[bytes]) -> bytes:
        """Filled in with a program's words."""
        return self.form % self.blanks(words)


@dataclass(frozen=True, slots=True)
class Template:
    """All lines in the log's order, and how to make the words that fill them in."""

    lines: Sequence[Line]
    recipes: Sequence[Recipe]

    def steps(self) -> list[int]:
        """Where the log may turn to another program: each step is as many lines as it takes to answer all that it says.

        Answers stand in a log in the order of their causes, whatever their program: between an input and its answers
        there is no room for another program's.
        """
        last = list(range(len(self.lines)))
        for at, line in enumerate(self.lines):
            if line.cause is not None:
                last[line.cause] = at
        reach = accumulate(last, max)
        return [at + 1 for at, farthest in enumerate(reach) if farthest == at]

    def __len__(self) -> int:
        return len(self.lines)

    def words(self, program: str) -> list[bytes]:
        """What a program fills in."""
        return [recipe(program) for recipe in self.recipes]


@cache
def golden() -> Template:
    """The golden log as a form."""
    return make(golden_log.read())


def make(entries: Sequence[Entry]) -> Template:
    """A form out of one program's log."""
    known = dict(_derived({_key(entry) for entry in entries if entry.word == "requested"}))
    places: dict[bytes, int] = {NAME.encode(): 0}
    recipes: list[Recipe] = [str.encode]
    index = {entry.seq: at for at, entry in enumerate(entries)}
    lines = []
    for entry in entries:
        for blank in _BLANK.findall(entry.body):
            if blank in known and blank not in places:
                places[blank] = len(recipes)
                recipes.append(known[blank])
        cause = None if entry.cause is None else index[entry.cause]
        form, wanted = _opened(entry.body, places)
        lines.append(Line(_subject(entry), form, itemgetter(*wanted), cause, entry.said_by))
    return Template(lines, recipes)


def _opened(body: bytes, places: dict[bytes, int]) -> tuple[bytes, list[int]]:
    """The body with its blanks open, and which words fill them."""
    wanted = []

    def open_(found: re.Match[bytes]) -> bytes:
        if found[0] not in places:
            return found[0]
        wanted.append(places[found[0]])
        return b"%b"

    return _BLANK.sub(open_, body.replace(b"%", b"%%")), wanted


def _subject(entry: Entry) -> str:
    _, _, word, key = entry.subject.split(".")
    return f"mentoring.\0.{word}.{chr(0) if key == NAME else key}"


def _key(entry: Entry) -> str:
    return entry.subject.rsplit(".", 1)[1]


def _derived(cycles: Iterable[str]) -> Iterator[tuple[bytes, Recipe]]:
    """Every id that could follow from the program's name, and how."""
    for cycle in sorted(cycles):
        for number in range(_TRIES):
            proposal = partial(_proposal, cycle, number)
            yield proposal(NAME), proposal
            for nth in range(_TRIES):
                for recipe in (_meeting, _uid):
                    meeting = partial(recipe, cycle, number, nth)
                    yield meeting(NAME), meeting


def _proposal(cycle: str, attempt: int, program: str) -> bytes:
    return proposal_id(program, cycle, attempt).encode()


def _meeting(cycle: str, number: int, nth: int, program: str) -> bytes:
    return _meeting_id(cycle, number, nth, program).hex.encode()


def _uid(cycle: str, number: int, nth: int, program: str) -> bytes:
    return str(_meeting_id(cycle, number, nth, program)).encode()


def _meeting_id(cycle: str, number: int, nth: int, program: str) -> UUID:
    return uuid5(MEETINGS, f"{program}/{cycle}/{number}/{nth}")
