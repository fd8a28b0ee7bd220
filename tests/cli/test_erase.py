"""`mentoring erase` where something is missing: nothing is said twice, and what is left to do is told."""

from pathlib import Path

import pytest

from services.cli.erase_plan import Plan
from services.cli.erase_view import left_to_do, would
from services.cli.erase_work import Done
from services.cli.output import out
from services.feedback.keyring import KeyRing, kek_of, new_kek
from services.feedback.model import Away, Person
from services.feedback.sealing import Contents
from services.feedback.sealing import Place as SealedPlace
from services.feedback.store import TABLES
from shared import migrate
from shared.events.envelope import decode
from shared.log import Log
from shared.store import Store
from shared.world import Ref
from tests.cli.conftest import Answer, Mentoring, on_log
from tests.cli.say import example


class Stopped:
    """A log and stores whose services do not run."""

    def __init__(self, mentoring: Mentoring, nats: str, folder: Path) -> None:
        self._mentoring, self._nats, self._folder = mentoring, nats, folder
        for name in ("matching", "scheduling", "feedback"):
            migrate.upgrade(name, f"sqlite:///{folder / name}.db")
        self.ring = f"sqlite:///{folder / 'keyring.db'}"
        self.available = decode(example("available"))
        on_log(nats, lambda log: log.publish(self.available))

    @property
    def person(self) -> str:
        return self.available.key

    def erase(self, *more: str, person: str = "", yes: bool = True) -> Answer:
        template = f"sqlite:///{self._folder}/{{service}}.db"
        return self._mentoring(
            "erase", person or self.person, "--program", self.available.program, "--reason", "letter 17",
            "--patience", "0", "--database", template, "--keyring", self.ring, "--nats", self._nats,
            *(["--yes"] if yes else []), *more,
        )  # fmt: skip

    def have_left(self) -> None:
        """Feedback has folded that the person has left."""
        store = Store(TABLES, f"sqlite:///{self._folder / 'feedback.db'}")
        writing = store.connect()
        row = Person(self.available.program, self.person, mentee=Away(), mentor=Away())
        writing.save({Ref(Person, row.key()): row})
        writing.commit()
        writing.close()
        store.dispose()

    def stated(self) -> list[str]:
        """The words about the person."""

        async def read(log: Log) -> list[str]:
            filters = [f"mentoring.*.*.{self.person}.>"]
            return [entry.word async for entries in log.read(filters) for entry in entries]

        found: list[str] = on_log(self._nats, read)
        return found


@pytest.fixture
def stopped(
    mentoring: Mentoring, log_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Stopped:
    for name in ("MENTORING_KEK", "MENTORING_KEK_FILE", "MENTORING_KEYRING_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MENTORING_AUDIT_LOG", str(tmp_path / "audit.jsonl"))
    stopped = Stopped(mentoring, log_url, tmp_path)
    ring = KeyRing(stopped.ring, kek_of(None, new_kek()))
    place = SealedPlace(stopped.available.program, "c1", "note", "n1", "bob", "win")
    ring.seal("bob", stopped.person, place, Contents())
    ring.close()
    return stopped


def test_who_has_not_left_is_not_erased(stopped: Stopped) -> None:
    answer = stopped.erase()

    assert answer.code == 2
    assert f"{stopped.person} has not left: give --leave" in answer.err
    assert stopped.stated() == ["available"]


def test_a_name_that_nobody_has_is_refused(stopped: Stopped) -> None:
    answer = stopped.erase("--leave", person="nobody")

    assert (answer.code, stopped.stated()) == (2, ["available"])
    assert "nobody in" in answer.err


def test_without_a_yes_nothing_is_said(stopped: Stopped) -> None:
    answer = stopped.erase("--leave", yes=False)

    assert (answer.code, stopped.stated()) == (2, ["available"])
    assert "say --yes" in answer.err


def test_a_key_ring_that_is_not_there_is_told_before_anything_is_said(stopped: Stopped) -> None:
    stopped.ring += ".nowhere"

    answer = stopped.erase("--leave")

    assert (answer.code, stopped.stated()) == (2, ["available"])
    assert "there is no key ring" in answer.err


def test_while_feedback_is_away_left_is_said_once_and_nothing_else(stopped: Stopped) -> None:
    answers = [stopped.erase("--leave") for _ in range(2)]

    assert [answer.code for answer in answers] == [1, 1]
    assert "feedback has not come there in time" in answers[1].err
    assert stopped.stated() == ["available", "left"]


def test_while_services_are_away_erased_is_said_once_and_the_key_is_still_there(
    stopped: Stopped,
) -> None:
    stopped.have_left()

    first, second = stopped.erase("--json"), stopped.erase()

    assert (first.code, second.code) == (1, 1)
    assert first.json["services"] == dict.fromkeys(
        ("matching", "scheduling", "feedback"), "waiting"
    )
    assert (first.json["key"], first.json["complete"]) == ("key", False)
    assert "the data key is still there" in second.err
    assert stopped.stated() == ["available", "erased"]


def test_what_is_about_to_happen_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    plan = Plan(2, erased=False, away=False, open=["c1"], blind=1, reviews=3, notes=4)

    out().print(would(plan, "key", leave=True))

    shown = " ".join(capsys.readouterr().out.split())
    for words in (
        "is said first left, as mentee and as mentor",
        "cycles that end c1",
        "the ratings of 1 open review",
        "3 reviews and 4 notes",
        "a data key",
    ):
        assert words in shown


@pytest.mark.parametrize(
    "done, told",
    [
        (Done(key="erased", rewritten=True, services={"matching": "folded"}), []),
        (Done(key="erased", services={"matching": "folded"}), ["could not be rewritten"]),
        (
            Done(key="erased", rewritten=True, services={"matching": "parked"}),
            ["matching: parked: see `mentoring dead list matching`"],
        ),
        (Done(open=["c1"]), ["c1 not concluded in time"]),
    ],
)
def test_what_is_left_to_do_is_told_and_nothing_is_when_it_is_complete(
    done: Done, told: list[str]
) -> None:
    said = list(left_to_do(done))

    assert [any(words in line for line in said) for words in told] == [True] * len(told)
    assert (len(said) == 0) == done.complete == (told == [])
