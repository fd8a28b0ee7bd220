"""One meeting for people: presence as strips, what it comes to, how the meeting came to stand so; and for programs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from services.cli.schedule.clock import Clock, clock_of, lasting
from services.cli.schedule.plain import plain
from services.cli.schedule.reading import Found
from services.cli.schedule.skills import in_words as skills_in_words
from services.cli.schedule.strip import Ink, cells_of, drawn
from services.cli.schedule.wording import changes, coded, purpose, standing
from services.cli.sections import indented, title
from services.scheduling.contradictions import contradictions
from services.scheduling.detail_view import meeting_detail
from services.scheduling.evidence import COUNTED, presence, times_by_source, together, weigh
from services.scheduling.model import SIDES, Confirmed, EvidenceRule, Meeting
from services.scheduling.sentences import contradiction_sentence
from shared.intervals import Interval, minutes

_MINUTE = timedelta(minutes=1)
_BESIDE = 5 * _MINUTE
"""Shown before what comes first, and after what comes last."""
_COUNTS = ((100, 60), (72, 30), (0, 20))
"""From so many columns on, strips of so many characters."""
_PLANNED, _SAID, _UNCOUNTED = Ink("▬", "dim"), Ink("█", "cyan"), Ink("▒", "dim")
_THERE, _BOTH = Ink("█", "green"), Ink("█", "bold green")
_RULES: dict[EvidenceRule, str] = {
    "system": "only the conference system's word counts",
    "both": "each side speaks for itself; the conference system and the coordinator for both",
    "one": "anybody's word counts, for either side",
}


def plain_meeting(found: Found, row: Meeting, clock: Clock) -> dict[str, Any]:
    """For programs: what the meeting's HTTP query answers."""
    return plain(found, meeting_detail(row, clock.name))


def show(found: Found, row: Meeting, clock: Clock, width: int) -> Group:
    """For people, on a terminal of this width."""
    return Group(*_sections(found, row, clock, width))


def _sections(found: Found, row: Meeting, clock: Clock, width: int) -> Iterator[RenderableType]:
    yield _head(found, row, clock)
    yield title(f"When ({row.uid}, sequence {row.sequence})")
    yield indented(_when(found, row, clock))
    yield title(f"Who was there, and who says so ({clock.name})")
    if row.evidence:
        yield indented(_presence(row, clock, next(n for least, n in _COUNTS if width >= least)))
    for line in _proof(row, clock):
        yield indented(Text(line))
    if disagree := contradictions(row):
        yield title("Where sources contradict each other: it is shown, and decides nothing")
        yield from (indented(Text(contradiction_sentence(each), "yellow")) for each in disagree)
    if row.history:
        yield title(f"How it came to stand so ({clock.name})")
        yield indented(_history(row, clock))


def _head(found: Found, row: Meeting, clock: Clock) -> Text:
    state = standing(row, clock)
    text = Text(f"{found.program}/{row.cycle}: {purpose(row)}, ", "bold")
    text.append(state.words, f"{state.style} bold").append("\n")
    facts = [f"mentee {row.mentee}", f"mentor {row.mentor}", row.format]
    if row.skills:
        facts.append(f"on {skills_in_words(row.skills, found.vocabulary)}")
    if row.replaces:
        facts.append(f"makes up for {row.replaces}")
    return text.append(f"{'; '.join(facts)}; as of sequence {found.position}", "not bold dim")


def _when(found: Found, row: Meeting, clock: Clock) -> Table:
    """On each clock that matters, with the minutes outside fair hours of whose it is."""
    table = Table.grid(padding=(0, 2))
    spent = {"mentee": row.outside_mentee, "mentor": row.outside_mentor}
    zones = dict(zip(SIDES, map(found.zone, (row.mentee, row.mentor)), strict=True))
    if clock.name not in zones.values():
        table.add_row("", clock.name, clock.span(row.starts_at, row.ends_at))
    for side, zone in zones.items():
        span = clock_of(zone).span(row.starts_at, row.ends_at)
        table.add_row(side, zone, span)
        if outside := spent[side]:
            told = f"{lasting(outside * _MINUTE)} of it outside 08:00–18:00"
            table.add_row("", "", Text(told, "yellow"))
    return table


# -- presence --


def _presence(row: Meeting, clock: Clock, count: int) -> Table:
    """A strip for what was planned, for each source about each person, for each person, and for both."""
    about = _hull(row)
    cells = cells_of(*about, count)
    table = Table.grid(padding=(0, 2))
    table.add_row("", "", Text(_edges(about, clock, count), "dim"), " ")
    if row.planned:
        strip = drawn(cells, {_PLANNED: [(row.starts_at, row.ends_at)]}, about)
        table.add_row("planned", "", strip, " ")
    for side, person in zip(SIDES, (row.mentee, row.mentor), strict=True):
        for source, times in times_by_source(row, person).items():
            counts = source in COUNTED[row.proof.rule]
            strip = drawn(cells, {_SAID if counts else _UNCOUNTED: times}, about)
            words = _length(times)
            table.add_row(side, coded(source), strip, words if counts else f"{words}, not counted")
        times = presence(row, person)
        table.add_row(Text(side, "bold"), "", drawn(cells, {_THERE: times}, about), _length(times))
    both = together(row)
    table.add_row(Text("both", "bold"), "", drawn(cells, {_BOTH: both}, about), _length(both))
    return table


def _length(times: Sequence[Interval]) -> str:
    return lasting(minutes(times) * _MINUTE)


def _hull(row: Meeting) -> Interval:
    """From the first to the last of what was planned and said, and some minutes more."""
    times = [
        each
        for person in (row.mentee, row.mentor)
        for said in times_by_source(row, person).values()
        for each in said
    ]
    starts, ends = zip(*[*times, (row.starts_at, row.ends_at)], strict=True)
    return min(starts) - _BESIDE, max(ends) + _BESIDE


def _edges(about: Interval, clock: Clock, count: int) -> str:
    first, last = map(clock.time, about)
    days = (clock.day(about[1]) - clock.day(about[0])).days
    last = f"{last} {days:+d} d" if days else last
    return f"{first}{last:>{count - len(first)}}"


def _proof(row: Meeting, clock: Clock) -> Iterator[str]:
    found = weigh(row)
    yield f"{row.proof.overlap_min} min together prove it, and {_RULES[row.proof.rule]}."
    if not row.evidence:
        yield "Nobody has said anything so far."
    elif found.suffices:
        yield f"{lasting(found.overlap * _MINUTE)} are shown: that suffices."
    elif found.absent:
        yield f"Nothing that counts shows {' or '.join(found.absent)} there."
    else:
        yield f"{lasting(found.overlap * _MINUTE)} are shown: that does not suffice."
    if isinstance(row.state, Confirmed):
        yield f"The verdict falls on {clock.moment(row.state.verdict_at)} at the latest."


# -- history --


def _history(row: Meeting, clock: Clock) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for name in ("sequence", "said", "starts", "why"):
        table.add_column(name)
    for each, words in changes(row):
        said, starts = clock.moment(each.at), clock.moment(each.starts_at)
        table.add_row(str(each.sequence), said, starts, words)
    return table
