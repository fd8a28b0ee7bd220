"""Whatever comes, feedback says and keeps what a fold by hand does: reveals, ratings, flags, ends, refusals, goals."""

from collections import Counter
from collections.abc import Iterator
from typing import Any, TypeVar

import pytest

from services.feedback.model import (
    CLOSING,
    Blind,
    Closing,
    Cycle,
    Ended,
    Goal,
    Note,
    Paired,
    Person,
    Revealed,
    Review,
)
from shared.events.envelope import Event
from shared.world import Row
from tests.feedback.by_hand import ByHand
from tests.feedback.by_hand_wire import Said, heard
from tests.feedback.walk import Walk, wire

R = TypeVar("R", bound=Row)
STEPS, FIRST, WALKS = 90, 40, 40
pytestmark = pytest.mark.xdist_group("feedback by hand")
RULES = ("missed", "rating_below", "rating_falls", "one_sided", "silence", "standing_still")


class Beside:
    """A walk, told to the fold by hand as it goes on."""

    def __init__(self, seed: int) -> None:
        self.seed, self.walk, self.told = seed, Walk(seed), 0
        self.by_hand = ByHand(self.walk.ratings.get)
        self.said: list[Said] = []

    def through(self, steps: int = STEPS) -> None:
        """To its end, comparing what is said and what is kept after every step."""
        for _ in range(steps):
            self._compare()
            self.walk.step()
        self.walk.end()
        self._compare()

    def _compare(self) -> None:
        log = self.walk.history.log
        for nth, (entry, answers) in enumerate(log[self.told :], self.told):
            event = self.walk.history.fold.read(entry)
            assert isinstance(event, Event)
            want = self.by_hand.hear(wire(event))
            got = [heard(wire(answer)) for answer in answers]
            assert ordered(got) == ordered(want), f"seed {self.seed}, input {nth}: {entry.body!r}"
            self.said += got
        self.told = len(log)
        assert kept(self.walk) == told(self.by_hand), f"seed {self.seed}, after {self.told} inputs"


def ordered(said: list[Said]) -> tuple[list[Said], list[Said]]:
    """What is said in order, and the flags, whose order among themselves says nothing."""
    flags = sorted((each for each in said if each[0] == "flagged"), key=str)
    return [each for each in said if each[0] != "flagged"], flags


# -- what is kept, in one form ------------------------------------------------------------------------


def kept(walk: Walk) -> dict[str, Any]:
    """The rows of feedback."""
    return {
        "cycles": {row.cycle: _cycle(row) for row in rows(walk, Cycle)},
        "reviews": {(row.cycle, row.meeting): _review(row) for row in rows(walk, Review)},
        "goals": {(row.cycle, row.goal): (row.value, row.dropped) for row in rows(walk, Goal)},
        "notes": {(row.cycle, row.note): (row.by, row.done) for row in rows(walk, Note)},
        "willing": {row.person for row in rows(walk, Person) if row.willing},
    }


def rows(walk: Walk, kind: type[R]) -> Iterator[R]:
    """Rows of a kind."""
    return (row for row in walk.history.world.rows() if isinstance(row, kind))


def _cycle(row: Cycle) -> tuple[Any, ...]:
    """Its state, and what each side has rated up to now: how often, and how on average."""
    match row.state:
        case Paired(totals=totals):
            means = {side: (each.sum / each.count) / 1e6 for side, each in totals.items()}
            return row.status, rounded(means)
        case Closing(summary=summary) | Ended(summary=summary) if summary:
            return row.status, rounded(summary.satisfaction), summary.held, summary.goals_reached
    return (row.status,)


def _review(row: Review) -> tuple[Any, ...]:
    """Who is in, and what it shows."""
    match row.state:
        case Blind():
            return "blind", set(row.entries)
        case Revealed(ratings=ratings):
            return "revealed", {side: dict(each) for side, each in ratings.items()}, set(row.late)
    return "closing", set(row.entries)


