"""What matching says, put into words: each event from what it is about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from services.matching.explain import Match
from services.matching.model import Cycle, Mentor, Offer
from services.matching.naming import proposal_id
from services.matching.pool import primary
from services.matching.skills import taught, vocabulary_of
from services.matching.timing import later, waited
from shared.events.matching import Lapsed, Paired, Proposed, Unmatched
from shared.events.outside import Opened, Requested
from shared.events.types import Format, Language, Policy
from shared.world import Answer, World

Cause = Literal["expired", "withdrawn", "left", "paused", "superseded"]


def asked(rules: Opened, mentee: str, mentor: str) -> tuple[str, ...]:
    """Whom a proposal asks."""
    return {"none": (), "mentor": (mentor,), "both": (mentee, mentor)}[rules.acceptance]


def paired(
    world: World,
    rules: Opened,
    match: Match,
    chosen_by: str,
    policy: Policy | Literal["assigned"],
) -> Answer:
    """A pair that nobody is asked about; `chosen_by`: the id of the round, or of a coordinator's word."""
    data = Paired(
        **_terms(world, rules, match.cycle, match.mentor),
        **_why(match),
        policy=policy,
        round=chosen_by,
    )
    return Answer(match.cycle.cycle, data)


def _why(match: Match) -> dict[str, Any]:
    """Why this pair, who else was near, what kept the others."""
    return {
        "score": match.score,
        "parts": match.parts,
        "reasons": match.reasons,
        "runners_up": match.runners_up,
        "excluded": match.excluded,
    }


def paired_by_consent(
    world: World, rules: Opened, cycle: Cycle, offer: Offer, mentor: Mentor
) -> Answer:
    """A pair that everybody who was asked has accepted."""
    data = Paired(
        **_terms(world, rules, cycle, mentor),
        proposal=offer.proposal,
        score=offer.score,
        parts=offer.parts,
        reasons=offer.reasons,
        runners_up=offer.runners_up,
        excluded=offer.excluded,
        policy=rules.policy,
        round=offer.round,
    )
    return Answer(cycle.cycle, data)


def _terms(world: World, rules: Opened, cycle: Cycle, mentor: Mentor) -> dict[str, Any]:
    """Who is paired, and how they are to meet: the wishes first, then the program's rules."""
    wishes = wishes_of(cycle)
    return {
        "mentee": cycle.mentee,
        "mentor": mentor.mentor,
        "rules": rules.rules,
        "request": cycle.request,
        "seat": cycle.seat,
        "waited": waited(cycle.since, world.now),
        "planned_meetings": rules.planned_meetings,
        "cadence": wishes.cadence or rules.cadence,
        "length": rules.length,
        "format": format_for(wishes, mentor.offer.formats),
        "language": language_for(wishes, mentor.offer.languages),
        "focus": wishes.readiness,
        "skills": _skills(rules, wishes, mentor),
    }


def _skills(rules: Opened, wishes: Requested, mentor: Mentor) -> tuple[str, ...]:
    return taught(vocabulary_of(rules), wishes, [skill.id for skill in mentor.offer.skills])


def proposed(world: World, rules: Opened, match: Match, chosen_by: str, to: str) -> Answer:
    """One side is asked about a pair of this round."""
    cycle = match.cycle
    attempt = cycle.attempts + 1
    data = Proposed(
        mentee=cycle.mentee,
        mentor=match.mentor.mentor,
        rules=rules.rules,
        proposal=proposal_id(cycle.program, cycle.cycle, attempt),
        to=to,
        **_why(match),
        expires_at=later(rules.accept_within, world.now, rules.zone),
        attempt=attempt,
        round=chosen_by,
    )
    return Answer(cycle.cycle, data)


def lapsed(cycle: Cycle, offer: Offer | None, cause: Cause) -> list[Answer]:
    """Everybody who was asked is told that the proposal stands no longer."""
    told: Iterable[str] = offer.asked if offer else ()
    proposal = offer.proposal if offer else ""
    return [Answer(cycle.cycle, Lapsed(proposal=proposal, to=to, cause=cause)) for to in told]


def unmatched(world: World, cycle: Cycle, excluded: Mapping[str, int]) -> Answer:
    """A request is over that found no mentor in time."""
    wait = waited(cycle.since, world.now)
    return Answer(cycle.cycle, Unmatched(mentee=cycle.mentee, waited=wait, excluded=excluded))


def continuing(old: Cycle) -> Requested:
    """What the successor of an ended pair asks for: the same, in its predecessor's place."""
    return wishes_of(old).model_copy(update={"continues": old.cycle})


def wishes_of(cycle: Cycle) -> Requested:
    """The wishes of a cycle that is not over.

    Raises:
        ValueError: it is over, and only its tombstone is left.
    """
    if cycle.wishes is None:
        raise ValueError("a tombstone has no wishes")
    return cycle.wishes


def format_for(wishes: Requested, offered: Sequence[Format]) -> Format:
    """The mentee's first way to meet that the mentor has too; the mentee's first when there is none."""
    return next((one for one in wishes.formats if one in offered), wishes.formats[0])


def language_for(wishes: Requested, offered: Sequence[Language]) -> Language:
    """The mentee's first language that the mentor speaks; the mentee's first when there is none."""
    spoken = primary(offered)
    return next((tag for tag in wishes.languages if primary((tag,)) & spoken), wishes.languages[0])
