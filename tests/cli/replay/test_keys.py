"""Feedback's keys behind an exchange: the erased lose theirs where the key ring is at hand, else somebody is told."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from services.cli.place import Folder
from services.cli.replay.keys import settle_keys
from services.feedback.app import open_ring
from services.feedback.keyring import KeyRing, PersonErased, keks
from services.feedback.model import Person
from services.feedback.sealing import Contents, Place
from services.feedback.store import TABLES
from shared import migrate
from shared.settings import Settings
from shared.store import Store
from shared.world import Ref

KEK = base64.b64encode(bytes(range(32))).decode()
PLACE = Place("spring", "c1", "review", "m1", "mentee", "meeting")
LATER = "start feedback again: it deletes the keys of everybody whom its store knows to be erased"


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of this machine, and a folder of its own."""
    for name in ("MENTORING_KEK", "MENTORING_KEK_FILE", "MENTORING_KEYRING_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A store of feedback's that knows ann to be erased."""
    url = f"sqlite:///{tmp_path / 'feedback.db'}"
    migrate.upgrade("feedback", url)
    store = Store(TABLES, url)
    writing = store.connect()
    erased = Person("spring", "ann", erased=True)
    writing.save({Ref(Person, erased.key()): erased})
    writing.commit()
    writing.close()
    store.dispose()
    return url


def ring_of(tmp_path: Path) -> str:
    """A key ring in which ann has a key still."""
    url = f"sqlite:///{tmp_path / 'keyring.db'}"
    ring = KeyRing(url, keks(bytes(range(32))))
    ring.seal("ann", "bob", PLACE, Contents())
    ring.close()
    return url


def has_key(ring: str) -> bool:
    """Whether something can still be sealed for ann."""
    opened = KeyRing(ring, keks(bytes(range(32))))
    try:
        opened.seal("ann", "bob", PLACE, Contents())
    except PersonErased:
        return False
    finally:
        opened.close()
    return True


def test_the_erased_lose_their_keys_where_the_ring_is_at_hand(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    ring = ring_of(tmp_path)
    monkeypatch.setenv("MENTORING_KEK", KEK)
    monkeypatch.setenv("MENTORING_KEYRING_URL", ring)
    settle_keys("feedback", url, tmp_path)
    assert not has_key(ring)
    assert capfd.readouterr().err == ""


def test_the_ring_of_the_folder_is_found(
    url: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    ring = ring_of(tmp_path)
    Folder(tmp_path).kek.write_text(KEK)
    settle_keys("feedback", url, tmp_path)
    assert not has_key(ring)
    assert capfd.readouterr().err == ""


def test_somebody_is_told_who_deletes_keys_where_no_ring_is_at_hand(
    url: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    ring = ring_of(tmp_path)
    settle_keys("feedback", url, tmp_path / "another")
    assert LATER in " ".join(capfd.readouterr().err.split())
    assert has_key(ring)
    open_ring(Settings(database_url=url, keyring_url=ring, kek=KEK)).close()  # as feedback starts
    assert not has_key(ring)


def test_a_ring_that_is_not_there_is_not_made(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MENTORING_KEK", KEK)
    settle_keys("feedback", url, tmp_path)
    assert LATER in " ".join(capfd.readouterr().err.split())
    assert not (tmp_path / "keyring.db").exists()


def test_another_key_is_refused_and_somebody_is_told(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    ring = ring_of(tmp_path)
    wrong = base64.b64encode(bytes(32)).decode()
    monkeypatch.setenv("MENTORING_KEK", wrong)
    monkeypatch.setenv("MENTORING_KEYRING_URL", ring)
    settle_keys("feedback", url, tmp_path)
    said = " ".join(capfd.readouterr().err.split())
    assert "the key ring: " in said
    assert LATER in said
    assert wrong not in said
    assert has_key(ring)


def test_other_services_have_no_keys(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    settle_keys("matching", f"sqlite:///{tmp_path / 'matching.db'}", tmp_path)
    assert capfd.readouterr().err == ""