def told(by_hand: ByHand) -> dict[str, Any]:
    """The same of the fold by hand."""
    cycles = by_hand.cycles
    reviews: dict[tuple[str, str], tuple[Any, ...]] = {}
    for name, cycle in cycles.items():
        for meeting, review in cycle.get("reviews", {}).items():
            reviews[name, meeting] = (
                ("blind", set(review["in"]))
                if review["status"] == "blind"
                else ("revealed", review["ratings"], set(review["late"]))
            )
        if "closing" in cycle:
            reviews[name, CLOSING] = ("closing", set(cycle["closing"]))
    return {
        "cycles": {name: _told(cycle) for name, cycle in cycles.items()},
        "reviews": reviews,
        "goals": {
            (name, goal): (each["value"], each["dropped"])
            for name, cycle in cycles.items()
            for goal, each in cycle.get("goals", {}).items()
        },
        "notes": {
            (name, note): (each["by"], each.get("done", False))
            for name, cycle in cycles.items()
            for note, each in cycle["notes"].items()
        },
        "willing": {name for name, person in by_hand.people.items() if person["willing"]},
    }


def _told(cycle: dict[str, Any]) -> tuple[Any, ...]:
    status = cycle["status"]
    if status == "paired":
        rated = cycle["rated"].items()
        return status, rounded({side: sum(each) / len(each) for side, each in rated if each})
    if "satisfaction" in cycle:
        summary = cycle["summary"]
        return status, rounded(cycle["satisfaction"]), summary["held"], summary["reached"]
    return (status,)


def rounded(means: Any) -> dict[str, float]:
    """To four digits: a row keeps millionths."""
    return {side: round(mean, 4) for side, mean in sorted(means.items())}


@pytest.fixture(scope="module")
def walks() -> list[Beside]:
    found = [Beside(seed) for seed in range(FIRST, FIRST + WALKS)]
    for each in found:
        each.through()
    return found


# -- tests --------------------------------------------------------------------------------------------


def test_what_is_said_and_kept_is_what_a_fold_by_hand_says_and_keeps(walks: list[Beside]) -> None:
    assert len(walks) == WALKS  # each compared at every step, see `Beside`


@pytest.mark.fuzz
def test_it_is_over_thousands_of_walks() -> None:
    for seed in range(5_000):
        Beside(seed).through()


def test_the_walks_come_by_everything_that_is_compared(walks: list[Beside]) -> None:
    said = [each for beside in walks for each in beside.said]
    words = Counter(each[0] for each in said)
    assert all(words[word] > WALKS for word in ("reviewed", "concluded", "flagged", "rejected"))
    flags = Counter((rule, status) for word, _, rule, _, status in said_flags(said))
    assert flags.keys() == {(rule, status) for rule in RULES for status in ("raised", "cleared")}
    outcomes = {each[2] for each in said if each[0] == "concluded"}
    assert outcomes == {
        "completed",
        "goals_reached",
        "ended_early",
        "withdrawn",
        "unmatched",
        "left",
    }
    late = [review for each in walks for review in rows(each.walk, Review) if review.late]
    assert late


def said_flags(said: list[Said]) -> list[Said]:
    return [each for each in said if each[0] == "flagged"]


def test_a_flag_is_raised_and_cleared_in_turn_under_one_id(walks: list[Beside]) -> None:
    for beside in walks:
        standing: dict[tuple[Any, ...], str] = {}
        for _, answers in beside.walk.history.log:
            for event in (answer for answer in answers if answer.word == "flagged"):
                data = wire(event)["data"]
                cause = (event.key, data["rule"], data.get("side"))
                if data["status"] == "raised":
                    assert cause not in standing
                    standing[cause] = data["flag"]
                else:
                    assert standing.pop(cause) == data["flag"]


def test_the_evidence_of_a_flag_stands_in_the_log_before_it(walks: list[Beside]) -> None:
    for beside in walks:
        known: set[str] = set()
        for entry, answers in beside.walk.history.log:
            event = beside.walk.history.fold.read(entry)
            assert isinstance(event, Event)
            known.add(event.id)
            for answer in answers:
                data = wire(answer)["data"]
                if answer.word == "flagged":
                    assert data["evidence"]
                    assert set(data["evidence"]) <= known
                known.add(answer.id)


def test_the_log_alone_gives_the_same_rows_without_any_key(walks: list[Beside]) -> None:
    for beside in walks:
        history = beside.walk.history
        history.ring.keys.clear()
        assert list(history.rebuilt().rows()) == list(history.world.rows()), beside.seed
