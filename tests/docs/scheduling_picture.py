"""The picture of docs/architecture/scheduling.md: from two persons' hours to their plan, layer by layer.

Drawn from what scheduling itself makes of a story, so that it shows what the code does:

    python -m tests.docs.scheduling_picture
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from pathlib import Path

from services.scheduling.look import mutual, rules_in_force
from shared.events.types import Duration
from shared.intervals import Interval, clip, merge, subtract
from tests.scheduling.history import (
    MENTEE,
    MENTOR,
    PROGRAM,
    History,
    available,
    away,
    opened,
    paired,
    utc,
)

FILE = Path(__file__).parents[2] / "docs" / "images" / "scheduling.svg"
FIRST, DAYS = utc("2026-03-26T00:00"), 12
"""From the Thursday before Berlin's summer time to Easter Monday."""
OPENS, CLOSES = timedelta(hours=10), timedelta(hours=19)
"""What is drawn of a day, in UTC: nobody here has time before or after."""
LEFT, DAY, GAP, TOP, ROW = 240, 57, 4, 92, 34
WIDTH, BOTTOM = LEFT + DAYS * DAY + 24, 62
_SUBTITLE = "each day from 10:00 to 19:00 UTC; windows keep their local time: from 29 March on, Berlin's hours lie one earlier"
_STYLE = """
    text { font-family: system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; font-size: 13px; fill: #1f2a37 }
    .title { font-size: 16px; font-weight: 600 }
    .small { font-size: 11.5px; fill: #46566a }
    .middle { text-anchor: middle }
    .day { fill: #ffffff; stroke: #dbe2ea }
    .mentee { fill: #7aa7ea } .mentor { fill: #b48ae0 } .left { fill: #9fcfb0 }
    .fits { fill: #23804a } .meeting { fill: #b27409 }
    .change { stroke: #66768a; stroke-dasharray: 4 3 }"""


@dataclass(frozen=True)
class Layer:
    """A row of the picture: what it shows, in a few words and in smaller ones, its style, and its times."""

    name: str
    note: str
    style: str
    times: Sequence[Interval]


def story() -> History:
    """Ada and Grace, who meets Bob already, around Easter."""
    history = History(now=utc("2026-03-26T08:00"))
    history.say(PROGRAM, opened(buffer=Duration(clock=30), notice=Duration(clock=60)))
    gone = [away("2026-03-30T00:00", "2026-03-31T00:00")]
    ada = available("08:00", "PT4H", zone="America/New_York", exceptions=gone)
    grace = available("13:00", "PT6H", zone="Europe/Berlin", region="DE")
    bob = available("13:00", "PT1H30M", ("TU", "TH"), zone="Europe/London")
    for person, hours in ((MENTEE, ada), (MENTOR, grace), ("bob", bob)):
        history.say(person, hours)
    pair(history, "c2", "bob", "FREQ=WEEKLY;BYDAY=TU,TH")
    return history


def pair(history: History, cycle: str, mentee: str, cadence: str) -> None:
    """Somebody is paired with Grace."""
    data = paired(mentee, planned_meetings=8, cadence=cadence)
    history.say(cycle, data, source="/mentoring/matching")


def layers(history: History) -> list[Layer]:
    """From what both have stated to where they meet, once they are paired."""
    time = FIRST, FIRST + timedelta(days=DAYS)
    world = history.world
    rules = rules_in_force(world, PROGRAM, world.now)
    assert rules is not None
    found = mutual(world, None, rules, (MENTEE, MENTOR), time)
    buffer = timedelta(minutes=rules.buffer)
    taken = merge((a - buffer, b + buffer) for times in found.taken.values() for a, b in times)
    both = found.hours
    pair(history, "c1", MENTEE, "FREQ=WEEKLY")
    return [
        Layer("Ada's hours", "weekdays 8 to 12 in New York", "mentee", both.one.stated),
        Layer("Grace's hours", "weekdays 13 to 19 in Berlin", "mentor", both.other.stated),
        Layer("what both have stated", "intersection", "left", both.stated),
        Layer("on working days", "Grace keeps Germany's holidays", "left", both.working),
        Layer("neither away nor busy", "Ada is away on 30 March", "left", both.present),
        Layer(
            "beside other meetings",
            "30 min before and after",
            "left",
            subtract(both.present, taken),
        ),
        Layer(
            "an hour fits",
            "in weeks that are not full",
            "fits",
            merge((each.start, each.end) for each in found.openings),
        ),
        Layer("the plan", "weekly, nearest to its rhythm", "meeting", _planned(history)),
    ]


