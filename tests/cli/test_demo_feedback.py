"""What the demo's people write, measure and agree on is what the program asks for."""

from datetime import datetime, timedelta
from itertools import chain

import pytest

from services.cli import population_meetings
from services.cli.population import Population
from services.cli.population_program import FORMS, opened
from services.cli.population_reviews import Asked
from services.feedback.model import CLOSING
from services.feedback.sealing import Contents, Place
from shared.events import feedback, matching, outside, scheduling
from shared.events.envelope import EventData
from tests.cli.test_demo_people import NOW, PLAN, hear, paired, said

WHO = {"rules": "r1"}


class Sealed:
    """Keeps what is sealed."""

    def __init__(self) -> None:
        self.seen: list[tuple[Place, Contents]] = []

    def __call__(self, author: str, subject: str, place: Place, contents: Contents) -> str:
        self.seen.append((place, contents))
        return "sealed"


def a_pair(cycle: str = "c1", sealed: Sealed | None = None) -> tuple[Population, matching.Paired]:
    """People, two of whom are paired and have stated their terms."""
    population = Population(1, PLAN, sealed or Sealed())
    pair = paired(population, cycle)
    said(hear(population, pair, cycle))
    return population, pair


def met(pair: matching.Paired, meeting: str, kind: str = "regular") -> scheduling.Met:
    sides = {"mentee": pair.mentee, "mentor": pair.mentor, "meeting": meeting, **WHO}
    when = {"starts_at": NOW, "overlap": "PT1H", "planned": True, "number": 1, "type": kind}
    return scheduling.Met.model_validate({**sides, **when})


def after_meetings(
    population: Population, pair: matching.Paired, count: int = 60
) -> list[tuple[datetime, str, EventData]]:
    """What both say after so many meetings."""
    heard = (hear(population, met(pair, f"m{n}"), "c1", n + 2) for n in range(count))
    return said(chain.from_iterable(heard))


def test_goals_have_steps_of_their_own_that_come_before_them() -> None:
    population = Population(1, PLAN, Sealed())
    steps = []
    for n in range(30):
        spoken = said(hear(population, paired(population), f"c{n}", n + 1))
        for goals in (data.goals for _, _, data in spoken if isinstance(data, outside.Agreed)):
            days = {goal.id: goal.target_on for goal in goals}
            steps += [goal for goal in goals if goal.of]
            assert all(goal.target_on <= days[goal.of] for goal in goals if goal.of)
    assert {goal.kind for goal in steps} == {"milestone"}


def test_nobody_measures_a_goal_that_is_reached() -> None:
    population, pair = a_pair()
    values: dict[str, list[float]] = {}
    for _, _, data in after_meetings(population, pair):
        if isinstance(data, outside.Progressed):
            values.setdefault(data.goal, []).append(data.value)
    targets = {name: aim.target for name, aim in population.scene.pairs["c1"].goals.items()}
    assert values
    for goal, measured in values.items():
        assert all(value < targets[goal] for value in measured[:-1])


def test_what_is_to_be_done_has_a_day_and_is_mostly_said_to_be_done() -> None:
    population, pair = a_pair()
    notes = [data for _, _, data in after_meetings(population, pair, 150) if data.WORD == "noted"]
    items: dict[str, list[outside.Noted]] = {}
    for note in notes:
        assert isinstance(note, outside.Noted)
        assert (note.due_on is not None) == (note.kind == "action_item")
        items.setdefault(note.note, []).append(note)
    both = [each for each in items.values() if len(each) == 2]
    assert both
    for first, second in both:
        assert (first.done, second.done) == (False, True)
        assert first.due_on == second.due_on


def test_notes_serve_goals_that_the_pair_has() -> None:
    population, pair = a_pair()
    goals = set(population.scene.pairs["c1"].goals)
    served = {
        data.goal
        for _, _, data in after_meetings(population, pair)
        if isinstance(data, outside.Noted) and data.goal
    }
    assert served
    assert served <= goals


@pytest.mark.parametrize("kind", ["regular", "closing", CLOSING, "introduction"])
def test_a_review_answers_what_the_form_of_its_meeting_asks(kind: str) -> None:
    sealed = Sealed()
    population, pair = a_pair(sealed=sealed)
    for n in range(20):
        said(hear(population, met(pair, f"m{n}", kind), "c1", n + 2))
    forms = {form.id: form for form in opened(PLAN).forms}
    reviews = [(place, contents) for place, contents in sealed.seen if place.what == "review"]
    assert reviews
    for place, contents in reviews:
        form = forms[place.form]
        assert form.type == ("closing" if kind == "closing" else "any")
        assert {item.id for item in form.items} == set(contents.ratings)
        assert all(item.min <= contents.ratings[item.id] <= item.max for item in form.items)
        assert set(contents.texts) <= {text.id for text in form.texts}


def test_each_side_has_a_form_for_every_type_of_meeting() -> None:
    assert Asked("m", "regular").form("mentor") is FORMS[1]
    assert Asked(CLOSING, CLOSING).form("mentee") is FORMS[2]


def test_who_is_late_reviews_what_is_revealed_already(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(population_meetings, "IS_LATE", 1.0)
    population, pair = a_pair()
    late = [each for each in hear(population, met(pair, "m1"), "c1", 2) if each.word == "submitted"]
    sides = {"mentee": pair.mentee, "mentor": pair.mentor, "meeting": "m1", "by": "deadline"}
    hear(population, feedback.Reviewed.model_validate({**sides, **WHO}), "c1", 3)

    assert late
    assert all(each.at > NOW + timedelta(days=7) for each in late)
    assert len(said(late)) == len(late)


def concluded(pair: matching.Paired, reached: int) -> feedback.Concluded:
    data = {"mentee": pair.mentee, "outcome": "completed", "paired": True, "overlap_total": "PT0M"}
    goals = {"agreed": 2, "reached": reached}
    return feedback.Concluded.model_validate({**data, "goals": goals})


def volunteers(reached: int, *, gone: bool = False) -> set[str]:
    """Who says to be willing after one of many cycles."""
    found = set()
    for n in range(40):
        population, pair = a_pair(f"c{n}")
        ahead = hear(population, concluded(pair, reached), f"c{n}", 9)
        if gone:
            population.scene.left.add(pair.mentee)
        found |= {key for _, key, data in said(ahead) if isinstance(data, outside.Volunteered)}
    return found


def test_some_mentees_who_reached_something_volunteer() -> None:
    assert volunteers(2)
    assert not volunteers(0)
    assert not volunteers(2, gone=True)
