"""The checks that end the chaos of the three services can fail: each sees the harm that it is for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from services.matching.app import SERVICE as MATCHING
from shared.entry import Entry
from shared.events.envelope import EventData, encode
from shared.events.feedback import Concluded
from shared.events.outside import Offered
from shared.events.system import Rejected
from shared.events.types import Duration
from shared.fold import fingerprint
from shared.outcome import DeadLetter
from shared.store import Store
from shared.world import Ref, Row
from tests.chaos import verdicts
from tests.chaos.truth import Told
from tests.feedback.history import opened, paired, requested
from tests.tally.events import entry, event

MENTOR = "grace"


class Story:
    """A log as matching sees it, told event by event."""

    def __init__(self) -> None:
        self.told = Told([], [])
        self._n = 0

    def hears(self, key: str, data: EventData, source: str = "urn:test", n: int = 0) -> Entry:
        """An input."""
        self._n += 1
        said = event(data, key, n=n or self._n, source=source)
        self.told.inputs.append(entry(self._n, said))
        return self.told.inputs[-1]

    def says(self, key: str, data: EventData) -> None:
        """An answer to the last input."""
        cause, self._n = self._n, self._n + 1
        said = entry(self._n, event(data, key, n=self._n, source="/mentoring/matching"))
        self.told.answers.append(said._replace(cause=cause, said_by="matching"))


def begun(capacity: int = 1) -> Story:
    """A program in which one mentor offers."""
    story = Story()
    story.hears("acme", opened(capacity=2))
    story.hears(MENTOR, offer(capacity))
    return story


def offer(capacity: int) -> Offered:
    return Offered(capacity=capacity, industry="J", seniority=8, languages=("en",), team="t")


def pair(story: Story, cycle: str, **more: Any) -> None:
    story.hears(cycle, requested(f"mentee-{cycle}", request=cycle))
    story.says(cycle, paired(mentor=MENTOR, mentee=f"mentee-{cycle}", request=cycle, **more))


def conclude(story: Story, cycle: str) -> None:
    data = Concluded(
        mentee=f"mentee-{cycle}", outcome="completed", paired=True, overlap_total=Duration()
    )
    story.hears(cycle, data, "/mentoring/feedback")


def test_one_pair_after_the_other_is_within_a_capacity_of_one() -> None:
    story = begun()
    for cycle in ("c1", "c2"):
        pair(story, cycle)
        conclude(story, cycle)
    assert verdicts.within_capacity(story.told).most == 1


def test_a_pair_too_many_is_seen() -> None:
    story = begun()
    pair(story, "c1")
    pair(story, "c2")
    with pytest.raises(AssertionError, match="has"):
        verdicts.within_capacity(story.told)


def test_an_offer_that_was_rejected_or_is_a_copy_gives_no_room() -> None:
    story = begun()
    larger = story.hears(MENTOR, offer(2))
    refusal = Rejected(event=verdicts.event_of(larger).id, rule="has_left", field="/subject")
    story.says(MENTOR, refusal)
    story.hears(MENTOR, offer(1), n=3)
    pair(story, "c1")
    pair(story, "c2")
    with pytest.raises(AssertionError, match="has"):
        verdicts.within_capacity(story.told)


def test_a_pair_that_never_ends_is_seen() -> None:
    story = begun()
    pair(story, "c1")
    with pytest.raises(AssertionError, match="never concluded"):
        verdicts.within_capacity(story.told)


def test_a_cycle_that_is_paired_twice_is_seen() -> None:
    story = begun(2)
    pair(story, "c1")
    pair(story, "c1")
    with pytest.raises(AssertionError, match="paired twice"):
        verdicts.within_capacity(story.told)


def test_a_second_conclusion_of_a_cycle_is_seen() -> None:
    data = Concluded(mentee="a", outcome="completed", paired=True, overlap_total=Duration())
    twice = [entry(seq, event(data, "c1", n=seq)) for seq in (1, 2)]
    with pytest.raises(AssertionError, match="more than once"):
        verdicts.each_concluded_once([], Told([], twice))


def test_a_conclusion_of_a_cycle_that_matching_does_not_know_is_seen() -> None:
    data = Concluded(mentee="a", outcome="completed", paired=True, overlap_total=Duration())
    with pytest.raises(AssertionError, match="not concluded"):
        verdicts.each_concluded_once([], Told([], [entry(1, event(data, "c1"))]))


# -- inputs --

FIRST, POISON = event(opened(), "acme", n=1), Entry(2, "mentoring.acme.requested.c1", b"no JSON")
INPUTS = Told([Entry(1, FIRST.subject, encode(FIRST)), POISON], [])


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Callable[..., Store]]:
    """A store of matching with a position, rows and folded events as they are given."""
    made = Store(MATCHING.tables, f"sqlite:///{tmp_path / 'store.db'}")
    made.create_all()

    def fill(seq: int, rows: list[Row], folded: list[bytes]) -> Store:
        transaction = made.connect()
        transaction.begin_position(0, "log")
        transaction.move(0, 0, seq, "event", 0)
        transaction.save({Ref(type(row), row.key()): row for row in rows})
        transaction.remember(folded)
        transaction.commit()
        transaction.close()
        return made

    yield fill
    made.dispose()


def letter(kind: str, seq: int = 2) -> DeadLetter:
    return DeadLetter("acme", seq, "c1", "requested", "", kind, "", "", "open")


def test_inputs_that_are_folded_or_dead_letters_pass(store: Callable[..., Store]) -> None:
    whole = store(2, [letter("invalid")], [fingerprint(FIRST)])
    assert verdicts.folded_or_dead(MATCHING, whole, INPUTS) == {"invalid": 1}


@pytest.mark.parametrize(
    "seq, rows, folded, harm",
    [
        (1, [letter("invalid")], [fingerprint(FIRST)], "has folded 1 of 2"),
        (2, [], [fingerprint(FIRST)], "no dead letter"),
        (2, [letter("invalid")], [], "not folded 1 events"),
        (2, [letter("invalid"), letter("parked", 1)], [fingerprint(FIRST)], "has parked"),
    ],
)
def test_an_input_that_was_passed_over_is_seen(
    store: Callable[..., Store], seq: int, rows: list[Row], folded: list[bytes], harm: str
) -> None:
    with pytest.raises(AssertionError, match=harm):
        verdicts.folded_or_dead(MATCHING, store(seq, rows, folded), INPUTS)
