"""What scheduling's API shows of persons' time: a person's hours, and what two have free together."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from services.scheduling.detail_view import SpanView, spans
from services.scheduling.examples import HOURS, SLOTS
from services.scheduling.look import Mutual, Own
from services.scheduling.model import Person
from services.scheduling.sentences import gap_sentence
from services.scheduling.slots import Opening
from services.scheduling.views import Shown, on_clock, shown_as
from shared.intervals import Interval


class HoursView(Shown):
    """A person's time."""

    model_config = shown_as(HOURS)

    person: str
    stated: bool = Field(description="Whether the person has said when there is time.")
    zone: str = Field(description="Whose clock the times are told on.")
    own_zone: str | None = Field(
        default=None, description="The person's; absent when none was stated."
    )
    region: str | None = Field(
        default=None, description="Where the person's public holidays are those of."
    )
    since: datetime = Field(serialization_alias="from", description="Begin of the time shown.")
    until: datetime = Field(serialization_alias="to", description="Its end.")
    hours: list[SpanView] = Field(
        description="Stated hours without public holidays and absences, meetings included."
    )
    meetings: list[SpanView] = Field(description="Taken by meetings.")
    free: list[SpanView] = Field(description="The hours without the meetings.")


class StartView(Shown):
    """When the earliest meeting in an opening would start for a person."""

    person: str
    zone: str = Field(description="The person's own.")
    starts_at: datetime = Field(description="On that clock.")
    outside: int = Field(description="Minutes of it outside 08:00 to 18:00 on that clock.")


class OpeningView(Shown):
    """A time in which both are free for a meeting of the length."""

    starts_at: datetime
    ends_at: datetime
    first: datetime = Field(
        description="The earliest start, on a quarter of an hour where there is room."
    )
    clocks: list[StartView] = Field(description="That start for each of the two.")


class SlotsView(Shown):
    """What two persons have free together, as the planner sees it: buffers and the weekly limit count."""

    model_config = shown_as(SLOTS)

    zone: str = Field(description="Whose clock the times are told on.")
    since: datetime = Field(serialization_alias="from", description="Begin of the time searched.")
    until: datetime = Field(serialization_alias="to", description="Its end.")
    cycle: str | None = Field(
        default=None, description="The running cycle that the two have together."
    )
    rules: str = Field(description="Version of the rules that were asked.")
    length: int = Field(description="Minutes of the meeting.")
    openings: list[OpeningView] = Field(description="In order of time.")
    more: bool = Field(description="There are more: ask again from the end of the last one.")
    constraint: str | None = Field(
        default=None, description="What leaves no room; absent where there is some."
    )
    sentence: str | None = Field(default=None, description="The constraint in words.")


def hours_view(person: Person, own: Own, time: Interval, zone: str) -> HoursView:
    """A person's time on the clock of `zone`."""
    return HoursView(
        person=person.person,
        stated=person.stated,
        zone=zone,
        own_zone=person.zone if person.stated else None,
        region=person.region,
        since=on_clock(time[0], zone),
        until=on_clock(time[1], zone),
        hours=spans(own.hours.present, zone),
        meetings=spans(own.taken, zone),
        free=spans(own.free, zone),
    )


def slots_view(found: Mutual, time: Interval, limit: int, zone: str) -> SlotsView:
    """The first `limit` openings of two persons on the clock of `zone`."""
    return SlotsView(
        zone=zone,
        since=on_clock(time[0], zone),
        until=on_clock(time[1], zone),
        cycle=found.cycle.cycle if found.cycle else None,
        rules=found.rules.version,
        length=int(found.length.total_seconds()) // 60,
        openings=[_opening(found, each, zone) for each in found.openings[:limit]],
        more=len(found.openings) > limit,
        constraint=found.constraint,
        sentence=gap_sentence(found.constraint) if found.constraint else None,
    )


def _opening(found: Mutual, one: Opening, zone: str) -> OpeningView:
    pair = zip((found.one, found.other), one.outside, strict=True)
    return OpeningView(
        starts_at=on_clock(one.start, zone),
        ends_at=on_clock(one.end, zone),
        first=on_clock(one.first, zone),
        clocks=[_start(person, one.first, outside) for person, outside in pair],
    )


def _start(person: Person, at: datetime, outside: int) -> StartView:
    starts_at = on_clock(at, person.zone)
    return StartView(person=person.person, zone=person.zone, starts_at=starts_at, outside=outside)
