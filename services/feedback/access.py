"""Who may do and see what: a token's bearer, in a pair, at a level of confidentiality. Pure.

Whoever is one of a pair sees it as that side, whatever other roles the token has. Persons learn nothing of
cycles in which they are not: an unknown one and somebody else's are refused alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from services.feedback.find import side_of
from services.feedback.model import Cycle, Note, Revealed, Review, Side
from shared.identity import Identity
from shared.refusals import Refused

Audience = Literal["other", "program"]


@dataclass(frozen=True, slots=True)
class Level:
    """What coordinators see of a pair, beside what was done, flags, outcome and counts.

    Attributes:
        figures: revealed ratings, satisfaction, goals and their progress.
        words: whose words, once they are revealed, by the audience that they were written for.
        notes: what the pair shares.
    """

    figures: bool = False
    words: frozenset[Audience] = frozenset()
    notes: bool = False


PRIVATE = Level()
LEVELS: Mapping[str, Level] = {
    "private": PRIVATE,
    "standard": Level(figures=True, words=frozenset({"program"})),
    "shared": Level(figures=True, words=frozenset({"program", "other"}), notes=True),
}
Reader = Side | Level
"""Who reads: a side of the pair, or a coordinator at the pair's level."""


def level_of(cycle: Cycle) -> Level:
    """The level of the terms in force; a code that nobody here knows keeps the most to itself."""
    return LEVELS.get(cycle.confidentiality, PRIVATE)


def reader_of(caller: Identity, cycle: Cycle | None) -> Reader:
    """As whom the caller reads this cycle.

    Raises:
        Refused: in no way; for a coordinator also that there is no such cycle.
    """
    caller.require("person", "coordinator")
    side = side_of(cycle, caller.person) if cycle else None
    if side is not None:
        return side
    if not caller.acts_as("coordinator"):
        raise Refused(403, "/cycle", "not_in_pair")
    if cycle is None:
        raise Refused(404, "/cycle", "unknown_cycle")
    return level_of(cycle)


def acting(caller: Identity, by: str | None) -> str:
    """In whose name the caller acts: a system in anybody's, a person in the own one.

    Raises:
        Refused: in nobody's.
    """
    caller.require("person", "system")
    if by is not None and (caller.acts_as("system") or by == caller.person):
        return by
    if caller.acts_as("person"):
        if by is None:
            return caller.person
        raise Refused(403, "/by", "not_yourself")
    raise Refused(422, "/by", "required")


def side_for(caller: Identity, cycle: Cycle | None, by: str) -> tuple[Cycle, Side]:
    """The cycle, and the side on which `by` is.

    Raises:
        Refused: on none.
    """
    side = side_of(cycle, by) if cycle else None
    if cycle is not None and side is not None:
        return cycle, side
    if not caller.acts_as("system"):
        raise Refused(403, "/cycle", "not_in_pair")
    if cycle is None:
        raise Refused(409, "/cycle", "unknown_cycle")
    raise Refused(409, "/by", "not_in_pair")


@dataclass(frozen=True, slots=True)
class Seen:
    """What a reader sees of what one side submitted.

    Attributes:
        own: it is the reader's own: everything, late or not, at all times.
        ratings: those that were revealed.
        words: those that were written for these audiences.
    """

    own: bool = False
    ratings: bool = False
    words: frozenset[Audience] = frozenset()


NOTHING = Seen()


def seen(reader: Reader, review: Review, side: Side) -> Seen:
    """What a reader sees of what this side submitted: of others nothing before the reveal, or that came late.

    Who was silent sees nothing of the other side, then or later; nobody but its author sees a closing review.
    """
    if reader == side:
        return Seen(own=True)
    if not isinstance(review.state, Revealed) or side in review.state.missing:
        return NOTHING
    if isinstance(reader, Level):
        return Seen(ratings=reader.figures, words=reader.words)
    if reader in review.state.missing:
        return NOTHING
    return Seen(ratings=True, words=frozenset({"other"}))


def sees_note(reader: Reader, cycle: Cycle, note: Note) -> bool:
    """Whether a reader sees a note: its author does, and with the audience `pair` the other side."""
    if isinstance(reader, Level):
        return reader.notes and note.audience == "pair"
    return note.by == cycle.person(reader) or note.audience == "pair"


def require_level(reader: Reader, *, notes: bool = False) -> None:
    """Go on as a side, or as a coordinator who sees figures, or with `notes` what the pair shares.

    Raises:
        Refused: 403, `confidential`.
    """
    if isinstance(reader, Level) and not (reader.notes if notes else reader.figures):
        raise Refused(403, "/cycle", "confidential")