def _planned(history: History) -> list[Interval]:
    rows = [(row.starts_at, row.ends_at) for row in history.standing("c1")]
    return clip(merge(rows), FIRST, FIRST + timedelta(days=DAYS))


# -- drawing --


def picture() -> str:
    """The SVG."""
    rows = layers(story())
    height = TOP + ROW * len(rows) + BOTTOM
    size = f'viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
    words = ". ".join(f"{row.name}: {row.note}" for row in rows)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-labelledby="title desc">',
        '<title id="title">From two persons\' hours to their plan, layer by layer</title>',
        f'<desc id="desc">{escape(words)}.</desc>',
        f"<style>{_STYLE}\n</style>",
        f'<rect x="1" y="1" width="{WIDTH - 2}" height="{height - 2}" rx="14" fill="#f7f9fc" stroke="#b6c2d1"/>',
        '<text class="title" x="24" y="34">From the hours of two to their plan</text>',
        f'<text class="small" x="24" y="54">{_SUBTITLE}</text>',
        *_days(len(rows)),
        *(part for n, row in enumerate(rows) for part in _row(n, row)),
        *_change(len(rows)),
    ]
    return "\n".join(parts) + "\n</svg>\n"


def _days(rows: int) -> Iterator[str]:
    for n in range(DAYS):
        day, x = FIRST + timedelta(days=n), LEFT + n * DAY
        yield f'<text class="small middle" x="{x + (DAY - GAP) / 2:g}" y="{TOP - 8}">{_date(day)}</text>'
        yield (
            f'<rect class="day" x="{x}" y="{TOP}" width="{DAY - GAP}" height="{ROW * rows}" rx="4"/>'
        )


def _date(day: datetime) -> str:
    return f"{day:%a} {day.day}" + (f" {day:%b}" if day.day == 1 or day == FIRST else "")


def _row(n: int, row: Layer) -> Iterator[str]:
    y = TOP + n * ROW
    yield f'<text x="24" y="{y + 16}">{escape(row.name)}</text>'
    yield f'<text class="small" x="24" y="{y + 29}">{escape(row.note)}</text>'
    for day in range(DAYS):
        opens = FIRST + timedelta(days=day) + OPENS
        for start, end in clip(row.times, opens, opens - OPENS + CLOSES):
            x, right = (
                LEFT + day * DAY + (DAY - GAP) * ((each - opens) / (CLOSES - OPENS))
                for each in (start, end)
            )
            yield (
                f'<rect class="{row.style}" x="{x:.1f}" y="{y + 7}" width="{right - x:.1f}" height="{ROW - 14}" rx="2"/>'
            )


def _change(rows: int) -> Iterator[str]:
    """When Berlin's clock leaps."""
    x, bottom = LEFT + 3 * DAY - GAP / 2, TOP + ROW * rows
    yield f'<line class="change" x1="{x:g}" x2="{x:g}" y1="{TOP}" y2="{bottom + 14}"/>'
    yield f'<text class="small middle" x="{x:g}" y="{bottom + 28}">Berlin: summer time</text>'
    easter = LEFT + 10 * DAY
    yield f'<text class="small middle" x="{easter:g}" y="{bottom + 28}">Good Friday, weekend, Easter Monday</text>'


if __name__ == "__main__":
    FILE.write_text(picture())
    sys.stdout.write(f"{FILE}\n")
