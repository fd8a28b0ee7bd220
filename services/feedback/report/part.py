"""A program at a cut, or a part of it, and the numbers of a metric of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.feedback.report.arithmetic import Flags
from services.feedback.report.measure import Scope
from services.feedback.report.model import Bar, Point, Value
from services.feedback.report.state import State


@dataclass(frozen=True, slots=True)
class Part:
    """A program at a cut, or the part of it that these requests are; `whole`: it is all of it."""

    state: State
    chosen: Flags
    k: int
    whole: bool = True

    @property
    def requests(self) -> Scope:
        """Requests that were made, each of its mentee."""
        made = self.chosen & self.state.made
        return Scope(made, (self.state.columns.requests.mentee,), self.k)

    @property
    def pairs(self) -> Scope:
        """Cycles that were ever paired, each of its two sides."""
        state, spans = self.state, self.state.spans
        request_of = state.columns.request_of
        chosen = state.asked & state.paired & self.chosen[request_of]
        return Scope(chosen, (spans.mentee_of, spans.mentor_of), self.k)


@dataclass(frozen=True, slots=True)
class Numbers:
    """A metric of a part; the distribution is of the whole only, or parts would be told by subtraction."""

    values: Sequence[Value]
    bars: Sequence[Bar] = ()
    curve: Sequence[Point] = ()
