"""Every cycle and person of a recorded program can be shown, and as scheduling's rows have it."""

from __future__ import annotations

import orjson

from services.cli.schedule import agenda_view, meeting_view, plan_view
from services.cli.schedule.clock import clock_of
from services.cli.schedule.reading import Found
from services.scheduling.app import SERVICE
from services.scheduling.model import Cycle
from shared.catchup import is_own
from shared.replay.history import History
from tests.cli.schedule.test_views import lines
from tests.shared.replay.recorded import ToldInMemory, golden, in_lists

GOLDEN = golden()
PROGRAM = GOLDEN[0].subject.split(".")[1]


async def read_all() -> Found:
    """The program as the commands read it."""
    history = History(SERVICE)
    found = Found(PROGRAM, world=history.world)
    inputs = [entry for entry in GOLDEN if not is_own(SERVICE, entry)]
    async for step in history.fold(in_lists(inputs, 50), ToldInMemory("scheduling", GOLDEN)):
        found.note(step)
    return found


async def test_every_plan_meeting_and_agenda_is_shown() -> None:
    found = await read_all()
    cycles = found.world.where(Cycle, parked="use", program=PROGRAM)
    pairs = [row for row in cycles if row.mentor]

    assert len(pairs) > 5
    for pair in pairs:
        assert lines(plan_view.show(found, pair, None, 80), 80)
        assert orjson.dumps(plan_view.plain_plan(found, pair, None))
        for meeting in found.meetings(pair.cycle):
            clock = clock_of(meeting.zone)
            assert lines(meeting_view.show(found, meeting, clock, 80), 80)
            assert orjson.dumps(meeting_view.plain_meeting(found, meeting, clock))
    for person in {person for pair in pairs for person in pair.pair()}:
        rows, clock = found.agenda(person), clock_of(found.zone(person))
        shown = lines(agenda_view.show("", person, rows, clock, 120), 120)
        assert len([line for line in shown if " with m" in line]) == len(rows)
