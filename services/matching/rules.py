"""Hard rules: whom a mentor may mentor at all. Each is one predicate; a pair must pass every one asked for.

Seven hold in every program; six a program may choose (`Opened.hard`). A coordinator may set aside only the
chosen ones.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping

from services.matching.overlap import common, holds
from services.matching.pool import Guide, Seeker
from shared.events.outside import Opened

Predicate = Callable[[Seeker, Guide, Opened], bool]
Rules = tuple[tuple[str, Predicate], ...]

LEAST_STEPS = 1
"""How many levels of seniority a mentor must stand above the mentee."""


def other_person(seeker: Seeker, guide: Guide, rules: Opened) -> bool:
    """Nobody mentors himself."""
    del rules
    return seeker.cycle.mentee != guide.mentor.mentor


def present(seeker: Seeker, guide: Guide, rules: Opened) -> bool:
    """The mentor has not left, is not paused and takes new pairs."""
    del seeker, rules
    mentor = guide.mentor
    return mentor.offer.accepts_new and mentor.paused_until is None and not mentor.left


def not_ruled_out(seeker: Seeker, guide: Guide, rules: Opened) -> bool:
    """The two were not paired before, and neither declined the other or let a proposal expire."""
    del rules
    return guide.mentor.mentor not in seeker.person.never


def not_avoided(seeker: Seeker, guide: Guide, rules: Opened) -> bool:
    """Neither avoids the other."""
    del rules
    mine, yours = seeker.person.likes, guide.person.likes
    avoided = mine is not None and guide.mentor.mentor in mine.avoid
    return not avoided and not (yours is not None and seeker.cycle.mentee in yours.avoid)


def only_once(seeker: Seeker, guide: Guide, rules: Opened) -> bool:
    """The mentor is not the mentee's already, by another seat or request."""
    del rules
    return guide.mentor.mentor not in seeker.person.mentors


def not_reciprocal(seeker: Seeker, guide: Guide, rules: Opened) -> bool:
    """The mentee is not the mentor's own mentor."""
    del rules
    return seeker.cycle.mentee not in guide.person.mentors


def has_room(seeker: Seeker, guide: Guide, rules: Opened) -> bool:
    """The mentor carries fewer pairs than offered and than the program allows."""
    del seeker
    return guide.mentor.load < min(guide.mentor.offer.capacity, rules.capacity)


def common_language(seeker: Seeker, guide: Guide, rules: Opened) -> bool:
    """They share a language; regional variants of one language count as one (RFC 4647, lookup)."""
    del rules
    return not seeker.languages.isdisjoint(guide.languages)


def common_time(seeker: Seeker, guide: Guide, rules: Opened) -> bool:
    """A whole meeting fits into their common week, in January and in July."""
    return holds(common(seeker.weeks, guide.weeks), rules.length.minutes)


def common_format(seeker: Seeker, guide: Guide, rules: Opened) -> bool:
    """They share a way to meet."""
    del rules
    return not seeker.formats.isdisjoint(guide.formats)


def other_team(seeker: Seeker, guide: Guide, rules: Opened) -> bool:
    """They are not of one team."""
    del rules
    return seeker.wishes.team != guide.mentor.offer.team


def other_line(seeker: Seeker, guide: Guide, rules: Opened) -> bool:
    """Neither reports to the other."""
    del rules
    mentee, mentor = seeker.cycle.mentee, guide.mentor.mentor
    return seeker.wishes.manager != mentor and guide.mentor.offer.manager != mentee


def senior_enough(seeker: Seeker, guide: Guide, rules: Opened) -> bool:
    """The mentor stands above the mentee."""
    del rules
    return guide.mentor.offer.seniority - seeker.wishes.seniority >= LEAST_STEPS


ALWAYS: Mapping[str, Predicate] = {
    "other_person": other_person,
    "present": present,
    "not_ruled_out": not_ruled_out,
    "not_avoided": not_avoided,
    "only_once": only_once,
    "not_reciprocal": not_reciprocal,
    "capacity": has_room,
}
CHOSEN: Mapping[str, Predicate] = {
    "language": common_language,
    "time": common_time,
    "format": common_format,
    "team": other_team,
    "reporting_line": other_line,
    "seniority": senior_enough,
}
CHOICE = frozenset(
    {"other_person", "present", "not_ruled_out", "not_avoided", "only_once", "not_reciprocal"}
)
"""Rules that would tell of somebody's choice; an explanation shows them as one."""
NOT_AVAILABLE = "not_available"


def in_force(rules: Opened) -> Rules:
    """The rules of a program, those that always hold first."""
    chosen = [(name, CHOSEN[name]) for name in CHOSEN if name in rules.hard]
    return (*ALWAYS.items(), *chosen)


def broken(seeker: Seeker, guide: Guide, rules: Opened) -> Iterator[str]:
    """The names of the rules that forbid the pair, in their order."""
    return (name for name, allows in in_force(rules) if not allows(seeker, guide, rules))


def shown(names: Collection[str]) -> str | None:
    """The one rule that an explanation names for a forbidden pair; None when nothing forbids it."""
    if not names:
        return None
    return NOT_AVAILABLE if CHOICE.intersection(names) else min(names, key=_order)


def _order(name: str) -> int:
    return [*ALWAYS, *CHOSEN].index(name)
