"""Sources that disagree about who was there are named, with what each of them says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scheduling.contradictions import (
    TOLERANCE,
    Contradiction,
    Word,
    contradicted,
    contradictions,
)
from services.scheduling.evidence import SOURCES
from shared.events.scheduling import Source
from tests.scheduling.history import MENTEE, MENTOR
from tests.scheduling.rows import Said, meeting, unplanned

SEEN: Said = (MENTOR, "conference", 0, 60)
"""The conference system was watching."""


def codes(*said: Said) -> list[tuple[str, str]]:
    return [(one.person, one.code) for one in contradictions(meeting(*said))]


@pytest.mark.parametrize("source", ["self", "coordinator", "other_side"])
def test_one_whom_the_conference_has_not_seen_is_contradicted_whoever_speaks_for_him(
    source: Source,
) -> None:
    said = (MENTEE, source, 0, 60)
    assert codes(SEEN, said) == [(MENTEE, f"{source}_without_conference")]


TABLE: list[tuple[str, list[Said], list[tuple[str, str]]]] = [
    ("nobody says anything", [], []),
    ("only one source speaks", [(MENTEE, "self", 0, 60), (MENTOR, "self", 0, 60)], []),
    ("a conference that saw nobody was not watching", [(MENTEE, "self", 0, 60)], []),
    ("that a person is silent denies nothing", [(MENTEE, "other_side", 0, 60)], []),
    ("nor that a coordinator is", [(MENTEE, "coordinator", 0, 60), (MENTOR, "self", 0, 60)], []),
    ("the conference alone", [SEEN], []),
    (
        "an open word counts as one",
        [SEEN, (MENTEE, "self", 0, None)],
        [(MENTEE, "self_without_conference")],
    ),
    ("zero minutes deny as the conference does", [SEEN, (MENTEE, "self", 0, 0)], []),
    (
        "zero minutes against a word of the other side",
        [(MENTEE, "self", 0, 0), (MENTEE, "other_side", 0, 60)],
        [(MENTEE, "lengths_differ")],
    ),
    ("a quarter of an hour apart", [(MENTEE, "self", 0, 60), (MENTEE, "conference", 0, 45)], []),
    (
        "a minute more than that",
        [(MENTEE, "self", 0, 60), (MENTEE, "conference", 0, 44)],
        [(MENTEE, "lengths_differ")],
    ),
    (
        "whichever says more",
        [(MENTEE, "self", 0, 44), (MENTEE, "conference", 0, 60)],
        [(MENTEE, "lengths_differ")],
    ),
    (
        "as long, at another time",
        [(MENTEE, "self", 0, 60), (MENTEE, "conference", 16, 76)],
        [(MENTEE, "times_differ")],
    ),
    ("as long, nearly then", [(MENTEE, "self", 0, 60), (MENTEE, "conference", 15, 75)], []),
    (
        "an end that nobody stated leaves room for what comes after",
        [(MENTEE, "self", 0, 60), (MENTEE, "conference", 5, None)],
        [],
    ),
    (
        "but for nothing before it",
        [(MENTEE, "self", 0, 60), (MENTEE, "conference", 30, None)],
        [(MENTEE, "times_differ")],
    ),
    (
        "several stays of one source are one time",
        [(MENTEE, "conference", 0, 25), (MENTEE, "conference", 25, 60), (MENTEE, "self", 0, 60)],
        [],
    ),
    (
        "what lies outside the window is no word about the meeting",
        [(MENTEE, "conference", -300, 60), (MENTEE, "self", -60, 60)],
        [],
    ),
    ("nor does it watch", [(MENTOR, "conference", -300, -200), (MENTEE, "self", 0, 60)], []),
    (
        "both persons, the mentee first",
        [
            (MENTOR, "self", 0, 60),
            (MENTOR, "conference", 0, 5),
            (MENTEE, "self", 0, 60),
        ],
        [(MENTEE, "self_without_conference"), (MENTOR, "lengths_differ")],
    ),
    (
        "every two of three sources",
        [(MENTEE, "conference", 0, 5), (MENTEE, "self", 0, 30), (MENTEE, "other_side", 0, 60)],
        [(MENTEE, "lengths_differ")] * 3,
    ),
]


@pytest.mark.parametrize("_,said,expected", TABLE, ids=[row[0] for row in TABLE])
def test_sources_contradict_each_other_by_what_they_say_for_certain(
    _: str, said: list[Said], expected: list[tuple[str, str]]
) -> None:
    assert codes(*said) == expected


def test_a_contradiction_tells_who_says_how_many_minutes() -> None:
    row = meeting(SEEN, (MENTEE, "self", -90, 30), (MENTEE, "coordinator", 0, 30))
    words = {one.code: one.words for one in contradictions(row)}
    assert words == {
        "coordinator_without_conference": (Word("coordinator", 30), Word("conference", 0)),
        "self_without_conference": (Word("self", 90), Word("conference", 0)),
        "lengths_differ": (Word("coordinator", 30), Word("self", 90)),
    }


def test_a_person_is_named_once_however_many_sources_disagree() -> None:
    said: list[Said] = [(MENTEE, "self", 0, 60), (MENTEE, "other_side", 0, 30)]
    assert contradicted(meeting(SEEN, *said)) == (MENTEE,)
    assert contradicted(meeting()) == ()


def test_sources_about_an_unplanned_meeting_are_compared_too() -> None:
    row = unplanned((MENTEE, "self", 0, 60), (MENTEE, "conference", 0, 20))
    assert contradictions(row) == (
        Contradiction(MENTEE, "lengths_differ", (Word("conference", 20), Word("self", 60))),
    )


spans = st.tuples(st.integers(-60, 119), st.integers(0, 120))


@given(words=st.dictionaries(st.sampled_from(SOURCES), st.lists(spans, min_size=1, max_size=3)))
def test_two_sources_contradict_each_other_when_a_grid_of_minutes_says_so(
    words: dict[Source, list[tuple[int, int]]],
) -> None:
    said: list[Said] = [
        (MENTEE, source, joined, joined + lasts)
        for source, times in words.items()
        for joined, lasts in times
    ]
    shown = {source: _minutes(times) for source, times in words.items()}
    expected = {
        frozenset((one, other))
        for one in shown
        for other in shown
        if len(shown[one] - shown[other]) > TOLERANCE
    }
    expected |= {
        frozenset((one, "conference"))
        for one in shown
        if "conference" not in shown and any(lasts for _, lasts in words[one])
    }
    found = contradictions(meeting(SEEN, *said))
    assert {frozenset(word.source for word in one.words) for one in found} == expected
    assert len(found) == len(expected)


def _minutes(times: list[tuple[int, int]]) -> set[int]:
    return {
        minute
        for joined, lasts in times
        for minute in range(joined, joined + lasts)
        if minute < 120
    }
