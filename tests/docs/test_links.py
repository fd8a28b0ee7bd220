"""Whoever follows a link arrives."""

from pathlib import Path

import pytest

from tests.docs.pages import PAGES, ROOT, anchors, links, name

MADE_BY_THE_BENCHMARK = {ROOT / "docs" / "benchmarks" / "latest.json"}
"""There from the first `make bench` on."""


def broken(page: Path, text: str) -> list[str]:
    """The relative links of a page that lead nowhere."""
    found = []
    for link in links(text):
        path, _, anchor = link.partition("#")
        if "://" in path or path.startswith("mailto:"):
            continue
        target = (page.parent / path).resolve() if path else page
        if not target.exists():
            if target not in MADE_BY_THE_BENCHMARK:
                found.append(link)
        elif anchor and anchor not in anchors(target.read_text()):
            found.append(link)
    return found


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_relative_link_leads_to_a_file_and_a_heading(page: Path) -> None:
    assert broken(page, page.read_text()) == []


@pytest.mark.parametrize(
    "text",
    ["[a](missing.md)", "![a](docs/missing.svg)", "[a](README.md#no-such-heading)", "[a](#no)"],
)
def test_a_link_that_leads_nowhere_would_be_seen(text: str) -> None:
    assert broken(ROOT / "README.md", text) != []


def test_every_page_is_linked_from_another() -> None:
    linked = {
        (page.parent / link.partition("#")[0]).resolve()
        for page in PAGES
        for link in links(page.read_text())
        if "://" not in link
    }
    reached = linked | {path for folder in linked if folder.is_dir() for path in folder.iterdir()}

    assert [name(page) for page in PAGES if page not in reached and page.name != "README.md"] == []
