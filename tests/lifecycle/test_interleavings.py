"""Any legal and illegal interleaving of the lifecycle, over the real folds of the three services."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from services.feedback.sealing import Contents, Place
from services.matching.model import Cycle, Mentor
from services.scheduling.meetings import bookings
from services.scheduling.model import Booking, Meeting
from shared.entry import Entry
from shared.events import outside, people
from shared.events.envelope import Event, EventData, InvalidEvent
from shared.events.matching import Proposed
from shared.events.pair import AgreedGoal
from shared.events.types import Duration
from tests.lifecycle.memory import System

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
ENDS = date(2026, 6, 30)
PROGRAM = "acme"
MENTEES, MENTORS = ("a1", "a2", "a3"), ("m1", "m2")
CYCLES = ("c1", "c2", "c3", "c4", "c5")
GOAL = AgreedGoal(id="g", kind="long_term", baseline=0, target=2, unit="u", target_on=ENDS)
MILESTONE = GOAL.model_copy(update={"id": "g1", "kind": "milestone", "of": "g"})
WINDOWS = (
    people.WeeklyWindow(byday=("MO", "WE"), start="09:00", duration=Duration(clock=180)),
    people.WeeklyWindow(byday=("MO", "TH"), start="10:00", duration=Duration(clock=240)),
)


@dataclass
class Actors:
    """People and systems who say whatever they like, in any order."""

    random: Random
    system: System = field(default_factory=System)
    now: datetime = START
    said: list[Event] = field(default_factory=list)

    def pick(self, *options: Any) -> Any:
        """One of these."""
        return self.random.choice(options)

    def say(self, key: str, data: EventData, source: str = "urn:hr") -> None:
        """Publish; now and then with a time far off, which must win nothing."""
        time = self.now + timedelta(days=self.pick(0, 0, 0, 0, -400, 700))
        number = uuid.UUID(int=len(self.said) + 1)
        event = Event(str(number), source, PROGRAM, key, time, data)
        self.said.append(event)
        self.system.publish(event)

    # -- what they may do --

    def open(self) -> None:
        data = outside.Opened(
            rules=self.pick("r1", "r2"),
            effective_at=START,
            starts_on=date(2026, 3, 1),
            ends_on=ENDS,
            zone="Europe/Berlin",
            acceptance=self.pick("none", "none", "mentor", "both"),
            on_mentor_left=self.pick("rematch", "conclude"),
            capacity=self.pick(1, 2),
            planned_meetings=2,
            request_expires=Duration(30),
            hard=(),
        )
        self.say(PROGRAM, data)

    def offer(self) -> None:
        mentor = self.pick(*MENTORS, "a1")
        data = outside.Offered(
            capacity=self.pick(0, 1, 2, 2),
            accepts_new=self.pick(True, True, False),
            skills=(people.OfferedSkill(id="python"),),
            industry="J",
            seniority=8,
            languages=("en",),
            formats=("video",),
            team=f"team-{mentor}",
        )
        self.say(mentor, data)

    def available(self) -> None:
        data = outside.Available(
            zone=self.pick("Europe/Berlin", "Asia/Tokyo"), weekly=(self.pick(*WINDOWS),)
        )
        self.say(self.pick(*MENTEES, *MENTORS), data)

    def request(self) -> None:
        mentee = self.pick(*MENTEES)
        data = outside.Requested(
            mentee=mentee,
            request=self.pick(f"r-{mentee}", f"r-{mentee}", "shared"),
            seat=self.pick(1, 1, 2),
            wanted_skills=("python",),
            industry="J",
            seniority=2,
            languages=("en",),
            formats=("video",),
            team=self.pick("t1", "t2"),
        )
        self.say(self.pick(*CYCLES), data)

    def answer_proposal(self) -> None:
        offers = self.system.events("proposed")
        if offers:
            offer = self.pick(*offers[-6:])
            assert isinstance(offer.data, Proposed)
            kind = self.pick(outside.Accepted, outside.Accepted, outside.Declined)
            by = self.pick(offer.data.to, offer.data.mentor, "nobody")
            self.say(offer.key, kind(proposal=offer.data.proposal, by=by))

    def assign(self) -> None:
        overrides = self.pick((), ("language",))
        data = outside.Assigned(
            mentor=self.pick(*MENTORS, "nobody"), by="boss", overrides=overrides
        )
        self.say(self.pick(*CYCLES), data)

    def withdraw(self) -> None:
        role = self.pick("mentee", "mentor", "coordinator")
        by = self.pick(*MENTEES, *MENTORS)
        self.say(
            self.pick(*CYCLES), outside.Withdrawn(by=by, role=role, rematch=self.pick(True, False))
        )

    def leave(self) -> None:
        ahead = timedelta(days=self.pick(0, 20))
        data = outside.Left(roles=(self.pick("mentee", "mentor"),), effective_at=self.now + ahead)
        self.say(self.pick(*MENTEES, *MENTORS), data)

    def agree(self) -> None:
        pair = self._pair()
        if pair:
            data = outside.Agreed(
                terms=self.pick("t1", "t2"),
                by=self.pick(pair.data.mentee, pair.data.mentor, "nobody"),
                planned_meetings=self.pick(2, 3),
                cadence="FREQ=WEEKLY",
                length=Duration(clock=60),
                format="video",
                language="en",
                goals=self.pick((), (GOAL,), (GOAL, MILESTONE)),
                confidentiality=self.pick("standard", "private"),
            )
            self.say(pair.key, data)

    def attend(self) -> None:
        meeting = self._meeting()
        if meeting:
            who = self.pick(meeting.data.mentee, meeting.data.mentor)
            start = meeting.data.starts_at
            data = outside.Attended(
                meeting=self.pick(meeting.data.meeting, meeting.data.meeting, "unplanned"),
                person=who,
                joined_at=start,
                left_at=start + timedelta(minutes=self.pick(5, 60)),
                source=self.pick("conference", "self", "other_side"),
            )
            self.now = (
                max(self.now, start + timedelta(hours=1)) if self.pick(True, False) else self.now
            )
            self.say(meeting.key, data)

    def change_meeting(self) -> None:
        meeting = self._meeting()
        if meeting:
            seen = {
                "meeting": meeting.data.meeting,
                "sequence": meeting.data.sequence,
                "by": meeting.data.mentee,
            }
            self.say(meeting.key, self.pick(outside.Moved, outside.Cancelled)(**seen))

    def review(self) -> None:
        meeting = self._meeting()
        if meeting:
            side = self.pick("mentee", "mentor")
            about = self.pick(meeting.data.meeting, "closing")
            form = f"standard-{side}"
            place = Place(PROGRAM, meeting.key, "review", about, side, form)
            people = (meeting.data.mentee, meeting.data.mentor)
            sealed = self._sealed(place, *(people if side == "mentee" else people[::-1]))
            data = outside.Submitted(meeting=about, side=side, form=form, sealed=sealed)
            self.say(meeting.key, data, "/mentoring/api")

    def _sealed(self, place: Place, author: str, subject: str) -> str:
        """A review sealed for its place; bytes that are none when a key is gone, and now and then otherwise."""
        keys = self.system.ring.keys
        if None in (keys.get(author, b""), keys.get(subject, b"")) or self.pick(*range(8)) == 0:
            return "AAAA"
        rated = {"usefulness": self.pick(1, 3, 5, 9), "listening": self.pick(1, 5)}
        return self.system.ring.seal(author, subject, place, Contents(rated))

    def progress(self) -> None:
        pair = self._pair()
        if pair:
            by, value = self.pick(pair.data.mentee, "nobody"), self.pick(0.0, 1.0, 2.0)
            at = self.now + timedelta(days=self.pick(-1, -1, 0, 1))
            data = outside.Progressed(goal="g", value=value, unit="u", as_of=at, by=by)
            self.say(pair.key, data)

    def note(self) -> None:
        pair = self._pair()
        if pair:
            by, name = self.pick(pair.data.mentee, pair.data.mentor), self.pick("n1", "n2")
            place = Place(PROGRAM, pair.key, "note", name, by, "action_item")
            sealed, goal = self._sealed(place, by, by), self.pick(None, "g", "nothing")
            data = outside.Noted(note=name, kind="action_item", by=by, sealed=sealed, goal=goal)
            self.say(pair.key, data, "/mentoring/api")

    def volunteer(self) -> None:
        data = outside.Volunteered(willing=self.pick(True, False))
        self.say(self.pick(*MENTEES, "nobody"), data, "/mentoring/api")

    def erase(self) -> None:
        person = self.pick(*MENTEES, *MENTORS)
        self.say(person, outside.Erased(person=person, effective_at=self.now), "/mentoring/api")

    # -- what the world does --

    def repeat(self) -> None:
        """A publisher's retry beyond the server's window."""
        if self.said:
            self.system.publish(self.pick(*self.said))

    def poison(self) -> None:
        """Bytes that are no event, on a subject of the lifecycle."""
        body = self.pick(b"\x00\xff", b"[]", b'{"specversion":"1.0"}')
        word = self.pick("requested", "attended", "submitted", "nonsense")
        seq = len(self.system.log) + 1
        self.system.log.append(Entry(seq, f"mentoring.{PROGRAM}.{word}.{self.pick(*CYCLES)}", body))

    def ring(self) -> None:
        """Some timer fires: early, late, or twice."""
        if self.system.timers:
            place = self.pick(*sorted(self.system.timers))
            self.now = max(self.now, min(self.system.timers[place].at, START + timedelta(days=150)))
            self.system.fire(place)

    def pass_days(self) -> None:
        """Days pass, and what falls due fires in order."""
        self.now += timedelta(days=self.pick(1, 7, 21))
        self.system.wait(self.now)

    def step(self) -> None:
        """One service folds some inputs while the others stand still."""
        name = self.pick(*self.system.foldings)
        for _ in range(self.pick(1, 3, 20)):
            self.system.step(name)

    def _pair(self) -> Any:
        """Some pair's event, whose data the type checker need not know."""
        pairs = self.system.events("paired")
        return self.pick(*pairs) if pairs else None

    def _meeting(self) -> Any:
        meetings = self.system.events("scheduled")
        return self.pick(*meetings[-8:]) if meetings else None


