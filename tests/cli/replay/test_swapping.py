"""Between an operator's yes and the exchange."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from services.cli.replay import rebuilding
from shared.log import LogTrouble
from shared.replay.exchange import Exchange
from shared.replay.rebuild import Rebuild
from tests.cli.faulty import offer
from tests.cli.replay.scene import PROGRAM, Scene, buggy


def test_what_came_while_somebody_thought_is_folded_before_the_store_is_held(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.fold(buggy())
    works, folded = list[Rebuild](), list[int]()
    begin, hold = Rebuild.__aenter__, Exchange.__enter__

    async def begun(self: Rebuild) -> Rebuild:
        works.append(self)
        return await begin(self)

    def think(*_: object, **__: object) -> None:
        def go_on() -> None:
            scene.fold(last=scene.say(offer("newcomer", program=PROGRAM)))

        thread = threading.Thread(target=go_on)
        thread.start()
        thread.join()

    def held(self: Exchange) -> Exchange:
        found = hold(self)
        folded.append(max(works[0].positions.values()) - found.positions[0].seq)
        return found

    monkeypatch.setattr(Rebuild, "__aenter__", begun)
    monkeypatch.setattr(Exchange, "__enter__", held)
    monkeypatch.setattr(rebuilding, "confirm", think)

    answer = scene.replay("rebuild", "matching", "--reason", "a bug", "--yes")

    assert answer.code == 0, answer.err
    assert folded == [0]
    assert scene.replay("verify", "matching").code == 0


def test_a_connection_that_was_lost_while_somebody_thought_is_no_failure(
    small: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    small.fold(buggy())
    catch_up, calls = Rebuild.catch_up, 0

    async def lost(self: Rebuild, *arguments: Any) -> None:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise LogTrouble("the log did not answer")
        await catch_up(self, *arguments)

    monkeypatch.setattr(Rebuild, "catch_up", lost)

    answer = small.replay("rebuild", "matching", "--reason", "a bug", "--yes", "--json")

    assert answer.code == 0, answer.err
    assert (answer.json["exchanged"], calls) == (True, 3)
