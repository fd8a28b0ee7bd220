"""A program's report from its columns: every metric as of the last release that may show it.

Nothing but the log and the instant asked for goes into it: the same two give the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from zoneinfo import ZoneInfo

import numpy as np

from services.feedback.report import layers
from services.feedback.report.arithmetic import Flags
from services.feedback.report.calendar import Calendar, calendar
from services.feedback.report.columns import Columns, Ints
from services.feedback.report.contributions import Contributions
from services.feedback.report.figures import FIGURES, FUNNEL, LOAD, OUTCOME, Figure
from services.feedback.report.groups import hours_labels, zone_labels
from services.feedback.report.layers import Family
from services.feedback.report.model import (
    BreakdownName,
    Group,
    Metric,
    Past,
    Report,
    Value,
)
from services.feedback.report.part import Numbers, Part
from services.feedback.report.release import Shown, plan
from services.feedback.report.spans import Spans
from services.feedback.report.state import State

_NOTHING = Shown(None, {}, ())


def make_report(columns: Columns, asked: datetime, *, log: str) -> Report:
    """The report as of the last release at or before an instant.

    Args:
        columns: of the program.
        asked: the instant.
        log: the identity of the log that the columns are of.
    """
    return _Maker(columns, asked).report(log)


@dataclass(frozen=True, slots=True)
class _Planned:
    """What may be shown of a family's metrics, and who has a part in the first of its quantities."""

    shown: Shown
    rows: Contributions


_GroupOf = tuple[str, int]


@dataclass(frozen=True, slots=True)
class _Job:
    """A figure of a release, of everybody or of one group of a breakdown."""

    figure: Figure
    release: int
    group: _GroupOf | None


class _Maker:
    """Makes one report; each cut and each plan once."""

    def __init__(self, columns: Columns, asked: datetime) -> None:
        self._columns, self._asked = columns, asked
        self._spans = Spans(columns)
        self._calendar: Calendar = calendar(columns.rules, columns.zone, asked)
        self._last = len(self._calendar.instants) - 1
        self._k = max([*self._calendar.k, columns.rules[0].k])
        self._numbers: dict[_Job, Numbers] = {}
        self._plans: dict[Family, _Planned] = {}

    def report(self, log: str) -> Report:
        """All of it."""
        self._measure()
        funnel, outcomes, *metrics = [self._metric(*each) for each in self._figures]
        released = self._calendar.instant(self._last) if self._last >= 0 else None
        return Report(
            program=self._columns.program,
            zone=self._columns.zone,
            asked=self._asked,
            released=released,
            position=self._position(),
            clock=self._columns.clock,
            k=self._k,
            log=log,
            funnel=funnel,
            outcomes=outcomes,
            metrics=tuple(metrics),
            notes=tuple(
                _notes((funnel, outcomes, *metrics), released, self._columns.zone, self._k)
            ),
        )

    @cached_property
    def _figures(self) -> Sequence[tuple[Figure, _Planned]]:
        """Every figure with what may be shown of it: the funnel, the outcomes, then all others."""
        planned = [(each, self._plan(each.family)) for each in FIGURES if each.family]
        outcomes = (OUTCOME, self._plan(layers.conclusions))
        return [(FUNNEL, self._funnel), outcomes, *planned, (LOAD, self._load)]

    def _measure(self) -> None:
        """Measure everything that is shown of a release before the next one: a state takes memory."""
        jobs: dict[int, list[_Job]] = {}
        for figure, planned in self._figures:
            for job in self._jobs(figure, planned.shown):
                jobs.setdefault(job.release, []).append(job)
        for release, wanted in sorted(jobs.items()):
            state = State(self._spans, int(self._calendar.instants[release]))
            for job in wanted:
                self._numbers[job] = job.figure.measure(self._part(state, job.group))

    def _jobs(self, figure: Figure, shown: Shown) -> Iterator[_Job]:
        if shown.as_of is None:
            return
        yield _Job(figure, shown.as_of, None)
        for name, groups in shown.groups.items():
            yield from (_Job(figure, at, (name, index)) for index, at in groups.items())
        if figure.past:
            yield from (_Job(figure, release, None) for release in self._months(shown))

    def _position(self) -> int:
        ends, positions = self._columns.positions
        if self._last < 0:
            return 0
        counted = positions[ends <= self._calendar.instants[self._last]]
        return int(counted.max(initial=0))

    # -- what may be shown --

    def _plan(self, family: Family) -> _Planned:
        if family not in self._plans:
            rows = layers.rows_of(self._spans, family, self._calendar)
            self._plans[family] = self._planned(rows)
        return self._plans[family]

    def _planned(self, rows: Sequence[Contributions]) -> _Planned:
        shown = plan(rows, self._last, self._calendar.k) if self._last >= 0 else _NOTHING
        return _Planned(shown, rows[0])

    @cached_property
    def _funnel(self) -> _Planned:
        """What it counts is published by these: it is renewed when all of them are."""
        families = (layers.lifecycle, layers.reviews, layers.conclusions)
        shown = _common([self._plan(each).shown for each in families])
        return _Planned(shown, self._plan(layers.lifecycle).rows)

    @cached_property
    def _load(self) -> _Planned:
        """Open pairs are those paired less those concluded."""
        own = self._planned(layers.load_rows(self._spans, self._calendar))
        families = (layers.lifecycle, layers.conclusions)
        return _Planned(
            _common([own.shown, *(self._plan(each).shown for each in families)]), own.rows
        )

    # -- one metric --

    def _metric(self, figure: Figure, planned: _Planned) -> Metric:
        as_of = planned.shown.as_of
        if as_of is None:
            return Metric(
                name=figure.name,
                title=figure.title,
                definition=figure.definition,
                as_of=None,
                why=_NO_RELEASE if self._last < 0 else _FEW.format("Not shown yet", self._k),
            )
        return Metric(
            name=figure.name,
            title=figure.title,
            definition=figure.definition,
            as_of=self._calendar.instant(as_of),
            why=_FEW.format("Not renewed since", self._k) if as_of < self._last else "",
            total=self._group(_Job(figure, as_of, None), "all", planned.rows),
            groups=self._groups(figure, planned),
            past=tuple(self._past(figure, planned.shown)),
        )

    def _groups(self, figure: Figure, planned: _Planned) -> dict[BreakdownName, tuple[Group, ...]]:
        found: dict[BreakdownName, tuple[Group, ...]] = {}
        for name, labels in self._labels.items():
            shown = planned.shown.groups.get(name, {})
            groups = [
                self._group(_Job(figure, release, (name, index)), labels[index], planned.rows)
                for index, release in sorted(shown.items())
            ]
            if any(group.persons for group in groups):
                found[name] = _alike([group for group in groups if group.persons])
        return found

    @cached_property
    def _labels(self) -> Mapping[BreakdownName, Sequence[str]]:
        cohorts = self._columns.requests.cohorts
        return {"cohort": cohorts, "zone": zone_labels(), "hours": hours_labels()}

    def _group(self, job: _Job, label: str, rows: Contributions) -> Group:
        numbers = self._numbers[job]
        return Group(
            label=label,
            as_of=self._calendar.instant(job.release),
            persons=_persons(rows, job),
            values=tuple(numbers.values),
            bars=tuple(numbers.bars),
            curve=tuple(numbers.curve),
        )

    def _part(self, state: State, group: _GroupOf | None) -> Part:
        requests = self._columns.requests
        if group is None:
            return Part(state, np.ones(len(requests.at), np.bool_), self._k)
        chosen = getattr(requests, group[0]) == group[1]
        return Part(state, chosen, self._k, whole=False)

    def _months(self, shown: Shown) -> Iterable[int]:
        """The last release of each month before the one that is shown."""
        zone = ZoneInfo(self._columns.zone)
        months: dict[tuple[int, int], int] = {}
        for release in shown.renewed[:-1]:
            local = self._calendar.instant(release).astimezone(zone)
            months[local.year, local.month] = release
        return months.values()

    def _past(self, figure: Figure, shown: Shown) -> Iterator[Past]:
        for release in self._months(shown) if figure.past else ():
            values = tuple(self._numbers[_Job(figure, release, None)].values)
            yield Past(as_of=self._calendar.instant(release), values=values)


