"""The world: rows on demand, changes whole or not at all, parked rows held."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from shared.world import Gone, Key, R, Ref, Waits, World
from tests.tally.service import Load, Tally


def tally(cycle: str, value: float = 0.0, *, active: bool = False, program: str = "acme") -> Tally:
    return Tally(program, cycle, value, 0, active=active)


@dataclass
class Shelf:
    """A source that counts what it is asked."""

    rows: list[Tally]
    loads: list[list[Key]] = field(default_factory=list)
    finds: int = 0

    def load(self, kind: type[R], keys: Iterable[Key]) -> Iterable[R]:
        wanted = list(keys)
        self.loads.append(wanted)
        return [row for row in self.rows if isinstance(row, kind) and row.key() in wanted]

    def find(self, kind: type[R], where: Mapping[str, Any]) -> Iterable[R]:
        self.finds += 1
        return [
            row
            for row in self.rows
            if isinstance(row, kind)
            and all(getattr(row, name) == value for name, value in where.items())
        ]


def test_a_row_that_nobody_put_is_none() -> None:
    assert World().get(Tally, "acme", "c1") is None


def test_a_row_is_found_by_its_key_once_it_is_applied() -> None:
    world = World()
    world.apply([tally("c1", 2.0)])
    assert world.get(Tally, "acme", "c1") == tally("c1", 2.0)
    assert world.get(Load, "acme") is None


def test_a_gone_row_is_none_and_in_no_set() -> None:
    world = World()
    world.apply([tally("c1"), tally("c2")])
    world.apply([Gone(Tally, ("acme", "c1"))])
    assert world.get(Tally, "acme", "c1") is None
    assert world.where(Tally, program="acme") == [tally("c2")]


def test_discard_puts_everything_back_as_it_was_before_the_input() -> None:
    world = World()
    world.apply([tally("c1", 1.0)])
    world.keep()
    world.apply([tally("c1", 2.0), tally("c2")])
    world.apply([tally("c1", 3.0), Gone(Tally, ("acme", "c2"))])
    world.discard()
    assert world.where(Tally, program="acme") == [tally("c1", 1.0)]
    assert world.take_changes() == {Ref(Tally, ("acme", "c1")): tally("c1", 1.0)}


def test_discard_puts_sets_back_too() -> None:
    world = World()
    world.apply([tally("c1", active=True)])
    world.keep()
    assert len(world.where(Tally, program="acme", active=True)) == 1
    world.apply([tally("c1", active=False)])
    assert world.where(Tally, program="acme", active=True) == []
    world.discard()
    assert world.where(Tally, program="acme", active=True) == [tally("c1", active=True)]


def test_touched_shows_rows_as_they_were_before_the_input() -> None:
    world = World()
    world.apply([tally("c1", 1.0)])
    world.keep()
    world.apply([tally("c1", 2.0)])
    world.apply([tally("c1", 3.0)])
    assert world.touched() == {Ref(Tally, ("acme", "c1")): tally("c1", 1.0)}


def test_changes_are_taken_once_and_a_row_that_came_back_to_itself_is_none() -> None:
    world = World(Shelf([tally("c1", 1.0)]))
    world.apply([tally("c1", 2.0)])
    world.keep()
    world.apply([tally("c1", 1.0)])
    world.keep()
    assert world.take_changes() == {}
    world.apply([Gone(Tally, ("acme", "c1"))])
    world.keep()
    assert world.take_changes() == {Ref(Tally, ("acme", "c1")): None}
    assert world.take_changes() == {}


def test_where_gives_rows_in_the_order_of_their_keys_whatever_the_order_of_loading() -> None:
    world = World(Shelf([tally("c3"), tally("c1")]))
    world.apply([tally("c2")])
    assert [row.cycle for row in world.where(Tally, program="acme")] == ["c1", "c2", "c3"]


def test_a_row_is_loaded_once_even_when_there_is_none() -> None:
    shelf = Shelf([tally("c1")])
    world = World(shelf)
    for _ in range(2):
        assert world.get(Tally, "acme", "c1") is not None
        assert world.get(Tally, "acme", "c9") is None
    assert shelf.loads == [[("acme", "c1")], [("acme", "c9")]]


def test_prefetch_asks_once_per_kind_and_leaves_rows_in_memory_alone() -> None:
    shelf = Shelf([tally("c1", 1.0), tally("c2", 2.0)])
    world = World(shelf)
    world.apply([tally("c1", 9.0)])
    shelf.loads.clear()
    world.prefetch([Ref(Tally, ("acme", cycle)) for cycle in ("c1", "c2", "c3")])
    assert shelf.loads == [[("acme", "c2"), ("acme", "c3")]]
    assert world.get(Tally, "acme", "c1") == tally("c1", 9.0)
    assert world.get(Tally, "acme", "c3") is None


def test_where_sees_the_changed_row_instead_of_the_one_in_the_source() -> None:
    world = World(Shelf([tally("c1", active=True), tally("c2", active=True)]))
    world.apply([tally("c1", active=False), Gone(Tally, ("acme", "c2"))])
    assert world.where(Tally, program="acme", active=True) == []
    assert world.where(Tally, program="acme", active=False) == [tally("c1")]


def test_where_finds_in_the_source_once_and_follows_changes_by_itself() -> None:
    shelf = Shelf([tally("c1", active=True)])
    world = World(shelf)
    assert len(world.where(Tally, program="acme", active=True)) == 1
    world.apply([tally("c2", active=True)])
    assert [row.cycle for row in world.where(Tally, program="acme", active=True)] == ["c1", "c2"]
    assert shelf.finds == 1


def test_where_sees_rows_that_another_question_loaded_before() -> None:
    world = World(Shelf([tally("c1", active=True), tally("c2", active=False)]))
    world.get(Tally, "acme", "c1")
    world.where(Tally, program="acme")
    assert world.where(Tally, program="acme", active=True) == [tally("c1", active=True)]


def test_a_parked_row_makes_its_reader_wait_and_names_the_key() -> None:
    world = World(Shelf([tally("c1")]), parked=[("acme", "c1")])
    with pytest.raises(Waits) as raised:
        world.get(Tally, "acme", "c1")
    assert (raised.value.program, raised.value.about) == ("acme", "c1")


def test_where_waits_behind_one_parked_row_among_many() -> None:
    world = World(Shelf([tally("c1"), tally("c2")]), parked=[("acme", "c2")])
    with pytest.raises(Waits):
        world.where(Tally, program="acme")


def test_a_round_skips_parked_rows_or_uses_them_as_they_stand() -> None:
    world = World(Shelf([tally("c1"), tally("c2")]), parked=[("acme", "c2")])
    assert world.where(Tally, parked="skip", program="acme") == [tally("c1")]
    assert world.where(Tally, parked="use", program="acme") == [tally("c1"), tally("c2")]


def test_a_parked_key_of_one_program_holds_nothing_of_another() -> None:
    world = World(Shelf([tally("c1", program="beta")]), parked=[("acme", "c1")])
    assert world.get(Tally, "beta", "c1") is not None


def test_rows_come_by_kind_and_key() -> None:
    world = World()
    world.apply([tally("c2"), Load("acme", 1, 0), tally("c1")])
    assert [row.key() for row in world.rows()] == [("acme",), ("acme", "c1"), ("acme", "c2")]
