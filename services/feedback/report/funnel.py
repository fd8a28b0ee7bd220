"""The funnel, put together of steps that each stand at a release of their own.

Every step is shown at the newest release of the family that publishes what it counts. In common they would be renewed so
seldom that one late request would hold up the conclusions of all. A later step never shows more requests than the one
before it: where it would, because the earlier one could not be renewed for long, it stands at an older release, too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from services.feedback.report.figures import STEP_FAMILIES
from services.feedback.report.layers import Family
from services.feedback.report.measure import DIGITS
from services.feedback.report.model import Bar, Value
from services.feedback.report.release import Shown

At = Mapping[int, Sequence[Value]]
"""The steps, measured at each release that one of them may stand at."""


def candidates(shown_of: Callable[[Family], Shown]) -> Mapping[str, Sequence[int]]:
    """The releases that each step may stand at, the newest first: its family's last one, and before those of the steps before.

    Args:
        shown_of: what may be shown of a family.
    """
    bounds: list[int] = []
    found: dict[Family, Sequence[int]] = {}
    for family in dict.fromkeys(STEP_FAMILIES.values()):
        renewed = shown_of(family).renewed
        releases = {_last(renewed, bound) for bound in (*bounds, *renewed[-1:])} - {None}
        found[family] = sorted((each for each in releases if each is not None), reverse=True)
        # The first family bounds all others, so it stands at its last release alone.
        bounds += found[family]
    return {name: found[family] for name, family in STEP_FAMILIES.items()}


def assemble(
    measured: At, may: Mapping[str, Sequence[int]], instant: Callable[[int], datetime]
) -> tuple[Value, ...]:
    """The steps as they are shown.

    Args:
        measured: at each of the releases.
        may: the releases that each step may stand at; the first step has one.
        instant: of a release.
    """
    names = list(STEP_FAMILIES)
    steps: list[Value] = []
    for index, name in enumerate(names):
        before = steps[-1].count if steps else None
        of = steps[0].count if steps else None
        found = ((release, measured[release][index]) for release in may[name])
        chosen = _chosen(found, before)
        steps.append(
            _hidden(name)
            if chosen is None or (steps and before is None)
            else _of(chosen[1], of, instant(chosen[0]))
        )
    return tuple(steps)


def bars(steps: Iterable[Value]) -> tuple[Bar, ...]:
    """A bar for each step that is shown."""
    return tuple(
        Bar(label=each.name, low=None, high=None, count=each.count, as_of=each.as_of)
        for each in steps
        if each.count is not None
    )


def _chosen(found: Iterable[tuple[int, Value]], most: int | None) -> tuple[int, Value] | None:
    """The newest that shows no more requests than the step before."""
    for release, value in found:
        if value.count is not None and (most is None or value.count <= most):
            return release, value
    return None


def _of(value: Value, requests: int | None, as_of: datetime) -> Value:
    """A step as a share of the requests that are shown."""
    whole = value.count if requests is None else requests
    share = round((value.count or 0) / whole, DIGITS["share"]) if whole else None
    return value.model_copy(update={"value": share, "of": whole, "as_of": as_of})


def _hidden(name: str) -> Value:
    title = f"{name}, of all requests"
    return Value(name=name, title=title, unit="share", value=None, hidden=True)


def _last(renewed: Sequence[int], bound: int) -> int | None:
    """The last release that is not behind the bound."""
    return max((each for each in renewed if each <= bound), default=None)
