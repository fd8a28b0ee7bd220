"""The mark: what was said, the fence of every batch, and who may write it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from shared import mark as marks
from shared.log import Fenced, Log, Message
from shared.mark import Mark
from tests.tally.log import open_log


@pytest.fixture
async def log(nats_url: str) -> AsyncIterator[Log]:
    async with open_log(nats_url) as log:
        yield log


async def test_a_mark_that_was_never_written_says_that_nothing_was_said(log: Log) -> None:
    assert await marks.read(log, "tally", 0) == Mark()


async def test_the_first_claim_writes_it(log: Log) -> None:
    claimed = await marks.claim(log, "tally", 0, "one")
    assert claimed == Mark(1, 0, "one")
    assert await marks.read(log, "tally", 0) == claimed


async def test_a_claim_keeps_what_was_said(log: Log) -> None:
    first = await marks.claim(log, "tally", 0, "one")
    at = await log.send(marks.message("tally", 0, first, 42, "one"))
    assert await marks.claim(log, "tally", 0, "two") == Mark(at + 1, 42, "two")


async def test_a_claim_fences_the_owner_before(log: Log) -> None:
    first = await marks.claim(log, "tally", 0, "one")
    await marks.claim(log, "tally", 0, "two")
    with pytest.raises(Fenced):
        await log.send(marks.message("tally", 0, first, 1, "one"))


async def test_of_many_that_claim_at_once_exactly_one_may_go_on(log: Log) -> None:
    claimed = await asyncio.gather(*(marks.claim(log, "tally", 0, f"o{n}") for n in range(6)))
    standing = await marks.read(log, "tally", 0)
    sent = [marks.message("tally", 0, each, 9, each.owner) for each in claimed]
    went = await asyncio.gather(*(log.send(each) for each in sent), return_exceptions=True)
    assert sum(isinstance(each, int) for each in went) == 1
    assert sum(isinstance(each, Fenced) for each in went) == 5
    assert (await marks.read(log, "tally", 0)).owner == standing.owner


async def test_there_is_one_message_however_often_it_is_written(log: Log) -> None:
    for n in range(5):
        await marks.claim(log, "tally", 0, f"o{n}")
    assert (await log.info()).messages == 1


async def test_marks_of_services_and_partitions_are_their_own(log: Log) -> None:
    first = await marks.claim(log, "tally", 0, "one")
    await marks.claim(log, "tally", 1, "two")
    await marks.claim(log, "other", 0, "three")
    assert await log.send(marks.message("tally", 0, first, 1, "one")) == 4


async def test_a_refused_retry_of_what_is_in_is_told_from_another_owner_s(log: Log) -> None:
    first = await marks.claim(log, "tally", 0, "one")
    sent = marks.message("tally", 0, first, 7, "one")
    at = await log.send(sent)
    with pytest.raises(Fenced):
        await log.send(sent)
    assert await marks.stands(log, sent) == Mark(at, 7, "one")
    same_words = marks.message("tally", 0, first, 7, "one")
    assert await marks.stands(log, same_words) is None


@pytest.mark.parametrize(
    "forged", [b"", b"garbage", b"[]", b'{"seq":"x","owner":"y"}', b'{"seq":1}']
)
async def test_what_is_no_mark_is_looked_behind_and_replaced(log: Log, forged: bytes) -> None:
    first = await marks.claim(log, "tally", 0, "one")
    await log.send(marks.message("tally", 0, first, 42, "one"))
    await log.send(Message(marks.subject("tally", 0), forged))
    at = await log.send(Message(marks.subject("tally", 0), forged))
    assert await marks.read(log, "tally", 0) == Mark(at, 42, "one")
    assert await marks.claim(log, "tally", 0, "two") == Mark(at + 1, 42, "two")


async def test_what_is_no_mark_and_has_none_behind_it_says_that_nothing_was_said(log: Log) -> None:
    at = await log.send(Message(marks.subject("tally", 0), b"garbage"))
    assert await marks.read(log, "tally", 0) == Mark(at)
