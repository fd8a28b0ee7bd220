"""Whatever comes, in whatever order, twice or late: one reveal, one conclusion, and the same rows again."""

import uuid
from collections import Counter
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.feedback.model import CLOSING, SIDES, Blind, Cycle, Review, Side
from shared.events import matching
from shared.events.envelope import Event, EventData
from shared.events.feedback import Concluded, Reviewed
from shared.events.outside import Erased, Submitted
from shared.events.system import Parked, Rejected
from shared.events.types import Duration
from tests.feedback.history import (
    MENTEE,
    MENTOR,
    PROGRAM,
    History,
    agreed,
    goal,
    left,
    met,
    missed,
    opened,
    paired,
    progressed,
    requested,
    scheduled,
    withdrawn,
)

CYCLES = st.sampled_from(["c1", "c1", "c1", "c1", "c2"])
PEOPLE = st.sampled_from([MENTEE, MENTOR])
NUMBERS = st.sampled_from([1, 1, 1, 1, 2, 2, 0, 3])
DAYS = st.integers(0, 9)
FIRST_REQUEST = {cycle: str(uuid.uuid5(uuid.NAMESPACE_OID, cycle)) for cycle in ("c1", "c2")}


def fact(history: History, word: str, cycle: str, number: int, days: int) -> EventData | None:
    """What another service says, whether it fits or not."""
    at = history.now + timedelta(days=days)
    facts: dict[str, EventData] = {
        "paired": paired(planned_meetings=max(1, number - 1)),
        "unmatched": matching.Unmatched(mentee=MENTEE, waited=Duration(1)),
        "rejected": Rejected(event=FIRST_REQUEST[cycle], rule="refused"),
        "scheduled": scheduled(f"m{number}", number, at),
        "cancelled": scheduled(f"m{number}", number, at, "CANCELLED"),
        "met": met(f"m{number}", number, at),
        "missed": missed(f"m{number}", number, at),
    }
    return facts.get(word)


def stated(history: History, cycle: str, word: str, number: int, person: str, days: int) -> None:
    """Any input of this word, or several that belong together, whether they fit or not."""
    side: Side = "mentee" if person == MENTEE else "mentor"
    if said := fact(history, word, cycle, number, days):
        history.say(cycle, said, source="/mentoring/matching")
        return
    match word:
        case "held":
            stated(history, cycle, "met", number, person, days)
            for nth, each in enumerate((MENTEE, MENTOR)):
                if days >> nth & 1:
                    stated(history, cycle, "submitted", number, each, 0)
        case "terms":
            stated(history, cycle, "agreed", number, MENTEE, days)
            stated(history, cycle, "agreed", number, MENTOR, days)
        case "submitted":
            submit(history, cycle, side, f"m{number}" if days < 9 else CLOSING, number)
        case _:
            say(history, cycle, word, number, person, days)


def say(history: History, cycle: str, word: str, number: int, person: str, days: int) -> None:
    at, side = history.now + timedelta(days=days), "mentee" if person == MENTEE else "mentor"
    outside: dict[str, tuple[str, EventData]] = {
        "requested": (cycle, requested()),
        "withdrawn": (cycle, withdrawn(person, side, rematch=number > 1)),
        "agreed": (cycle, agreed(person, f"t{number}", 1 + number % 2, (goal("g1", 1),))),
        "progressed": (cycle, progressed(number)),
        "left": (person, left(side, at=at)),
        "erased": (person, Erased(person=person, effective_at=at)),
    }
    history.say(*outside[word])


def submit(history: History, cycle: str, side: Side, meeting: str, rating: int) -> None:
    """A review, unless a key is gone: then nothing can be sealed."""
    if None not in (history.ring.keys.get(MENTEE, b""), history.ring.keys.get(MENTOR, b"")):
        history.submit(side, meeting, cycle, usefulness=1 + rating)


GOING_ON = st.sampled_from([
    "held", "held", "terms", "met", "submitted", "missed", "scheduled", "cancelled", "agreed",
    "progressed", "requested", "paired",
])  # fmt: skip
ENDING = st.sampled_from(["withdrawn", "left", "unmatched", "rejected", "erased"])
PASSED = st.integers(1, 6)
AGAIN = st.floats(0, 1).map(lambda share: ("again", share))


