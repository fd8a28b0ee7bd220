"""What rules and components say of one pair, written down by hand: what the arrays are held against."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from services.matching.industry import closeness
from services.matching.model import Cycle, Mentor, Person
from services.matching.overlap import DAYS, WEEK, offset
from shared.events.outside import Available, Opened, Preferred, Requested
from shared.events.types import Part
from shared.vocabulary import Vocabulary, load, plain

NOBODY = Preferred()
BEST, WIDEST, ENOUGH, PLENTY = 3, 4, 5, 4


@dataclass(frozen=True)
class Pair:
    """A request and a mentor with the persons behind them."""

    cycle: Cycle
    mentee: Person
    mentor: Mentor
    person: Person
    rules: Opened

    @property
    def wishes(self) -> Requested:
        assert self.cycle.wishes is not None
        return self.cycle.wishes

    @property
    def vocabulary(self) -> Vocabulary:
        return load(self.rules.vocabulary)


def broken(pair: Pair) -> list[str]:
    """The rules that forbid the pair, in their order."""
    wishes, mentor, offer = pair.wishes, pair.mentor, pair.mentor.offer
    mentee_id, mentor_id = pair.cycle.mentee, pair.mentor.mentor
    mine, yours = pair.mentee.likes or NOBODY, pair.person.likes or NOBODY
    allows = {
        "other_person": mentee_id != mentor_id,
        "present": offer.accepts_new and not mentor.left and mentor.paused_until is None,
        "not_ruled_out": mentor_id not in pair.mentee.never,
        "not_avoided": mentor_id not in mine.avoid and mentee_id not in yours.avoid,
        "only_once": mentor_id not in pair.mentee.mentors,
        "not_reciprocal": mentee_id not in pair.person.mentors,
        "capacity": mentor.load < offer.capacity and mentor.load < pair.rules.capacity,
    }
    chosen = {
        "language": bool(spoken(wishes.languages) & spoken(offer.languages)),
        "time": all(longest(week) >= pair.rules.length.minutes for week in common(pair)),
        "format": bool(set(wishes.formats) & set(offer.formats)),
        "team": wishes.team != offer.team,
        "reporting_line": wishes.manager != mentor_id and offer.manager != mentee_id,
        "seniority": offer.seniority > wishes.seniority,
    }
    allows |= {name: allowed for name, allowed in chosen.items() if name in pair.rules.hard}
    return [name for name, allowed in allows.items() if not allowed]


def parts(pair: Pair) -> dict[Part, float]:
    """Every component of which the request says something, 6 digits."""
    found: dict[Part, Fraction | float | None] = {
        "skills": skills(pair),
        "gap": gap(pair),
        "industry": closeness(pair.wishes.industry, pair.mentor.offer.industry),
        "transition": transition(pair),
        "seniority": seniority(pair),
        "languages": languages(pair),
        "time": time(pair),
        "wishes": wishes_met(pair),
    }
    return {name: round(float(part), 6) for name, part in found.items() if part is not None}


def skills(pair: Pair) -> Fraction | None:
    wanted = meant(pair.vocabulary, pair.wishes.wanted_skills)
    return covered(pair, wanted) / len(wanted) if wanted else None


def gap(pair: Pair) -> Fraction | None:
    missing = missing_of(pair)
    return min(Fraction(1), covered(pair, missing) / min(len(missing), ENOUGH)) if missing else None


def missing_of(pair: Pair) -> list[str]:
    vocabulary, target = pair.vocabulary, pair.wishes.target_occupation
    job = vocabulary.occupations.get(vocabulary.occupation(target) or "") if target else None
    held = meant(vocabulary, pair.wishes.held_skills)
    return [skill for skill in job.skills if skill not in held] if job else []


def covered(pair: Pair, asked: list[str]) -> Fraction:
    offered = meant(pair.vocabulary, [skill.id for skill in pair.mentor.offer.skills])
    return sum((closest(pair.vocabulary, skill, offered) for skill in asked), Fraction())


def closest(vocabulary: Vocabulary, skill: str, offered: list[str]) -> Fraction:
    """1 for the skill itself, else the squared cosine of the nearest, in millionths."""
    if skill in offered:
        return Fraction(1)
    near = [vocabulary.near(skill).get(other, 0.0) for other in offered]
    return Fraction(round(max(near, default=0.0) ** 2 * 1_000_000), 1_000_000)


def meant(vocabulary: Vocabulary, names: tuple[str, ...] | list[str]) -> list[str]:
    return list(dict.fromkeys(vocabulary.skill(name) or plain(name) for name in names))


def transition(pair: Pair) -> float | None:
    target = pair.wishes.target_occupation
    if target is None:
        return None
    held = {plain(job.id) for job in pair.mentor.offer.occupations}
    if plain(target) not in held:
        return 0.0
    return 1.0 if pair.wishes.occupation and plain(pair.wishes.occupation) in held else 0.5


def seniority(pair: Pair) -> Fraction:
    steps = pair.mentor.offer.seniority - pair.wishes.seniority
    return max(Fraction(0), 1 - Fraction(abs(steps - BEST), WIDEST)) if steps > 0 else Fraction(0)


def languages(pair: Pair) -> Fraction:
    mine, yours = spoken(pair.wishes.languages), spoken(pair.mentor.offer.languages)
    return Fraction(len(mine & yours), len(mine))


def spoken(tags: tuple[str, ...]) -> set[str]:
    return {tag.split("-")[0] for tag in tags}


def time(pair: Pair) -> Fraction:
    minutes = min(len(week) for week in common(pair))
    return min(Fraction(1), Fraction(minutes, PLENTY * pair.rules.length.minutes))


def wishes_met(pair: Pair) -> Fraction | None:
    mine, yours = pair.mentee.likes or NOBODY, pair.person.likes or NOBODY
    stated = []
    if mine.prefer:
        preferred = [pair.mentor.mentor in mine.prefer, pair.cycle.mentee in yours.prefer]
        stated.append(Fraction(sum(preferred), 2))
    if asked := {code for code in mine.wishes if code in (pair.rules.wishes or ())}:
        stated.append(Fraction(len(asked & set(yours.wishes)), len(asked)))
    return sum(stated, Fraction()) / len(stated) if stated else None


def score(pair: Pair) -> float:
    """The weighed mean of what may be shown."""
    found = {name: part for name, part in parts(pair).items() if name != "wishes"}
    weights = {name: Fraction(pair.rules.weights.get(name, 0.0)) for name in found}
    total = sum((weights[name] * Fraction(part) for name, part in found.items()), Fraction())
    whole = sum(weights.values(), Fraction())
    return float(total / whole) if whole else 0.0


def common(pair: Pair) -> list[set[int]]:
    """The minutes of the week that two have in common, in January and in July."""
    return [
        minutes_of(pair.mentee.time, season) & minutes_of(pair.person.time, season)
        for season in (0, 1)
    ]


def minutes_of(time: Available | None, season: int) -> set[int]:
    """The minutes of the UTC week at which a person is there, counted one by one."""
    there: set[int] = set()
    for window in time.weekly if time else ():
        hour, minute = map(int, window.start.split(":"))
        for day in window.byday:
            first = DAYS.index(day) * 1440 + hour * 60 + minute - offset(time.zone, 2026)[season]  # type: ignore[union-attr]
            there |= {(first + at) % WEEK for at in range(window.duration.minutes)}
    return there


def longest(there: set[int]) -> int:
    """The longest run of minutes, around the end of the week too."""
    best = run = 0
    for at in range(2 * WEEK):
        run = run + 1 if at % WEEK in there else 0
        best = max(best, run)
    return best
