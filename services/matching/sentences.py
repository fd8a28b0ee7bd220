"""Explanations in plain words: a sentence for each part of a score and each rule, from code and figures.

Events carry codes with figures, so that every reader may word them in its own language; these are the words
of this product. Nothing here can tell of preferences, avoid lists or declines: there are no words for them,
and the rules of choice arrive merged into `not_available`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from services.matching.industry import SAME, SAME_DIVISION

Figures = Mapping[str, float]
Sentence = Callable[[Figures, float | None], str]

NAMED = 5
"""So many skills are named; further ones are counted."""
HOUR = 60


def part_sentence(
    code: str, part: float | None, figures: Figures, skills: Sequence[str] = ()
) -> str:
    """Why a part of the score speaks for the mentor.

    Args:
        code: the part's name, as in `Reason.code`.
        part: the part itself, in [0, 1], where it is at hand; says how close the industries are.
        figures: the figures of the reason.
        skills: labels of the skills that it is about, where they are at hand.

    A code without a sentence, of a later version, stands for itself.
    """
    sentence = PARTS.get(code)
    if sentence is None:
        return f"{code.replace('_', ' ').capitalize()}."
    named = f": {_listed(skills)}" if skills else ""
    return f"{sentence(figures, part)}{named}."


def rule_sentence(rule: str, count: int) -> str:
    """How many mentors a rule keeps from a request."""
    one, many = RULES.get(rule, (f"breaks the rule {rule}", f"break the rule {rule}"))
    return f"{count} {'mentor' if count == 1 else 'mentors'} {one if count == 1 else many}."


def _skills(figures: Figures, _: float | None) -> str:
    exact, near = _whole(figures, "exact"), _whole(figures, "near")
    words = f"Offers {exact + near} of the {_counted(_whole(figures, 'wanted'), 'skill')} asked for"
    if not near:
        return words
    by = "by a near one" if near == 1 else "by near ones"
    return f"{words}, {f'{near} of them {by}' if exact else by}"


def _gap(figures: Figures, _: float | None) -> str:
    missing = _counted(_whole(figures, "missing"), "skill")
    return (
        f"Covers {_whole(figures, 'covered')} of the {missing} "
        "that the aspired occupation takes and the mentee lacks"
    )


def _industry(_: Figures, part: float | None) -> str:
    if part is None:
        return "Works in the mentee's industry or one close to it"
    if part >= SAME:
        return "Works in the mentee's industry"
    division = "division" if part >= SAME_DIVISION else "section"
    return f"Works in an industry of the same {division}"


def _transition(_: Figures, part: float | None) -> str:
    if part is None or part < 1:
        return "Has worked in the occupation that the mentee aspires to"
    return "Has gone from the mentee's occupation to the one aspired to"


def _seniority(figures: Figures, _: float | None) -> str:
    return f"Stands {_counted(_whole(figures, 'steps'), 'level')} of seniority above the mentee"


def _languages(figures: Figures, _: float | None) -> str:
    return f"Shares {_counted(_whole(figures, 'common'), 'language')} with the mentee"


def _time(figures: Figures, _: float | None) -> str:
    hours, minutes = divmod(_whole(figures, "minutes"), HOUR)
    spans = [_counted(hours, "hour")] * (hours > 0) + [_counted(minutes, "minute")] * (minutes > 0)
    length = " and ".join(spans) or "less than a minute"
    return f"Has {length} a week in common with the mentee, all the year"


def _ratings(figures: Figures, part: float | None) -> str:
    mentees = _whole(figures, "count")
    if not mentees:
        return "Has few ratings as yet and counts with the program's mean"
    rated = f" {part:.2f} of 1" if part is not None else ""
    return f"Was rated{rated} by {_counted(mentees, 'mentee')}, drawn to the program's mean"


PARTS: Mapping[str, Sentence] = {
    "skills": _skills,
    "gap": _gap,
    "industry": _industry,
    "transition": _transition,
    "seniority": _seniority,
    "languages": _languages,
    "time": _time,
    "ratings": _ratings,
}
"""Every part of a score that may be shown."""
RULES: Mapping[str, tuple[str, str]] = {
    "capacity": ("has no place left", "have no place left"),
    "language": ("shares no language with the mentee", "share no language with the mentee"),
    "time": (
        "has no time in common with the mentee that holds a whole meeting",
        "have no time in common with the mentee that holds a whole meeting",
    ),
    "format": ("shares no way to meet with the mentee", "share no way to meet with the mentee"),
    "team": ("is of the mentee's team", "are of the mentee's team"),
    "reporting_line": (
        "is in the mentee's reporting line",
        "are in the mentee's reporting line",
    ),
    "seniority": (
        "does not stand above the mentee in seniority",
        "do not stand above the mentee in seniority",
    ),
    "floor": (
        "suits the request less than the program's floor asks",
        "suit the request less than the program's floor asks",
    ),
    "not_available": ("is not available", "are not available"),
}
"""Every rule that an explanation may name, of one mentor and of several."""


def _whole(figures: Figures, name: str) -> int:
    return round(figures.get(name, 0))


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _listed(skills: Sequence[str]) -> str:
    more = len(skills) - NAMED
    return ", ".join([*skills[:NAMED], *([f"{more} more"] if more > 0 else [])])
