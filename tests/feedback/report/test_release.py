"""What a report may show: nothing that was ever published tells of fewer than k persons, alone or taken together."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

import numpy as np
import pytest

from services.feedback.report import release
from services.feedback.report.contributions import Contributions
from services.feedback.report.history import History
from services.feedback.report.release import Shown, plan
from tests.feedback.report.adversary import Seen, everything_seen, isolated, rank, until

SEED = 20261123
PROGRAMS, MANY = 40, 1000
Row = tuple[int, int, int, int]
"""Week, mentee, mentor, group."""


def rows(*given: Row) -> Contributions:
    """Rows with one breakdown, by cohort."""
    week, mentee, mentor, group = np.array(given, np.int64).reshape(-1, 4).T
    return Contributions(mentee, mentor, week, {"cohort": group})


def crowd(week: int, mentees: Sequence[int], group: int) -> list[Row]:
    """A change of each of these mentees; the metric is about no mentors."""
    return [(week, mentee, -1, group) for mentee in mentees]


def shown(*given: Row, last: int, k: int = 3) -> Shown:
    """As of a release, with one k."""
    return plan([rows(*given)], last, [k] * (last + 1))


@pytest.fixture
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Groups are renewed as often as totals: more to subtract."""
    monkeypatch.setattr(release, "GROUPS_EVERY", 1)


def test_a_total_of_fewer_than_k_persons_is_not_shown() -> None:
    found = shown(*crowd(0, [1, 2], 0), last=3)
    assert found == Shown(None, {"cohort": {}}, ())


def test_several_changes_of_one_person_count_once() -> None:
    assert shown(*crowd(0, [1, 2, 2, 2, 2], 0), last=0).as_of is None


def test_a_total_is_renewed_once_k_persons_have_changes() -> None:
    few = [*crowd(0, [1, 2, 3], 0), *crowd(1, [1, 2], 0)]
    assert shown(*few, last=2).renewed == (0,)
    assert shown(*few, *crowd(2, [4], 0), last=2).renewed == (0, 2)


def test_a_total_without_changes_is_of_the_latest_release() -> None:
    assert shown(*crowd(0, [1, 2, 3], 0), last=5).as_of == 5


def test_fewer_than_k_mentors_hide_a_total_of_many_mentees() -> None:
    given = [(0, mentee, mentee % 2, 0) for mentee in range(9)]
    assert shown(*given, last=0).as_of is None


def test_a_group_of_fewer_than_k_is_hidden_and_the_smallest_other_one_with_it() -> None:
    given = [*crowd(0, [1, 2], 0), *crowd(0, range(10, 14), 1), *crowd(0, range(20, 25), 2)]
    found = shown(*given, last=0)
    assert found.as_of == 0
    assert len(found.groups["cohort"]) == 1
    assert 0 not in found.groups["cohort"]


def test_two_groups_of_k_are_both_shown() -> None:
    found = shown(*crowd(0, [1, 2, 3], 0), *crowd(0, [4, 5, 6], 1), last=0)
    assert found.groups == {"cohort": {0: 0, 1: 0}}


def test_a_group_whose_changes_are_too_few_stands_where_it_was_and_another_waits_with_it() -> None:
    given = [
        *crowd(0, range(10), 0),
        *crowd(0, range(10, 20), 1),
        *crowd(0, range(20, 30), 2),
        *crowd(4, [0], 0),
        *crowd(4, range(10, 20), 1),
        *crowd(4, range(20, 30), 2),
    ]
    found = shown(*given, last=4)
    assert found.as_of == 4
    assert found.groups["cohort"][0] == 0
    assert sorted(found.groups["cohort"].values()) == [0, 0, 4]


def test_a_group_without_changes_stands_at_the_release_of_the_total() -> None:
    given = [*crowd(0, [1, 2, 3], 0), *crowd(0, [4, 5, 6], 1), *crowd(4, [4, 5, 6], 1)]
    assert shown(*given, last=4).groups["cohort"] == {0: 4, 1: 4}


