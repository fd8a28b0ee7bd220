"""A row is explained by the inputs that changed it."""

from __future__ import annotations

from shared.replay.explain import Reason, explain
from shared.replay.source import LogSource
from shared.world import Ref
from tests.shared.replay.desk import FUTURE, Desk, positions
from tests.tally.events import event_id, progressed, withdrawn
from tests.tally.log import publish
from tests.tally.service import TALLY, Load, Tally

FIRST = Ref(Tally, ("acme", "c1"))
MADE = ("program", "cycle", "value", "count", "active", "expires")


async def test_the_inputs_that_changed_a_row_are_named_with_the_columns_they_changed(
    many: Desk,
) -> None:
    last = await publish(
        many.log,
        progressed("c1", 1, n=1, program="acme", at=FUTURE),
        progressed("c2", 1, n=2, program="acme", at=FUTURE),
        progressed("c1", 2, n=3, program="acme", at=FUTURE),
        withdrawn("c1", n=4, program="acme", at=FUTURE),
    )
    await publish(many.log, progressed("c1", n=5, program="other", at=FUTURE))
    await many.fold()
    source = await LogSource.of(many.log)
    found = await explain(TALLY, source, "acme", [FIRST], last)
    assert found == {
        FIRST: [
            Reason(1, "progressed", event_id(1), MADE),
            Reason(3, "progressed", event_id(3), ("value", "count")),
            Reason(4, "withdrawn", event_id(4), ("active", "expires")),
        ]
    }


async def test_of_a_row_that_nothing_made_nothing_is_told(many: Desk) -> None:
    """It stands in a store, and the log knows nothing of it."""
    await publish(many.log, progressed("c1", n=1, program="acme", at=FUTURE))
    await publish(many.log, progressed("c1", n=2, program="other", at=FUTURE))
    await many.fold()
    planted = Ref(Tally, ("acme", "planted"))
    source = await LogSource.of(many.log)
    last = max(positions(many.live).values())
    assert await explain(TALLY, source, "acme", [planted], last) == {planted: []}


async def test_what_came_behind_the_end_explains_nothing(small: Desk) -> None:
    first = await publish(small.log, progressed("c1", n=1, at=FUTURE))
    await publish(small.log, progressed("c1", n=2, at=FUTURE))
    await small.fold()
    load = Ref(Load, ("acme",))
    found = await explain(TALLY, await LogSource.of(small.log), "acme", [FIRST, load], first)
    assert [reason.seq for reason in found[FIRST]] == [first]
    assert [reason.seq for reason in found[load]] == [first]
