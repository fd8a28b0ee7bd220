"""CSV tables that spreadsheets and programs read, and that hold the whole report."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest

from services.cli.report.tables import files
from tests.cli.report.example import EMPTY, METRICS, REPORT


def tables(report: Any = REPORT) -> dict[str, list[dict[str, str]]]:
    return {
        name.removesuffix(".csv"): list(csv.DictReader(io.StringIO(text, newline="")))
        for name, text in files(report)
        if name.endswith(".csv")
    }


def test_every_figure_of_every_group_is_a_row() -> None:
    rows = tables()["values"]
    groups = [
        group
        for metric in (REPORT.funnel, REPORT.outcomes, *REPORT.metrics)
        for group in (metric.total, *(g for gs in metric.groups.values() for g in gs))
        if group
    ]
    assert len(rows) == sum(len(group.values) for group in groups)
    steps = {row["name"]: row["as_of"] for row in rows if row["metric"] == "funnel"}
    assert steps["met"] < steps["paired"]
    (rate,) = [
        row
        for row in rows
        if row["metric"] == "match_rate" and row["breakdown"] == "all" and row["name"] == "rate"
    ]
    assert (rate["count"], rate["of"], float(rate["value"])) == ("112", "117", 112 / 117)


def test_a_hidden_figure_is_empty_and_says_so() -> None:
    (offers,) = [row for row in tables()["values"] if row["name"] == "offers"]
    assert (offers["value"], offers["of"], offers["hidden"]) == ("", "", "true")


def test_a_metric_that_is_not_shown_has_its_definition_and_no_values() -> None:
    found = tables()
    (metric,) = [row for row in found["metrics"] if row["metric"] == "outside_of_mentors"]
    assert metric["as_of"] == ""
    assert "fewer than 5" in metric["why"]
    assert [row for row in found["values"] if row["metric"] == "outside_of_mentors"] == []


@pytest.mark.parametrize("name", ["bars", "curves", "past", "notes"])
def test_distributions_curves_the_past_and_notes_are_whole(name: str) -> None:
    metrics = (REPORT.funnel, REPORT.outcomes, *METRICS)
    totals = [metric.total for metric in metrics if metric.total]
    expected = {
        "bars": sum(len(total.bars) for total in totals),
        "curves": sum(len(total.curve) for total in totals),
        "past": sum(len(past.values) for metric in metrics for past in metric.past),
        "notes": len(REPORT.notes),
    }
    assert len(tables()[name]) == expected[name]


def test_the_readme_says_what_every_column_is() -> None:
    texts = dict(files(REPORT))
    for name, rows in tables().items():
        section = texts["README.md"].split(f"## {name}.csv")[1].split("\n## ")[0]
        for column in rows[0]:
            assert f"| `{column}` | " in section


def test_a_header_stands_above_nothing() -> None:
    assert dict(files(EMPTY))["values.csv"].startswith("metric,breakdown,group,as_of,persons,")


def test_words_that_begin_like_a_formula_are_words() -> None:
    report = REPORT.model_copy(update={"program": "-2+3", "notes": ("=1+1", "plain")})
    found = tables(report)
    assert [row["note"] for row in found["notes"]] == ["'=1+1", "plain"]
    assert found["report"][0]["value"] == "'-2+3"


def test_lines_end_as_the_standard_says() -> None:
    texts = dict(files(REPORT))
    assert all(text.endswith("\r\n") for name, text in texts.items() if name.endswith(".csv"))


def test_a_bar_says_which_release_it_is_of() -> None:
    total = REPORT.funnel.total
    assert total is not None
    other = total.as_of - timedelta(days=7)
    step = total.bars[-1].model_copy(update={"as_of": other})
    changed = total.model_copy(update={"bars": (*total.bars[:-1], step)})
    funnel = REPORT.funnel.model_copy(update={"total": changed})

    found = tables(REPORT.model_copy(update={"funnel": funnel}))["bars"]

    (last,) = [row for row in found if (row["metric"], row["label"]) == ("funnel", step.label)]
    assert last["as_of"] == other.isoformat()
    outcomes = {row["as_of"] for row in found if row["metric"] == "outcomes"}
    assert REPORT.outcomes.total is not None
    assert outcomes == {REPORT.outcomes.total.as_of.isoformat()}
