"""One pass: inputs and answers from one reader are what two readers would give, however far the answers lag."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Mapping

import pytest

from shared import mark as marks
from shared import one_pass
from shared.catchup import is_own
from shared.entry import Entry
from shared.events.envelope import HEADERS, Event, encode
from shared.log import STREAM, Log, Message
from tests.tally.events import progressed
from tests.tally.log import PATIENCE, open_log
from tests.tally.service import TALLY

MARK = Message(marks.subject("tally", 0), b"{}", {"Nats-Rollup": "sub"})


@pytest.fixture
async def log(nats_url: str) -> AsyncIterator[Log]:
    async with open_log(nats_url) as log:
        yield log


def answer(n: int, cause: int) -> Message:
    """What tally says to an input."""
    told = progressed(n=n)
    headers = {**HEADERS, "Mentoring-Cause": str(cause), "Mentoring-Service": "tally"}
    return Message(f"mentoring.acme.flagged.c{n}", encode(told), headers)


def asked(n: int) -> Message:
    told = progressed(n=n)
    return Message(told.subject, encode(told), HEADERS)


def history(chance: random.Random, count: int, lag: int) -> list[Message]:
    """Inputs, and answers to some of them in the order of their causes, up to `lag` messages later."""
    found: list[Message] = []
    waiting: list[int] = []
    for n in range(count):
        if waiting and (chance.random() < 0.4 or len(found) - waiting[0] > lag):
            found.append(answer(n, waiting.pop(0)))
        else:
            found.append(asked(n))
            if chance.random() < 0.5:
                waiting.append(len(found))
    return found + [answer(count + n, cause) for n, cause in enumerate(waiting)]


def own(entry: Entry) -> bool:
    return is_own(TALLY, entry)


Answered = list[tuple[int, list[str]]]


def expected(found: list[Message], after: int) -> Answered:
    """Each input behind a sequence, and the bodies of its answers."""
    told: dict[int, list[str]] = {}
    for message in found:
        if cause := message.headers.get("Mentoring-Cause"):
            told.setdefault(int(cause), []).append(event_of(message.body))
    return [
        (seq, told.get(seq, []))
        for seq, message in enumerate(found, 1)
        if seq > after and "Mentoring-Cause" not in message.headers
    ]


def event_of(body: bytes) -> str:
    return body.decode().split('"id":"', 1)[1][:36]


async def read(log: Log, after: int, until: int, bound: int, piece: int = 7) -> Answered:
    """Each input and its answers as a replay goes through them, piece by piece."""
    found: Answered = []
    async with one_pass.one_pass(log, TALLY, 0, after, bound) as (inputs, told):
        ahead: list[Entry] = []
        while inputs.last < until or ahead:
            while inputs.last < until and len(ahead) < piece:
                ahead += [e for e in await inputs.batch() if not own(e) and e.seq <= until]
            taken, ahead = ahead[:piece], ahead[piece:]
            answers: Mapping[int, list[Event]] = (
                await told.until(taken[-1].seq, own) if taken else {}
            )
            found += [(e.seq, [str(a.id) for a in answers.get(e.seq, [])]) for e in taken]
    return found


async def fill(log: Log, found: list[Message]) -> int:
    """Append all and the mark; returns where it stands."""
    for start in range(0, len(found), 500):
        await log.send_batch(found[start : start + 500])
    return await log.send(MARK)


def last_input(found: list[Message]) -> int:
    return expected(found, 0)[-1][0]


@pytest.mark.parametrize("window", [0, 20, one_pass.WINDOW])
@pytest.mark.parametrize("lag", [0, 10, 10_000])
async def test_every_input_comes_once_with_its_answers(
    log: Log, monkeypatch: pytest.MonkeyPatch, window: int, lag: int
) -> None:
    monkeypatch.setattr(one_pass, "WINDOW", window)
    monkeypatch.setattr(one_pass, "REPLAY_PULL", 10)
    seed = random.randrange(10**9)
    print("seed", seed)
    found = history(random.Random(seed), 400, lag)
    bound = await fill(log, found)
    whole = last_input(found)
    for after, until in ((0, whole), (0, whole - 50), (111, whole)):
        wanted = [each for each in expected(found, after) if each[0] <= until]
        assert await read(log, after, until, bound) == wanted


async def consumers(log: Log) -> int:
    answer = await log.request(f"$JS.API.CONSUMER.NAMES.{STREAM}", b"{}")
    return len(answer.get("consumers") or ())


async def steps(log: Log, found: list[Message]) -> list[tuple[int, int]]:
    """How many consumers a pass has after each batch, and how many entries stand in its window."""
    bound, until, seen = await fill(log, found), last_input(found), list[tuple[int, int]]()
    async with one_pass.one_pass(log, TALLY, 0, 0, bound) as (inputs, told):
        while inputs.last < until:
            await told.until((await inputs.batch())[-1].seq, own)
            seen.append((await consumers(log), inputs.window))
    return seen


async def test_where_answers_are_near_one_reader_does_until_the_end_of_the_log(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(one_pass, "REPLAY_PULL", 50)
    found = [m for n in range(1, 2001, 2) for m in (asked(n), answer(n + 1, n))]
    counts = [count for count, _ in await steps(log, found)]
    assert set(counts[:-5]) == {1}


async def test_where_answers_lag_far_behind_the_window_stays_small(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(one_pass, "WINDOW", 100)
    monkeypatch.setattr(one_pass, "REPLAY_PULL", 50)
    found = [asked(n) for n in range(1, 1001)] + [answer(n, n) for n in range(1, 1001)]
    counts, windows = zip(*await steps(log, found), strict=True)
    assert max(windows) < 200
    assert counts[0] == 2  # one of the inputs, one that looks for answers


async def test_what_nobody_looks_through_is_not_kept(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(one_pass, "UNSEEN", 100)
    monkeypatch.setattr(one_pass, "REPLAY_PULL", 50)
    found = [m for n in range(1, 1001, 2) for m in (asked(n), answer(n + 1, n))]
    bound, until = await fill(log, found), last_input(found)
    async with one_pass.one_pass(log, TALLY, 0, 0, bound) as (inputs, told):
        await told.until(1, own)
        before = await consumers(log)
        while inputs.last < until:
            await inputs.batch()
        assert not inputs.keeps
        answers = await told.until(until, own)
        assert (before, await consumers(log)) == (1, 3)  # at the end one waits for the mark
    assert list(answers) == [seq for seq, said in expected(found, 1) if said]


@pytest.mark.parametrize("unseen", [0, 30])
async def test_every_answer_comes_once_where_little_is_kept(
    log: Log, monkeypatch: pytest.MonkeyPatch, unseen: int
) -> None:
    monkeypatch.setattr(one_pass, "UNSEEN", unseen)
    monkeypatch.setattr(one_pass, "REPLAY_PULL", 10)
    seed = random.randrange(10**9)
    print("seed", seed)
    found = history(random.Random(seed), 400, 10)
    bound, until = await fill(log, found), last_input(found)
    assert await read(log, 0, until, bound, piece=50) == expected(found, 0)


async def test_answers_that_a_lagging_server_does_not_hold_yet_are_waited_for(log: Log) -> None:
    inputs = [asked(n) for n in range(1, 11)]
    await log.send_batch(inputs)
    async with one_pass.one_pass(log, TALLY, 0, 0, bound=21) as (cursor, told):
        assert [entry.seq for entry in await take(cursor.batch, 10)] == list(range(1, 11))
        waiting = asyncio.ensure_future(told.until(10, own))
        await asyncio.sleep(0.2)
        assert not waiting.done()
        assert await fill(log, [answer(n, n) for n in range(1, 11)]) == 21
        assert list(await asyncio.wait_for(waiting, PATIENCE)) == list(range(1, 11))


async def take(batch: Callable[[], object], count: int) -> list[Entry]:
    found: list[Entry] = []
    while len(found) < count:
        found += await batch()  # type: ignore[misc]
    return found


async def test_a_pass_leaves_no_consumer_behind(log: Log) -> None:
    bound = await fill(log, [asked(1), answer(2, 1)])
    assert await read(log, 0, 1, bound) == [(1, [event_of(answer(2, 1).body)])]
    assert await consumers(log) == 0
