"""What the demo seals under keys from its seed is opened by feedback's own key ring."""

import base64
import os
from pathlib import Path

import pytest

from services.cli.demo_sealing import SeededSeal
from services.feedback.keyring import KeyRing, kek_of
from services.feedback.sealing import Contents, Place, well_formed

PLACE = Place("demo", "c1", "review", "m1", "mentee", "standard-mentee")
CONTENTS = Contents({"usefulness": 4}, "Good questions.")


@pytest.fixture
def kek(tmp_path: Path) -> Path:
    path = tmp_path / "kek"
    path.write_text(base64.b64encode(os.urandom(32)).decode())
    return path


def ring_of(seal: SeededSeal, kek: Path, *persons: str) -> KeyRing:
    url = f"sqlite:///{kek.parent / 'keyring.db'}"
    seal.hand_over(url, kek, persons)
    return KeyRing(url, kek_of(kek, None))


def test_feedback_opens_what_the_demo_sealed(kek: Path) -> None:
    seal = SeededSeal(1, "demo")
    ring = ring_of(seal, kek, "ann", "bob")
    sealed = seal("ann", "bob", PLACE, CONTENTS)
    assert well_formed(sealed)
    assert ring.unseal("ann", "bob", PLACE, sealed) == CONTENTS


def test_who_is_erased_is_unreadable_in_the_demo_too(kek: Path) -> None:
    seal = SeededSeal(1, "demo")
    ring = ring_of(seal, kek, "ann", "bob")
    sealed = seal("ann", "bob", PLACE, CONTENTS)
    ring.erase(("demo", "bob"))
    assert ring.unseal("ann", "bob", PLACE, sealed) is None


def test_the_same_seed_seals_to_the_same_bytes() -> None:
    sealed = [SeededSeal(7, "demo")("ann", "bob", PLACE, CONTENTS) for _ in range(2)]
    assert sealed[0] == sealed[1]


def test_other_words_have_another_nonce() -> None:
    seal = SeededSeal(7, "demo")
    raw = [
        base64.urlsafe_b64decode(seal("ann", "bob", PLACE, Contents(text=text)))
        for text in ("one", "two")
    ]
    assert raw[0][1:13] != raw[1][1:13]


def test_another_seed_has_other_keys(kek: Path) -> None:
    ring = ring_of(SeededSeal(1, "demo"), kek, "ann", "bob")
    assert (
        ring.unseal("ann", "bob", PLACE, SeededSeal(2, "demo")("ann", "bob", PLACE, CONTENTS))
        is None
    )
