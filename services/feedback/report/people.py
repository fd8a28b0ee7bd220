"""Who asked for what, and in which group: requests with their cycles, cohorts, zones and weekly hours."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from services.feedback.report.columns import Ints, Requests, Rows
from services.feedback.report.groups import UNSTATED, hours_groups, zone_group
from services.feedback.report.notes import EPOCH, Notes

_SEATS = 1_000_001


@dataclass(frozen=True, slots=True)
class Settled:
    """What is left when rejected events and copies are out."""

    requests: Requests
    request_of: Ints
    asked: Rows
    offered: Rows
    gone: Rows
    held_offers: Rows


def settle(notes: Notes, rejected: Iterable[int], zone: str) -> Settled:
    """Leave out what was rejected, and say whose request every cycle belongs to.

    Args:
        notes: of the whole log.
        rejected: sequences of the events that their judge rejected.
        zone: the program's, in which months are counted.
    """
    refused = np.fromiter(rejected, dtype=np.int64)
    asked = _firsts(_standing(_once(notes.asked.rows()), refused), "cycle")
    request_of = _requests_of(asked, len(notes.cycles))
    asked, request_of = _numbered(asked, request_of)
    stated = _standing(_once(notes.stated.rows()), refused)
    first = _firsts(asked, "request")
    first = first[np.argsort(first["request"], kind="stable")]
    zones, hours = _at_request(first, stated)
    offsets = np.array([*(zone_group(name) for name in notes.zones), UNSTATED], np.int64)
    cohort, cohorts = _months(first["at"], zone)
    requests = Requests(
        seen=first["seen"].astype(np.int64),
        at=first["at"].astype(np.int64),
        mentee=first["mentee"].astype(np.int64),
        cohort=cohort,
        zone=offsets[zones],
        hours=hours,
        cohorts=cohorts,
    )
    offered = _standing(_once(notes.offered.rows()), refused)
    gone = _standing(_once(notes.gone.rows()), refused)
    held = _standing(notes.held_offers.rows(), refused)
    return Settled(requests, request_of, asked, offered, gone, held)


def _standing(rows: Rows, refused: Ints) -> Rows:
    return rows[~np.isin(rows["seq"], refused)] if len(refused) else rows


def _once(rows: Rows) -> Rows:
    """The first of each event and its copies: a copy of one that was rejected is none either."""
    return _firsts(rows, "key")


def _firsts(rows: Rows, field: str) -> Rows:
    """The first row of each value, in the order of the log."""
    _, first = np.unique(rows[field], return_index=True)
    return rows[np.sort(first)]


def _requests_of(asked: Rows, cycles: int) -> Ints:
    """A cycle that continues another belongs to the request of that one."""
    request_of = np.full(cycles, -1, np.int64)
    for cycle, continues, request in zip(
        asked["cycle"].tolist(), asked["continues"].tolist(), asked["request"].tolist(), strict=True
    ):
        before = request_of[continues] if continues >= 0 else -1
        request_of[cycle] = request if before < 0 else before
    return request_of


def _numbered(asked: Rows, request_of: Ints) -> tuple[Rows, Ints]:
    """Requests that somebody made, numbered from 0; seats as an index over all of them."""
    made = request_of >= 0
    request_of[made] = np.unique(request_of[made], return_inverse=True)[1]
    asked = asked.copy()
    asked["request"] = request_of[asked["cycle"]]
    places = asked["request"].astype(np.int64) * _SEATS + asked["seat"]
    asked["seat"] = np.unique(places, return_inverse=True)[1]
    return asked, request_of


def _at_request(first: Rows, stated: Rows) -> tuple[Ints, Ints]:
    """Zone and group of weekly hours by the mentee's last statement before the request; -1 and UNSTATED without."""
    order = np.lexsort((stated["seq"], stated["person"]))
    stated = stated[order]
    place = _place(stated, "person")
    found = np.searchsorted(place, _place(first, "mentee")) - 1
    said = found >= 0
    if len(stated):
        said &= stated["person"][found] == first["mentee"]
        minutes = np.where(said, stated["minutes"][found], 0)
        zones = np.where(said, stated["zone"][found], -1)
    else:
        minutes = zones = np.full(len(first), -1)
    return zones.astype(np.int64), hours_groups(minutes)


def _place(rows: Rows, person: str) -> Ints:
    """Person and position as one number that orders as both do."""
    return np.asarray(rows[person], np.int64) * (1 << 40) + np.asarray(rows["seq"], np.int64)


def _months(instants: Ints, zone: str) -> tuple[Ints, tuple[str, ...]]:
    """The month of each instant on the clock of a zone, as an index from the first one on."""
    here = ZoneInfo(zone)
    months = [_month(EPOCH + timedelta(microseconds=each), here) for each in instants.tolist()]
    if not months:
        return np.zeros(0, np.int64), ()
    least = min(months)
    labels = tuple(f"{each // 12:04}-{each % 12 + 1:02}" for each in range(least, max(months) + 1))
    return np.array(months, np.int64) - least, labels


def _month(instant: datetime, zone: ZoneInfo) -> int:
    local = instant.astimezone(zone)
    return local.year * 12 + local.month - 1
