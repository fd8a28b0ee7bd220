"""Which releases a report shows, family by family, each planned once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property

from services.feedback.report import layers
from services.feedback.report.calendar import Calendar
from services.feedback.report.contributions import Contributions
from services.feedback.report.layers import Family
from services.feedback.report.release import Shown, plan
from services.feedback.report.spans import Spans


@dataclass(frozen=True, slots=True)
class Planned:
    """What may be shown of a family's metrics, and who has a part in the first of its quantities."""

    shown: Shown
    rows: Contributions


class Plans:
    """The plans of one report.

    Args:
        spans: of the whole log.
        calendar: the releases until the instant asked for.
    """

    def __init__(self, spans: Spans, calendar: Calendar) -> None:
        self._spans, self._calendar = spans, calendar
        self._known: dict[Family, Planned] = {}

    def of(self, family: Family) -> Planned:
        """The plan of a family."""
        if family not in self._known:
            rows = layers.rows_of(self._spans, family, self._calendar)
            self._known[family] = self._planned(rows)
        return self._known[family]

    @cached_property
    def load(self) -> Planned:
        """Open pairs are those paired less those concluded, so it is renewed only when these are, too."""
        sources = [self.of(each).shown.renewed for each in (layers.lifecycle, layers.conclusions)]
        rows = layers.load_rows(self._spans, self._calendar)
        return self._planned(rows, set(sources[0]) & set(sources[1]))

    def _planned(self, rows: Sequence[Contributions], at: Collection[int] | None = None) -> Planned:
        last = len(self._calendar.instants) - 1
        shown = plan(rows, last, self._calendar.k, at) if last >= 0 else Shown(None, {}, ())
        return Planned(shown, rows[0])
