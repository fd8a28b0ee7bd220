"""The picture of how a plan is found shows what the code finds."""

from __future__ import annotations

from itertools import pairwise
from xml.etree import ElementTree as ET

from shared.intervals import intersect
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
