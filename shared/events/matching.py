"""What matching says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from shared.events.base import EventData, PairData, Value
from shared.events.types import (
    Amount,
    Code,
    Count,
    Duration,
    Format,
    Instant,
    Language,
    Length,
    Load,
    Many,
    Meetings,
    Milliseconds,
    Ordinal,
    Part,
    Policy,
    Readiness,
    Rrule,
    Share,
    SkillId,
    Token,
    Total,
)


class Reason(Value):
    """A reason that people may read, with the figures that its sentence needs."""

    code: Code = Field(description="Which sentence.")
    figures: Mapping[Code, Amount] = Field(default_factory=dict, description="Its figures.")


class RunnerUp(Value):
    """A mentor who would have been allowed too and had room, but was not chosen."""

    mentor: Token = Field(description="The mentor.")
    score: Share = Field(description="The score that this pair would have had.")


class Paired(PairData):
    """A mentee and a mentor are paired."""

    WORD = "paired"
    KEY = "cycle"
    OWNER = "matching"

    request: Token = Field(description="The request that groups the mentee's cycles.")
    seat: Ordinal = Field(description="Number of this cycle within the request.")
    proposal: Token | None = Field(
        default=None, description="The accepted proposal, when one was asked for."
    )
    score: Share = Field(description="The pair's score: the weighted mean of its parts.")
    parts: Mapping[Part, Share] = Field(
        default_factory=dict, description="Each part of the score, before weighting."
    )
    reasons: tuple[Reason, ...] = Field(default=(), max_length=32, description="Why this pair.")
    policy: Policy | Literal["assigned"] = Field(
        description="The round's policy, or that a coordinator assigned it."
    )
    round: Token = Field(description="The round that paired.")
    waited: Duration = Field(description="From the first `requested`.")
    planned_meetings: Meetings = Field(description="Meetings to plan.")
    cadence: Rrule = Field(description="RFC 5545 recurrence of the meetings.")
    length: Length = Field(description="Length of a meeting.")
    format: Format = Field(description="Way to meet.")
    language: Language = Field(description="Language of the meetings, BCP 47.")
    focus: tuple[Readiness, ...] = Field(
        default=(), max_length=6, description="What shapes the plan."
    )
    skills: tuple[SkillId, ...] = Field(
        default=(),
        max_length=8,
        description="Skills that the mentee wants, or lacks for the target occupation, and the mentor teaches; best first.",
    )
    runners_up: tuple[RunnerUp, ...] = Field(
        default=(),
        max_length=5,
        description="The next best mentors who were allowed and had room, by score, then id.",
    )
    excluded: Mapping[Code, Count] = Field(
        default_factory=dict,
        description="How many of the mentors that the round looked at each rule excluded, by rules that compare offers alone; nobody's choice is counted.",
    )


class Proposed(PairData):
    """One side is asked whether it accepts a pair; when both are asked, there is one event each."""

    WORD = "proposed"
    KEY = "cycle"
    OWNER = "matching"

    proposal: Token = Field(description="The proposal; the same for both sides.")
    to: Token = Field(description="The person who is asked.")
    score: Share = Field(description="The pair's score: the weighted mean of its parts.")
    parts: Mapping[Part, Share] = Field(
        default_factory=dict, description="Each part of the score, before weighting."
    )
    reasons: tuple[Reason, ...] = Field(default=(), max_length=32, description="Why this pair.")
    expires_at: Instant = Field(description="When the proposal lapses.")
    attempt: Ordinal = Field(description="The how-manieth proposal of this cycle.")
    round: Token = Field(description="The round that proposed.")
    runners_up: tuple[RunnerUp, ...] = Field(
        default=(),
        max_length=5,
        description="The next best mentors who were allowed and had room, by score, then id.",
    )
    excluded: Mapping[Code, Count] = Field(
        default_factory=dict,
        description="How many of the mentors that the round looked at each rule excluded, by rules that compare offers alone; nobody's choice is counted.",
    )


class Lapsed(EventData):
    """A proposal stands no longer."""

    WORD = "lapsed"
    KEY = "cycle"
    OWNER = "matching"

    proposal: Token = Field(description="The proposal.")
    to: Token = Field(description="The person who was asked.")
    cause: Literal["expired", "withdrawn", "left", "paused", "superseded"] = Field(
        description="Why."
    )


class Unmatched(EventData):
    """A request found no mentor in time."""

    WORD = "unmatched"
    KEY = "cycle"
    OWNER = "matching"

    mentee: Token = Field(description="The person who asked.")
    waited: Duration = Field(description="From the first `requested`.")
    excluded: Mapping[Code, Count] = Field(
        default_factory=dict,
        description="How many mentors each rule excluded; who is full, paused, gone or kept away by somebody's choice is one count, `not_available`.",
    )


class Loads(Value):
    """How the mentors of a round are loaded: open pairs and held proposals as a share of capacity."""

    least: Load = Field(description="The least loaded mentor's.")
    median: Load = Field(description="Half of the mentors carry at most this.")
    most: Load = Field(description="The most loaded mentor's.")


class Chosen(Value):
    """A pair that a round has chosen."""

    cycle: Token = Field(description="The request's cycle.")
    mentor: Token = Field(description="The mentor.")


class Planned(EventData):
    """Pairs that a round has chosen and a later step of it says, unless they are possible no longer by then."""

    WORD = "planned"
    KEY = "program"
    OWNER = "matching"

    round: Token = Field(
        description="The round, as its `tallied`, `paired` and `proposed` name it."
    )
    part: Ordinal = Field(description="Which of the later steps says them, from 1.")
    pairs: tuple[Chosen, ...] = Field(
        min_length=1, max_length=1000, description="The pairs, in the order of the queue."
    )


class Tallied(EventData):
    """A round over a program's whole pool, in figures."""

    WORD = "tallied"
    KEY = "program"
    OWNER = "matching"

    rules: Token = Field(description="The version of the program's rules that the round followed.")
    round: Token = Field(description="The round, as its `paired` and `proposed` name it.")
    policy: Policy = Field(description="How it chose among the allowed pairs.")
    waiting: Count = Field(description="Requests that waited.")
    mentors: Count = Field(description="Mentors who had room.")
    places: Many = Field(description="Places that they had.")
    matched: Count = Field(description="Pairs that were chosen.")
    said: Count = Field(
        description="Those of them that were paired or proposed with it; `planned` names the others."
    )
    unmatched: Count = Field(description="Requests for which no mentor was chosen.")
    total: Total = Field(description="Sum of the scores of the chosen pairs.")
    worst: Share | None = Field(default=None, description="Least score of a chosen pair.")
    blocking: Many | None = Field(
        default=None,
        description="Allowed pairs whose two sides would both rather have each other; absent: not counted.",
    )
    reached: Share | None = Field(
        default=None,
        description="The choice's value as a share of a bound that no choice can exceed; 1 is certified optimal.",
    )
    loads: Loads | None = Field(
        default=None, description="Loads of the mentors who had room, after the round."
    )
    milliseconds: Milliseconds | None = Field(
        default=None, description="How long deciding took, as measured when it was said."
    )
