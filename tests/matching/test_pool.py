"""A pool as arrays says of every pair what one would say by hand, whatever stands beside the pair."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.matching import components, lists, rules, scoring, table, telling
from services.matching.pool import Pool, assemble, pool, two, under
from services.matching.record import Ratings
from services.matching.tally import blocks
from shared.events.outside import Opened
from shared.frozen import replace
from shared.world import Row, Waits, World
from tests.matching import pairwise
from tests.matching.history import PROGRAM, START, always, hours
from tests.matching.pairwise import Pair
from tests.matching.people import Able, Asking, ann, mia, of
from tests.matching.pools import pool_of

ALL = slice(None)
seeds = st.integers(0, 2**32)


def made(given_: Opened, asking: list[Asking], able: list[Able]) -> Pool:
    return assemble(given_, START.year, asking, able)


def world_of(*rows: Row) -> World:
    world = World()
    world.now = START
    world.apply(rows)
    return world


@settings(max_examples=30, deadline=None, print_blob=True)
@given(seeds)
def test_rules_and_components_say_of_a_pair_what_one_says_by_hand(seed: int) -> None:
    print(f"seed {seed}")
    stated, asking, able = pool_of(seed)
    known = made(stated, asking, able)
    allowed, shown = rules.allowed(known, ALL), rules.shown_rule(known, ALL)
    scores, values = scoring.scores(known, ALL), scoring.values(known, ALL)
    found = {name: one(known, ALL) for name, one in components.COMPONENTS.items()}
    for row, (cycle, mentee) in enumerate(asking):
        for column, (mentor, person) in enumerate(able):
            pair = Pair(cycle, mentee, mentor, person, stated)
            broken = pairwise.broken(pair)
            assert rules.broken(known, row, column) == broken
            assert allowed[row, column] == (not broken)
            assert shown[row, column] == _place(rules.shown(broken))
            told = {name: float(part[row, column]) for name, part in found.items()}
            assert {
                name: round(part, 6) for name, part in told.items() if not np.isnan(part)
            } == pytest.approx(pairwise.parts(pair), abs=1.1e-6)
            assert scores[row, column] == pytest.approx(pairwise.score(pair), abs=2e-6)
            enough = scores[row, column] >= stated.floor
            assert (values[row, column] > 0) == (not broken and enough)


def _place(rule: str | None) -> int:
    return -1 if rule is None else rules.SHOWN.index(rule)


@settings(max_examples=20, deadline=None, print_blob=True)
@given(seeds)
def test_a_pair_has_the_same_figures_whatever_stands_beside_it(seed: int) -> None:
    print(f"seed {seed}")
    stated, asking, able = pool_of(seed)
    known = made(stated, asking, able)
    scores, allowed = scoring.scores(known, ALL), rules.allowed(known, ALL)
    for row, one in enumerate(asking):
        for column, other in enumerate(able):
            alone = made(stated, [one], [other])
            assert scoring.scores(alone, ALL)[0, 0] == scores[row, column]
            assert rules.allowed(alone, ALL)[0, 0] == allowed[row, column]
            assert telling.score(known, row, column) == scores[row, column]
            assert telling.parts(alone, 0, 0) == telling.parts(known, row, column)


@settings(max_examples=20, deadline=None, print_blob=True)
@given(seeds)
def test_the_order_in_which_rows_come_changes_nothing(seed: int) -> None:
    print(f"seed {seed}")
    stated, asking, able = pool_of(seed)
    world = world_of(*(person for _, person in (*asking, *able)))
    cycles, mentors = [cycle for cycle, _ in asking], [mentor for mentor, _ in able]
    once = pool(world, stated, cycles, mentors)
    Random(seed).shuffle(cycles)
    again = pool(world, stated, cycles, sorted(mentors, key=lambda row: -row.load))
    assert once.seekers.cycles == again.seekers.cycles
    assert once.guides.mentors == again.guides.mentors
    assert (scoring.values(once, ALL) == scoring.values(again, ALL)).all()


@settings(max_examples=20, deadline=None, print_blob=True)
@given(seeds)
def test_some_rows_are_the_rows_of_the_whole(seed: int) -> None:
    print(f"seed {seed}")
    known = made(*pool_of(seed))
    whole, some = scoring.values(known, ALL), np.arange(known.requests)[::-1]
    assert (scoring.values(known, some) == whole[some]).all()
    parts = [scoring.values(known, rows) for rows in blocks(known.requests, known.mentors, 7)]
    assert (np.concatenate(parts) == whole).all()
    assert (scoring.scored(known, some).scores == scoring.scores(known, ALL)[some]).all()


@settings(max_examples=20, deadline=None, print_blob=True)
@given(seeds, st.integers(0, 31))
def test_what_is_kept_of_mentors_never_shows(seed: int, which: int) -> None:
    print(f"seed {seed}")
    stated, asking, able = pool_of(seed)
    some = [row for at, row in enumerate(able) if which >> at & 1]
    world = world_of(*(person for _, person in (*asking, *able)))
    cycles = [cycle for cycle, _ in asking]
    for rows in (able, some, able[::2], able):
        kept = pool(world, stated, cycles, [mentor for mentor, _ in rows])
        fresh = made(stated, asking, rows)
        assert (scoring.values(kept, ALL) == scoring.values(fresh, ALL)).all()
        assert (scoring.scores(kept, ALL) == scoring.scores(fresh, ALL)).all()


def test_a_mentor_whose_offer_or_time_changes_is_seen_as_he_is_now() -> None:
    (cycle, ann_), (mentor, person) = ann(), mia(industry="K")
    world = world_of(ann_, person)
    before = components.industry(pool(world, of().rules, [cycle], [mentor]), ALL)
    changed = replace(mentor, offer=mentor.offer.model_copy(update={"industry": "J"}))
    after = pool(world, of().rules, [cycle], [changed])
    assert (before[0, 0], components.industry(after, ALL)[0, 0]) == (0, 1)
    world.apply([replace(person, time=hours("09:00", 60, "MO"))])
    later = pool(world, of().rules, [cycle], [changed])
    assert components.minutes(later, ALL)[0, 0] == 60


def test_mentors_that_are_unchanged_are_not_made_into_arrays_again() -> None:
    (cycle, ann_), able = ann(), [mia(mentor=f"m{at}") for at in range(20)]
    world = world_of(ann_, *(person for _, person in able))
    mentors = [mentor for mentor, _ in able]
    first = pool(world, of().rules, [cycle], mentors)
    loaded = [replace(mentors[0], load=1), *mentors[2:]]
    second = pool(world, of().rules, [cycle], loaded)
    assert second.guides.table is first.guides.table
    assert second.guides.load.tolist() == [1, *[0] * 18]


def test_rows_that_were_loaded_again_are_compared_once() -> None:
    (cycle, ann_), able = ann(), [mia(mentor=f"m{at}") for at in range(20)]
    world = world_of(ann_, *(person for _, person in able))
    first = pool(world, of().rules, [cycle], [mentor for mentor, _ in able])
    again = [replace(mentor, offer=mentor.offer.model_copy()) for mentor, _ in able]
    second = pool(world, of().rules, [cycle], again)
    assert second.guides.table is first.guides.table
    assert all(second.guides.table.known[one.mentor].offer is one.offer for one in again)


def test_tables_are_kept_for_so_many_mentors_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "KEPT", 10)
    kept = table._Tables()
    tables = [of(*(mia(mentor=f"m{at}") for at in range(6))).guides.table for _ in range(2)]
    setting = of(ann()).seekers.setting
    for number, one in enumerate(tables):
        kept.put(f"program-{number}", setting, one)
    assert kept.get("program-0", setting) is None
    assert kept.get("program-1", setting) is tables[1]


def test_threads_that_share_what_is_kept_find_what_each_would_by_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Partitions and the API ask for pools of the same programs at once; here tables come and go all the time."""
    monkeypatch.setattr(table, "KEPT", 7)
    pools = [pool_of(seed) for seed in range(6)]
    alone = [scoring.values(made(*rows), ALL) for rows in pools]

    def agree(seed: int) -> bool:
        which = Random(seed).randrange(len(pools))
        stated, asking, able = pools[which]
        world = world_of(*(person for _, person in (*asking, *able)))
        rows = [cycle for cycle, _ in asking], [mentor for mentor, _ in able]
        return bool((scoring.values(pool(world, stated, *rows), ALL) == alone[which]).all())

    with ThreadPoolExecutor(4) as threads:
        assert all(threads.map(agree, range(60))), "seeds 0 to 59"