ACTIONS: tuple[Callable[[Actors], None], ...] = (
    Actors.open,
    Actors.offer,
    Actors.offer,
    Actors.available,
    Actors.available,
    Actors.request,
    Actors.request,
    Actors.request,
    Actors.answer_proposal,
    Actors.answer_proposal,
    Actors.assign,
    Actors.withdraw,
    Actors.leave,
    Actors.agree,
    Actors.attend,
    Actors.attend,
    Actors.attend,
    Actors.change_meeting,
    Actors.review,
    Actors.review,
    Actors.progress,
    Actors.note,
    Actors.volunteer,
    Actors.erase,
    Actors.repeat,
    Actors.poison,
    Actors.ring,
    Actors.pass_days,
    Actors.pass_days,
    *(Actors.step,) * 8,
)
"""What may happen next; what stands there twice happens twice as often."""


def play(seed: int, steps: int, *, begun: bool) -> System:
    """Let the actors act, then let everything settle and every deadline pass."""
    actors = Actors(Random(seed))
    if begun:
        actors.open()
        for _ in range(6):
            actors.offer()
            actors.available()
        actors.system.settle()
    for _ in range(steps):
        actors.pick(*ACTIONS)(actors)
        _check_capacity(actors.system)
        _check_bookings(actors.system)
    actors.system.settle()
    actors.system.wait(datetime(2031, 1, 1, tzinfo=UTC))
    actors.system.settle()
    note("\n".join(f"{e.seq} {e.subject} {e.said_by or ''}" for e in actors.system.log))
    return actors.system


