"""The order in which people came to a round does not matter, but for the queue."""

from __future__ import annotations

import math
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.events import matching
from shared.events.rules import OnCalendar
from shared.events.types import Policy
from tests.matching.history import History, a_program, all_of, pairs

SKILLS = ("go", "rust", "sql", "css")
MENTORS, REQUESTS = 5, 6
MONDAYS = OnCalendar(rrule="FREQ=WEEKLY;BYDAY=MO", start="11:00")
POLICIES: tuple[Policy, ...] = ("optimal", "stable", "fair", "first_come")

skills = st.lists(st.sampled_from(SKILLS), min_size=1, max_size=4, unique=True).map(tuple)
offers = st.lists(
    st.fixed_dictionaries({"skills": skills, "capacity": st.integers(1, 2)}),
    min_size=MENTORS,
    max_size=MENTORS,
)
wishes = st.lists(
    st.fixed_dictionaries({"wanted_skills": skills}), min_size=REQUESTS, max_size=REQUESTS
)
orders = st.permutations(range(MENTORS + REQUESTS))


def play(policy: Policy, told: list[tuple[str, dict[str, Any]]], **rules: Any) -> History:
    """People come in this order, before the first round."""
    weights = {"skills": 3.0, "seniority": 1.0, **rules.pop("weights", {})}
    history = a_program(rounds=MONDAYS, policy=policy, weights=weights, **rules)
    for name, statement in told:
        if name.startswith("m"):
            history.a_mentor(name, **statement)
        else:
            history.a_request(name, **statement)
    return history


def statements(
    offers: list[dict[str, Any]], wishes: list[dict[str, Any]]
) -> list[tuple[str, dict[str, Any]]]:
    mentors = [
        (f"m{number}", {**offer, "seniority": 4 + number}) for number, offer in enumerate(offers)
    ]
    return mentors + [(f"c{number}", wish) for number, wish in enumerate(wishes)]


@settings(max_examples=40, deadline=None, print_blob=True)
@given(st.sampled_from(POLICIES), offers, wishes, orders)
def test_offers_may_come_in_any_order_and_between_requests(
    policy: Policy, offers: list[Any], wishes: list[Any], order: list[int]
) -> None:
    told = statements(offers, wishes)
    requests = iter(told[MENTORS:])
    mixed = [told[at] if at < MENTORS else next(requests) for at in order]

    usual = play(policy, told).wait(hours=1)
    other = play(policy, mixed).wait(hours=1)

    assert pairs(usual) == pairs(other)
    assert [pair.model_dump(exclude={"round"}) for pair in all_of(usual, matching.Paired)] == [
        pair.model_dump(exclude={"round"}) for pair in all_of(other, matching.Paired)
    ]


@settings(max_examples=40, deadline=None, print_blob=True)
@given(offers, wishes, orders)
def test_requests_may_come_in_any_order_where_waiting_counts_nothing(
    offers: list[Any], wishes: list[Any], order: list[int]
) -> None:
    """Ties go to whom the queue names first, so that pairs may differ and what they are worth may not."""
    told = statements(offers, wishes)
    mixed = [told[at] for at in order]

    def worth(told: list[Any]) -> tuple[int, float]:
        found = all_of(play("optimal", told).wait(hours=1), matching.Paired)
        return len(found), round(math.fsum(pair.score for pair in found), 6)

    assert worth(told) == worth(mixed)