_FEW = "{}: it would tell of fewer than {} persons."
_NO_RELEASE = "Not shown yet: there was no release by then."


def _common(shown: Sequence[Shown]) -> Shown:
    """Renewed when all of them are, without groups."""
    renewed = sorted(set.intersection(*(set(each.renewed) for each in shown)))
    return Shown(renewed[-1] if renewed else None, {}, renewed)


def _alike(groups: Sequence[Group]) -> tuple[Group, ...]:
    """A number that one group hides is hidden by all: the total would give it away."""
    hidden = {value.name for group in groups for value in group.values if value.hidden}
    return tuple(
        group.model_copy(update={"values": tuple(_hide(value, hidden) for value in group.values)})
        for group in groups
    )


def _hide(value: Value, hidden: set[str]) -> Value:
    if value.name not in hidden:
        return value
    return Value(name=value.name, title=value.title, unit=value.unit, value=None, hidden=True)


def _persons(rows: Contributions, job: _Job) -> int:
    """Distinct mentees with a part in it by then; mentors where it is about these alone."""
    people: Ints = np.asarray(rows.mentee if rows.groups else rows.mentor)
    chosen: Flags = np.asarray(rows.week) <= job.release
    if job.group is not None:
        chosen = chosen & (rows.groups[job.group[0]] == job.group[1])
    return int(np.unique(people[chosen]).size)


def _notes(
    metrics: Sequence[Metric], released: datetime | None, zone: str, k: int
) -> Iterable[str]:
    if released is None:
        yield f"There was no release yet: the first is on the first Monday, 00:00 in {zone}."
        return
    yield (
        f"Numbers are as of a release: Monday, 00:00 in {zone}; the last one before the instant asked for is "
        f"{released.astimezone(ZoneInfo(zone)):%Y-%m-%d}."
    )
    yield (
        f"No number tells of fewer than {k} persons, nor does the difference of any two: what would is renewed at a later "
        "release, or not shown."
    )
    for metric in metrics:
        if metric.why and metric.as_of is None:
            yield f"{metric.title}: {metric.why[:1].lower()}{metric.why[1:]}"
        elif metric.why and metric.as_of:
            yield f"{metric.title}: as of {metric.as_of.astimezone(ZoneInfo(zone)):%Y-%m-%d}."
