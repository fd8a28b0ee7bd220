"""The project's pages, and what they name: links, headings, code, commands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)


def name(page: Path) -> str:
    """How a failing test calls it."""
    return str(page.relative_to(ROOT))


def links(text: str) -> list[str]:
    """Targets of links and images outside code."""
    return _LINK.findall(_SPAN.sub("", _FENCE.sub("", text)))


def anchors(text: str) -> set[str]:
    """The names by which headings are linked to, as GitHub makes them."""
    found = _HEADING.findall(_FENCE.sub("", text))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in found}


def blocks(text: str, language: str) -> list[str]:
    """Fenced code in one language."""
    return [code for kind, code in _FENCE.findall(text) if kind == language]


def spans(text: str) -> list[str]:
    """Code within sentences and tables."""
    return _SPAN.findall(_FENCE.sub("", text))


def code(text: str) -> Iterator[str]:
    """Every line of code that a reader may type, without comments and prompts."""
    for kind, block in _FENCE.findall(text):
        if kind in {"", "sh"}:
            yield from (line.split(" #")[0].strip() for line in block.splitlines())
    yield from spans(text)
