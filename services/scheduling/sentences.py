"""What scheduling's codes mean, a sentence each: for the answers that people read."""

from __future__ import annotations

from collections.abc import Mapping

from services.scheduling.contradictions import Contradiction

GAPS: Mapping[str, str] = {
    "no_rules": "The program's rules are not known yet.",
    "no_availability": "One of the two has not said when there is time.",
    "no_common_time": "The two have no time in common that is long enough.",
    "holidays": "Public holidays leave no common time that is long enough.",
    "absence": "Somebody is away or busy whenever the two have time in common.",
    "other_meetings": "Other meetings of the two take the common time.",
    "buffer": "The common time that is left lies too close to other meetings.",
    "weekly_max": "Whoever has time already has as many meetings in those weeks as the program allows.",
    "program_days": "The program's days leave no time for it.",
    "time_asked": "The time that is asked about is shorter than the meeting.",
}
"""Why a meeting has no slot, by constraint: from the persons' hours to the program's limits, and what was asked."""


def gap_sentence(constraint: str) -> str:
    """Say a constraint in words; one that is not known here by its code."""
    return GAPS.get(constraint, f"The rule {constraint} leaves no room.")


SOURCES: Mapping[str, str] = {
    "conference": "the conference system",
    "coordinator": "the coordinator",
    "self": "the person",
    "other_side": "the other side",
}
"""Who says that somebody was there, by source."""


def contradiction_sentence(found: Contradiction) -> str:
    """Say in words how two sources disagree about a person."""
    one, other = found.words
    who, whom = SOURCES[one.source], SOURCES[other.source]
    if found.code.endswith("_without_conference"):
        return (
            f"By {who}, {found.person} was there for {one.minutes} minutes; {whom} has not seen it."
        )
    about = f"By {who}, {found.person} was there for {one.minutes} minutes, by {whom}"
    if found.code == "times_differ":
        return f"{about} for {other.minutes}, at another time."
    return f"{about} for {other.minutes}."
