"""The people of a market are drawn from a seed, and are what a program could have."""

from __future__ import annotations

from services.matching.model import Cycle, Mentor, Person
from services.matching.record import Ratings
from tests.bench.matching.people import people, rules, world_of
from tests.bench.matching.settings import SUPPLIES, Setting, Supply


def setting(supply: Supply = "tight") -> Setting:
    return Setting("people", 50, 40, supply, 7)


def mentors(supply: Supply = "tight") -> list[Mentor]:
    return [row for row in people(setting(supply)) if isinstance(row, Mentor)]


def test_the_same_setting_has_the_same_people() -> None:
    assert people(setting()) == people(setting())


def test_everybody_is_a_person_and_nobody_both_asks_and_offers() -> None:
    rows = people(setting())
    persons = {row.person for row in rows if isinstance(row, Person)}
    mentees = [row.mentee for row in rows if isinstance(row, Cycle)]
    offering = [row.mentor for row in rows if isinstance(row, Mentor)]

    assert len(mentees) == len(set(mentees)) == 50
    assert {*mentees} | {*offering} == persons
    assert not {*mentees} & {*offering}


def test_mentors_have_the_places_of_the_market_within_the_program_s_limit() -> None:
    assert sum(mentor.room(rules()) for mentor in mentors()) == setting().places


def test_mentors_of_a_tight_market_differ_far_more_in_how_many_skills_they_have() -> None:
    tight, loose = (
        [len(mentor.offer.skills) for mentor in mentors(name)] for name in SUPPLIES[::-1]
    )

    assert max(loose) < 60
    assert min(tight) < 20
    assert max(tight) > 150


def test_the_program_s_ratings_are_the_sum_of_its_mentors() -> None:
    rows = people(setting())
    (ratings,) = (row for row in rows if isinstance(row, Ratings))

    assert ratings.ratings_sum == sum(mentor.ratings_sum for mentor in mentors())
    assert world_of(rows).peek(Ratings, ("acme",)) == ratings
