"""Every metric of the contract, with the definition that stands beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from services.feedback.report import computed, layers
from services.feedback.report.computed import CONTENT
from services.feedback.report.layers import Family
from services.feedback.report.part import Numbers, Part


@dataclass(frozen=True, slots=True)
class Figure:
    """A metric.

    Attributes:
        name, title: for programs and for people.
        definition: what is counted.
        family: whose releases it is renewed at; None: it is put together from several.
        measure: computes it.
        past: earlier releases are shown, too.
    """

    name: str
    title: str
    definition: str
    family: Family | None
    measure: Callable[[Part], Numbers]
    past: bool = False


FUNNEL = Figure(
    "funnel",
    "From request to conclusion",
    "Requests that came to each of the five events, through every step before it. A request has come as far as the "
    "furthest of its cycles. It is reviewed when a review has a rating. Each step is as of the last release at which what it "
    "counts was renewed and is not more than the step before; shares are of the requests shown.",
    None,
    computed.funnel,
)
OUTCOME = Figure(
    "outcomes",
    "How pairs were concluded",
    "Pairs by the outcome of their `concluded`; outcomes of fewer than k persons stand together as `other`. Requests that "
    "ended without a pair are in the match rate.",
    layers.conclusions,
    computed.outcomes,
)
FIGURES = (
    Figure(
        "match_rate",
        "Match rate",
        "Requests with at least one `paired`, of the requests decided: paired, or all of their cycles concluded without a "
        "pair (unmatched, withdrawn or left). Open ones beside it. Seats filled of seats asked for, apart.",
        layers.lifecycle,
        computed.match_rate,
        past=True,
    ),
    Figure(
        "time_to_pair",
        "Time to pair",
        "From the first `requested` of a request to its first `paired`, in days of 86,400 seconds. Quantiles by nearest "
        "rank, of those paired. The median of all is Kaplan and Meier's: who still waits, or ended without a pair, "
        "counts as waiting until then.",
        layers.lifecycle,
        computed.time_to_pair,
    ),
    Figure(
        "time_to_first_meeting",
        "Time to the first meeting",
        "From `paired` to the start of the earliest meeting that was held, in days; pairs that ended before, or have not "
        "met yet, count as waiting until then.",
        layers.lifecycle,
        computed.time_to_first_meeting,
    ),
    Figure(
        "wait",
        "Waiting",
        "Days from the first `requested` to the first `paired`; of those still waiting until the release, of those who "
        "ended without a pair until they did. To be compared by zone and weekly hours.",
        layers.lifecycle,
        computed.wait,
    ),
    Figure(
        "held",
        "Meetings held of those planned",
        "Planned numbers whose last verdict is met, of the numbers due: those with a verdict, and those whose start, as "
        "last scheduled or as it was when people cancelled it, has passed. A pair that ended owes nothing later.",
        layers.meetings,
        computed.held,
        past=True,
    ),
    Figure(
        "no_show",
        "No-shows",
        "Persons absent, of the persons of all meetings that were held or missed because somebody was absent. Meetings "
        "without evidence, too short, or cancelled are counted apart; a verdict is provisional until it is final.",
        layers.meetings,
        computed.no_show,
        past=True,
    ),
    Figure(
        "outside_of_mentees",
        "Meetings outside 08:00 to 18:00, mentees",
        "Of each mentee the share of the time of the meetings held that lay outside 08:00 to 18:00 on the mentee's clock.",
        layers.meetings,
        lambda part: computed.outside(part, "mentee"),
    ),
    Figure(
        "outside_of_mentors",
        "Meetings outside 08:00 to 18:00, mentors",
        "Of each mentor the share of the time of the meetings held that lay outside 08:00 to 18:00 on the mentor's clock.",
        layers.meetings,
        lambda part: computed.outside(part, "mentor"),
    ),
    Figure(
        "satisfaction_of_mentees",
        "Satisfaction of mentees",
        "Every rating that mentees gave as (rating - min) / (max - min); the mean of each cycle, then over cycles.",
        layers.reviews,
        lambda part: computed.satisfaction(part, "mentee"),
    ),
    Figure(
        "satisfaction_of_mentors",
        "Satisfaction of mentors",
        "Every rating that mentors gave as (rating - min) / (max - min); the mean of each cycle, then over cycles.",
        layers.reviews,
        lambda part: computed.satisfaction(part, "mentor"),
    ),
    Figure(
        "two_sided",
        "Both sides content",
        f"Cycles in which the mean of each side is at least {CONTENT}, of the cycles in which both sides have rated.",
        layers.reviews,
        computed.two_sided,
        past=True,
    ),
    Figure(
        "responses",
        "Reviews written",
        "Reviews that were submitted before they were revealed, of two for every meeting whose reviews were revealed.",
        layers.reviews,
        computed.responses,
        past=True,
    ),
    Figure(
        "goals",
        "Goal attainment",
        "Goals reached, of the goals in force at the conclusion and those dropped after the first meeting; concluded pairs "
        "only.",
        layers.conclusions,
        computed.goals,
    ),
    Figure(
        "early_closure",
        "Pairs that ended early",
        "Pairs concluded as ended_early or left, of the pairs concluded.",
        layers.conclusions,
        computed.early_closure,
        past=True,
    ),
)
STEP_FAMILIES: Mapping[str, Family] = {
    "requested": layers.lifecycle,
    "paired": layers.lifecycle,
    "met": layers.lifecycle,
    "reviewed": layers.reviews,
    "concluded": layers.conclusions,
}
"""Whose releases each step of the funnel is renewed at: those of the family that publishes what it counts."""
LOAD = Figure(
    "load",
    "Load of mentors",
    "Open pairs by capacity (as offered, at most the program's) of every mentor who offers any and has not left; mentors "
    "without a pair are included. Offers held for an answer are counted apart.",
    None,
    computed.load,
)
