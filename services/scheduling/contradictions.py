"""Where sources disagree about who was at a meeting. Nothing is decided by it: it is kept, said and shown.

A source is held to what it says for certain. It shows a person at least from each joining to each stated leaving,
and at most that and, where it states no leaving, all that comes after. Two sources contradict each other when one
shows a person for certain over `TOLERANCE` minutes longer than the other leaves room for: people round, and clocks
differ. Silence contradicts only from the conference system, which sees whoever joins: when it has seen anybody at
the meeting it was watching. That a person or a coordinator says nothing of somebody denies nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from services.scheduling.evidence import minutes_by_source, statements, window
from services.scheduling.model import Meeting, Presence
from shared.events.scheduling import Source
from shared.intervals import Interval, clip, merge, minutes, subtract

TOLERANCE = 15
"""Minutes by which two sources may differ without contradicting each other."""


@dataclass(frozen=True, slots=True)
class Word:
    """For how many whole minutes a source says that a person was there, as the verdict counts them."""

    source: Source
    minutes: int


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two sources disagree about a person.

    `code` is `self_without_conference`, `coordinator_without_conference` or `other_side_without_conference`: the
    conference system was watching and has not seen the person; `lengths_differ`: the one shows the person much longer
    than the other; or `times_differ`: about as long, at another time.
    """

    person: str
    code: str
    words: tuple[Word, Word]


def contradicted(meeting: Meeting) -> tuple[str, ...]:
    """Return the persons about whose presence sources disagree, the mentee first."""
    return tuple(dict.fromkeys(one.person for one in contradictions(meeting)))


def contradictions(meeting: Meeting) -> tuple[Contradiction, ...]:
    """Return every two sources that contradict each other: the mentee first, sources in the order of `SOURCES`."""
    pair = dict.fromkeys((meeting.mentee, meeting.mentor))
    said = {person: statements(meeting, person) for person in pair}
    watched = any("conference" in each for each in said.values())
    return tuple(
        found
        for person, by_source in said.items()
        if len(by_source) > 1 or watched
        for found in _about(meeting, person, by_source, watched=watched)
    )


def _about(
    meeting: Meeting, person: str, said: Mapping[Source, Sequence[Presence]], *, watched: bool
) -> Iterator[Contradiction]:
    lasting: dict[Source, int] = {"conference": 0, **minutes_by_source(meeting, person)}
    if watched and "conference" not in said:
        for source in (source for source in said if _claims(said[source])):
            code = f"{source}_without_conference"
            yield _between(person, code, source, "conference", lasting)
    for one, other in combinations(said, 2):
        how = _difference(window(meeting), said[one], said[other])
        if how:
            yield _between(person, how, one, other, lasting)


def _claims(said: Iterable[Presence]) -> bool:
    """Whether anything but zero minutes is said, which is how to say that somebody was not there."""
    return any(one.left_at is None or one.left_at > one.joined_at for one in said)


def _between(
    person: str, code: str, one: Source, other: Source, lasting: Mapping[Source, int]
) -> Contradiction:
    return Contradiction(person, code, (Word(one, lasting[one]), Word(other, lasting[other])))


def _difference(about: Interval, one: Sequence[Presence], other: Sequence[Presence]) -> str | None:
    """How two sources differ that both speak of a person."""
    for claims, denies in ((one, other), (other, one)):
        least, most = _least(about, claims), _most(about, denies)
        if minutes(least) - minutes(most) > TOLERANCE:
            return "lengths_differ"
        if minutes(subtract(least, most)) > TOLERANCE:
            return "times_differ"
    return None


def _least(about: Interval, said: Iterable[Presence]) -> list[Interval]:
    """When the person was there for certain."""
    ended = [(one.joined_at, one.left_at) for one in said if one.left_at is not None]
    return clip(merge(ended), *about)


def _most(about: Interval, said: Iterable[Presence]) -> list[Interval]:
    """When the person can have been there."""
    _, closes = about
    whole = ((one.joined_at, one.left_at if one.left_at is not None else closes) for one in said)
    return clip(merge(whole), *about)
