"""The parts of a page that needs nothing else: it can be mailed, kept and opened anywhere, without scripts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from services.cli.page.style import STYLE

_BESIDE = 3
"""So many columns fit beside each other on a telephone."""


def document(title: str, parts: Iterable[str], style: str = "") -> str:
    """A whole page.

    Args:
        title: in plain words.
        parts: of its body, HTML.
        style: what this page has beside the common style.
    """
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{STYLE}{style}</style></head><body><main>{''.join(parts)}</main></body></html>\n"
    )


def card(title: str, words: str, drawing: str) -> str:
    """A drawing with its title, and words that are HTML already."""
    return f'<section class="card"><h3>{escape(title)}</h3><div class="soft">{words}</div>{drawing}</section>'


def keys(each: Iterable[tuple[str, str]]) -> str:
    """What the colours mean: (style, words)."""
    listed = "".join(f'<li><i class="{style}"></i>{escape(words)}</li>' for style, words in each)
    return f'<ul class="keys">{listed}</ul>'


def note(title: str, sentences: Sequence[str], more: Sequence[str] = ()) -> str:
    """Sentences that the reader should not miss, and more about single figures, which open."""
    opens = (
        f"<details><summary>{len(more)} more, about single figures</summary>{_list(more)}</details>"
        if more
        else ""
    )
    return f'<section class="note"><h3>{escape(title)}</h3>{_list(sentences)}{opens}</section>'


def _list(sentences: Sequence[str]) -> str:
    return f"<ul>{''.join(f'<li>{escape(each)}</li>' for each in sentences)}</ul>"


def table(names: Sequence[str], rows: Iterable[Sequence[str]], figures: int) -> str:
    """A table of cells that are HTML already; the last `figures` columns are numbers.

    Where many columns have no room beside each other, each row becomes a block and each cell says its column.
    """
    first, narrow = len(names) - figures, len(names) <= _BESIDE
    head = "".join(
        f'<th scope="col"{" class=n" if place >= first else ""}>{escape(name)}</th>'
        for place, name in enumerate(names)
    )
    body = "".join(
        f"<tr>{''.join(_cell(place, names[place], text, first) for place, text in enumerate(row))}</tr>"
        for row in rows
    )
    kind = "" if narrow else ' class="many"'
    return f"<table{kind}><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _cell(place: int, name: str, text: str, first: int) -> str:
    if place == 0:
        return f'<th scope="row">{text}</th>'
    style = ' class="n"' if place >= first else ""
    return f'<td{style} data-name="{escape(name)}">{text}</td>'


def on_card(content: str) -> str:
    """Something wide on a card of its own, which scrolls by itself where it has no room."""
    return f'<div class="card wide">{content}</div>'
