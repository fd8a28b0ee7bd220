"""Looking at a row of the recorded world, beside which another one is folded."""

from __future__ import annotations

from collections.abc import Callable

from services.matching.model import Cycle, Ending, Held, Open, Paired
from shared.events.matching import Proposed
from shared.replay.history import Step
from shared.world import Ref, Row, World

Look = Callable[[Ref], Row | None]


def as_before(step: Step, recorded: World) -> Look:
    """The recorded world as it was before the step."""

    def look(ref: Ref) -> Row | None:
        changed = step.changes.get(ref)
        return changed.before if changed is not None else recorded.peek(ref.kind, ref.key)

    return look


def as_now(recorded: World) -> Look:
    """The recorded world as it is after the step."""
    return lambda ref: recorded.peek(ref.kind, ref.key)


def is_in(row: Row | None, state: type[Open | Held | Paired | Ending]) -> bool:
    """Whether it is a cycle in this state."""
    return isinstance(row, Cycle) and isinstance(row.state, state)


def offer_of(row: Row | None) -> tuple[str, str] | None:
    """The proposal that stands, and its mentor: ids of proposals count a cycle's attempts, in every world."""
    if isinstance(row, Cycle) and isinstance(row.state, Held):
        return row.state.offer.proposal, row.state.offer.mentor
    return None


def asks(row: Row | None, data: Proposed) -> bool:
    """Whether the record asks the same person about the same pair just now."""
    match row:
        case Cycle(state=Held(offer=offer)):
            same = (offer.proposal, offer.mentor) == (data.proposal, data.mentor)
            return same and data.to in offer.asked
    return False
