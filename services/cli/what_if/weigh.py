"""Folding the record and the world under other rules side by side."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from services.cli.what_if.ratings import RATED, Ratings
from services.matching.what_if.account import Account
from services.matching.what_if.alternative import Alternative, Revise
from services.matching.what_if.recording import Recording
from shared.entry import Entry
from shared.events.envelope import InvalidEvent, decode
from shared.events.outside import Opened
from shared.replay.history import EVERYTHING, Cut, History, Step

Opens = Callable[[Cut], AbstractAsyncContextManager[tuple[History, AsyncIterator[Step]]]]
"""Opens a program's history as matching folds it, up to a cut."""
OnStep = Callable[[int, int], None]


@dataclass
class Weighed:
    """The worlds after the record's last input.

    Attributes:
        recorded: as the log has it.
        again: decided again under the recorded rules: today's code and the record agree when it has the same pairs.
        revised: decided again under the revised rules.
        assumed: how often the revised world went beyond the record.
        rules: each version of the rules, as recorded.
        ratings: of reviews, for the satisfaction of recorded pairs.
        shares: how often people of the record accepted, declined and were silent.
        typical_reply, typical_length: the recorded medians, of the time to accept and of how long pairs lasted.
        k: the smallest group of persons that may be shown.
        position, first, last: the last input's sequence; instants of the first and last input.
    """

    recorded: Account
    again: Account
    revised: Account
    assumed: Counter[str]
    rules: dict[str, Opened] = field(default_factory=dict)
    ratings: Ratings = field(default_factory=Ratings)
    shares: Mapping[str, float] = field(default_factory=dict)
    typical_reply: timedelta = timedelta()
    typical_length: timedelta | None = None
    k: int = 1
    position: int = 0
    first: datetime | None = None
    last: datetime | None = None


async def weigh(
    opens: Opens,
    revise: Revise,
    cut: Cut = EVERYTHING,
    on_step: OnStep | None = None,
) -> Weighed:
    """Read the record twice: first what people did and when, then both worlds beside it.

    Deciding runs in a thread of its own: a large round takes seconds, and the log's reader wants to be heard.

    Args:
        opens: opens the program's history.
        revise: from recorded to revised rules.
        cut: where the record ends.
        on_step: told the sequence of each input that is decided, and that of the last.

    Raises:
        Diverged: today's code would fold the record otherwise than the log.
    """
    recording, ratings = await _listen(opens, cut)
    again, revised = Alternative(recording, lambda rules: rules), Alternative(recording, revise)
    told = Account(lambda rules: (rules, revise(rules)))
    weighed = Weighed(told, again.account, revised.account, revised.assumed, ratings=ratings)
    async with opens(Cut(seq=recording.position)) as (folded, steps):
        async for step in steps:
            changes = {ref: changed.after for ref, changed in step.changes.items()}
            told.note(folded.world, step.outcome.answers, changes)
            for world in (again, revised):
                await asyncio.to_thread(world.fold, step, folded.world)
            _note(weighed, step, folded)
            if on_step is not None:
                on_step(step.entry.seq, recording.position)
        told.close(folded.world, weighed.last or folded.world.now)
    again.close()
    revised.close()
    weighed.position = recording.position
    weighed.shares = {str(said): share for said, share in recording.shares.items()}
    weighed.typical_reply = recording.typical_reply
    weighed.typical_length = recording.typical_length
    return weighed


async def _listen(opens: Opens, cut: Cut) -> tuple[Recording, Ratings]:
    recording, ratings = Recording(), Ratings()
    async with opens(cut) as (folded, steps):
        async for step in steps:
            recording.note(step, folded.world)
            if step.entry.word == "reviewed":
                _add(ratings, step.entry)
            elif step.outcome.folded is not None and step.entry.word in RATED:
                ratings.add(step.outcome.folded)
    recording.close()
    return recording, ratings


def _add(ratings: Ratings, entry: Entry) -> None:
    """What feedback says is not for matching: its fold passes it over."""
    try:
        if entry.said_by == "feedback":
            ratings.add(decode(entry.body))
    except InvalidEvent:
        return


def _note(weighed: Weighed, step: Step, folded: History) -> None:
    event = step.outcome.folded
    if event is None:
        return
    weighed.first = weighed.first or folded.world.now
    weighed.last = max(weighed.last or folded.world.now, folded.world.now)
    if isinstance(event.data, Opened):
        weighed.rules[event.data.rules] = event.data
        weighed.k = max(weighed.k, event.data.k)
