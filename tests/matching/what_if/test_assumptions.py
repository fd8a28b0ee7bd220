"""Where the other world differs, people and pairs do what the record has of them, or what is assumed in words."""

import uuid
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from services.matching.app import SERVICE
from services.matching.model import Cycle, Mentor, Program
from services.matching.what_if.recording import Recording, Reply
from shared.events import feedback, outside
from shared.events.duration import Duration
from shared.events.envelope import Event, EventData
from shared.events.rules import OnCalendar
from shared.service import Decide, Evolve
from shared.world import Answer, Change, World
from tests.matching.history import PROGRAM, History, a_program, always, opened, withdrawn
from tests.matching.what_if.worlds import fold, pairs
from tests.tally.book import Book
from tests.tally.events import redriven

LATER = OnCalendar(rrule="FREQ=DAILY", start="18:00")
"""Rounds in the evening, where the record pairs at once."""


def test_more_capacity_pairs_at_once_who_had_to_wait() -> None:
    history = a_program(capacity=1)
    history.a_mentor("mia", capacity=2)
    history.a_request("c1")
    history.a_request("c2")
    history.wait(days=20)
    history.concludes("c1")

    recorded, other = fold(history.log, capacity=2)

    assert [pair.waited for pair in other.account.pairs] == [0, 0]
    assert recorded.world.peek(Cycle, (PROGRAM, "c2")).since == history.find(Cycle, "c2").since  # type: ignore[union-attr]
    assert pairs(other.account) == [("c1", "mia"), ("c2", "mia")]


def test_a_floor_makes_people_wait_rather_than_be_paired() -> None:
    history = a_program(weights={"skills": 1.0})
    history.a_mentor("mia", skills=("go",))
    history.a_request("c1", wanted_skills=("python",))
    history.wait(days=70)

    _, other = fold(history.log, floor=0.5)

    assert other.account.pairs == []
    assert (other.account.open, len(other.account.waiting)) == (1, 1)


def test_who_declined_declines_the_same_pair_at_another_time() -> None:
    history = two_mentors()
    history.say("c1", outside.Declined(proposal=history.proposal("c1"), by="mia"))
    history.wait(hours=5)
    history.say("c1", outside.Accepted(proposal=history.proposal("c1"), by="moa"))
    assert history.mentor_of("c1") == "moa"
    days_pass(history)

    _, other = fold(history.log, rounds=LATER)

    assert ("c1", "moa") in pairs(other.account)
    assert ("c1", "mia") not in pairs(other.account)
    assert other.assumed["moved"] >= 2


def test_who_was_silent_is_silent_again() -> None:
    history = two_mentors()
    history.wait(days=4)
    assert history.mentor_of("c1") == "moa"
    history.say("c1", outside.Accepted(proposal=history.proposal("c1"), by="moa"))
    days_pass(history)

    _, other = fold(history.log, rounds=LATER)

    assert other.account.counts["expired"] >= 1
    assert ("c1", "mia") not in pairs(other.account)


def test_who_was_never_asked_accepts_as_soon_as_others_did() -> None:
    history = a_program(acceptance="mentor")
    history.a_mentor("mia")
    history.a_request("c1")
    history.wait(hours=6)
    history.say("c1", outside.Accepted(proposal=history.proposal("c1"), by="mia"))
    history.a_mentor("moa")
    history.a_request("c2", team="moas", wanted_skills=())
    history.wait(hours=10)
    history.say("c2", outside.Accepted(proposal=history.proposal("c2"), by="moa"))
    history.wait(days=1)
    history.say("somebody", always())

    _, other = fold(history.log, acceptance="both")

    assert sorted(pairs(other.account)) == [("c1", "mia"), ("c2", "moa")]
    assert other.assumed["replies"] == 2
    assert other.account.pairs[0].waited == pytest.approx(8 / 24)


def test_people_who_were_never_asked_accept_and_decline_as_often_as_others() -> None:
    recording = Recording()
    at = timedelta(hours=2)
    for number, said in enumerate(("accepted", "accepted", "declined", "silent")):
        recording.replies["ann", f"m{number}", "ann"] = Reply(said, at)  # type: ignore[arg-type]
    recording.close()

    drawn = Counter(recording.reply(f"a{n}", "mia", "mia").said for n in range(2000))

    assert recording.reply("ann", "m2", "ann") == Reply("declined", at)
    assert [round(drawn[said] / 2000, 1) for said in ("accepted", "declined", "silent")] == [
        *(0.5, pytest.approx(0.25, abs=0.06), pytest.approx(0.25, abs=0.06))
    ]
    assert recording.reply("a1", "mia", "mia") == recording.reply("a1", "mia", "mia")


def test_where_nobody_was_ever_asked_everybody_accepts() -> None:
    history = a_program()
    history.a_mentor("mia")
    history.a_request("c1")
    history.say("somebody", always())

    _, other = fold(history.log, acceptance="both")

    assert pairs(other.account) == [("c1", "mia")]


