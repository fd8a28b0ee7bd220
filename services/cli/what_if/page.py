"""A comparison as one HTML page that needs nothing else: it can be mailed, kept and opened anywhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from services.cli.brief import instant
from services.cli.page import html
from services.cli.what_if.compare import Comparison
from services.cli.what_if.drawings import drawings
from services.cli.what_if.figures import NOTHING, UNLISTED, again, difference, rule, shown, summary
from services.matching.what_if.account import Pair

_KEYS = html.keys((("a", "as recorded"), ("b", "under the revised rules")))
_STYLE = "details td, details tbody th { white-space: nowrap }"


def page(found: Comparison) -> str:
    """The page, complete."""
    title = f"What if: {found.program}"
    return html.document(title, _parts(found, escape(title)), _STYLE)


def _parts(found: Comparison, title: str) -> Iterable[str]:
    span = (
        f"{instant(found.first)} to {instant(found.last)} UTC" if found.first and found.last else ""
    )
    yield f"<h1>{title}</h1>"
    yield f'<p class="soft">The log from {span}, up to sequence {found.position:,}, decided again under other rules.</p>'
    yield f'<p class="lead">{escape(summary(found))}</p>'
    yield f'<p class="soft">{escape(again(found))}</p>'
    yield html.note("What this cannot know", found.limits)
    yield "<h2>Rules that differ</h2>" + _rules(found)
    yield f'<h2>Plots</h2>{_KEYS}<div class="cards">{"".join(drawings(found))}</div>'
    yield "<h2>Figures</h2>" + _metrics(found)
    yield "<h2>What recorded pairs thought of it</h2>" + _satisfaction(found)
    yield "<h2>Pairs</h2>" + _pairs(found)


def _rules(found: Comparison) -> str:
    if not found.rules:
        return "<p>None.</p>"
    rows = [
        (escape(each.version), escape(each.field), _code(each.recorded), _code(each.revised))
        for each in found.rules
    ]
    return _wide(("version", "rule", "recorded", "revised"), rows, figures=0)


def _code(value: object) -> str:
    return f"<code>{escape(rule(value))}</code>"


def _metrics(found: Comparison) -> str:
    rows = [
        (escape(m.name), shown(m.recorded, m.unit), shown(m.revised, m.unit), difference(m))
        for m in found.metrics
    ]
    return _wide(("", "recorded", "revised", "difference"), rows, figures=3)


def _satisfaction(found: Comparison) -> str:
    rows = []
    for each in found.satisfaction:
        told = (
            shown(each.persons, "count"),
            shown(each.mentee, "share"),
            shown(each.mentor, "share"),
        )
        hidden = ("too few to be shown", NOTHING, NOTHING)
        rows.append((escape(each.group), f"{each.pairs:,}", *(hidden if each.hidden else told)))
    table = _wide(("", "pairs", "raters", "mentees", "mentors"), rows, figures=4)
    return (
        '<p class="soft">Mean of their ratings, 0 to 1. Of pairs that only the other world has, nothing is known.</p>'
        + table
    )


def _pairs(found: Comparison) -> str:
    if not found.named:
        return f"<p>{escape(UNLISTED)}</p>"
    lists = (
        ("Of the record only", found.only_recorded),
        ("Of the revised world only", found.only_revised),
        ("Of both worlds, as recorded", found.both),
    )
    return "".join(
        f"<details><summary>{title}: {len(pairs):,}</summary>{_listed(pairs)}</details>"
        for title, pairs in lists
    )


def _listed(pairs: Sequence[Pair]) -> str:
    names = ("mentee", "mentor", "paired (UTC)", "waited", "score, recorded rules", "revised rules")
    rows = [
        (
            escape(pair.mentee),
            escape(pair.mentor),
            instant(pair.at),
            shown(pair.waited, "days"),
            shown(pair.recorded, "score"),
            shown(pair.revised, "score"),
        )
        for pair in pairs
    ]
    return _wide(names, rows, figures=3) if rows else "<p>None.</p>"


def _wide(names: Sequence[str], rows: Iterable[Sequence[str]], figures: int) -> str:
    return html.on_card(html.table(names, rows, figures))
