"""If-None-Match, by the grammar and the comparison of RFC 9110."""

from __future__ import annotations

import pytest

from services.scheduling.conditional import has_it

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
    assert has_it(header, TAG)


@pytest.mark.parametrize(
    "header",
    [
        None,
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
def test_a_reader_that_does_not_name_it_by_the_grammar_has_not(header: str | None) -> None:
    assert not has_it(header, TAG)


def test_a_long_header_that_breaks_the_grammar_is_soon_done_with() -> None:
    assert not has_it('"x", ' * 20_000 + "x", TAG)
    assert not has_it(", \t" * 20_000 + "x", TAG)
