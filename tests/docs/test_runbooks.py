"""A runbook tells an operator at night all that is needed, in one order."""

import re

import pytest

from tests.docs.pages import ROOT, anchors

TEXT = (ROOT / "docs" / "runbooks.md").read_text()
PARTS = ("When", "Do", "You see", "Good when", "Undo")
FOR_EVERY_DAY = {"Every night"}
"""Nothing has happened there yet."""


def runbooks() -> dict[str, str]:
    """By title."""
    sections = re.split(r"^## ", TEXT, flags=re.MULTILINE)[1:]
    titled = (section.split("\n", 1) for section in sections)
    return {title: text for title, text in titled if title not in FOR_EVERY_DAY}


def parts_of(text: str) -> list[str]:
    """The parts of a runbook, in its order."""
    return [part for part in re.findall(r"^\*\*([\w ]+)", text, re.MULTILINE) if part in PARTS]


@pytest.mark.parametrize("title", runbooks())
def test_every_runbook_says_when_what_to_do_what_is_seen_when_it_is_good_and_how_to_undo(
    title: str,
) -> None:
    assert parts_of(runbooks()[title]) == list(PARTS)


def test_a_runbook_without_a_way_back_would_be_seen() -> None:
    assert parts_of("**When.** x\n**Do.**\n") != list(PARTS)


def test_the_table_at_the_top_leads_to_every_runbook() -> None:
    table = TEXT.split("\n## ")[0]
    titles = {*runbooks(), *FOR_EVERY_DAY}

    assert set(re.findall(r"\(#([\w-]+)\)", table)) == {
        anchor for title in titles for anchor in anchors(f"## {title}")
    }
