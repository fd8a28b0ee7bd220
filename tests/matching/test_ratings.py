"""What mentees said of their mentors: a fair mean, shrunk to the program's, the same in any order."""

from __future__ import annotations

import random
from itertools import permutations
from typing import Any

import pytest

from services.matching.model import Cycle, Mentor
from services.matching.ratings import PRIOR, UNIT, mentor_rating, of_review, opinion
from services.matching.record import Ratings
from shared.events import outside
from shared.events.feedback import Reviewed, Scale
from shared.events.rules import Form, FormItem
from tests.matching.history import PROGRAM, START, History, a_program, left, offered, opened


def mentor(total: float = 0.0, count: int = 0) -> Mentor:
    """A mentor of whom so many mentees said so much all together."""
    return Mentor(PROGRAM, "mia", offered(), ratings_sum=round(total * UNIT), ratings_count=count)


def program(total: float, count: int) -> Ratings:
    return Ratings(PROGRAM, round(total * UNIT), count)


def reviewed(scales: dict[str, tuple[int, int]] | None = None, **rated: int) -> Reviewed:
    stated = {item: Scale(min=low, max=high) for item, (low, high) in (scales or {}).items()}
    return Reviewed(
        mentee="ann",
        mentor="mia",
        rules="r1",
        meeting="m1",
        by="deadline",
        ratings={"mentee": rated} if rated else {},
        scales={"mentee": stated} if stated else {},
    )


def a_pair(**rules: Any) -> History:
    """Ann and Ben are mentored by Mia, Cid by Max; each opinion counts at once."""
    history = a_program(**{"k": 1, **rules})
    history.a_mentor("mia", capacity=2)
    history.a_request("c1", "ann")
    history.a_request("c2", "ben")
    history.a_mentor("max")
    history.a_request("c3", "cid")
    return history


def sums(history: History, person: str) -> tuple[int, int]:
    row = history.find(Mentor, person)
    return row.ratings_sum, row.ratings_count


# -- a mentor's rating --


def test_nobody_has_a_rating_before_anybody_was_rated() -> None:
    assert mentor_rating(mentor(), None) is None
    assert mentor_rating(mentor(), program(0, 0)) is None


def test_a_newcomer_stands_at_the_programs_mean() -> None:
    assert mentor_rating(mentor(), program(7.5, 10)) == 0.75


def test_two_kind_opinions_make_no_star() -> None:
    shrunk = mentor_rating(mentor(2.0, 2), program(14, 20))
    assert shrunk == round((2 + PRIOR * 0.7) / (2 + PRIOR), 6)
    proven = mentor_rating(mentor(36.0, 40), program(60, 80))
    assert shrunk < proven  # type: ignore[operator]


def test_two_harsh_opinions_make_no_outcast() -> None:
    harsh = mentor_rating(mentor(0.0, 2), program(14, 20))
    assert harsh is not None
    assert harsh >= 0.5


def test_with_many_opinions_a_mentors_own_mean_shows() -> None:
    assert mentor_rating(mentor(900.0, 1000), program(1000, 2000)) == pytest.approx(0.9, abs=0.003)


def test_a_rating_lies_between_nothing_and_all() -> None:
    assert mentor_rating(mentor(0, 9), program(0, 9)) == 0
    assert mentor_rating(mentor(9, 9), program(9, 9)) == 1


# -- a review --


def test_ratings_are_shares_of_their_scales() -> None:
    data = reviewed({"a": (1, 5), "b": (0, 10)}, a=4, b=5)
    assert of_review(data, {}) == (750_000 + 500_000) // 2


def test_an_item_without_a_scale_is_left_out_rather_than_guessed_at() -> None:
    assert of_review(reviewed({"a": (1, 5)}, a=5, b=1), {}) == UNIT
    assert of_review(reviewed(b=1), {}) is None


def test_a_review_from_before_it_named_scales_is_read_by_the_programs_forms() -> None:
    assert of_review(reviewed(a=2), {"a": (1, 5)}) == 250_000
    assert of_review(reviewed(a=9), {"a": (1, 5)}) is None


def test_what_the_mentor_said_of_the_mentee_is_none_of_the_mentors_ratings() -> None:
    data = reviewed().model_copy(update={"ratings": {"mentor": {"a": 1}}})
    assert of_review(data, {"a": (1, 5)}) is None


def test_an_opinion_is_the_mean_over_meetings() -> None:
    assert opinion({"m1": 1, "m2": 2}) == 2  # halves up
    assert opinion({}) is None


# -- folding --


