"""Every cycle of a recorded program can be explained, and as matching's rows have it."""

from __future__ import annotations

import orjson
import pytest

from services.cli.match.explain_view import plain, show
from services.cli.match.explanation import explain
from services.cli.match.reading import Found
from services.cli.output import out
from services.matching.app import SERVICE
from services.matching.model import Cycle
from services.matching.record import Round
from shared.catchup import is_own
from shared.events.envelope import decode
from shared.events.matching import Tallied
from shared.replay.history import History, Step
from shared.world import World
from tests.shared.replay.recorded import ToldInMemory, golden, in_lists

GOLDEN = golden()
PROGRAM = GOLDEN[0].subject.split(".")[1]
CYCLES = sorted({e.subject.split(".")[3] for e in GOLDEN if e.word == "requested"})


async def read_all() -> tuple[World, dict[str, Found]]:
    """Every cycle as the command reads it."""
    told = ToldInMemory("matching", GOLDEN)
    history = History(SERVICE)
    found = {cycle: Found(PROGRAM, cycle, world=history.world) for cycle in CYCLES}
    inputs = [entry for entry in GOLDEN if not is_own(SERVICE, entry)]
    async for step in history.fold(in_lists(inputs, 50), told):
        _note(found, step)
    return history.world, found


def _note(found: dict[str, Found], step: Step) -> None:
    for each in found.values():
        each.note(step)


async def test_every_cycle_has_an_explanation_that_its_row_bears_out(
    capsys: pytest.CaptureFixture[str],
) -> None:
    world, found = await read_all()
    told = {cycle: explain(each) for cycle, each in found.items()}

    assert len(told) > 5
    for cycle, explained in told.items():
        row = world.peek(Cycle, (PROGRAM, cycle))
        assert row is not None
        assert explained is not None
        if explained.status == "unmatched":
            assert explained.excluded
        if row.mentor is not None and explained.attempt is not None:
            assert explained.attempt.mentor == row.mentor
            assert explained.why is not None
        assert orjson.dumps(plain(explained))
        out().print(show(explained))
        assert "What was tried" in capsys.readouterr().out


async def test_every_round_that_the_log_tallies_is_told() -> None:
    world, _ = await read_all()
    tallied = [decode(entry.body).data for entry in GOLDEN if entry.word == "tallied"]

    rounds = {row.round: row for row in world.where(Round, program=PROGRAM)}

    assert len(rounds) == len(tallied)
    for data in tallied:
        assert isinstance(data, Tallied)
        row = rounds[data.round]
        assert (row.kind, row.waiting, row.matched) == ("pool", data.waiting, data.matched)