def test_groups_are_renewed_every_four_weeks_at_most() -> None:
    given = [row for week in range(8) for row in crowd(week, range(9), 0)]
    stands = [shown(*given, last=week).groups["cohort"][0] for week in range(8)]
    assert stands == [0, 0, 0, 0, 4, 4, 4, 4]


@pytest.mark.usefixtures("_often")
def test_a_total_that_is_parted_later_gives_no_group_of_before_away() -> None:
    """The total of A and B, then A and B: with nothing new in A the first less A would be B as it was."""
    given = [*crowd(0, [1, 2, 3], 0), *crowd(0, [4], 1), *crowd(1, [5, 6, 7], 1)]
    found = everything_seen(plan, rows(*given), 1, [3, 3])
    assert Seen(0) in found
    assert isolated(found, rows(*given), 3) is None
    tempting = {Seen(0), Seen(1, "cohort", 0), Seen(1, "cohort", 1)}
    assert isolated(tempting, rows(*given), 3) is not None


def test_layers_are_renewed_together() -> None:
    """Two metrics that show one count: at different releases their difference would isolate."""
    first, second = rows(*crowd(0, [1, 2, 3], 0)), rows(*crowd(0, [1, 2], 0), *crowd(1, [3], 0))
    assert plan([first], 1, [3, 3]).renewed == (0, 1)
    assert plan([first, second], 1, [3, 3]).renewed == (1,)


def test_a_larger_k_holds_from_the_release_at_which_it_was_set() -> None:
    given = rows(*crowd(0, [1, 2, 3], 0), *crowd(1, [1, 2, 3], 0), *crowd(2, [1, 2, 3, 4, 5], 0))
    assert plan([given], 2, [3, 5, 5]).renewed == (0, 2)


def test_a_plan_that_depends_on_others_is_renewed_at_their_releases_only() -> None:
    given = rows(*crowd(0, [1, 2, 3], 0), *crowd(1, [1, 2, 3], 0), *crowd(2, [4, 5, 6], 0))
    assert plan([given], 3, [3] * 4, at={0, 2}).renewed == (0, 2)


def test_rows_in_no_group_count_in_the_total_only() -> None:
    found = shown(*crowd(0, [1, 2, 3], -1), *crowd(0, [4, 5, 6], 0), last=0)
    assert found.groups == {"cohort": {0: 0}}


def test_rows_about_nobody_hide_nothing() -> None:
    assert shown((0, -1, -1, 0), last=2).as_of is None
    assert shown((0, -1, -1, 0), *crowd(1, [1, 2, 3], 0), last=1).as_of == 1


def test_a_metric_without_rows_is_never_shown() -> None:
    assert shown(last=3) == Shown(None, {"cohort": {}}, ())


def test_layers_with_different_breakdowns_are_refused() -> None:
    other = Contributions(*(np.zeros(1, np.int64),) * 3, {"zone": np.zeros(1, np.int64)})
    with pytest.raises(ValueError, match="same breakdowns"):
        plan([rows((0, 1, 1, 1)), other], 0, [3])


def test_a_release_without_its_k_is_refused() -> None:
    with pytest.raises(ValueError, match="k: every release"):
        plan([rows((0, 1, 1, 1))], 2, [3, 3])


def test_groups_of_a_breakdown_that_are_not_as_many_as_the_rows_are_refused() -> None:
    given = Contributions(*(np.zeros(2, np.int64),) * 3, {"zone": np.zeros(1, np.int64)})
    with pytest.raises(ValueError, match="breakdown zone"):
        plan([given], 0, [3])


