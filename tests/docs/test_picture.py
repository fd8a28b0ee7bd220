"""The pictures of how a plan is found and of a pair in feedback show what the code does."""

from __future__ import annotations

from itertools import pairwise
from xml.etree import ElementTree as ET

from shared.intervals import intersect
from tests.docs import feedback_picture
from tests.docs.scheduling_picture import FILE, layers, picture, story


def test_the_picture_in_the_pages_is_the_one_that_the_code_makes() -> None:
    assert FILE.read_text() == picture(), "make it again: python -m tests.docs.scheduling_picture"


def test_every_layer_takes_something_away_and_the_plan_lies_in_the_last() -> None:
    *rows, plan = layers(story())

    narrowing = [row.times for row in rows[2:]]
    for wide, narrow in pairwise(narrowing):
        assert intersect(wide, narrow) == narrow
        assert wide != narrow
    assert plan.times
    assert intersect(narrowing[-1], plan.times) == plan.times


def test_the_picture_says_in_words_what_it_shows() -> None:
    picture_ = ET.fromstring(picture())

    said = [each.text for each in picture_.iter("{http://www.w3.org/2000/svg}desc")]
    assert len(said) == 1
    assert all(row.name in str(said[0]) for row in layers(story()))


def test_the_picture_of_a_pair_is_the_one_that_feedback_makes_of_it() -> None:
    made = feedback_picture.picture()

    assert feedback_picture.FILE.read_text() == made, (
        "make it again: python -m tests.docs.feedback_picture"
    )


def test_in_the_picture_reviews_are_sealed_until_the_reveal_and_late_ones_for_ever() -> None:
    told = feedback_picture.story()

    assert {end for *_, end in told.sealed} == set(told.reveals)
    assert [side for side, _ in told.late] == ["mentor"]
    assert told.flags == [("missed", 35.0, 40.0)]
    assert told.ended[1] == "goals_reached"


def test_the_picture_of_a_pair_says_in_words_what_it_shows() -> None:
    made = ET.fromstring(feedback_picture.picture())

    said = [each.text for each in made.iter("{http://www.w3.org/2000/svg}desc")]
    assert all(name in str(said[0]) for name, _ in feedback_picture.NAMES)
