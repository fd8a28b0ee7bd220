"""A report as a whole: reproducible, as of a release, and without anybody in it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.feedback.report.columns import Columns
from services.feedback.report.model import Group, Metric, Report, Value
from services.feedback.report.report import alike, make_report
from tests.feedback.report.telling import GOOD, START, Telling, at, begun

PEOPLE = 12


def program(k: int = 3) -> Telling:
    """A dozen pairs that meet twice; every other week two of them ask, are paired, and so on."""
    told = begun(k=k)
    for number in range(PEOPLE):
        told.offered(f"mentor-{number}", 1)
        told.available(f"mentee-{number}", hours=3 if number % 2 else 8)
    for week in range(6):
        for number in (2 * week, 2 * week + 1):
            told.day = 7 * week + 1
            cycle = f"cycle-{number}"
            told.requested(cycle, f"mentee-{number}")
            told.paired(cycle, f"mentor-{number}")
            told.scheduled(cycle, 1, day=7 * week + 3)
            told.day = 7 * week + 3
            told.met(cycle, 1)
            told.reviewed(cycle, mentee=GOOD, mentor=GOOD)
            told.day = 7 * week + 5
            told.concluded(cycle, "completed", agreed=2, reached=1)
    return told


@pytest.fixture(scope="module")
def columns() -> Columns:
    return program().columns()


def report(columns: Columns, day: float = 60) -> Report:
    return make_report(columns, at(day), log="the log")


def metrics(found: Report) -> list[Metric]:
    return [found.funnel, found.outcomes, *found.metrics]


def test_the_same_log_and_instant_give_the_same_bytes(columns: Columns) -> None:
    again = program().columns()

    assert report(columns).model_dump_json() == report(again).model_dump_json()


def test_all_instants_until_the_next_release_give_the_same_report(columns: Columns) -> None:
    released = report(columns).released
    assert released is not None

    monday = make_report(columns, released, log="the log")
    sunday = make_report(columns, released + timedelta(days=6.9), log="the log")

    assert sunday.model_copy(update={"asked": released}) == monday


def test_what_comes_later_changes_no_report_of_before(columns: Columns) -> None:
    until = program()
    until.entries = [entry for entry in until.entries if entry.stored <= stored(33)]

    assert report(until.columns(), 33) == report(columns, 33)


def test_before_the_first_release_nothing_is_shown(columns: Columns) -> None:
    found = report(columns, 5)

    assert (found.released, found.position) == (None, 0)
    assert [each.total for each in metrics(found)] == [None] * len(metrics(found))
    assert "first Monday" in found.notes[0]


def test_no_person_cycle_or_meeting_is_named(columns: Columns) -> None:
    text = report(columns).model_dump_json()

    assert not any(name in text for name in ("mentee-1", "mentor-1", "cycle-1"))


def test_every_metric_says_what_it_counts_and_as_of_when(columns: Columns) -> None:
    found = report(columns)

    for each in metrics(found):
        assert len(each.definition) > 40, each.name
        assert each.total is not None, each.name
        assert each.total.as_of == each.as_of
    assert len({each.name for each in metrics(found)}) == 17


def test_the_position_is_that_of_the_last_event_until_the_release(columns: Columns) -> None:
    told = program()
    found = report(columns, 33)
    assert found.released is not None

    last = max(e.seq for e in told.entries if e.stored <= found.released.timestamp() * 10**9)

    assert found.position == last


def test_a_metric_is_not_renewed_for_the_sake_of_two_persons(columns: Columns) -> None:
    """Two persons a week: with k = 3 every other week is enough."""
    found = report(columns, 13.5)
    assert found.metric("match_rate").as_of is None

    later = report(columns, 14)
    assert later.metric("match_rate").as_of == later.released
    total = later.metric("match_rate").total
    assert total is not None
    assert (total.persons, total.values[0].of) == (4, 4)

    late = report(columns, 21)
    assert late.metric("match_rate").as_of == later.released
    assert "not renewed" in late.metric("match_rate").why.lower()
    assert any(note.startswith("Match rate: as of 2026-03-16") for note in late.notes)


def test_a_program_smaller_than_k_is_never_shown() -> None:
    found = report(program(k=PEOPLE + 1).columns(), 200)

    assert [each.total for each in metrics(found)] == [None] * len(metrics(found))
    assert all("fewer than 13 persons" in each.why for each in metrics(found))


def test_a_larger_k_holds_for_good(columns: Columns) -> None:
    first = columns.rules[0]
    raised = replace(columns, rules=[first, replace(first, k=7), replace(first, k=1)])

    assert report(raised).k == 7


def test_the_totals_are_those_of_everybody_at_the_release(columns: Columns) -> None:
    found = report(columns)

    funnel = found.funnel.total
    assert funnel is not None
    assert [bar.count for bar in funnel.bars] == [PEOPLE] * 5
    goals = found.metric("goals").total
    assert goals is not None
    assert (goals.values[0].count, goals.values[0].of) == (PEOPLE, 2 * PEOPLE)
    satisfaction = found.metric("satisfaction_of_mentees").total
    assert satisfaction is not None
    assert satisfaction.values[0].value == 0.75


def test_a_group_holds_its_own_persons_as_of_its_own_release() -> None:
    hours = report(program(k=1).columns()).metric("match_rate").groups["hours"]

    assert [group.label for group in hours] == ["2 to 5 hours", "5 to 10 hours"]
    for group in hours:
        weeks = (group.as_of - START) // timedelta(days=7) + 1  # one of each group asks in a week
        assert (group.persons, group.values[0].of) == (weeks, weeks)
        assert group.values[0].value == 1.0


def test_distributions_are_of_everybody_alone(columns: Columns) -> None:
    """The total's bars less those of the other groups would tell of a group."""
    for metric in metrics(report(columns)):
        for groups in metric.groups.values():
            assert not any(group.bars or group.curve for group in groups), metric.name


def test_a_number_that_one_group_hides_is_hidden_by_all() -> None:
    """The total less what the others show would give it away."""

    def group(label: str, *, hidden: bool) -> Group:
        rate = Value(name="rate", title="", unit="share", value=0.5, count=2, of=4)
        other = Value(name="other", title="", unit="count", value=None, hidden=hidden)
        return Group(label=label, as_of=START, persons=4, values=(rate, other))

    found = alike([group("A", hidden=False), group("B", hidden=True)])

    assert [[value.hidden for value in each.values] for each in found] == [[False, True]] * 2


def test_earlier_releases_are_shown_as_they_were_the_last_of_each_month(columns: Columns) -> None:
    march, *_ = report(columns).metric("match_rate").past

    then = report(columns, (march.as_of - START).total_seconds() / 86_400)

    total = then.metric("match_rate").total
    assert total is not None
    assert (march.as_of, march.values) == (then.released, total.values)
    assert march.as_of.isoformat() == "2026-03-29T22:00:00+00:00"


def test_the_load_of_mentors_is_renewed_when_pairs_and_conclusions_are(columns: Columns) -> None:
    found = report(columns, 33)

    load = found.metric("load")
    assert load.as_of == found.metric("match_rate").as_of == found.outcomes.as_of
    assert load.total is not None
    assert (load.total.persons, load.total.values[0].value) == (PEOPLE, 0.0)


def test_a_metric_is_found_by_its_name(columns: Columns) -> None:
    found = report(columns)

    assert found.metric("outcomes") is found.outcomes
    with pytest.raises(KeyError):
        found.metric("nothing")


def stored(day: float) -> int:
    return int(at(day).timestamp()) * 10**9
