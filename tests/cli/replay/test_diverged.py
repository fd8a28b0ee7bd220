"""Where today's code would judge otherwise than the log, a rebuild stops and says where; the log may win."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services.matching import app
from shared.events.envelope import Event, EventData
from shared.events.outside import Offered
from shared.service import Judge
from shared.world import Refusal, World
from tests.cli.replay.scene import GOLDEN, Scene, buggy, truth

OFFERED = [entry.seq for entry in GOLDEN if entry.word == "offered"]


@pytest.fixture
def strict(monkeypatch: pytest.MonkeyPatch) -> None:
    """Matching that refuses every offer today."""

    def refuse(world: World, event: Event) -> Refusal:
        del world, event
        return Refusal("no_more_offers", "/data")

    judges: dict[type[EventData], Judge] = {**app.SERVICE.judges, Offered: refuse}
    monkeypatch.setattr(app, "SERVICE", replace(app.SERVICE, judges=judges))


def test_it_stops_at_the_first_and_says_what_to_do(small: Scene, strict: None) -> None:
    small.fold(buggy())
    wrong = small.digest()

    answer = small.replay("rebuild", "matching", "--reason", "a bug", "--yes")

    assert answer.code == 2
    assert f"at sequence {OFFERED[0]}" in answer.err
    assert f"--accept {OFFERED[0]}" in answer.err
    assert small.digest() == wrong
    failed = small.operations()[0]
    assert (failed.state, failed.detail["error"]) == ("failed", "Diverged")


def test_the_log_wins_where_it_is_accepted(small: Scene, strict: None) -> None:
    small.fold(buggy())
    some = ",".join(map(str, OFFERED[:2]))
    assert (
        f"--accept {some},{OFFERED[2]} "
        in small.replay("rebuild", "matching", "--reason", "a bug", "--yes", "--accept", some).err
    )

    answer = small.replay(
        "rebuild", "matching", "--reason", "a bug", "--yes", "--accept", "all", "--json"
    )

    assert answer.code == 0, answer.err
    assert (answer.json["exchanged"], answer.json["accepted"]) == (True, OFFERED)
    assert small.digest() == truth()
    assert small.operations()[0].detail["accepted"] == OFFERED
    assert small.replay("verify", "matching").code == 2
    assert small.replay("verify", "matching", "--accept", "all").code == 0


def test_what_a_dry_run_accepts_is_never_exchanged_unseen(small: Scene, strict: None) -> None:
    small.fold(buggy())
    wrong, rebuild = small.digest(), ("rebuild", "matching", "--reason", "a bug")
    every = ",".join(map(str, OFFERED))
    looked = small.replay(*rebuild, "--dry-run", "--accept", "all")
    assert looked.code == 1, looked.err
    assert f"the log wins over today's code at {OFFERED[0]}, " in looked.err
    assert small.operations()[0].detail["accepted"] == OFFERED

    refused = small.replay(*rebuild, "--yes")
    assert refused.code == 2
    assert f"accept it again with --accept {every}, or begin anew with --fresh" in refused.err
    assert small.digest() == wrong

    again = small.replay(*rebuild, "--dry-run", "--accept", every, "--json")
    assert (again.code, again.json["accepted"]) == (1, OFFERED)
    done = small.replay(*rebuild, "--yes", "--accept", every, "--json")
    assert (done.code, done.json["accepted"]) == (0, OFFERED)
    assert small.operations()[0].detail["accepted"] == OFFERED
    assert small.digest() == truth()
