"""A long log of stamped programs is one that the services could have told."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

import pytest

from shared.entry import Entry
from shared.events.envelope import Event, decode
from shared.fold import Fold
from shared.world import World
from tests.bench.replay.check import expected, plain
from tests.bench.replay.services import NAMES, service
from tests.bench.replay.stamped import WIDTH, name, programs_of, stamped
from tests.bench.replay.template import NAME, golden
from tests.lifecycle.golden import golden_log

PROGRAMS = 3


@pytest.fixture(scope="module")
def entries() -> list[Entry]:
    return list(stamped(PROGRAMS))


def test_sequences_have_no_gap_and_an_answer_stands_behind_its_cause_of_the_same_program(
    entries: list[Entry],
) -> None:
    assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))
    for entry in entries:
        if entry.cause is not None:
            cause = entries[entry.cause - 1]
            assert cause.seq < entry.seq
            assert cause.subject.split(".")[1] == entry.subject.split(".")[1]


@pytest.mark.parametrize("of", NAMES)
def test_what_a_service_says_stands_in_the_order_of_the_causes(
    of: str, entries: list[Entry]
) -> None:
    causes = [entry.cause or 0 for entry in entries if entry.said_by == of]
    assert causes == sorted(causes)


def test_the_log_is_the_same_each_time(entries: list[Entry]) -> None:
    assert list(stamped(PROGRAMS)) == entries


def test_every_program_tells_the_whole_template_in_its_order(entries: list[Entry]) -> None:
    for number in range(PROGRAMS):
        words = golden().words(name(number))
        told = [entry for entry in entries if entry.subject.split(".")[1] == name(number)]
        assert [entry.body for entry in told] == [line.body(words) for line in golden().lines]


def test_stamping_the_golden_program_again_gives_its_bytes() -> None:
    words = golden().words(NAME)
    again = [(line.subject.replace("\0", NAME), line.body(words)) for line in golden().lines]
    assert again == [(entry.subject, entry.body) for entry in golden_log.read()]


@pytest.mark.parametrize("of", NAMES)
def test_each_program_folds_to_the_golden_rows_under_its_own_name(
    of: str, entries: list[Entry]
) -> None:
    golden_rows = plain(expected(service(of)), NAME)
    rows = list(golden_log.fold(service(of), entries).rows())
    for number in range(PROGRAMS):
        assert plain(rows, name(number)) == golden_rows


@pytest.mark.parametrize("of", NAMES)
def test_a_service_would_have_said_what_stands_in_the_log(of: str, entries: list[Entry]) -> None:
    told: dict[int, list[Event]] = defaultdict(list)
    for entry in entries:
        if entry.said_by == of and entry.cause is not None:
            told[entry.cause].append(decode(entry.body))
    fold, world = Fold(service(of)), World()
    for entry in entries:
        if entry.said_by != of:
            outcome = fold.live(world, entry, fold.read(entry))
            fold.keep(world, outcome)
            assert _said(outcome.answers) == _said(told[entry.seq])


def test_what_one_service_says_can_be_left_out_and_the_others_stay() -> None:
    whole = Counter(entry.said_by for entry in stamped(2))
    rest = Counter(entry.said_by for entry in stamped(2, without="matching"))
    assert rest == Counter({who: n for who, n in whole.items() if who != "matching"})


def test_programs_run_side_by_side_at_different_places_of_their_lives() -> None:
    length = len(golden())
    some = [entry.subject.split(".")[1] for entry in stamped(WIDTH * 2)]
    middle = some[WIDTH * length : WIDTH * length + 1000]
    assert len(set(middle)) > WIDTH * 0.9
    begun = Counter(some[: WIDTH * length])
    assert min(begun[each] for each in set(middle)) < length / 4
    assert max(begun[each] for each in set(middle)) > length * 3 / 4


def test_a_number_of_events_is_met_by_the_nearest_number_of_whole_programs() -> None:
    assert programs_of(1) == 1
    assert abs(programs_of(1_000_000) * len(golden()) - 1_000_000) <= len(golden()) / 2


DERIVED = {"flag", "evidence", "continues_in", "corrects"}
"""Ids that follow from the program's name, so that a stamped log, which keeps the golden ones, has them otherwise."""


def _said(answers: Sequence[Event]) -> list[tuple[str, object]]:
    """Keys and contents, in one order: a service goes by meeting ids, and stamped ones sort otherwise than golden ones."""
    said = [(answer.key, answer.data.model_dump(exclude=DERIVED)) for answer in answers]
    return sorted(said, key=str)
