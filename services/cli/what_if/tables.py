"""A comparison as tables on a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from services.cli.brief import instant
from services.cli.what_if.compare import Comparison
from services.cli.what_if.figures import NOTHING, UNLISTED, again, difference, rule, shown, summary
from services.matching.what_if.account import Pair

LISTED = 20
"""Pairs of each kind that are listed; the page and --json have all."""


def report(found: Comparison) -> Group:
    """The whole comparison."""
    return Group(*_parts(found))


def _parts(found: Comparison) -> Iterator[RenderableType]:
    span = f"{instant(found.first)} to {instant(found.last)}" if found.first and found.last else ""
    yield Text(f"what if: {found.program}, {span}, up to sequence {found.position}", "bold")
    yield Text(summary(found))
    as_recorded = found.again == found.pairs and not found.more
    yield Text(again(found), "dim" if as_recorded else "bold yellow")
    if found.rules:
        yield _titled("rules", _rules(found))
    yield _titled("figures", _metrics(found))
    yield _titled("what recorded pairs thought of it (0 to 1)", _satisfaction(found))
    yield from _pairs(found)
    yield Text("\nwhat this cannot know", "bold")
    for sentence in found.limits:
        yield Padding(Text(f"• {sentence}"), (0, 2))


def _titled(title: str, table: Table) -> Group:
    return Group(Text(f"\n{title}", "bold"), table)


def _rules(found: Comparison) -> Table:
    table = Table("version", "rule", "recorded", "revised", box=None)
    for each in found.rules:
        table.add_row(each.version, each.field, rule(each.recorded), rule(each.revised))
    return table


def _metrics(found: Comparison) -> Table:
    table = Table(box=None)
    table.add_column("")
    for name in ("recorded", "revised", "difference"):
        table.add_column(name, justify="right", no_wrap=True)
    for each in found.metrics:
        values = (shown(each.recorded, each.unit), shown(each.revised, each.unit))
        table.add_row(each.name, *values, difference(each))
    return table


def _satisfaction(found: Comparison) -> Table:
    table = Table(box=None)
    table.add_column("")
    for name in ("pairs", "persons who rated", "mentees", "mentors"):
        table.add_column(name, justify="right", no_wrap=True)
    for each in found.satisfaction:
        told = (
            shown(each.persons, "count"),
            shown(each.mentee, "share"),
            shown(each.mentor, "share"),
        )
        hidden = ("too few to be shown", NOTHING, NOTHING)
        table.add_row(each.group, f"{each.pairs:,}", *(hidden if each.hidden else told))
    return table


def _pairs(found: Comparison) -> Iterator[RenderableType]:
    if not found.named:
        yield Text(f"\n{UNLISTED}")
        return
    for title, pairs in (
        ("pairs of the record only", found.only_recorded),
        ("pairs of the revised world only", found.only_revised),
    ):
        if pairs:
            yield _titled(title, _listed(pairs))


def _listed(pairs: Sequence[Pair]) -> Table:
    table = Table("mentee", "mentor", "cycle", "paired (UTC)", box=None)
    for name in ("waited", "score, recorded rules", "revised rules"):
        table.add_column(name, justify="right", no_wrap=True)
    for pair in pairs[:LISTED]:
        scores = (shown(pair.recorded, "score"), shown(pair.revised, "score"))
        who = (pair.mentee, pair.mentor, pair.cycle)
        table.add_row(*who, instant(pair.at), shown(pair.waited, "days"), *scores)
    if len(pairs) > LISTED:
        table.add_row(f"… {len(pairs) - LISTED:,} more: --html or --json", style="dim")
    return table
