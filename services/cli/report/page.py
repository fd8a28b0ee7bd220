"""A report as one HTML page that needs nothing else: it can be mailed, kept, printed and opened anywhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape

from services.cli.page import html
from services.cli.report.cards import group_card, metric_card
from services.cli.report.figures import figures
from services.cli.report.style import STYLE
from services.cli.report.words import (
    BY,
    all_metrics,
    day,
    earlier,
    headline,
    how_old,
    made_of,
    not_to_compare,
    notes,
    shown,
    summary,
)
from services.feedback.report.model import BreakdownName, Metric, Report

FAIRNESS, COHORTS = "Fairness", "Cohorts compared"
SECTIONS = (
    ("From request to conclusion", ("funnel", "outcomes")),
    ("Getting a mentor", ("match_rate", "time_to_pair", "time_to_first_meeting")),
    ("Meeting and reviewing", ("held", "no_show", "responses")),
    ("Satisfaction", ("satisfaction_of_mentees", "satisfaction_of_mentors", "two_sided")),
    ("Goals, ends and loads", ("goals", "early_closure", "load")),
    (
        "What only this report reads",
        (
            "closing_satisfaction_of_mentees",
            "closing_satisfaction_of_mentors",
            "closing_two_sided",
            "confidential_satisfaction_of_mentees",
            "confidential_satisfaction_of_mentors",
            "confidential_two_sided",
        ),
    ),
    (FAIRNESS, ("outside_of_mentees", "outside_of_mentors")),
)
"""Metrics by their names; those that no section names stand in one of their own."""
_TILES = (
    "match_rate",
    "time_to_pair",
    "held",
    "satisfaction_of_mentees",
    "satisfaction_of_mentors",
    "goals",
    "early_closure",
    "load",
)
_FAIR: tuple[tuple[str, BreakdownName], ...] = (
    ("wait", "zone"),
    ("wait", "hours"),
    ("outside_of_mentees", "zone"),
    ("outside_of_mentees", "hours"),
)
_COHORTS = (
    "match_rate",
    "time_to_pair",
    "time_to_first_meeting",
    "held",
    "goals",
    "satisfaction_of_mentees",
    "satisfaction_of_mentors",
    "two_sided",
    "early_closure",
)


def page(report: Report) -> str:
    """The page, complete; the same report gives the same bytes."""
    return html.document(f"Program report: {report.program}", _parts(report), STYLE)


def _parts(report: Report) -> Iterator[str]:
    known = {metric.name: metric for metric in all_metrics(report)}
    yield f"<h1>Program report: {escape(report.program)}</h1>"
    yield _as_of(report)
    if report.released is not None:
        yield _tiles(report, [known[name] for name in _TILES if name in known])
    if report.notes:
        yield _notes(report)
    sections = [each for each in _sections(report, known) if each[1]]
    yield _contents([title for title, _ in sections])
    for title, cards in sections:
        words = _compared(report, known.values()) if title in {FAIRNESS, COHORTS} else ""
        yield f'<h2 id="{_anchor(title)}">{title}</h2>{words}<div class="cards">{"".join(cards)}</div>'
    yield f'<h2 id="figures">All figures</h2>{"".join(figures(report, each) for each in known.values())}'
    yield _origin(report)


def _sections(report: Report, known: Mapping[str, Metric]) -> Iterator[tuple[str, list[str]]]:
    for title, names in SECTIONS:
        fair = _fair(report, known) if title == FAIRNESS else []
        yield title, [*fair, *(metric_card(report, known[name]) for name in names if name in known)]
    yield "More", [metric_card(report, each) for each in _others(known)]
    yield COHORTS, _cohorts(report, known)


def _compared(report: Report, metrics: Iterable[Metric]) -> str:
    return f'<p class="soft">{not_to_compare(report, [*metrics], *BY)}</p>'


def _contents(titles: Sequence[str]) -> str:
    links = [(f"#{_anchor(title)}", title) for title in titles]
    listed = "".join(f'<a href="{to}">{t}</a>' for to, t in [*links, ("#figures", "All figures")])
    return f'<nav aria-label="Contents">{listed}</nav>'


def _anchor(title: str) -> str:
    return title.lower().replace(" ", "-").replace(",", "")


def _as_of(report: Report) -> str:
    if report.released is None:
        return '<p class="lead">Nothing can be shown yet: its first release is still to come.</p>'
    when = f"As of {day(report.released, report.zone)}, 00:00 in {escape(report.zone)}."
    return f'<p class="lead">{" ".join(filter(None, (when, how_old(report))))}</p>'


def _notes(report: Report) -> str:
    """What is about everything; what is about single metrics opens, and stands at these, too."""
    return html.note("How to read this, and what it does not show", *notes(report))


def _tiles(report: Report, metrics: Sequence[Metric]) -> str:
    return f'<div class="tiles">{"".join(_tile(report, each) for each in metrics)}</div>'


def _tile(report: Report, metric: Metric) -> str:
    """A metric's first figure, as of when if that is earlier than the rest, and where to read on."""
    title = f'<a href="#{escape(metric.name)}">{escape(metric.title)}</a>'
    if metric.total is None:
        return f'<div class="tile"><b>hidden</b>{title}<span>{escape(metric.why)}</span></div>'
    value = headline(metric.total)
    words = made_of(value) if value.count is not None else summary(value)
    if old := earlier(metric.as_of, report):
        old = f'<span class="chip">{old}</span>'
    return f'<div class="tile"><b>{shown(value)}</b>{title}<span>{escape(words)}</span>{old}</div>'


def _others(known: Mapping[str, Metric]) -> list[Metric]:
    placed = {name for _, names in SECTIONS for name in names} | {name for name, _ in _FAIR}
    return [metric for name, metric in known.items() if name not in placed]


def _fair(report: Report, known: Mapping[str, Metric]) -> list[str]:
    return [group_card(report, known[name], by) for name, by in _FAIR if name in known]


def _cohorts(report: Report, known: Mapping[str, Metric]) -> list[str]:
    metrics = [known[name] for name in _COHORTS if name in known]
    return [group_card(report, each, "cohort") for each in metrics if each.total]


def _origin(report: Report) -> str:
    clock = "when the server stored them" if report.clock == "stored" else "their own times"
    facts = (
        f"program {report.program}",
        f"log {report.log}, up to sequence {report.position:,}",
        f"instants: {clock}",
        f"asked for {report.asked:%Y-%m-%d %H:%M:%S} UTC",
        f"nothing tells of fewer than {report.k} persons",
        "the same log and instant give the same page",
    )
    listed = "".join(f"<li>{escape(fact)}</li>" for fact in facts)
    return f'<h2>Where this comes from</h2><ul class="facts">{listed}</ul>'
