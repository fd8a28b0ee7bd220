"""Every contract by word and version."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from shared.events import feedback, matching, outside, scheduling, system
from shared.events.base import EventData

NEWEST: tuple[type[EventData], ...] = (
    outside.Requested,
    matching.Paired,
    scheduling.Met,
    feedback.Reviewed,
    feedback.Concluded,
    outside.Opened,
    outside.Offered,
    outside.Available,
    outside.Preferred,
    outside.Left,
    matching.Proposed,
    outside.Accepted,
    outside.Declined,
    matching.Lapsed,
    outside.Assigned,
    outside.Withdrawn,
    matching.Unmatched,
    matching.Planned,
    matching.Tallied,
    outside.Agreed,
    scheduling.Scheduled,
    scheduling.Unplaced,
    outside.Moved,
    outside.Cancelled,
    scheduling.Reminded,
    outside.Attended,
    scheduling.Missed,
    outside.Submitted,
    outside.Progressed,
    outside.Noted,
    feedback.Flagged,
    system.Due,
    system.Rejected,
    system.Parked,
    system.Redriven,
    system.Discarded,
    outside.Erased,
    outside.Revoked,
    outside.Volunteered,
)
OLDER: tuple[type[EventData], ...] = ()
"""Models of superseded majors; their data is upcast on read."""

CATALOG: Mapping[str, type[EventData]] = MappingProxyType({model.WORD: model for model in NEWEST})
"""Word to the newest model, the five words of the lifecycle first."""

_BY_TYPE = MappingProxyType({(model.WORD, model.VERSION): model for model in (*OLDER, *NEWEST)})


def contract(word: str, version: int) -> type[EventData]:
    """Return the model of a word's major version; KeyError when there is none."""
    return _BY_TYPE[word, version]


def contracts() -> tuple[type[EventData], ...]:
    """Return every model, older majors first."""
    return (*OLDER, *NEWEST)