def test_the_tables_that_are_kept_are_those_used_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "KEPT", 2)
    kept, setting = table._Tables(), of(ann()).seekers.setting
    one = of(mia()).guides.table
    for program in ("first", "second"):
        kept.put(program, setting, one)
    kept.get("first", setting)
    kept.put("third", setting, one)
    assert kept.get("second", setting) is None
    assert kept.get("first", setting) is kept.get("third", setting) is one


def test_a_table_too_large_to_be_kept_takes_no_other_ones_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(table, "KEPT", 2)
    kept, setting = table._Tables(), of(ann()).seekers.setting
    one, large = of(mia()).guides.table, of(*(mia(mentor=f"m{at}") for at in range(3))).guides.table
    kept.put("small", setting, one)
    kept.put("large", setting, large)
    assert kept.get("small", setting) is one
    assert kept.get("large", setting) is None


def test_names_of_offers_that_were_replaced_are_forgotten_in_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(table, "NAMES", 12)
    setting = of(ann()).seekers.setting
    known, most = None, 0
    for number in range(40):
        able = [mia(skills=(f"s{number}",)), mia(mentor="mio", skills=("go",))]
        known = table.table_of(able, setting, known, whole=False)
        most = max(most, len(known.names))
        asked = lists.lists([[known.names.skills[name]] for name in (f"s{number}", "go")])
        covered = known.skills.summed(asked, np.arange(2))
        assert covered.tolist() == [[1_000_000, 0], [0, 1_000_000]]
    assert most <= 12 + 5


