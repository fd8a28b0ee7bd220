"""Counts of 1..k-1 stand together with others."""

from __future__ import annotations

from itertools import product

from services.feedback.report.small import merge_other, merge_small


def test_neighbours_with_too_few_stand_together() -> None:
    assert merge_small([7, 2, 0, 4, 9], 5) == ((0,), (1, 2, 3), (4,))


def test_what_is_left_at_the_end_joins_the_bar_before() -> None:
    assert merge_small([7, 0, 2], 5) == ((0, 1, 2),)


def test_empty_bars_stand_alone() -> None:
    assert merge_small([0, 5, 0], 5) == ((0,), (1,), (2,))


def test_fewer_than_k_in_all_show_no_bar() -> None:
    assert merge_small([1, 0, 3], 5) == ()


def test_every_bar_has_none_or_k_whatever_is_counted() -> None:
    for counts in product(range(4), repeat=5):
        blocks = merge_small(counts, 3)
        assert all(sum(counts[at] for at in block) not in {1, 2} for block in blocks)
        assert [at for block in blocks for at in block] == (
            [] if sum(counts) in {1, 2} else [0, 1, 2, 3, 4]
        )


def test_words_with_too_few_are_other() -> None:
    assert merge_other([9, 3, 2, 0], 5) == ((0, 3), (1, 2))


def test_the_smallest_of_the_shown_joins_an_other_that_is_too_small() -> None:
    assert merge_other([9, 6, 2], 5) == ((0,), (1, 2))


def test_of_fewer_than_k_no_word_is_shown() -> None:
    assert merge_other([1, 2, 0], 5) == ((), (0, 1, 2))


def test_other_and_every_shown_word_have_none_or_k_whatever_is_counted() -> None:
    for counts in product(range(5), repeat=4):
        shown, other = merge_other(counts, 3)
        assert sorted([*shown, *other]) == [0, 1, 2, 3]
        assert all(counts[at] == 0 or counts[at] >= 3 for at in shown)
        assert sum(counts[at] for at in other) not in {1, 2} or not shown