def test_a_pair_that_the_record_does_not_have_lasts_as_long_as_others_did() -> None:
    history = a_program(capacity=1, request_expires=Duration(10))
    history.a_mentor("mia", capacity=2)
    history.a_request("c1")
    history.a_request("c2")
    history.wait(days=11)
    unmatched(history, "c2")
    history.wait(days=20)
    history.concludes("c1")
    history.wait(days=1)
    history.say("somebody", always())

    _, other = fold(history.log, capacity=2)

    assert pairs(other.account) == [("c1", "mia"), ("c2", "mia")]
    assert other.assumed["ends"] == 1
    mia = other.world.peek(Mentor, (PROGRAM, "mia"))
    assert mia is not None
    assert mia.load == 0


def test_who_gave_up_a_pair_does_not_give_up_a_request_that_still_waits() -> None:
    history = a_program(weights={"skills": 1.0})
    history.a_mentor("mia", skills=("go",))
    history.a_request("c1", wanted_skills=("python",))
    history.wait(days=10)
    history.say("c1", withdrawn("mentee-c1"))
    history.concludes("c1")

    _, other = fold(history.log, floor=0.5)

    assert other.assumed["left_out"] == 2
    assert other.account.open == 1


def test_a_clock_that_runs_wrong_lets_no_deadline_pass() -> None:
    history = a_program()
    history.a_request("c1")
    history.wait(days=2)
    wrong = history.now + timedelta(days=900)
    event = Event(str(uuid.UUID(int=9)), "/tests", PROGRAM, "somebody", wrong, always())
    history.fold_event(event)
    for day in range(3):
        history.say(f"somebody-{day}", always())
    history.wait(days=3)
    history.a_mentor("mia")

    _, other = fold(history.log, request_expires=Duration(10))

    assert pairs(other.account) == [("c1", "mia")]
    assert other.account.counts["unmatched"] == 0


def test_a_deadline_that_the_record_does_not_have_passes_at_its_instant() -> None:
    history = a_program()
    history.a_request("c1")
    history.wait(days=20)
    history.a_mentor("mia")
    assert history.status("c1") == "paired"

    _, other = fold(history.log, request_expires=Duration(10))

    assert other.account.pairs == []
    assert other.account.counts["unmatched"] == 1
    assert other.account.waiting == [pytest.approx(10)]


def test_a_fault_of_that_day_is_no_other_decision() -> None:
    """What the record parked is parked in both worlds, though today's code would fold it."""

    def broken(world: World, event: Event) -> list[Answer]:
        raise ArithmeticError

    decides: dict[type[EventData], Decide] = {**SERVICE.decides, outside.Requested: broken}
    history, book = a_program(), Book(replace(SERVICE, decides=decides))
    history.a_mentor("mia")
    history.a_request("c1")
    book.live(*(history.fold.read(entry) for entry, _ in history.log))  # type: ignore[arg-type]
    assert [letter[1] for letter in book.letters] == ["parked"]

    recorded, other = fold([(book.entries[seq], book.told[seq]) for seq in book.entries])

    assert list(other.world.rows()) == list(recorded.world.rows())
    assert other.account.pairs == []
    assert other.account.counts["parked"] == 0


def test_rules_that_an_operator_redrove_are_the_revised_ones() -> None:
    def broken(world: World, event: Event) -> list[Change]:
        raise ArithmeticError

    evolves: dict[type[EventData], Evolve] = {**SERVICE.evolves, outside.Opened: broken}
    book = Book(replace(SERVICE, evolves=evolves))
    opening = a_program().log[0][0]
    event = book.fold.read(opening)
    assert isinstance(event, Event)
    book.live(event)
    evolves[outside.Opened] = SERVICE.evolves[outside.Opened]
    book.live(redriven(event, service="matching"))
    assert [letter[2] for letter in book.letters] == ["redriven"]

    recorded, other = fold([(book.entries[n], book.told[n]) for n in book.entries], capacity=7)

    limits = [rules_of(world).capacity for world in (recorded.world, other.world)]
    assert limits == [opened().capacity, 7]


def rules_of(world: World) -> outside.Opened:
    (program,) = [row for row in world.rows() if isinstance(row, Program)]
    rules = program.rules or program.coming
    assert rules is not None
    return rules


def two_mentors() -> History:
    """c1 is proposed to mia first, then to moa."""
    history = a_program(acceptance="mentor", accept_within=Duration(3))
    history.a_mentor("mia", skills=("python",))
    history.a_mentor("moa")
    history.a_request("c1", wanted_skills=("python",))
    assert history.mentor_of("c1") == "mia"
    return history


def days_pass(history: History) -> None:
    """Days pass, and something is said on each."""
    for _ in range(12):
        history.wait(days=1)
        history.say("somebody", always())


def unmatched(history: History, cycle: str) -> None:
    """Feedback concludes what matching could not pair."""
    mentee = history.find(Cycle, cycle).mentee
    data = feedback.Concluded(
        mentee=mentee, outcome="unmatched", paired=False, overlap_total=Duration()
    )
    history.say(cycle, data, source="/mentoring/feedback")