def test_only_so_many_cuts_of_the_week_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "CUTS", 2)
    mentors = of(mia(), mia(mentor="mio", time=hours("09:00", 60, "MO"))).guides.table
    for length in (15, 30, 60, 90):
        cut = mentors.beginnings(0, length, 15)
        assert cut.there.any(axis=0).tolist() == [True, length <= 60]
    assert len(mentors._cuts) <= 2


def test_rows_are_in_the_order_of_the_queue_and_columns_of_ids() -> None:
    asking = [ann(mentee=name, place=place) for place, name in enumerate(["zoe", "bob", "ann"])]
    able = [mia(mentor=name) for name in ("mio", "mia")]
    world = world_of()
    found = pool(world, of().rules, [c for c, _ in asking[::-1]], [m for m, _ in able])
    assert [cycle.mentee for cycle in found.seekers.cycles] == ["zoe", "bob", "ann"]
    assert [mentor.mentor for mentor in found.guides.mentors] == ["mia", "mio"]


def test_parked_persons_and_cycles_that_are_over_are_left_out() -> None:
    asking = [ann(mentee=name, place=place)[0] for place, name in enumerate(["ann", "bob", "zoe"])]
    able = [mia(mentor=name)[0] for name in ("mia", "mio")]
    world = world_of()
    world.parked = {(PROGRAM, "bob"), (PROGRAM, "mio")}
    found = pool(world, of().rules, [*asking[:2], replace(asking[2], wishes=None)], able)
    assert [cycle.mentee for cycle in found.seekers.cycles] == ["ann"]
    assert [mentor.mentor for mentor in found.guides.mentors] == ["mia"]


def test_a_pool_of_two_waits_behind_a_parked_event_and_has_no_row_without_wishes() -> None:
    (cycle, ann_), (mentor, person) = ann(), mia()
    world = world_of(ann_, person)
    assert telling.score(two(world, of().rules, cycle, mentor), 0, 0) > 0
    assert two(world, of().rules, replace(cycle, wishes=None), mentor).requests == 0
    world.parked = {(PROGRAM, "mia")}
    with pytest.raises(Waits):
        two(world, of().rules, cycle, mentor)


def test_the_same_rows_may_be_looked_at_under_other_rules() -> None:
    known = of(ann(wanted_skills=("a",)), mia(), weights={"skills": 1.0})
    other = under(known, of(weights={"industry": 1.0}).rules)
    assert (telling.score(known, 0, 0), telling.score(other, 0, 0)) == (0, 1)


def test_a_market_is_told_who_is_who() -> None:
    two_seats = [ann(mentee="bob", place=0), ann(mentee="mia", place=1), ann(mentee="bob", place=2)]
    known = of(*two_seats, mia(load=1, capacity=3), mia(mentor="mio", left=True))
    assert known.mentee.tolist() == [0, 1, 0]
    assert known.as_mentor.tolist() == [-1, 0, -1]
    assert known.room.tolist() == [2, 0]


@pytest.mark.parametrize("bound, held", [("DENSE", 3), ("ROWS", 1)])
def test_what_few_mentors_have_counts_though_it_is_not_held_in_full(
    monkeypatch: pytest.MonkeyPatch, bound: str, held: int
) -> None:
    asked = [ann(wanted_skills=("a", "b", "c")), ann(mentee="bob", place=1, wanted_skills=("c",))]
    able = [mia(mentor=f"m{at}", skills=("a", *"bc"[:at])) for at in range(3)]
    whole = components.skills(of(*asked, *able), ALL)
    monkeypatch.setattr(lists, bound, held)
    few = of(*asked, *able)
    assert len(few.guides.table.skills._full) == 1 + 1  # and one of zeros
    assert (components.skills(few, ALL) == whole).all()
    assert components.skills(few.pair(0, 2), ALL)[0, 0] == whole[0, 2] == 1


def test_a_person_without_hours_is_in_the_pool_and_has_no_time() -> None:
    known = of(ann(time=None), ann(mentee="bob", place=1), mia(), mia(mentor="mio", time=None))
    assert components.minutes(known, ALL).tolist() == [[0, 0], [10080, 0]]
    assert components.minutes(of(ann(time=always()), mia(time=None)), ALL).tolist() == [[0]]


def test_opinions_of_a_program_are_those_in_its_row() -> None:
    (cycle, ann_), (mentor, person) = ann(), mia()
    rows = [ann_, person, Ratings(PROGRAM, ratings_sum=2_500_000, ratings_count=5)]
    found = pool(world_of(*rows), of().rules, [cycle], [mentor])
    assert components.ratings(found, ALL).tolist() == [[0.5]]
