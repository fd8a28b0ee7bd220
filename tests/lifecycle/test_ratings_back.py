"""Ratings flow back: what mentees say of a mentor, sealed, revealed, and shrunk, is a part of the next pair's score."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from services.feedback.sealing import Contents, Place
from services.matching.model import Mentor
from services.matching.ratings import PRIOR
from shared.events.envelope import Event, EventData
from shared.events.feedback import Reviewed
from shared.events.matching import Paired
from shared.events.outside import Attended, Submitted
from shared.events.scheduling import Scheduled
from tests.lifecycle.memory import System
from tests.matching.history import PROGRAM, START, always, offered, opened, requested

SIDES = ("mentee", "mentor")


@dataclass
class Town:
    """A program that pairs at once, told day by day to the three services."""

    system: System = field(default_factory=System)

    def __post_init__(self) -> None:
        self.now = START
        self.say(PROGRAM, opened(k=1, planned_meetings=2, rounds="at_once"))

    def say(self, key: str, data: EventData) -> None:
        name = str(uuid.uuid5(uuid.NAMESPACE_OID, str(len(self.system.log))))
        self.system.publish(Event(name, "/tests", PROGRAM, key, self.now, data))
        self.system.settle()

    def mentor(self, person: str, capacity: int = 1) -> None:
        self.say(person, always())
        self.say(person, offered(capacity=capacity))

    def request(self, cycle: str) -> Paired:
        """A mentee asks; the pair that follows."""
        self.say(f"mentee-{cycle}", always())
        self.say(cycle, requested(f"mentee-{cycle}", request=f"q-{cycle}"))
        (found,) = [event.data for event in self.system.events("paired") if event.key == cycle]
        assert isinstance(found, Paired)
        return found

    def meetings(self, cycle: str) -> list[Scheduled]:
        """The planned meetings of a cycle, in their order."""
        said = [event.data for event in self.system.events("scheduled") if event.key == cycle]
        planned = [data for data in said if isinstance(data, Scheduled)]
        return sorted(planned, key=lambda data: data.starts_at)

    def hold(self, cycle: str, meeting: Scheduled) -> None:
        """Both come, from beginning to end; an hour later it is known."""
        self.now = meeting.ends_at
        self.system.wait(self.now)
        for person in (meeting.mentee, meeting.mentor):
            self.say(cycle, _was_there(person, meeting))
        self.now += timedelta(hours=1)
        self.system.wait(self.now)

    def submit(self, cycle: str, pair: Paired, meeting: str, side: str, rating: int) -> None:
        """A side's review, sealed as feedback's API seals it."""
        people = (pair.mentee, pair.mentor) if side == "mentee" else (pair.mentor, pair.mentee)
        form = f"standard-{side}"
        place = Place(PROGRAM, cycle, "review", meeting, side, form)
        sealed = self.system.ring.seal(*people, place, Contents({"usefulness": rating}))
        data = Submitted(meeting=meeting, side=side, form=form, sealed=sealed)  # type: ignore[arg-type]
        self.say(cycle, data)

    def review(self, cycle: str, pair: Paired, meeting: str, **ratings: int) -> None:
        for side in SIDES:
            self.submit(cycle, pair, meeting, side, ratings[side])

    def opinions(self) -> Mapping[str, tuple[int, int]]:
        """Sum in millionths and number of the opinions that matching counts of each mentor."""
        rows = self.system.rows("matching", Mentor)
        return {row.mentor: (row.ratings_sum, row.ratings_count) for row in rows}


def _was_there(person: str, meeting: Scheduled) -> Attended:
    return Attended(
        meeting=meeting.meeting,
        person=person,
        joined_at=meeting.starts_at,
        left_at=meeting.ends_at,
        source="conference",
    )


def a_pair() -> tuple[Town, Paired, list[Scheduled]]:
    """Mia and her mentee, whose first meeting is held."""
    town = Town()
    town.mentor("mia")
    pair = town.request("c1")
    meetings = town.meetings("c1")
    town.hold("c1", meetings[0])
    return town, pair, meetings


def reviewed_by_one(town: Town, mentor: str, cycle: str, rating: int) -> None:
    """A mentor and a mentee, who gives so much in each of two meetings; the mentor gives the least."""
    town.mentor(mentor)
    pair = town.request(cycle)
    assert pair.mentor == mentor
    for meeting in town.meetings(cycle):
        town.hold(cycle, meeting)
        town.review(cycle, pair, meeting.meeting, mentee=rating, mentor=1)


def test_two_perfect_reviews_make_a_mentor_a_little_better_than_a_newcomer_and_no_star() -> None:
    town = Town()
    reviewed_by_one(town, "mia", "c1", 5)
    town.mentor("mia", capacity=0)
    reviewed_by_one(town, "max", "c2", 3)
    town.mentor("mia", capacity=2)
    town.mentor("max", capacity=2)
    town.mentor("new", capacity=2)

    pair = town.request("c3")

    # Program: the mean of 1.0 (mia) and 0.5 (max), which counts as PRIOR mentees for everybody.
    mia, new, worse = (1.0 + PRIOR * 0.75) / (1 + PRIOR), 0.75, (0.5 + PRIOR * 0.75) / (1 + PRIOR)
    assert pair.mentor == "mia"
    assert pair.parts["ratings"] == round(mia, 6)
    assert 0.75 < mia < 0.8
    assert [runner.mentor for runner in pair.runners_up] == ["new", "max"]
    scores = [pair.score, *(runner.score for runner in pair.runners_up)]
    assert scores[0] - scores[1] < scores[1] - scores[2] + 1e-6 < (new - worse) + 1e-6


def test_ratings_count_once_they_are_revealed_and_not_before() -> None:
    town, pair, meetings = a_pair()

    town.submit("c1", pair, meetings[0].meeting, "mentee", 5)
    assert town.opinions()["mia"] == (0, 0)
    town.submit("c1", pair, meetings[0].meeting, "mentor", 1)

    assert town.opinions()["mia"] == (1_000_000, 1)


def test_what_a_deadline_reveals_of_a_mentee_alone_counts_as_well() -> None:
    town, pair, meetings = a_pair()
    town.submit("c1", pair, meetings[0].meeting, "mentee", 2)

    town.system.wait(town.now + timedelta(days=8))

    (reveal,) = [event.data for event in town.system.events("reviewed")]
    assert isinstance(reveal, Reviewed)
    assert (reveal.by, reveal.missing) == ("deadline", ("mentor",))
    assert town.opinions()["mia"] == (250_000, 1)


def test_two_meetings_with_one_mentee_are_one_opinion() -> None:
    town, pair, meetings = a_pair()
    town.review("c1", pair, meetings[0].meeting, mentee=5, mentor=5)
    town.hold("c1", meetings[1])
    town.review("c1", pair, meetings[1].meeting, mentee=1, mentor=5)

    assert town.opinions()["mia"] == (500_000, 1)


def test_what_is_rated_late_counts_for_nothing() -> None:
    town, pair, meetings = a_pair()
    town.system.wait(town.now + timedelta(days=8))

    town.submit("c1", pair, meetings[0].meeting, "mentee", 1)

    assert town.system.letters() == []
    assert town.opinions()["mia"] == (0, 0)