def _check_capacity(system: System) -> None:
    """What matching counts is what is true, and beyond its limit nobody is paired but by a coordinator."""
    held = Counter(
        cycle.mentor for cycle in system.rows("matching", Cycle) if cycle.mentor and cycle.live
    )
    for mentor in system.rows("matching", Mentor):
        assert mentor.load == held[mentor.mentor]


def _check_bookings(system: System) -> None:
    """Nobody is in two meetings at once, and bookings are what the meetings ask for."""
    taken = sorted(system.rows("scheduling", Booking), key=lambda row: (row.person, row.starts_at))
    for one, other in pairwise(taken):
        assert one.person != other.person or one.ends_at <= other.starts_at, (one, other)
    asked = [bookings(meeting) for meeting in system.rows("scheduling", Meeting)]
    assert set(taken) == set[Booking]().union(*asked)


def _check_whole(system: System) -> None:
    _check_bookings(system)
    _check_conclusions(system)
    _check_order(system)
    ids = Counter(event_id(entry) for entry in system.log if entry.said_by)
    assert [each for each, count in ids.items() if count > 1] == []
    raised = [letter for letter in system.letters() if letter.kind == "parked"]
    assert raised == []
    for name, folding in system.foldings.items():
        rebuilt = system.rebuilt(name)
        assert list(folding.world.rows()) == list(rebuilt.world.rows())
        assert folding.digest() == rebuilt.digest()


