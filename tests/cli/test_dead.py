"""`mentoring dead`: what a real service parked is listed, redriven in order and given up, and a rebuild knows it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from services.cli.dead import probing, saying
from services.cli.dead.journal import Journal
from services.cli.dead.letters import held
from services.cli.dead.redriving import Redriving
from services.cli.dead.saying import Operator
from services.matching.app import SERVICE as MATCHING
from shared import migrate, provision
from shared.entry import Entry
from shared.events.envelope import Event
from shared.log import Log, LogTrouble, Message
from shared.replay import operation
from shared.store import Store
from tests.backends.nats_server import NatsServer
from tests.chaos import truth
from tests.cli.conftest import Answer, Mentoring, on_log
from tests.cli.faulty import (
    SECRET,
    Faulty,
    offer,
    raises,
    running,
    too_large,
    too_late,
    too_much,
)
from tests.tally.log import entries, until

CAUSES = {
    "judge": ("raised", "KeyError"),
    "evolve": ("raised", "ZeroDivisionError"),
    "decide": ("raised", "ValueError"),
    "too-much": ("raised", "TooMuchSaid"),
    "too-large": ("raised", "StoreRefused"),
    "too-late": ("raised", "InvalidEvent"),
    "needy": ("waits", "Waits"),
}
"""Mentors whose offers are parked, and as what."""


@dataclass
class Scene:
    """Matching, running on real servers with faults in its code, and the command beside it."""

    url: str
    database: str
    faulty: Faulty
    command: Mentoring
    running: ExitStack

    def say(self, *events: Event | Message) -> list[int]:
        """Publish, and wait until it is folded."""

        async def work(log: Log) -> list[int]:
            seqs = [
                await (log.publish(each) if isinstance(each, Event) else log.send(each))
                for each in events
            ]
            store = Store(MATCHING.tables, self.database)
            await until(lambda: position(store) >= seqs[-1], "it is folded")
            store.dispose()
            return seqs

        seqs: list[int] = on_log(self.url, work)
        return seqs

    def dead(self, *arguments: str) -> Answer:
        """`mentoring dead`, where this scene is."""
        return self.command("dead", *arguments, *self.place)

    @property
    def place(self) -> Sequence[str]:
        sign = "&" if "?" in self.database else "?"
        named = f"{self.database}{sign}application_name={{service}}"
        if self.database.startswith("sqlite"):
            named = self.database.replace("matching.db", "{service}.db")
        return ["--nats", self.url, "--database", named]

    def told(self, *words: str) -> list[Entry]:
        """What stands in the log of these words."""
        filters = [f"mentoring.*.{word}.*.>" for word in words]
        found: list[Entry] = on_log(self.url, lambda log: entries(log, *filters))
        return found

    def rebuilt(self, folder: Path) -> str:
        """The digest of a store made from the log alone, by the code without faults; ends the service."""
        self.running.close()
        service = self.faulty.service()
        digest: str = on_log(self.url, lambda log: truth.rebuilt_digest(log, service, folder))
        return digest

    def live(self) -> str:
        return truth.live_digest(MATCHING, self.database)

    def operations(self, kind: str) -> list[operation.Operation]:
        store = Store(MATCHING.tables, self.database)
        try:
            return operation.listing(store, kind=kind)[::-1]
        finally:
            store.dispose()


def position(store: Store) -> int:
    """What matching has folded."""
    query = "SELECT max(seq) FROM position"
    return store.read(lambda c: c.exec_driver_sql(query).scalar()) or 0


@pytest.fixture(params=["sqlite", "postgresql"])
def scene(
    request: pytest.FixtureRequest,
    mentoring: Mentoring,
    log_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Scene]:
    database = f"sqlite:///{tmp_path / 'matching.db'}"
    if request.param == "postgresql":
        database = request.getfixturevalue("postgres_url")
    monkeypatch.setenv("MENTORING_AUDIT_LOG", str(tmp_path / "audit.jsonl"))
    migrate.upgrade("matching", database)
    faulty = Faulty()
    with ExitStack() as stack:
        stack.enter_context(running(faulty.service(), log_url, database))
        yield Scene(log_url, database, faulty, mentoring, stack)


def poison(scene: Scene) -> dict[str, int]:
    """Park an offer for each cause; the sequence of each."""
    faulty = scene.faulty
    faulty.needs = {"needy": "judge"}
    scene.say(offer("judge", 0))
    faulty.judges = {"judge": raises(KeyError)}
    faulty.evolves = {
        "evolve": raises(ZeroDivisionError),
        "too-large": too_large,
        "too-late": too_late,
    }
    faulty.decides = {"decide": raises(ValueError), "too-much": too_much}
    return dict(zip(CAUSES, scene.say(*[offer(name, 1) for name in CAUSES]), strict=True))


def outcomes(answer: Answer) -> list[tuple[int, str, str | None]]:
    return [(each["seq"], each["outcome"], each["error"]) for each in answer.json["tried"]]


def test_what_is_parked_is_listed_by_cause_without_a_value(scene: Scene) -> None:
    seqs = poison(scene)
    waiting = scene.say(offer("judge", 2), offer("judge", 3))

    answer = scene.dead("list", "matching", "--json")

    assert answer.code == 1
    assert {(each["error"], each["count"], each["first_seq"]) for each in answer.json} == {
        *[(error, 1, seqs[name]) for name, (_, error) in CAUSES.items() if error != "Waits"],
        ("Waits", 3, seqs["needy"]),
    }
    shown = scene.dead("list", "matching")
    each = scene.dead("list", "matching", "--each", "--error", "Waits", "--json")
    assert [one["seq"] for one in each.json] == [seqs["needy"], *waiting]
    one = scene.dead("show", "matching", str(waiting[0]))
    assert SECRET not in shown.out + each.out + one.out
    assert f"before   {seqs['judge']}" in one.out
    assert f"behind   {waiting[1]}" in one.out
    assert "capacity" not in one.out


@pytest.mark.parametrize("scene", ["sqlite"], indirect=True)
def test_letters_are_listed_without_instants_where_the_log_is_away(scene: Scene) -> None:
    scene.faulty.evolves = {"m1": raises(KeyError)}
    seq = scene.say(offer("m1", 0))[0]
    place = [scene.place[-2], scene.place[-1], "--nats", "nats://127.0.0.1:1"]

    told = scene.command("dead", "list", "matching", "--json", *place)
    aged = scene.command("dead", "list", "matching", "--newer", "1h", *place)
    lost = scene.command(
        "dead", "list", "--nats", scene.url, "--database", "sqlite:///no/{service}"
    )

    assert [(each["first_seq"], each["first_stored"]) for each in told.json] == [(seq, None)]
    assert "without instants: no NATS server answers" in told.err
    assert (aged.code, aged.out) == (2, "")
    assert lost.code == 2
    assert "instants" not in lost.err


def test_filters_take_what_they_say(scene: Scene) -> None:
    seqs = poison(scene)
    bad = scene.say(Message("mentoring.spring.offered.m9", b"no JSON"))[0]

    def listed(*filters: str) -> list[int]:
        answer = scene.dead("list", "matching", "--each", "--json", *filters)
        return [each["seq"] for each in answer.json]

    assert listed("--kind", "invalid") == [bad]
    assert listed("--key", "judge") == [seqs["judge"]]
    assert listed("--program", "autumn") == []
    assert listed("--event", "paired") == []
    assert listed("--error", "raised", "--newer", "1h") == sorted(
        seqs[name] for name, (cause, _) in CAUSES.items() if cause == "raised"
    )
    assert listed("--older", "1h") == listed("--older", "999999w") == []
    assert listed("--newer", "999999w") == sorted([bad, *seqs.values()])
    assert listed("--state", "redriven") == []


def test_the_event_is_shown_only_when_asked_for_and_then_with_a_warning(scene: Scene) -> None:
    seq = str(poison(scene)["decide"])

    plain, full = scene.dead("show", "matching", seq), scene.dead("show", "matching", seq, "--body")

    assert '"capacity"' not in plain.out
    assert '"capacity":2' in full.out
    assert "may be confidential" in full.err


def test_whether_the_code_at_hand_would_fold_it_is_tried_without_a_word_in_the_log(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.faulty.evolves = {"m1": raises(ZeroDivisionError)}
    first, behind = scene.say(offer("m1", 0), offer("m1", 1))
    before = on_log(scene.url, entries)

    def tried(seq: int) -> tuple[int, str, str | None]:
        answer = scene.dead("show", "matching", str(seq), "--try", "--json")
        probe = answer.json["probe"]
        return probe["seq"], probe["outcome"], probe["error"]

    broken = scene.faulty.service()
    monkeypatch.setattr(probing, "fold_of", lambda name: broken if name == "matching" else None)
    failing = [tried(first), tried(behind)]
    words = scene.dead("show", "matching", str(first), "--try").out
    scene.faulty.mend()

    assert failing == [(first, "parked", "ZeroDivisionError")] * 2
    assert "would park it again: ZeroDivisionError at tests/cli/faulty.py:" in words
    assert SECRET not in words
    assert [tried(first), tried(behind)] == [(first, "folded", None), (behind, "folded", None)]
    assert on_log(scene.url, entries) == before


def test_a_redrive_that_is_killed_is_finished_by_the_next(scene: Scene, tmp_path: Path) -> None:
    mentors = [f"m{n}" for n in range(40)]
    scene.faulty.evolves = dict.fromkeys(mentors, raises(KeyError))
    scene.say(*[offer(name, 0) for name in mentors], *[offer(name, 1) for name in mentors])
    scene.faulty.mend()
    command = [
        sys.executable,
        "-m",
        "services.cli",
        "dead",
        "redrive",
        "matching",
        "--all",
        "--yes",
    ]
    first = subprocess.Popen([*command, *scene.place], cwd=Path(__file__).parents[2])
    while not scene.told("redriven"):
        assert first.poll() is None, "it ended too early"
    first.kill()
    first.wait()
    at_the_kill = len(scene.told("redriven"))

    rest = scene.dead("redrive", "matching", "--all", "--yes", "--json")

    assert 0 < at_the_kill < 80
    assert rest.code == 0
    said = scene.told("redriven")
    assert len({json.loads(each.body)["data"]["event"] for each in said}) == len(said) == 80
    assert scene.rebuilt(tmp_path) == scene.live()


def test_one_is_redriven_then_two_then_all_in_the_order_of_each_key(
    scene: Scene, tmp_path: Path
) -> None:
    seqs = poison(scene)
    behind = scene.say(offer("judge", 2), offer("evolve", 2), offer("judge", 3))
    scene.faulty.mend()

    one = scene.dead("redrive", "matching", str(seqs["decide"]), "--yes", "--json")
    two = scene.dead("redrive", "matching", "--limit", "2", "--yes", "--json")
    rest = scene.dead("redrive", "matching", "--all", "--yes", "--json")

    assert (one.code, two.code, rest.code) == (0, 0, 0)
    assert outcomes(one) == [(seqs["decide"], "folded", None)]
    assert outcomes(two) == [(seqs[name], "folded", None) for name in ("judge", "evolve")]
    assert {each[1] for each in outcomes(rest)} == {"folded"}
    assert [each[0] for each in outcomes(rest)] == sorted(
        [*behind, *(seqs[name] for name in ("too-much", "too-large", "too-late", "needy"))]
    )
    assert scene.dead("list", "matching", "--json").json == []
    attempts = {each["seq"]: each["attempt"] for each in rest.json["tried"]}
    assert {seq for seq, attempt in attempts.items() if attempt == 2} == {seqs["needy"]}
    assert len(scene.told("redriven")) == len(CAUSES) + len(behind) + 1
    assert not scene.told("rejected")
    assert scene.rebuilt(tmp_path) == scene.live()


def test_one_behind_another_of_its_key_is_not_redriven_alone(scene: Scene) -> None:
    seqs = poison(scene)
    (behind,) = scene.say(offer("judge", 2))
    scene.faulty.mend()

    answer = scene.dead("redrive", "matching", str(behind), "--yes")

    assert answer.code == 2
    assert f"{behind} stands behind {seqs['judge']} of the same key" in answer.err
    assert not scene.told("redriven")


def test_what_fails_again_stays_parked_with_the_attempt_and_those_behind_are_not_tried(
    scene: Scene, tmp_path: Path
) -> None:
    seqs = poison(scene)
    (behind,) = scene.say(offer("evolve", 2))

    answer = scene.dead("redrive", "matching", "--key", "evolve", "--all", "--yes", "--json")

    assert answer.code == 1
    assert outcomes(answer) == [(seqs["evolve"], "parked", "ZeroDivisionError")]
    assert answer.json["not_tried"] == [behind]
    shown = scene.dead("show", "matching", str(seqs["evolve"]), "--json").json
    assert [each["answer"] for each in shown["attempts"]] == ["parked again: ZeroDivisionError"]
    assert shown["state"] == "open"
    (kept,) = scene.operations("redrive")
    assert (kept.state, kept.from_seq, kept.detail["outcome"]) == (
        "failed",
        seqs["evolve"],
        "parked",
    )
    scene.faulty.mend()
    again = scene.dead("redrive", "matching", "--all", "--yes", "--json")
    attempts = {each["seq"]: each["attempt"] for each in again.json["tried"]}
    assert (attempts[seqs["evolve"]], attempts[behind]) == (2, 1)
    assert scene.rebuilt(tmp_path) == scene.live()


def test_what_waited_for_a_later_one_of_another_key_is_tried_again(
    scene: Scene, tmp_path: Path
) -> None:
    scene.say(offer("m1", 0), offer("m2", 0))
    scene.faulty.evolves = {"m1": raises(KeyError), "m2": raises(KeyError)}
    first, second = scene.say(offer("m1", 1), offer("m2", 1))
    scene.faulty.mend()
    scene.faulty.needs = {"m1": "m2"}

    answer = scene.dead("redrive", "matching", "--all", "--yes", "--json")

    assert answer.code == 0
    assert outcomes(answer) == [(first, "folded", None), (second, "folded", None)]
    assert [each["attempt"] for each in answer.json["tried"]] == [2, 1]
    assert scene.rebuilt(tmp_path) == scene.live()


def test_what_the_judge_refuses_today_is_refused_and_frees_its_key(scene: Scene) -> None:
    scene.faulty.judges = {"m1": raises(KeyError)}
    own = offer("m1", 0)
    managed = own.data.model_copy(update={"manager": "m1"})
    seq, behind = scene.say(
        Event(own.id, own.source, "spring", "m1", own.time, managed), offer("m1", 1)
    )
    scene.faulty.mend()

    answer = scene.dead("redrive", "matching", "--all", "--yes", "--json")

    assert answer.code == 0
    assert outcomes(answer) == [(seq, "refused", "own_manager"), (behind, "folded", None)]


def test_discarding_lets_those_behind_go_on(scene: Scene, tmp_path: Path) -> None:
    scene.faulty.evolves = {"m1": raises(KeyError)}
    bad, *behind = scene.say(*[offer("m1", n) for n in range(3)])

    without = scene.dead("discard", "matching", str(bad), "--yes")
    gone = scene.dead(
        "discard",
        "matching",
        str(bad),
        "--reason",
        "entered twice",
        "--by",
        "ann",
        "--yes",
        "--json",
    )
    scene.faulty.mend()
    rest = scene.dead("redrive", "matching", "--all", "--yes", "--json")

    assert without.code == 2
    assert (gone.code, outcomes(gone)) == (0, [(bad, "discarded", None)])
    assert outcomes(rest) == [(seq, "folded", None) for seq in behind]
    (kept,) = scene.operations("discard")
    assert (kept.by, kept.reason, kept.state) == ("ann", "entered twice", "done")
    assert (scene.say(offer("m1", 3)), scene.dead("list", "--json", "matching").json)[1] == []
    assert scene.rebuilt(tmp_path) == scene.live()


def test_two_operators_at_once_redrive_each_event_once(scene: Scene, tmp_path: Path) -> None:
    poison(scene)
    scene.say(*[offer(name, n) for n in (2, 3) for name in CAUSES])
    scene.faulty.mend()
    command = [
        sys.executable,
        "-m",
        "services.cli",
        "dead",
        "redrive",
        "matching",
        "--all",
        "--yes",
    ]

    both = [
        subprocess.Popen([*command, "--by", name, *scene.place], cwd=Path(__file__).parents[2])
        for name in ("ann", "ben")
    ]
    codes = [each.wait(120) for each in both]

    said = scene.told("redriven")
    again = [each for each in scene.told("parked") if each.cause in {one.seq for one in said}]
    assert codes == [0, 0]
    assert len(said) - len(again) == len(CAUSES) * 3
    assert len({json.loads(each.body)["id"] for each in said}) == len(said)
    assert not scene.told("rejected")
    assert scene.dead("list", "matching", "--json").json == []
    assert scene.rebuilt(tmp_path) == scene.live()


def test_an_attempt_that_another_operator_made_meanwhile_is_not_made_again(
    scene: Scene, tmp_path: Path
) -> None:
    del tmp_path
    scene.faulty.evolves = {"m1": raises(KeyError)}
    scene.say(offer("m1", 0))

    answers = at_once(scene, "ann", "ben")

    assert [each["attempt"] for each in answers] == [1, 1]
    assert sorted(each["ours"] for each in answers) == [False, True]
    assert len(scene.told("redriven")) == 1


def at_once(scene: Scene, *names: str) -> list[dict[str, Any]]:
    """Operators who have all looked before one of them acts."""

    async def work(log: Log) -> list[dict[str, Any]]:
        store = Store(MATCHING.tables, scene.database)
        operators = [
            Redriving(
                log,
                store,
                "matching",
                Operator(name, "corrected"),
                30,
                Journal(store, "redrive", name, "test"),
            )
            for name in names
        ]
        plans = [await each.plan(held(store)) for each in operators]
        for each, plan in zip(operators, plans, strict=True):
            await each.carry_out(plan)
        store.dispose()
        return [
            {"attempt": made.attempt, "ours": made.ours}
            for each in operators
            for made in each.tries
        ]

    found: list[dict[str, Any]] = on_log(scene.url, work)
    return found


@pytest.mark.parametrize("scene", ["sqlite"], indirect=True)
def test_what_was_said_before_the_log_went_away_is_told_and_written_down(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.faulty.evolves = {"m1": raises(KeyError), "m2": raises(KeyError)}
    first, second = scene.say(offer("m1", 0), offer("m2", 0))
    scene.faulty.mend()
    say = saying.redrive

    async def once(log: Log, known: Any, service: str, letter: Any, *rest: Any) -> Any:
        if letter.seq == second:
            raise LogTrouble("the log is away")
        return await say(log, known, service, letter, *rest)

    monkeypatch.setattr(saying, "redrive", once)
    answer = scene.dead("redrive", "matching", "--all", "--yes", "--json")

    assert answer.code == 2
    assert outcomes(answer) == [(first, "folded", None)]
    assert answer.json["not_tried"] == [second]
    assert [each.state for each in scene.operations("redrive")] == ["done", "failed"]


@pytest.mark.parametrize("scene", ["sqlite"], indirect=True)
def test_an_audit_log_that_cannot_be_written_is_named_and_nothing_is_said(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    scene.faulty.evolves = {"m1": raises(KeyError)}
    scene.say(offer("m1", 0))
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("MENTORING_AUDIT_LOG", str(tmp_path / "file" / "audit.jsonl"))

    answer = scene.dead("redrive", "matching", "--all", "--yes")

    assert answer.code == 2
    assert "the audit log" in answer.err
    assert "database" not in answer.err
    assert not scene.told("redriven")


@pytest.mark.parametrize(
    "arguments, words",
    [
        (["redrive", "matching"], "which? Give sequences, --limit N to try a few, or --all"),
        (["redrive", "matching", "7", "--all"], "give sequences or --all, not both"),
        (["redrive", "matching", "7", "--yes"], "nothing is parked at 7"),
        (["redrive", "nobody", "7"], "must be one of matching, scheduling, feedback"),
        (["redrive", "matching", "--all", "--older", "soon"], "an age is a number and s, m, h"),
        (["redrive", "matching", "--all", "--code", "No Code"], "must be 1 to 64 of a-z"),
        (["redrive", "matching", "--all", "--by", "Ann B"], "--by: must be 1 to 64 of"),
        (["list", "--kind", "odd"], "--kind: must be one of parked, rejected, invalid"),
        (["show", "matching", "7"], "matching has no dead letter at 7"),
    ],
)
@pytest.mark.parametrize("scene", ["sqlite"], indirect=True)
def test_what_cannot_be_done_is_told_with_its_rule(
    scene: Scene, arguments: list[str], words: str
) -> None:
    answer = scene.dead(*arguments)

    assert answer.code == 2
    assert words in answer.err


@pytest.mark.parametrize("scene", ["sqlite"], indirect=True)
def test_nothing_is_done_when_nobody_can_be_asked(scene: Scene) -> None:
    scene.faulty.evolves = {"m1": raises(KeyError)}
    scene.say(offer("m1", 0))

    answer = scene.dead("redrive", "matching", "--all")

    assert answer.code == 2
    assert "nobody is there to ask: say --yes" in answer.err
    assert not scene.told("redriven")


def test_a_service_that_is_not_running_folds_it_when_it_starts(
    mentoring: Mentoring, log_url: str, tmp_path: Path
) -> None:
    faulty = Faulty(evolves={"m1": raises(KeyError)})
    database = f"sqlite:///{tmp_path / 'matching.db'}"
    scene = Scene(log_url, database, faulty, mentoring, ExitStack())
    migrate.upgrade("matching", database)
    with running(faulty.service(), log_url, database):
        scene.say(offer("m1", 0))

    slow = scene.dead("redrive", "matching", "--all", "--yes", "--patience", "0.1", "--json")
    faulty.mend()
    with running(faulty.service(), log_url, database):
        again = scene.dead("redrive", "matching", "--all", "--yes", "--json")

    assert (slow.code, slow.json["outcomes"]) == (1, {"waiting": 1})
    assert again.code == 0
    assert len(scene.told("redriven")) == 1


@pytest.mark.parametrize("act", ["redrive", "discard"])
def test_nothing_is_said_in_a_log_that_the_store_was_not_folded_from(
    scene: Scene, tmp_path: Path, act: str
) -> None:
    scene.faulty.judges = {"m1": raises(KeyError)}
    [seq] = scene.say(offer("m1"))
    with NatsServer(tmp_path / "other") as other:
        on_log(other.url, provision.apply)
        place = ["--nats", other.url, *scene.place[2:]]

        answer = scene.command("dead", act, "matching", str(seq), "--reason", "x", "--yes", *place)

        said = on_log(other.url, lambda log: entries(log, "mentoring.>"))
    assert (answer.code, said) == (2, [])
    assert answer.err.startswith("error: the store belongs to the log ")
