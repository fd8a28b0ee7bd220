"""Every number of a report is the one that SQL, written by hand from the definition, finds in the events."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from services.cli.population_program import PROGRAM, ZONE, Plan
from services.feedback.report.collect import collect
from services.feedback.report.model import Group, Metric, Report, Value
from services.feedback.report.report import make_report
from shared.entry import Entry
from tests.feedback.report.by_sql import (
    COUNTS,
    CURVES,
    FUNNEL,
    OUTCOMES,
    RATES,
    SAMPLES,
)
from tests.feedback.report.sql_log import Sql
from tests.lifecycle.program import Program

pytestmark = pytest.mark.xdist_group("report by SQL")
SEED, PLAN = 5, Plan(14, 48, 3)
INSTANTS = tuple(
    datetime(2026, month, day, 15, tzinfo=UTC) for month, day in ((4, 9), (5, 14), (6, 24))
)
PERCENT = {"p10": 10, "p25": 25, "p50": 50, "p75": 75, "p90": 90, "max": 100}
NEAR = {"share": 0.00005 + 1e-9, "days": 0.05 + 1e-9, "count": 0}
STEPS = ("requested", "paired", "met", "reviewed", "concluded")


@pytest.fixture(scope="module")
def log() -> list[Entry]:
    print(f"seed {SEED}")
    return Program(SEED, PLAN).run()


@pytest.fixture(scope="module")
def sql(log: list[Entry]) -> Sql:
    return Sql(log, ZONE)


def with_k(entry: Entry, k: int) -> Entry:
    """The same program, had it set another k."""
    if entry.word != "opened":
        return entry
    event = json.loads(entry.body)
    event["data"]["k"] = k
    return entry._replace(body=json.dumps(event).encode())


def reports(log: list[Entry], k: int) -> Iterator[Report]:
    """As of some instants."""
    columns = collect([[with_k(entry, k) for entry in log]], PROGRAM)
    for asked in INSTANTS:
        yield make_report(columns, asked, log="x")


def groups(metric: Metric) -> Iterator[tuple[str, Group]]:
    """The total and every group, with the breakdown that it is of."""
    if metric.total:
        yield "", metric.total
    for breakdown, found in metric.groups.items():
        yield from ((breakdown, group) for group in found)


def as_of(each: tuple[str, Group]) -> str:
    """Groups of one release stand together, so that SQL looks at each release once."""
    return str(each[1].as_of)


@pytest.mark.parametrize("k", [1, 5])
def test_every_number_is_the_one_that_sql_finds(log: list[Entry], sql: Sql, k: int) -> None:
    compared: set[tuple[str, str, str]] = set()
    for report in reports(log, k):
        for metric in (report.funnel, report.outcomes, *report.metrics):
            for breakdown, group in sorted(groups(metric), key=as_of):
                assert group.as_of is not None
                sql.at(group.as_of)
                if breakdown:
                    sql.narrow(breakdown, group.label)
                for value in group.values:
                    if not value.hidden:
                        where = f"{metric.name}.{value.name} of {group.label} at {group.as_of}"
                        if value.as_of:
                            step(sql, group, value, where)
                        else:
                            same(sql, metric.name, value, where)
                        compared.add((metric.name, value.name, breakdown))
    assert {each for *_, each in compared} == {"", "cohort", "zone", "hours"}
    if k == 1:
        assert {(metric, value) for metric, value, _ in compared} >= set(RATES) | set(COUNTS)
        assert {metric for metric, value, _ in compared if value == "p50"} == set(SAMPLES)


def step(sql: Sql, group: Group, value: Value, where: str) -> None:
    """A step of the funnel, as of its own release, against SQL's; of the requests as of the funnel's."""
    sql.at(value.as_of or group.as_of)
    count = dict(zip(STEPS, sql.one(FUNNEL), strict=True))[value.name]
    sql.at(group.as_of)
    of = dict(zip(STEPS, sql.one(FUNNEL), strict=True))["requested"]
    assert (value.count, value.of) == (count, of), where
    assert value.value == pytest.approx(count / of, abs=NEAR["share"]), where


def same(sql: Sql, metric: str, value: Value, where: str) -> None:
    """A number of the report against SQL's."""
    found, of = expected(sql, metric, value.name)
    near = NEAR[value.unit]
    assert value.value == (None if found is None else pytest.approx(found, abs=near)), where
    if of is not None:
        assert value.of == of, where


def expected(sql: Sql, metric: str, name: str) -> tuple[float | None, float | None]:
    """The number and its denominator, where it has one."""
    if (metric, name) in RATES:
        return _share(*sql.one(RATES[metric, name]))
    if (metric, name) in COUNTS:
        return sql.one(COUNTS[metric, name])[0], None
    if name == "median_of_all":
        return sql.median_of_all(CURVES[metric]), None
    values = sql.column(SAMPLES[metric])
    if name == "mean":
        return (sum(values) / len(values) if values else None), len(values)
    return sql.quantile(SAMPLES[metric], PERCENT[name]), len(values)


def _share(count: float, of: float) -> tuple[float | None, float]:
    return (count / of if of else None), of


def test_outcomes_and_steps_are_counted_as_sql_counts_them(log: list[Entry], sql: Sql) -> None:
    report = list(reports(log, 1))[-1]
    for metric, query in ((report.outcomes, OUTCOMES), (report.funnel, FUNNEL)):
        assert metric.total is not None
        assert metric.as_of is not None
        sql.at(metric.as_of)
        rows = sql.db.execute(query).fetchall()
        of_steps = dict(zip(STEPS, rows[0], strict=False))
        wanted = dict(rows) if metric is report.outcomes else of_steps
        assert {bar.label: bar.count for bar in metric.total.bars} == wanted


def test_a_distribution_holds_everybody_whom_sql_finds_in_its_range(
    log: list[Entry], sql: Sql
) -> None:
    report = list(reports(log, 1))[-1]
    for name, query in SAMPLES.items():
        metric = report.metric(name)
        assert metric.total is not None
        assert metric.as_of is not None
        sql.at(metric.as_of)
        values = sql.column(query)
        for bar in metric.total.bars:
            within = [each for each in values if (bar.low or 0) <= each < (bar.high or 1e9)]
            assert bar.count == len(within), (name, bar)