@st.composite
def some_steps(draw: st.DrawFn) -> list[object]:
    """Mostly what goes on in pairs, and now and then what ends them, at any place."""
    going_on = st.tuples(CYCLES, GOING_ON, NUMBERS, PEOPLE, DAYS)
    ending = st.tuples(CYCLES, ENDING, NUMBERS, PEOPLE, DAYS)
    steps: list[object] = draw(
        st.lists(st.one_of(*[going_on] * 6, PASSED, AGAIN), min_size=8, max_size=60)
    )
    for step in draw(st.lists(ending, max_size=2)):
        steps.insert(draw(st.integers(0, len(steps))), step)
    return steps


STEPS = some_steps()


def play(steps: list[object], *, begun: bool) -> History:
    """Fold the steps; then a coordinator ends what is still open."""
    history = History()
    history.say(PROGRAM, opened(review_within="P5D", ends_on="2026-04-10", completes_at=0.5))
    for cycle in ("c1", "c2") if begun else ():
        history.say(cycle, requested(), event_id=FIRST_REQUEST[cycle])
    if begun:
        history.say("c1", paired(planned_meetings=1), source="/mentoring/matching")
    for step in steps:
        match step:
            case int(days):
                history.wait(days=days)
            case ("again", float(share)):
                repeat(history, share)
            case (str(cycle), str(word), int(number), str(person), int(days)):
                stated(history, cycle, word, number, person, days)
    for cycle in ("c1", "c2"):
        history.say(cycle, withdrawn("zoe", "coordinator"))
    return history


def repeat(history: History, share: float) -> None:
    """Something that stands in the log already comes once more: a retry, or a late `due`."""
    entry, _ = history.log[int(share * (len(history.log) - 1))]
    event = history.fold.read(entry)
    if isinstance(event, Event):
        history.fold_event(event)


def answers(history: History) -> list[Event]:
    return [event for _, said in history.log for event in said]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(STEPS, st.booleans())
def test_every_cycle_has_one_conclusion_and_every_held_meeting_one_reveal_before_it(
    steps: list[object], begun: bool
) -> None:
    history = play(steps, begun=begun)
    said = answers(history)

    concluded = Counter(event.key for event in said if isinstance(event.data, Concluded))
    cycles = {row.cycle for row in history.world.rows() if isinstance(row, Cycle)}
    assert concluded == dict.fromkeys(cycles, 1)

    revealed = Counter((e.key, e.data.meeting) for e in said if isinstance(e.data, Reviewed))
    reviews = [row for row in history.world.rows() if isinstance(row, Review)]
    assert revealed == {(r.cycle, r.meeting): 1 for r in reviews if r.meeting != CLOSING}
    assert not any(isinstance(review.state, Blind) for review in reviews)
    for cycle in cycles:
        words = [event.word for event in said if event.key == cycle and event.word != "rejected"]
        assert words[-1] == "concluded"
    assert not any(isinstance(event.data, Parked) for event in said)


@settings(max_examples=75, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(STEPS)
def test_the_log_alone_gives_the_same_rows_without_any_key(steps: list[object]) -> None:
    history = play(steps, begun=True)
    history.ring.keys.clear()

    assert list(history.rebuilt().rows()) == list(history.world.rows())


@settings(max_examples=75, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(STEPS)
def test_what_is_revealed_is_what_each_side_said_last(steps: list[object]) -> None:
    history = play([step for step in steps if not is_erasure(step)], begun=True)
    last: dict[tuple[str, str, str], str] = {}
    known: set[str] = set()
    for entry, said in history.log:
        event = history.fold.read(entry)
        refused = any(isinstance(answer.data, Rejected) for answer in said)
        # A copy is passed over in silence, also that of an event which was refused.
        fresh = isinstance(event, Event) and event.id not in known
        if fresh and isinstance(event, Event):
            known.add(event.id)
            if isinstance(event.data, Submitted) and not refused:
                last[event.key, event.data.meeting, event.data.side] = event.data.sealed
        for data in (answer.data for answer in said if isinstance(answer.data, Reviewed)):
            sides = {side for side in SIDES if (entry_key(said), data.meeting, side) in last}
            assert set(data.ratings) == sides
            assert set(data.missing) == set(SIDES) - sides


def is_erasure(step: object) -> bool:
    return isinstance(step, tuple) and step[1] == "erased"


def entry_key(said: list[Event]) -> str:
    return next(event.key for event in said if isinstance(event.data, Reviewed))
