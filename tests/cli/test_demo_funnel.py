"""The funnel counts what it says it counts."""

from datetime import UTC, datetime, timedelta

import pytest

from services.cli.funnel import Funnel, funnel
from services.cli.funnel_measure import quantile, rate, survival_median, wait
from services.cli.funnel_record import Record
from services.cli.population_program import Plan, opened
from shared.events import feedback, matching, outside, scheduling, system
from shared.events.envelope import Event, EventData

BEGIN = datetime(2026, 3, 2, 9, tzinfo=UTC)
PAIR = {"mentee": "ann", "mentor": "bob", "rules": "r1"}


class History:
    """A log told event by event, a day apart unless said otherwise."""

    def __init__(self) -> None:
        self.record = Record()
        self._n = 0

    def say(self, key: str, data: EventData, day: float, source: str = "/x") -> "History":
        self._n += 1
        at = BEGIN + timedelta(days=day)
        event = Event(f"00000000-0000-4000-8000-{self._n:012}", source, "demo", key, at, data)
        self.record.add(event)
        return self

    def requested(self, cycle: str, day: float, **more: object) -> "History":
        wishes = {"mentee": "ann", "request": f"r-{cycle}", "team": "t", "industry": "J"}
        more = {"seniority": 1, "languages": ["en"], **wishes, **more}
        return self.say(cycle, outside.Requested.model_validate(more), day)

    def paired(self, cycle: str, day: float) -> "History":
        plan = {"planned_meetings": 2, "cadence": "FREQ=WEEKLY", "length": "PT1H"}
        talk = {"format": "video", "language": "en"}
        why = {"score": 0.5, "policy": "optimal", "round": "x", "waited": "P0D"}
        data = {**PAIR, **plan, **talk, **why, "request": f"r-{cycle}", "seat": 1}
        return self.say(cycle, matching.Paired.model_validate(data), day)

    def met(self, cycle: str, meeting: str, number: int, day: float) -> "History":
        when = {"starts_at": BEGIN + timedelta(days=day), "overlap": "PT50M"}
        what = {"meeting": meeting, "number": number, "type": "regular", "planned": number > 0}
        return self.say(cycle, scheduling.Met.model_validate({**PAIR, **when, **what}), day)

    def missed(self, cycle: str, meeting: str, number: int, day: float, *absent: str) -> "History":
        start = BEGIN + timedelta(days=day)
        data = {
            **PAIR,
            "meeting": meeting,
            "number": number,
            "starts_at": start,
            "reason": "absent" if absent else "no_evidence",
            "absent": absent,
            "final_at": start + timedelta(days=2),
        }
        return self.say(cycle, scheduling.Missed.model_validate(data), day)

    def reviewed(
        self, cycle: str, day: float, scale: tuple[int, int] | None = None, **ratings: int
    ) -> "History":
        stated = {"usefulness": {"min": scale[0], "max": scale[1]}} if scale else {}
        data = {
            **PAIR,
            "scales": dict.fromkeys(ratings, stated),
            "meeting": "m1",
            "by": "deadline",
            "ratings": {side: {"usefulness": n} for side, n in ratings.items()},
            "missing": sorted({"mentee", "mentor"} - ratings.keys()),
        }
        return self.say(cycle, feedback.Reviewed.model_validate(data), day)

    def concluded(self, cycle: str, day: float, outcome: str, **goals: int) -> "History":
        data = feedback.Concluded.model_validate(
            {
                "mentee": "ann",
                "outcome": outcome,
                "paired": outcome != "unmatched",
                "overlap_total": "PT0M",
                "goals": goals,
            }
        )
        return self.say(cycle, data, day)

    def funnel(self) -> Funnel:
        return funnel(self.record)


def test_steps_count_requests_through_all_steps_before() -> None:
    history = History()
    for cycle in "abc":
        history.requested(cycle, 0)
    history.paired("a", 1).paired("b", 2).met("a", "m1", 1, 3).reviewed("a", 4, mentee=4)
    found = history.concluded("a", 9, "completed").concluded("b", 9, "left").funnel()
    assert [(step.name, step.count) for step in found.steps] == [
        ("requested", 3),
        ("paired", 2),
        ("met", 1),
        ("reviewed", 1),
        ("concluded", 1),
    ]
    assert found.steps[2].of_previous == 0.5
    assert found.steps[2].of_all == pytest.approx(0.3333)


def test_a_successor_belongs_to_the_request_that_it_continues() -> None:
    history = History().requested("a", 0).paired("a", 1).concluded("a", 5, "left")
    found = history.requested("b", 5, request="other", continues="a").paired("b", 7).funnel()
    assert found.steps[0].count == 1
    assert found.time_to_pair.done == 1