def event_id(entry: Entry) -> str:
    """The event's id, without decoding."""
    return entry.body.split(b'"id":"', 1)[1][:36].decode()


def _check_conclusions(system: System) -> None:
    """Every cycle that was taken up ends in exactly one `concluded`, and no request has two open cycles."""
    concluded = Counter(event.key for event in system.events("concluded"))
    assert [cycle for cycle, count in concluded.items() if count > 1] == []
    taken = {cycle.cycle for cycle in system.rows("matching", Cycle)}
    assert taken - set(concluded) == set()
    assert set(concluded) - taken == set()
    seats = Counter(
        (cycle.mentee, cycle.request, cycle.seat)
        for cycle in system.rows("matching", Cycle)
        if cycle.live
    )
    assert [seat for seat, count in seats.items() if count > 1] == []


def _check_order(system: System) -> None:
    """requested, then at most one paired, then met and reviewed; each only once per meeting."""
    seen: set[tuple[str, str]] = set()
    met: set[tuple[str, str]] = set()
    for entry in system.log:
        try:
            event = system.foldings["matching"].fold.read(entry) if entry.said_by is None else None
        except InvalidEvent:
            continue
        word, key = entry.word, entry.subject.rsplit(".", 1)[1]
        if word == "requested" and (event is None or isinstance(event, Event)):
            seen.add(("requested", key))
        if entry.said_by is None:
            continue
        if word == "paired":
            assert ("requested", key) in seen
            assert ("paired", key) not in seen
            seen.add(("paired", key))
        if word in ("met", "missed", "scheduled"):
            assert ("paired", key) in seen
        if word == "met":
            met.add((key, _meeting_of(entry)))
        if word == "reviewed" and _meeting_of(entry) != "closing":
            assert (key, _meeting_of(entry)) in met


def _meeting_of(entry: Entry) -> str:
    return entry.body.split(b'"meeting":"', 1)[1].split(b'"', 1)[0].decode()


SEEDS = st.integers(min_value=0, max_value=2**32)
FAST = settings(
    max_examples=80, deadline=None, print_blob=True, suppress_health_check=list(HealthCheck)
)


@FAST
@given(seed=SEEDS, steps=st.integers(min_value=1, max_value=100))
def test_a_running_program_keeps_its_rules_whatever_people_and_servers_do(
    seed: int, steps: int
) -> None:
    _check_whole(play(seed, steps, begun=True))


@FAST
@given(seed=SEEDS, steps=st.integers(min_value=1, max_value=60))
def test_events_that_come_before_their_program_break_nothing(seed: int, steps: int) -> None:
    _check_whole(play(seed, steps, begun=False))


@pytest.mark.fuzz
@settings(parent=FAST, max_examples=5000)
@given(seed=SEEDS, steps=st.integers(min_value=1, max_value=400))
def test_many_long_programs_keep_their_rules(seed: int, steps: int) -> None:
    _check_whole(play(seed, steps, begun=True))
