"""If-None-Match by RFC 9110, and the texts that are kept: the latest, up to so many bytes."""

from __future__ import annotations

import pytest

from services.scheduling.caching import Kept, has_it

TAG = '"abc"'


@pytest.mark.parametrize(
    "header",
    [
        '"abc"',
        ' "abc"\t',
        'W/"abc"',
        '"x", "abc"',
        '"x","abc" , "y"',
        '"x", W/"abc"',
        ', "abc",,',
        '"a,b", "abc"',
        "*",
        " * ",
    ],
)
def test_a_reader_that_names_the_tag_has_it(header: str) -> None:
    assert has_it([header], TAG)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "abc",
        '"ab"',
        '"ABC"',
        'w/"abc"',
        '"abc',
        '"x" "abc"',
        '*, "abc"',
        '"x, "abc""',
        '"abc"; q=1',
        ",,,",
    ],
)
def test_a_reader_that_does_not_name_it_by_the_grammar_has_not(header: str) -> None:
    assert not has_it([header], TAG)


def test_a_long_header_that_breaks_the_grammar_is_soon_done_with() -> None:
    assert not has_it(['"x", ' * 20_000 + "x"], TAG)
    assert not has_it([", \t" * 20_000 + "x"], TAG)


def test_several_lines_of_a_header_are_one_list() -> None:
    assert has_it(['"x"', '"y", "abc"'], TAG)
    assert not has_it(['"x"', '"y"'], TAG)
    assert not has_it(['"x', '"abc"'], TAG)
    assert not has_it([], TAG)


# -- texts that are kept ------------------------------------------------------------------------


def test_a_text_that_was_put_is_found_again() -> None:
    kept = Kept(10)
    assert kept.get("a") is None
    kept.put("a", b"text")
    assert kept.get("a") == b"text"


def test_those_not_asked_for_longest_make_room() -> None:
    kept = Kept(10)
    for name in ("a", "b"):
        kept.put(name, b"12345")
    kept.get("a")
    kept.put("c", b"12345")
    assert [kept.get(name) for name in ("a", "b", "c")] == [b"12345", None, b"12345"]


def test_the_same_name_takes_room_once() -> None:
    kept = Kept(10)
    kept.put("a", b"12345")
    for _ in range(5):
        kept.put("b", b"54321")
    assert kept.get("a") == b"12345"


def test_a_text_that_is_longer_than_all_room_is_not_kept_and_displaces_none() -> None:
    kept = Kept(10)
    kept.put("a", b"12345")
    kept.put("b", b"x" * 11)
    assert kept.get("b") is None
    assert kept.get("a") == b"12345"
    kept.put("c", b"x" * 10)
    assert kept.get("c") is not None
