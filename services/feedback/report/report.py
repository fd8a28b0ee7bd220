"""A program's report from its columns: every metric as of the last release that may show it.

Nothing but the log and the instant asked for goes into it: the same two give the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import chain
from zoneinfo import ZoneInfo

import numpy as np

from services.feedback.report import funnel, layers
from services.feedback.report.arithmetic import Flags
from services.feedback.report.calendar import Calendar, calendar
from services.feedback.report.columns import Columns, Ints
from services.feedback.report.contributions import Contributions
from services.feedback.report.figures import FIGURES, FUNNEL, LOAD, OUTCOME, Figure
from services.feedback.report.groups import hours_labels, zone_labels
from services.feedback.report.model import (
    BreakdownName,
    Group,
    Metric,
    Past,
    Report,
    Value,
)
from services.feedback.report.part import Numbers, Part
from services.feedback.report.planning import Planned, Plans
from services.feedback.report.release import Shown
from services.feedback.report.remarks import NO_RELEASE, not_renewed, not_shown, remarks
from services.feedback.report.spans import Spans
from services.feedback.report.state import State


def make_report(columns: Columns, asked: datetime, *, log: str) -> Report:
    """The report as of the last release at or before an instant.

    Args:
        columns: of the program.
        asked: the instant.
        log: the identity of the log that the columns are of.
    """
    return _Maker(columns, asked).report(log)


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
        self._plans = Plans(self._spans, self._calendar)

    def report(self, log: str) -> Report:
        """All of it."""
        self._measure()
        outcomes, *metrics = [self._metric(*each) for each in self._figures]
        steps = self._funnel()
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
            funnel=steps,
            outcomes=outcomes,
            metrics=tuple(metrics),
            notes=tuple(
                remarks((steps, outcomes, *metrics), released, self._columns.zone, self._k)
            ),
        )

    @cached_property
    def _figures(self) -> Sequence[tuple[Figure, Planned]]:
        """Every figure but the funnel with what may be shown of it; the outcomes first."""
        planned = [(each, self._plans.of(each.family)) for each in FIGURES if each.family]
        outcomes = (OUTCOME, self._plans.of(layers.conclusions))
        return [outcomes, *planned, (LOAD, self._plans.load)]

    def _measure(self) -> None:
        """Measure everything that is shown of a release before the next one: a state takes memory."""
        jobs: dict[int, list[_Job]] = {}
        every = [self._jobs(figure, planned.shown) for figure, planned in self._figures]
        steps = (_Job(FUNNEL, release, None) for each in self._steps.values() for release in each)
        for job in chain(steps, *every):
            jobs.setdefault(job.release, []).append(job)
        for release, wanted in sorted(jobs.items()):
            state = State(self._spans, int(self._calendar.instants[release]))
            for job in dict.fromkeys(wanted):
                self._numbers[job] = job.figure.measure(self._part(state, job.group))

    @cached_property
    def _steps(self) -> Mapping[str, Sequence[int]]:
        return funnel.candidates(lambda family: self._plans.of(family).shown)

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

    # -- one metric --

    def _metric(self, figure: Figure, planned: Planned) -> Metric:
        as_of = planned.shown.as_of
        if as_of is None:
            return Metric(
                name=figure.name,
                title=figure.title,
                definition=figure.definition,
                as_of=None,
                why=NO_RELEASE if self._last < 0 else not_shown(self._k),
            )
        return Metric(
            name=figure.name,
            title=figure.title,
            definition=figure.definition,
            as_of=self._calendar.instant(as_of),
            why=not_renewed(self._k) if as_of < self._last else "",
            total=self._group(_Job(figure, as_of, None), "all", planned.rows),
            groups=self._groups(figure, planned),
            past=tuple(self._past(figure, planned.shown)),
        )

    def _funnel(self) -> Metric:
        """Put together of its steps."""
        planned = self._plans.of(layers.lifecycle)
        shown = Shown(planned.shown.as_of, {}, planned.shown.renewed)
        whole = self._metric(FUNNEL, Planned(shown, planned.rows))
        if whole.total is None:
            return whole
        releases = {release for each in self._steps.values() for release in each}
        measured = {at: self._numbers[_Job(FUNNEL, at, None)].values for at in releases}
        steps = funnel.assemble(measured, self._steps, self._calendar.instant)
        last = self._calendar.instant(self._last)
        late = any(each.as_of is None or each.as_of < last for each in steps)
        total = {"values": steps, "bars": funnel.bars(steps)}
        update = {
            "total": whole.total.model_copy(update=total),
            "why": not_renewed(self._k) if late else "",
        }
        return whole.model_copy(update=update)

    def _groups(self, figure: Figure, planned: Planned) -> dict[BreakdownName, tuple[Group, ...]]:
        found: dict[BreakdownName, tuple[Group, ...]] = {}
        for name, labels in self._labels.items():
            shown = planned.shown.groups.get(name, {})
            groups = [
                self._group(_Job(figure, release, (name, index)), labels[index], planned.rows)
                for index, release in sorted(shown.items())
            ]
            if any(group.persons for group in groups):
                found[name] = alike([group for group in groups if group.persons])
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


def alike(groups: Sequence[Group]) -> tuple[Group, ...]:
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
