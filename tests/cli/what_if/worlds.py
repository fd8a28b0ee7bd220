"""Worlds to compare, from a log in memory."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from services.cli.what_if.weigh import Opens, Weighed, weigh
from services.matching.app import SERVICE
from services.matching.what_if.account import Account
from shared.entry import Entry
from shared.events.outside import Opened
from shared.replay.history import Cut, History, Step
from tests.shared.replay.recorded import ToldInMemory, in_lists


def opens(entries: Sequence[Entry]) -> Opens:
    """The history of the one program in these entries."""

    @asynccontextmanager
    async def open_(cut: Cut) -> AsyncIterator[tuple[History, AsyncIterator[Step]]]:
        folded = History(SERVICE, cut)
        yield folded, folded.fold(in_lists(entries, 100), ToldInMemory("matching", entries))

    return open_


async def weighed(
    entries: Sequence[Entry], revise: Callable[[Opened], Opened] = lambda rules: rules
) -> Weighed:
    return await weigh(opens(entries), revise)


def pairs_of(account: Account) -> list[tuple[str, str, str, object]]:
    """Who was paired with whom, for which cycle and when."""
    return [(pair.cycle, pair.mentee, pair.mentor, pair.at) for pair in account.pairs]
