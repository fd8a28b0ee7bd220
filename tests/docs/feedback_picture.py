"""The picture of docs/architecture/feedback.md: a pair's reviews, goal and flags, week by week.

Drawn from what feedback itself makes of a story, so that it shows what the code does:

    python -m tests.docs.feedback_picture
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from html import escape
from pathlib import Path
from typing import Any

from services.feedback.goals import progress
from services.feedback.model import CLOSING, Goal, Side
from shared.events.envelope import Event
from tests.feedback.history import (
    MENTEE,
    MENTOR,
    START,
    History,
    a_pair,
    agreed,
    goal,
    hold,
    met,
    miss,
    progressed,
)

FILE = Path(__file__).parents[2] / "docs" / "images" / "feedback.svg"
WEEKS, LEFT, DAY, TOP, ROW = 8, 208, 13.0, 96, 44
WIDTH, HEIGHT = LEFT + WEEKS * 7 * DAY + 24, TOP + 5 * ROW + 52
NAMES = (
    ("Meetings", "held, or missed"),
    ("Ada's reviews", "sealed until the reveal"),
    ("Grace's reviews", "late ones count nowhere"),
    ("Their goal", "measured, not guessed"),
    ("Flags", "for coordinators, with evidence"),
)
_STYLE = """
    text { font-family: system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; font-size: 13px; fill: #1f2a37 }
    .title { font-size: 16px; font-weight: 600 }
    .small { font-size: 11.5px; fill: #46566a }
    .on { font-size: 11.5px; fill: #ffffff }
    .middle { text-anchor: middle }
    .lane { fill: #ffffff; stroke: #dbe2ea }
    .week { stroke: #dbe2ea }
    .held { fill: #23804a } .missed { stroke: #b3372f; stroke-width: 3 }
    .sealed { fill: #46566a } .late { fill: none; stroke: #46566a; stroke-dasharray: 4 3 }
    .reveal { stroke: #3a6fc4; stroke-width: 2 } .shown { fill: #3a6fc4 }
    .goal { fill: none; stroke: #23804a; stroke-width: 2 }
    .flag { fill: #b27409 }
    .end { stroke: #1f2a37; stroke-width: 2 } .closing { fill: #e8edf4 }"""


@dataclass
class Story:
    """What is drawn, in days since the pairing.

    Attributes:
        meetings: when, and whether it was held.
        sealed: of each side, from when to when a review was sealed; `late`: those that nobody else ever sees.
        reveals: when.
        steps: how far the goal was, from when on.
        flags: the rule, from when, until when.
        ended: when, how, and until when closing reviews are taken.
    """

    meetings: list[tuple[float, bool]] = field(default_factory=list)
    sealed: list[tuple[Side, float, float]] = field(default_factory=list)
    late: list[tuple[Side, float]] = field(default_factory=list)
    reveals: list[float] = field(default_factory=list)
    steps: list[tuple[float, float]] = field(default_factory=list)
    flags: list[tuple[str, float, float]] = field(default_factory=list)
    ended: tuple[float, str, float] = (0.0, "", 0.0)


def played() -> tuple[History, list[tuple[float, float]]]:
    """Ada and Grace: Grace forgets a review, two meetings are missed, the goal is reached; how far it was when."""
    history = a_pair(planned=4, review_within="P7D")
    steps: list[tuple[float, float]] = []

    def until(days: float) -> None:
        history.wait(seconds=(START + timedelta(days=days) - history.now).total_seconds())

    def measured(value: float) -> None:
        history.say("c1", progressed(value, as_of=history.now))
        steps.append((_day(history.now), progress(history.row(Goal, "c1", "g1"))))

    until(2)
    for person in (MENTEE, MENTOR):
        history.say("c1", agreed(person, planned=4, goals=(goal("g1", 4),)))
    acts: Mapping[float, Callable[[], object]] = {
        7: lambda: hold(history, 1),
        8: lambda: history.submit("mentee", "m1"),
        10: lambda: history.submit("mentor", "m1"),
        11: lambda: measured(1),
        14: lambda: hold(history, 2),
        15.5: lambda: history.submit("mentee", "m2"),
        23.5: lambda: history.submit("mentor", "m2"),
        25: lambda: measured(2),
        28: lambda: miss(history, 3),
        35: lambda: miss(history, 4),
        40: lambda: hold_again(history),
        41: lambda: history.submit("mentor", "m4b"),
        42: lambda: measured(4),
        43.5: lambda: history.submit("mentee", "m4b"),
        45: lambda: history.submit("mentor", CLOSING),
    }
    for day, act in acts.items():
        until(day)
        act()
    until(52)
    return history, steps


def hold_again(history: History) -> None:
    """What makes up for the fourth meeting is held."""
    history.say("c1", met("m4b", 4, history.now), source="/mentoring/scheduling")


def story() -> Story:
    """What feedback made of it."""
    history, steps = played()
    told, open_flags = Story(steps=steps), dict[str, tuple[str, float]]()
    waiting: dict[tuple[str, Side], float] = {}
    for event in _events(history):
        at = _day(event.time)
        data: Any = event.data
        match event.word:
            case "met" | "missed":
                told.meetings.append((at, event.word == "met"))
            case "submitted":
                _submitted(told, waiting, at, data)
            case "reviewed":
                told.reveals.append(at)
                told.sealed += [
                    (side, waiting.pop((data.meeting, side)), at) for side in data.ratings
                ]
            case "flagged" if data.status == "raised":
                open_flags[data.flag] = (data.rule, at)
            case "flagged":
                told.flags.append((*open_flags.pop(data.flag), at))
            case "concluded":
                told.ended = (at, data.outcome, at + 7)
    return told


def _submitted(told: Story, waiting: dict[tuple[str, Side], float], at: float, data: Any) -> None:
    if len(told.reveals) >= 2 and data.meeting == "m2":
        told.late.append((data.side, at))
    elif data.meeting != CLOSING:
        waiting[data.meeting, data.side] = at


def _events(history: History) -> Iterator[Event]:
    """Inputs and answers, in the log's order."""
    for entry, answers in history.log:
        event = history.fold.read(entry)
        assert isinstance(event, Event)
        yield event
        yield from answers


def _day(at: datetime) -> float:
    return (at - START) / timedelta(days=1)


# -- drawing --


def picture() -> str:
    """The SVG."""
    told = story()
    size = f'viewBox="0 0 {WIDTH:g} {HEIGHT}" width="{WIDTH:g}" height="{HEIGHT}"'
    words = ". ".join(f"{name}: {note}" for name, note in NAMES)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-labelledby="title desc">',
        '<title id="title">The reviews, the goal and the flags of a pair, week by week</title>',
        f'<desc id="desc">{escape(words)}.</desc>',
        f"<style>{_STYLE}\n</style>",
        f'<rect x="1" y="1" width="{WIDTH - 2:g}" height="{HEIGHT - 2}" rx="14" fill="#f7f9fc" stroke="#b6c2d1"/>',
        '<text class="title" x="24" y="34">A pair in feedback, from its pairing to its end</text>',
        f'<text class="small" x="24" y="54">{_SUBTITLE}</text>',
        *_lanes(told),
        *_meetings(told),
        *_reviews(told),
        *_goal(told),
        *_flags(told),
        *_end(told),
    ]
    return "\n".join(parts) + "\n</svg>\n"


_SUBTITLE = (
    "grey: sealed, nobody reads it; blue lines: the reveal, when both are in or the deadline passes"
)


def _x(day: float) -> float:
    return LEFT + day * DAY


def _y(row: int) -> int:
    return TOP + row * ROW


def _text(x: float, y: float, words: str, style: str) -> str:
    return f'<text class="{style}" x="{x:.1f}" y="{y:g}">{escape(words)}</text>'


def _bar(style: str, row: int, start: float, end: float, inset: int = 11) -> str:
    x, width, height = _x(start), _x(end) - _x(start), ROW - 2 * inset
    return f'<rect class="{style}" x="{x:.1f}" y="{_y(row) + inset}" width="{width:.1f}" height="{height}" rx="3"/>'


def _line(style: str, x: float, top: float, bottom: float) -> str:
    return f'<line class="{style}" x1="{x:.1f}" x2="{x:.1f}" y1="{top:g}" y2="{bottom:g}"/>'


def _lanes(told: Story) -> Iterator[str]:
    for row, (name, note) in enumerate(NAMES):
        yield _text(24, _y(row) + 19, name, "")
        yield _text(24, _y(row) + 34, note, "small")
        width = WEEKS * 7 * DAY
        yield f'<rect class="lane" x="{LEFT}" y="{_y(row) + 2}" width="{width:g}" height="{ROW - 4}" rx="4"/>'
    at, _, until = told.ended
    yield from (_bar("closing", row, at, until, 3) for row in (1, 2))
    for week in range(WEEKS):
        yield _text(_x(week * 7 + 3.5), TOP - 8, f"week {week + 1}", "small middle")
        if week:
            yield _line("week", _x(week * 7), TOP, _y(len(NAMES)))


def _meetings(told: Story) -> Iterator[str]:
    y = _y(0) + ROW / 2
    for day, held in told.meetings:
        x = _x(day)
        if held:
            yield f'<circle class="held" cx="{x:.1f}" cy="{y:g}" r="8"/>'
        else:
            for lean in (-1, 1):
                ends = (
                    f'x1="{x - 7:.1f}" x2="{x + 7:.1f}" y1="{y - 7 * lean:g}" y2="{y + 7 * lean:g}"'
                )
                yield f'<line class="missed" {ends}/>'


def _reviews(told: Story) -> Iterator[str]:
    rows = {"mentee": 1, "mentor": 2}
    for side, start, end in told.sealed:
        yield _bar("sealed", rows[side], start, end)
        y = _y(rows[side]) + ROW / 2
        yield f'<circle class="shown" cx="{_x(end):.1f}" cy="{y:g}" r="6"/>'
    for side, start in told.late:
        yield _bar("late", rows[side], start, start + 4)
        yield _text(_x(start + 2), _y(rows[side]) + 26, "late", "small middle")
    for day in told.reveals:
        yield _line("reveal", _x(day), _y(1) + 3, _y(3) - 3)


def _goal(told: Story) -> Iterator[str]:
    high = ROW - 16
    points = [(told.meetings[0][0] - 5, 0.0)]
    for day, share in told.steps:
        points += [(day, points[-1][1]), (day, share)]
    points.append((told.ended[0], points[-1][1]))
    path = " ".join(f"{_x(day):.1f},{_y(3) + 8 + high * (1 - share):.1f}" for day, share in points)
    yield f'<polyline class="goal" points="{path}"/>'
    for day, share in told.steps:
        up = -3 if share < 1 else 9
        y = _y(3) + 8 + high * (1 - share) + up
        yield _text(_x(day) - 34, y, f"{share:.0%}", "small")


def _flags(told: Story) -> Iterator[str]:
    for rule, start, end in told.flags:
        yield _bar("flag", 4, start, end)
        yield _text(_x((start + end) / 2), _y(4) + 26, rule.replace("_", " "), "on middle")


def _end(told: Story) -> Iterator[str]:
    at, outcome, until = told.ended
    bottom = _y(len(NAMES))
    yield _line("end", _x(at), TOP, bottom + 16)
    yield _text(_x(at), bottom + 32, f"concluded: {outcome.replace('_', ' ')}", "small middle")
    yield _text(_x((at + until) / 2), _y(1) + ROW, "closing reviews", "small middle")


if __name__ == "__main__":
    FILE.write_text(picture())
    sys.stdout.write(f"{FILE}\n")