def test_who_was_never_paired_waits_until_the_cycle_ended() -> None:
    history = History().requested("a", 0).requested("b", 0).paired("a", 2)
    found = history.concluded("b", 30, "unmatched").funnel()
    assert (found.time_to_pair.done, found.time_to_pair.waiting) == (1, 1)
    assert found.time_to_pair.median == 2.0
    assert (found.matched.count, found.matched.of) == (1, 2)


def test_late_evidence_turns_a_no_show_into_a_meeting() -> None:
    history = History().requested("a", 0).paired("a", 1)
    history.missed("a", "m1", 1, 3, "ann").missed("a", "m2", 2, 4, "bob").met("a", "m1", 1, 3)
    found = history.funnel()
    assert (found.no_show.count, found.no_show.of) == (1, 4)
    assert (found.held.count, found.held.of) == (1, 2)


def test_a_meeting_without_evidence_is_nobodys_no_show() -> None:
    found = History().requested("a", 0).paired("a", 1).missed("a", "m1", 1, 3).funnel()
    assert (found.no_show.of, found.no_show.rate) == (0, None)
    assert found.held.rate == 0.0


def test_satisfaction_is_read_by_the_scale_that_a_review_names() -> None:
    history = History().requested("a", 0).paired("a", 1)
    found = history.reviewed("a", 2, scale=(0, 10), mentee=9).funnel().satisfaction
    assert found.mentee == 0.9


def test_satisfaction_is_the_mean_share_of_the_range_by_cycle_and_side() -> None:
    history = History()
    history.say("demo", opened(Plan()), 0).requested("a", 0).paired("a", 1).requested("b", 0)
    history.paired("b", 1).reviewed("a", 2, mentee=5, mentor=4).reviewed("b", 2, mentee=3)
    found = history.funnel().satisfaction
    assert (found.mentee, found.mentor) == (0.75, 0.75)
    assert (found.both_content.count, found.both_content.of) == (1, 1)
    assert (found.responses.count, found.responses.of) == (3, 4)


def test_load_is_the_most_open_pairs_at_a_time_by_capacity() -> None:
    offer = {"capacity": 2, "industry": "J", "seniority": 5, "languages": ["en"], "team": "t"}
    history = History()
    history.say("bob", outside.Offered.model_validate(offer), 0)
    history.say("eve", outside.Offered.model_validate(offer), 0)
    history.requested("a", 0).paired("a", 1).concluded("a", 2, "completed")
    history.requested("b", 0).paired("b", 3)
    load = history.funnel().load
    assert (load.mentors, load.mean_peak, load.idle, load.open) == (2, 0.25, 1, 1)


def test_outcomes_goals_and_early_closures_are_of_the_cycles_concluded() -> None:
    history = History().requested("a", 0).paired("a", 1)
    history.concluded("a", 9, "goals_reached", agreed=2, reached=2)
    history.requested("b", 0).paired("b", 1).concluded("b", 9, "ended_early", agreed=1, reached=0)
    found = history.requested("c", 0).concluded("c", 40, "unmatched").funnel()
    assert found.outcomes == {"ended_early": 1, "goals_reached": 1, "unmatched": 1}
    assert (found.early_closure.count, found.early_closure.of) == (1, 2)
    assert (found.goals.count, found.goals.of) == (2, 3)


def test_dead_letters_are_counted_by_service_and_rule() -> None:
    event = "00000000-0000-4000-8000-00000000ffff"
    data = system.Rejected(event=event, rule="no_common_time")
    found = History().say("a", data, 0, "/mentoring/scheduling").funnel()
    assert [(each.service, each.kind, each.rule, each.count) for each in found.letters] == [
        ("scheduling", "rejected", "no_common_time", 1)
    ]


def test_an_empty_log_has_no_rates() -> None:
    found = Record()
    assert funnel(found).matched.rate is None
    assert funnel(found).time_to_pair.median is None


@pytest.mark.parametrize("share, expected", [(0.5, 2.0), (0.9, 4.0), (0.25, 1.0), (1.0, 4.0)])
def test_quantiles_are_by_nearest_rank(share: float, expected: float) -> None:
    assert quantile([4.0, 1.0, 3.0, 2.0], share) == expected


def test_rates_have_their_denominator_and_are_null_at_nothing() -> None:
    assert (rate(1, 4).rate, rate(0, 0).rate) == (0.25, None)


def test_the_median_of_all_counts_those_who_waited_in_vain() -> None:
    assert survival_median([1.0, 2.0, 3.0], []) == 2.0
    assert survival_median([1.0, 2.0, 3.0], [0.5, 10.0]) == 2.0
    assert survival_median([1.0, 2.0, 3.0], [4.0, 4.0, 4.0, 4.0]) is None


def test_a_wait_tells_both_kinds_of_median() -> None:
    found = wait([1.0, 2.0], [5.0, 5.0])
    assert (found.median, found.p90, found.median_of_all) == (1.0, 2.0, 2.0)