def drawn(chance: random.Random) -> Contributions:
    """A small program: some weeks, persons with a cohort and a zone, each with some changes."""
    mentees, mentors = chance.randint(6, 20), chance.randint(4, 12)
    cohorts, zones = chance.randint(1, 4), chance.choice([0, 0, 2, 3])
    found: list[tuple[int, ...]] = []
    for mentee in range(mentees):
        cohort, zone = chance.randrange(cohorts), chance.randrange(max(1, zones))
        mentor = chance.choice([-1, chance.randrange(mentors)])
        weeks = chance.choices(range(_WEEKS), k=chance.randint(1, 6))
        found += [(week, mentee, mentor, cohort, zone) for week in weeks]
    week, mentee_of, mentor_of, cohort_of, zone_of = np.array(sorted(found), np.int64).T
    groups = {"cohort": cohort_of, "zone": zone_of} if zones else {"cohort": cohort_of}
    return Contributions(mentee_of, mentor_of, week, groups)


_WEEKS = 6


def programs(number: int = PROGRAMS, seed: int = SEED) -> Iterator[tuple[Contributions, int]]:
    """Small programs, each with its k."""
    chance = random.Random(seed)
    for _ in range(number):
        yield drawn(chance), chance.choice([2, 2, 3])


def attacked(number: int = PROGRAMS) -> tuple[int, int]:
    """In how many programs somebody is isolated, and how often groups were shown in all."""
    victims, groups = 0, 0
    for given, k in programs(number):
        seen = everything_seen(plan, given, _WEEKS - 1, [k] * _WEEKS)
        groups += sum(bool(each.breakdown) for each in seen)
        victims += isolated(seen, given, k) is not None
    return victims, groups


@pytest.mark.usefixtures("_often")
def test_no_sum_of_all_reports_of_a_program_isolates_fewer_than_k() -> None:
    print(f"seed {SEED}")
    victims, groups = attacked()
    assert victims == 0
    assert groups > 2 * PROGRAMS


@pytest.mark.usefixtures("_often")
def test_without_the_complement_somebody_is_isolated(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: each number still has k persons and k new ones, and that is not enough."""
    monkeypatch.setattr(History, "safe", lambda *_: True)
    assert attacked()[0] > PROGRAMS // 4


def test_without_waiting_for_k_changes_a_total_isolates(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(release._Walk, "_enough", lambda *_: True)
    assert attacked(20)[0] > 0


@pytest.mark.usefixtures("_often")
def test_what_was_shown_at_a_release_does_not_depend_on_what_comes_later() -> None:
    for given, k in programs(20):
        for week in range(_WEEKS):
            limits = [k] * _WEEKS
            assert plan([given], week, limits) == plan([until(given, week)], week, limits)


@pytest.mark.usefixtures("_often")
def test_putting_the_past_away_changes_no_total(monkeypatch: pytest.MonkeyPatch) -> None:
    given = [each for each, _ in programs(20)]
    totals = [plan([each], _WEEKS - 1, [2] * _WEEKS).renewed for each in given]
    monkeypatch.setattr(History, "shorten", lambda *_: None)
    assert [plan([each], _WEEKS - 1, [2] * _WEEKS).renewed for each in given] == totals


@pytest.mark.fuzz
@pytest.mark.usefixtures("_often")
def test_no_sum_of_all_reports_isolates_fewer_than_k_in_many_programs() -> None:
    print(f"seed {SEED}")
    assert attacked(MANY)[0] == 0


def test_the_adversary_finds_a_plain_difference() -> None:
    given = rows(*crowd(0, [1, 2, 3], 0), *crowd(1, [4], 0))
    assert isolated({Seen(0), Seen(1)}, given, 3) is not None
    assert isolated({Seen(1)}, given, 3) is None


def test_the_adversary_finds_the_rest_of_a_total() -> None:
    given = rows(*crowd(0, [1, 2, 3], 0), *crowd(0, [4, 5], 1))
    assert isolated({Seen(0), Seen(0, "cohort", 0)}, given, 3) == frozenset({4, 5})


def test_the_adversary_counts_as_numpy_does() -> None:
    chance = np.random.default_rng(SEED)
    for _ in range(50):
        table = chance.integers(0, 2, (9, 7))
        assert rank(table) == np.linalg.matrix_rank(table)
