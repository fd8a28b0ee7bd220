"""`mentoring roadmap`: goals with their milestones, how far each is, and what is to be done."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from datetime import date

import pytest

from services.cli.roadmap_reading import Found
from services.cli.roadmap_view import plain, show
from services.feedback.model import Cycle
from services.feedback.sealing import Contents
from shared.entry import Entry
from shared.events import outside
from shared.events.envelope import encode
from tests.cli.conftest import Mentoring, on_log
from tests.cli.schedule.test_views import lines
from tests.feedback.history import (
    MENTEE,
    PROGRAM,
    History,
    a_pair,
    agree,
    goal,
    hold,
    progressed,
)
from tests.shared.replay.recorded import publish

CONTENTS = Contents(text="what nobody else reads")
SKILL = "19a8293b-8e95-4de3-983f-77484079c389"
"""Java (computer programming), in ESCO."""


def a_story() -> History:
    """Ada has reached one of two milestones; one action item is done, one is not, and its day is over."""
    history = a_pair()
    steps = [
        goal("g1-a", 1, unit="step", of="g1", kind="milestone", target_on=date(2026, 3, 5)),
        goal("g1-b", 1, unit="step", of="g1", kind="milestone", target_on=date(2026, 3, 20)),
    ]
    agree(history, "t1", goal("g1", 4, skill=SKILL), *steps)
    history.say("c1", progressed(1, "g1-b", "step"))
    history.say("c1", progressed(3))
    for name, done in (("n1", False), ("n2", True)):
        item(history, name, done=done)
    history.wait(days=8)
    hold(history, 1)
    return history


def item(history: History, name: str, *, done: bool) -> None:
    """An action item of Ada's, for the first goal."""
    sealed = history.sealed_review("mentee", "m1", "c1", CONTENTS).sealed
    data = outside.Noted(
        note=name,
        kind="action_item",
        by=MENTEE,
        goal="g1",
        due_on=date(2026, 3, 9),
        done=done,
        sealed=sealed,
    )
    history.say("c1", data, source="/mentoring/api")


def found(history: History) -> tuple[Found, Cycle]:
    return Found(PROGRAM, len(history.log), history.world), history.row(Cycle, "c1")


def shown(width: int = 160) -> list[str]:
    return lines(show(*found(a_story()), width), width)


def of(name: str, told: list[str]) -> str:
    """The line of a goal, its blanks as one."""
    return " ".join(next(line for line in told if line.split()[:1] == [name]).split())


def test_a_goal_tells_how_far_it_is_with_its_milestones_under_it() -> None:
    told = shown()

    assert of("g1", told) == (
        "g1 long term: Java (computer programming) █████████░░░ 75 % "
        "now 3, from 0 to 4 talks by 1 Aug 2026"
    )
    assert of("g1-b", told).endswith("by 20 Mar 2026 reached")
    first, second = (next(n for n, line in enumerate(told) if f"g1-{x}" in line) for x in "ab")
    goal_line = next(n for n, line in enumerate(told) if line.startswith("  g1 "))
    assert goal_line < first < second
    assert told[first].startswith("    g1-a")


def test_what_is_over_its_day_is_overdue_unless_it_is_reached_or_done() -> None:
    told = shown()

    assert of("g1-a", told).endswith("overdue")
    assert not of("g1", told).endswith("overdue")
    assert of("☐", told) == "☐ by 9 Mar 2026 for g1 noted by ada overdue"
    assert of("☑", told).endswith("done")


def test_a_bar_is_full_at_the_target_and_only_there() -> None:
    history = a_pair()
    agree(history, "t1", goal("g1", 1000))
    history.say("c1", progressed(999))

    told = lines(show(*found(history), 160), 160)

    assert "███████████░  99 %" in "\n".join(told)


def test_a_narrow_terminal_gets_lines_and_loses_nothing() -> None:
    told = shown(width=46)

    assert max(map(len, told)) <= 46
    words = set(" ".join(told).split())
    assert set(" ".join(shown()).split()) <= words


def test_a_pair_without_terms_has_an_empty_roadmap() -> None:
    told = lines(show(*found(a_pair()), 80), 80)

    assert "  No terms with goals are in force." in told
    assert "  Nothing is noted." in told


def test_nothing_sealed_is_told_to_people_or_programs() -> None:
    read, row = found(a_story())

    body = json.dumps(plain(read, row))

    assert "sealed" not in body
    assert CONTENTS.text not in body
    assert json.loads(body)["goals"][0]["milestones"][0]["goal"] == "g1-a"


# -- as its users type it -----------------------------------------------------------------------------


def on_the_log(history: History) -> Iterator[Entry]:
    """The story as entries of a log: answers right behind what caused them."""
    numbers = itertools.count(1)
    for entry, answers in history.log:
        cause = next(numbers)
        yield entry._replace(seq=cause)
        for each in answers:
            yield Entry(next(numbers), each.subject, encode(each), cause, "feedback")


@pytest.fixture
def url(log_url: str) -> str:
    on_log(log_url, lambda log: publish(log, list(on_the_log(a_story()))))
    return log_url


def test_the_command_folds_the_log_and_needs_no_key(mentoring: Mentoring, url: str) -> None:
    people = mentoring("roadmap", "c1", "--nats", url)
    programs = mentoring("roadmap", "c1", "--nats", url, "--json")
    before = mentoring("roadmap", "c1", "--nats", url, "--seq", "4", "--json")
    nobody = mentoring("roadmap", "c9", "--nats", url)

    assert people.code == 0
    assert "75 %" in people.out
    assert json.loads(programs.out)["goals"][0]["progress"] == 0.75
    assert json.loads(before.out)["goals"] == []
    assert (nobody.code, nobody.err.strip()) == (1, "the log says nothing about c9")
