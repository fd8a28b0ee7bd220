"""The funnel for people to look at."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from services.cli.funnel import Funnel
from services.cli.funnel_measure import Rate, Wait

_BAR = 40


def show(found: Funnel) -> RenderableType:
    """Steps with bars, waits, outcomes and what else tells how it went."""
    return Group(_steps(found), "", _waits(found), "", _outcomes(found), "", _figures(found))


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    table.add_column(columns[0])
    for name in columns[1:]:
        table.add_column(name, justify="right")
    return table


def _steps(found: Funnel) -> RenderableType:
    table = _table("Requests", "", "", "of all", "of the step before")
    table.add_column("")
    for step in found.steps:
        bar = Text("█" * round(_BAR * (step.of_all or 0)), style="cyan")
        table.add_row(
            step.name, str(step.count), _percent(step.of_all), _percent(step.of_previous), bar
        )
    return table


def _waits(found: Funnel) -> RenderableType:
    table = _table(
        "Waits, in days", "", "median", "p90", "of", "in vain", "median of all (Kaplan-Meier)"
    )
    for name, wait in (
        ("requested to paired", found.time_to_pair),
        ("paired to first meeting", found.time_to_first_meeting),
    ):
        table.add_row(name, *_wait(wait))
    return table


def _wait(wait: Wait) -> Iterator[str]:
    yield from (_days(wait.median), _days(wait.p90))
    yield from (str(wait.done), str(wait.waiting), _days(wait.median_of_all))


def _outcomes(found: Funnel) -> RenderableType:
    table = _table("Cycles concluded", "outcome", "cycles", "share")
    total = sum(found.outcomes.values())
    for outcome, count in found.outcomes.items():
        table.add_row(outcome, str(count), _percent(count / total))
    table.add_row("all", str(total), "")
    return table


def _figures(found: Funnel) -> RenderableType:
    table = _table("How it went", "", "", "of")
    for name, rate in _rates(found):
        table.add_row(name, _percent(rate.rate), str(rate.of))
    feelings, load = found.satisfaction, found.load
    table.add_row("satisfaction of mentees", _share(feelings.mentee), "0 to 1")
    table.add_row("satisfaction of mentors", _share(feelings.mentor), "0 to 1")
    table.add_row("meetings that nobody planned", str(found.unplanned), "")
    table.add_row("mentors' fullest load, mean", _percent(load.mean_peak), str(load.mentors))
    table.add_row("mentors without a pair", str(load.idle), str(load.mentors))
    for letter in found.letters:
        name = f"{letter.kind} by {letter.service}: {letter.rule}"
        table.add_row(name, str(letter.count), str(found.events))
    return table


def _rates(found: Funnel) -> Iterator[tuple[str, Rate]]:
    yield "requests paired, of those decided", found.matched
    yield "planned meetings held", found.held
    yield "no-shows", found.no_show
    yield "reviews written", found.satisfaction.responses
    yield "cycles in which both are content", found.satisfaction.both_content
    yield "goals reached", found.goals
    yield "pairs that ended early", found.early_closure


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.0%}"


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _days(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"
