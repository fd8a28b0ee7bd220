"""Feedback around its key ring: it starts only with the right key, and trouble is never a verdict."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from unittest.mock import Mock

import pytest

from services.feedback import app
from services.feedback.app import SERVICE, RingAtHand, caught_up, open_ring, prepare, service
from services.feedback.keyring import PersonErased, new_kek
from services.feedback.model import Person
from services.feedback.sealing import Contents, Place
from services.feedback.store import TABLES
from shared import migrate
from shared.events.feedback import Reviewed
from shared.ledger import Progress
from shared.outcome import StoreTrouble
from shared.runtime import Runtime
from shared.settings import BadSetting, Settings
from shared.store import Store
from tests.backends.tokens import TOKEN_KEY
from tests.feedback.history import MENTEE, MENTOR, PROGRAM, History, a_pair, hold, only, review

PLACE = Place(PROGRAM, "c1", "review", "m1", "mentee", "standard-mentee")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        database_url=f"sqlite:///{tmp_path / 'feedback.db'}",
        keyring_url=f"sqlite:///{tmp_path / 'keyring.db'}",
        kek=new_kek(),
    )


def test_the_key_ring_is_at_hand_once_prepared(settings: Settings) -> None:
    ring = RingAtHand()

    assert ring.prepare(settings).name == "feedback"
    assert ring().seal(MENTEE, MENTOR, PLACE, Contents())


def test_before_it_is_prepared_there_is_none() -> None:
    with pytest.raises(StoreTrouble):
        RingAtHand()()


@pytest.mark.parametrize("kek", [None, "", "too short"])
def test_without_a_proper_key_nothing_starts(settings: Settings, kek: str | None) -> None:
    with pytest.raises(BadSetting, match="key-encryption key"):
        RingAtHand().prepare(replace(settings, kek=kek))


def test_with_another_key_nothing_starts(settings: Settings) -> None:
    open_ring(settings).close()

    with pytest.raises(BadSetting, match="made with another key-encryption key"):
        RingAtHand().prepare(replace(settings, kek=new_kek()))


@pytest.mark.parametrize(
    "store,ring,refused",
    [
        ("sqlite:///{}/feedback.db", "sqlite:///{}/sub/../feedback.db", True),
        ("postgresql+psycopg://a@db/feedback", "postgresql://b:x@db/feedback", True),
        ("postgresql+psycopg:///?service=one", "postgresql+psycopg:///?service=one", True),
        ("postgresql+psycopg:///?service=one", "postgresql+psycopg:///?service=two", False),
        ("postgresql+psycopg://a@db/feedback", "postgresql://a@db/keyring", False),
        ("postgresql+psycopg://a@db/feedback", "sqlite:///{}/feedback", False),
    ],
)
def test_a_key_ring_in_the_stores_database_is_refused(
    settings: Settings, tmp_path: Path, store: str, ring: str, refused: bool
) -> None:
    (tmp_path / "sub").mkdir()
    urls = store.format(tmp_path), ring.format(tmp_path)

    assert app._same_place(*urls) is refused
    if refused:
        with pytest.raises(BadSetting, match="give the key ring one of its own"):
            RingAtHand().prepare(replace(settings, database_url=urls[0], keyring_url=urls[1]))


def test_the_process_says_what_is_wrong_and_ends(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if "KEK" not in name}
    environment["MENTORING_KEYRING_URL"] = f"sqlite:///{tmp_path / 'keyring.db'}"
    environment["MENTORING_TOKEN_KEY"] = TOKEN_KEY

    ended = subprocess.run(
        [sys.executable, "-m", "services.feedback", "run"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 2
    assert "error: there is no key-encryption key: set MENTORING_KEK_FILE" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("key", [None, "", "too short"])
def test_without_a_proper_key_for_tokens_nothing_starts(
    settings: Settings, key: str | None
) -> None:
    with pytest.raises(BadSetting, match="MENTORING_TOKEN_KEY: "):
        prepare(replace(settings, token_key=key))


def test_a_restored_key_ring_revives_nobody(settings: Settings) -> None:
    open_ring(settings).close()
    migrate.upgrade("feedback", settings.database_url)
    store = Store(TABLES, settings.database_url)
    writing = store.connect()
    erased = Person(PROGRAM, MENTEE, erased=True)
    from shared.world import Ref

    writing.save({Ref(Person, erased.key()): erased})
    writing.commit()
    store.dispose()

    with pytest.raises(PersonErased):
        open_ring(settings).seal(MENTEE, MENTOR, PLACE, Contents())


def test_an_empty_key_ring_is_not_taken_for_the_one_that_sealed_what_is_in_the_store(
    settings: Settings,
) -> None:
    history = a_pair()
    hold(history, 1)
    keep(settings, history)
    open_ring(settings).close()

    history.submit("mentee")
    keep(settings, history)

    with pytest.raises(BadSetting, match="restore that one, or set MENTORING_KEYRING_LOST=1"):
        RingAtHand().prepare(settings)
    lost = replace(settings, keyring_lost=True)
    assert open_ring(lost).seal(MENTEE, MENTOR, PLACE, Contents())
    open_ring(settings).close()


def test_an_older_backup_of_the_key_ring_is_not_taken_for_the_one_that_sealed_what_is_blind(
    settings: Settings,
) -> None:
    history = a_pair()
    hold(history, 1)
    history.submit("mentee")
    keep(settings, history)
    older = open_ring(replace(settings, keyring_lost=True))
    older.seal(MENTEE, "joan", PLACE, Contents())

    with pytest.raises(BadSetting, match="knows nothing of 1 persons whose reviews are sealed"):
        RingAtHand().prepare(settings)

    open_ring(replace(settings, keyring_lost=True)).close()
    older.erase((PROGRAM, MENTOR))
    open_ring(settings).close()
    older.close()


def test_a_key_that_only_what_is_revealed_needs_may_be_gone(settings: Settings) -> None:
    history = a_pair()
    hold(history, 1)
    history.submit("mentee")
    history.submit("mentor")
    keep(settings, history)
    older = open_ring(replace(settings, keyring_lost=True))
    older.seal(MENTEE, "joan", PLACE, Contents())
    older.close()

    open_ring(settings).close()


def test_a_key_ring_that_is_away_at_the_start_is_opened_later(
    settings: Settings, tmp_path: Path
) -> None:
    away = tmp_path / "away"
    elsewhere = replace(settings, keyring_url=f"sqlite:///{away / 'keyring.db'}")
    ring = RingAtHand()
    ring.prepare(elsewhere)
    with pytest.raises(StoreTrouble):
        ring()

    away.mkdir()

    assert ring().seal(MENTEE, MENTOR, PLACE, Contents())


def test_a_key_ring_that_is_away_at_the_reveal_neither_reveals_nor_parks() -> None:
    history = a_pair()
    hold(history, 1)
    history.submit("mentee")
    whole, history.fold.service = history.fold.service, service(RingAtHand())

    with pytest.raises(StoreTrouble):
        history.submit("mentor")
    history.world.discard()
    history.fold.service = whole

    assert sorted(review(history).entries) == ["mentee"]
    assert only(history.submit("mentor"), Reviewed).by == "both"


def keep(settings: Settings, history: History) -> None:
    """Write what a history has changed into the store."""
    migrate.upgrade("feedback", settings.database_url)
    store = Store(TABLES, settings.database_url)
    writing = store.connect()
    writing.save(history.world.take_changes())
    writing.commit()
    writing.close()
    store.dispose()


def test_nothing_is_opened_over_http_before_a_restored_store_has_caught_up(
    settings: Settings,
) -> None:
    """Its erasures may stand in the log behind it."""
    runtime = Runtime(SERVICE, settings)
    ring = caught_up(runtime, lambda: open_ring(settings))
    with pytest.raises(StoreTrouble):
        ring()

    ledger = Mock(partition=0, progress=Progress(state="catching up"))
    runtime._ledgers, runtime._subscribers, runtime.trouble = [ledger], [Mock(pending=0)], ""
    runtime._ownership = Mock(owns=lambda partition: True)
    with pytest.raises(StoreTrouble):
        ring()

    runtime._ownership = Mock(owns=lambda partition: False)
    ring().close()  # another process folds, and this one cannot tell how far
    runtime._ownership = Mock(owns=lambda partition: True)
    with pytest.raises(StoreTrouble):
        ring()
    ledger.progress.state = "live"
    ring().close()
    ledger.progress.state = "catching up"  # as when the log was away for a while
    ring().close()
    runtime.store.dispose()