def test_twelve_meetings_with_one_mentee_are_one_opinion() -> None:
    history = a_pair()
    for number in range(12):
        history.is_reviewed("c1", f"m{number}", usefulness=5 if number % 2 else 1)
    history.is_reviewed("c2", "n1", usefulness=5)
    assert sums(history, "mia") == (1_500_000, 2)
    assert history.find(Ratings) == Ratings(PROGRAM, 1_500_000, 2)


def test_a_second_review_of_a_meeting_takes_the_place_of_the_first() -> None:
    history = a_pair()
    history.is_reviewed("c1", "m1", usefulness=1)
    history.is_reviewed("c1", "m1", usefulness=5)
    assert sums(history, "mia") == (UNIT, 1)
    history.is_reviewed("c1", "m1", usefulness=5)
    assert history.find(Ratings) == Ratings(PROGRAM, UNIT, 1)


def test_a_meeting_that_was_missed_or_that_nobody_reviewed_lowers_nobody() -> None:
    history = a_pair()
    history.is_reviewed("c1", "m1", usefulness=5)
    before = sums(history, "mia")
    history.is_reviewed("c1", "m2")
    assert sums(history, "mia") == before


def test_the_forms_in_force_read_a_review_that_names_no_scale() -> None:
    items = (FormItem(id="a", min=0, max=10), FormItem(id="b"))
    other = (FormItem(id="b", min=1, max=3),)
    forms = (
        Form(id="f1", side="mentee", items=items),
        Form(id="f2", side="mentee", type="closing", items=other),
        Form(id="f3", side="mentor", items=(FormItem(id="a", min=1, max=2),)),
    )
    history = a_pair(forms=forms)
    history.is_reviewed("c1", scale=None, a=5, b=1)  # the forms ask `b` on two scales
    assert sums(history, "mia") == (500_000, 1)


def test_the_end_of_a_pair_keeps_the_opinion_and_drops_what_it_was_made_of() -> None:
    history = a_pair()
    history.is_reviewed("c1", usefulness=3)
    history.concludes("c1")
    assert sums(history, "mia") == (500_000, 1)
    assert history.find(Cycle, "c1").reviews == {}
    history.is_reviewed("c1", "m9", usefulness=5)
    assert sums(history, "mia") == (500_000, 1)


def test_nothing_is_kept_of_an_erased_mentors_ratings_but_the_programs_mean_stays() -> None:
    history = a_pair()
    history.is_reviewed("c1", usefulness=3)
    history.say("mia", left("mentor"))
    history.say("mia", outside.Erased(person="mia", effective_at=START))
    history.is_reviewed("c2", usefulness=5)
    assert sums(history, "mia") == (0, 0)
    assert history.find(Ratings) == Ratings(PROGRAM, 500_000, 1)


def test_a_new_version_of_the_rules_changes_no_opinion() -> None:
    history = a_pair()
    history.is_reviewed("c1", usefulness=3)
    history.say(PROGRAM, opened(rules="r2", k=1, forms=()))
    assert sums(history, "mia") == (500_000, 1)


REVIEWS = [("c1", "m1", 1), ("c1", "m2", 4), ("c2", "m3", 5), ("c2", "m4", 2), ("c3", "m5", 3)]


def test_new_opinions_and_changed_ones_count_only_when_k_have_come_together() -> None:
    history = a_program(k=2)
    history.a_mentor("mia", capacity=3)
    for number in range(3):
        history.a_request(f"c{number}")
    told = []
    for cycle, meeting, rating in [
        ("c0", "m1", 5),
        ("c0", "m2", 1),
        ("c1", "m3", 5),
        ("c1", "m4", 1),
        ("c2", "m5", 5),
    ]:
        history.is_reviewed(cycle, meeting, usefulness=rating)
        told.append((sums(history, "mia"), history.find(Ratings).ratings_count))
    both = ((1_500_000, 2), 2)
    assert told == [((0, 0), 0), ((0, 0), 0), both, both, both]
    mia = history.find(Mentor, "mia")
    assert (mia.fresh_sum, mia.fresh_count) == (-500_000 + UNIT, 1)


def test_the_order_of_reviews_does_not_matter() -> None:
    chance = random.Random(7)
    orders = chance.sample(list(permutations(REVIEWS)), 12)
    found = set()
    for order in orders:
        history = a_pair()
        for cycle, meeting, rating in order:
            history.is_reviewed(cycle, meeting, scale=(1, 7), usefulness=rating)
        found.add((sums(history, "mia"), sums(history, "max"), history.find(Ratings)))
    assert len(found) == 1, f"seed 7: {found}"


def test_a_rebuild_counts_the_same() -> None:
    history = a_pair()
    for cycle, meeting, rating in REVIEWS:
        history.is_reviewed(cycle, meeting, usefulness=rating)
    assert list(history.rebuilt().rows()) == list(history.world.rows())
