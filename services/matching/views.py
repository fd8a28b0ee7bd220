"""What matching's API shows: bodies with their descriptions and examples."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, cast

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from services.matching.examples import CANDIDATES, LOAD, POOL, ROUND
from services.matching.explain import Candidate
from services.matching.preview import Preview
from services.matching.record import Round
from services.matching.rules import NOT_AVAILABLE
from services.matching.sentences import rule_sentence

View = Literal["coordinator", "mentee"]
UNIT = 1_000_000
"""Of a round's total."""
Status = Literal["open", "held", "paired", "ending", "ended"]


class Shown(BaseModel):
    """A body of an answer."""

    model_config = ConfigDict(frozen=True)


def shown_as(example: JsonDict) -> ConfigDict:
    """How a body is described, by an example."""
    return ConfigDict(frozen=True, json_schema_extra={"examples": [example]})


# -- the pool --


class Waiting(Shown):
    """A request that waits."""

    cycle: str
    mentee: str
    request: str = Field(description="Groups the cycles of one request.")
    seat: int
    since: datetime = Field(description="Since when its place counts.")
    expires_at: datetime = Field(description="When it is given up.")
    attempts: int = Field(description="Proposals so far.")


class Held(Shown):
    """A proposal that stands, and holds a place of its mentor."""

    cycle: str
    mentee: str
    mentor: str
    proposal: str
    score: float
    attempt: int
    asked: int = Field(description="How many persons are asked.")
    accepted: int = Field(description="How many of them have accepted.")
    expires_at: datetime


class PoolView(Shown):
    """A program's pool."""

    model_config = shown_as(POOL)

    counts: dict[str, int] = Field(description="Cycles in each status.")
    next_round: datetime | None = Field(description="Null where rounds follow no calendar.")
    waiting: list[Waiting] = Field(description="In the order of the queue.")
    held: list[Held] = Field(description="In the order of the queue.")


class LoadView(Shown):
    """What a mentor carries."""

    model_config = shown_as(LOAD)

    mentor: str
    load: int = Field(description="Pairs and standing proposals: each holds a place.")
    pairs: int
    held: int = Field(description="Standing proposals.")
    offered: int = Field(description="The capacity that the mentor offers.")
    capacity: int = Field(description="As far as the program allows it.")
    room: int = Field(description="Places that a round may give now.")
    free: bool = Field(description="Takes new pairs, and carries fewer than offered.")
    paused_until: datetime | None
    left: bool


def load_view(row: Mapping[str, Any], most: int) -> LoadView:
    """A mentor's row in a program that allows at most so many pairs."""
    capacity = min(row["offered"], most)
    room = max(0, capacity - row["load"]) if row["free"] else 0
    return LoadView(**row, capacity=capacity, room=room)


# -- rounds --


class RoundView(Shown):
    """What a round came to; a `day` of a program that pairs at once knows only what was paired."""

    model_config = shown_as(ROUND)

    round: str = Field(description="The event of the round, or the day.")
    kind: Literal["pool", "day"]
    at: datetime
    rules: str = Field(description="Version of the rules that it followed.")
    policy: str
    waiting: int | None = Field(description="Requests that waited.")
    mentors: int | None = Field(description="Mentors who had room.")
    places: int | None = Field(description="Places that they had.")
    matched: int = Field(description="Pairs that were chosen.")
    said: int = Field(description="Those of them that were paired or proposed in this step.")
    unmatched: int | None = Field(description="Requests for which no mentor was chosen.")
    total: float = Field(description="Sum of the scores of the chosen pairs.")
    worst: float | None = Field(description="Least of these scores.")
    blocking: int | None = Field(
        description="Allowed pairs whose two sides would both rather have each other."
    )
    reached: float | None = Field(
        description="The choice's value as a share of what none can exceed; 1 is certified optimal."
    )
    least: float | None = Field(description="Load of the least loaded mentor, after the round.")
    median: float | None = Field(description="Half of the mentors carry at most this.")
    most: float | None = Field(description="Load of the most loaded mentor.")
    milliseconds: float | None = Field(description="How long deciding took.")


def round_view(row: Mapping[str, Any]) -> RoundView:
    """A round's row as it is shown."""
    named = {name: row[name] for name in Round.__slots__ if name != "program"}
    return RoundView(**{**named, "total": row["total"] / UNIT})


# -- candidates --


class Why(Shown):
    """Why a part of the score speaks for a mentor."""

    code: str = Field(description="The part.")
    figures: dict[str, float] = Field(description="What the sentence is made of.")
    sentence: str = Field(description="In words.")


class CandidateView(Shown):
    """A mentor whom the request may have."""

    place: int = Field(description="1 is the best score.")
    mentor: str
    score: float
    parts: dict[str, float] = Field(description="Each part of the score, before weighting.")
    reasons: list[Why] = Field(description="The greatest part first.")
    load: int | None = Field(default=None, description="For coordinators.")
    room: int | None = Field(default=None, description="For coordinators.")


class ExcludedView(Shown):
    """Mentors whom a rule keeps from the request."""

    rule: str
    count: int
    sentence: str = Field(description="In words.")


class CandidatesView(Shown):
    """Whom matching would try for a request now, if it were alone in the pool."""

    model_config = shown_as(CANDIDATES)

    program: str
    cycle: str | None = Field(default=None, description="None of a hypothetical request.")
    mentee: str
    status: Status | None = Field(default=None, description="Where the cycle stands.")
    view: View
    rules: str = Field(description="Version of the rules that were asked.")
    mentors: int | None = Field(default=None, description="Looked at. For coordinators.")
    candidates: list[CandidateView] = Field(description="The best score first, ties by id.")
    excluded: list[ExcludedView] = Field(
        description="Mentors whom each rule excludes, each counted once; whoever is full, paused or gone, and "
        "whom somebody's choice keeps away, is one count, `not_available`. A mentee sees only the rules that compare the request with offers."
    )


OF_OTHERS = frozenset({NOT_AVAILABLE})
"""Rules that tell of other people: of their choices and of what they carry."""


def candidates_view(found: Preview, view: View, *, asked: bool = True) -> CandidatesView:
    """What a look at one request found, as somebody may see it.

    Args:
        found: what was found.
        view: who looks.
        asked: somebody has made this request.
    """
    everything, cycle = view == "coordinator", found.cycle
    return CandidatesView(
        program=cycle.program,
        cycle=cycle.cycle if asked else None,
        mentee=cycle.mentee,
        status=cast("Status", cycle.status) if asked else None,
        view=view,
        rules=found.rules.rules,
        mentors=found.mentors if everything else None,
        candidates=[_candidate(each, everything=everything) for each in found.candidates],
        excluded=[
            ExcludedView(rule=rule, count=count, sentence=rule_sentence(rule, count))
            for rule, count in sorted(found.excluded.items(), key=lambda each: (-each[1], each[0]))
            if everything or rule not in OF_OTHERS
        ],
    )


def _candidate(found: Candidate, *, everything: bool) -> CandidateView:
    told = zip(found.reasons, found.sentences, strict=True)
    return CandidateView(
        place=found.place,
        mentor=found.mentor,
        score=found.score,
        parts={str(part): share for part, share in found.parts.items()},
        reasons=[
            Why(code=reason.code, figures=dict(reason.figures), sentence=sentence)
            for reason, sentence in told
        ],
        load=found.load if everything else None,
        room=found.room if everything else None,
    )
