"""Sealing: only both keys, at the same place, open what was sealed."""

import base64
import os
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from services.feedback.sealing import (
    BLOCK,
    MAX_PLAIN,
    NONCE_BYTES,
    VERSION,
    Contents,
    Place,
    TooLong,
    seal,
    shared_key,
    unseal,
    well_formed,
)

ADA, GRACE = os.urandom(32), os.urandom(32)
KEY = shared_key("acme", ADA, GRACE)
PLACE = Place("acme", "c1", "review", "m1", "mentee", "standard-mentee")
SAID = Contents({"usefulness": 4}, "she never listens to me")
IDS = st.text("abc_", min_size=1)


@given(
    st.dictionaries(IDS, st.integers(0, 100)),
    st.text(max_size=500),
    st.dictionaries(IDS, st.text(max_size=100)),
)
def test_what_is_sealed_opens_again(
    ratings: dict[str, int], text: str, texts: dict[str, str]
) -> None:
    contents = Contents(ratings, text, texts)

    assert unseal(KEY, PLACE, seal(KEY, PLACE, contents)) == contents


def test_what_was_sealed_before_forms_asked_in_words_still_opens() -> None:
    nonce, plain = os.urandom(NONCE_BYTES), b'{"ratings":{"usefulness":4},"text":"well done"}'
    cipher = AESGCM(KEY).encrypt(nonce, plain.ljust(BLOCK), PLACE.bound)
    sealed = base64.urlsafe_b64encode(VERSION + nonce + cipher).decode()

    assert unseal(KEY, PLACE, sealed) == Contents({"usefulness": 4}, "well done")


def test_the_same_contents_never_look_the_same() -> None:
    assert seal(KEY, PLACE, SAID) != seal(KEY, PLACE, SAID)


@pytest.mark.parametrize("part", ["program", "cycle", "what", "id", "side", "form"])
def test_nothing_sealed_can_be_moved_elsewhere(part: str) -> None:
    sealed = seal(KEY, PLACE, SAID)

    assert unseal(KEY, replace(PLACE, **{part: "other"}), sealed) is None


@pytest.mark.parametrize(
    "key",
    [
        shared_key("acme", GRACE, ADA),
        shared_key("acme", ADA, ADA),
        shared_key("zenith", ADA, GRACE),
        os.urandom(32),
    ],
    ids=["the other way round", "one person's twice", "another program's", "any other"],
)
def test_another_key_opens_nothing(key: bytes) -> None:
    assert unseal(key, PLACE, seal(KEY, PLACE, SAID)) is None


@given(st.data())
def test_a_changed_byte_opens_nothing(data: st.DataObject) -> None:
    raw = bytearray(base64.urlsafe_b64decode(seal(KEY, PLACE, SAID)))
    at = data.draw(st.integers(0, len(raw) - 1))
    raw[at] ^= data.draw(st.integers(1, 255))

    assert unseal(KEY, PLACE, base64.urlsafe_b64encode(raw).decode()) is None


@given(
    st.text(max_size=200) | st.binary(max_size=600).map(lambda raw: base64.b64encode(raw).decode())
)
def test_anything_else_is_not_well_formed_or_does_not_open(text: str) -> None:
    assert unseal(KEY, PLACE, text) is None


def test_the_structure_is_told_without_a_key() -> None:
    sealed = seal(KEY, PLACE, SAID)

    assert well_formed(sealed)
    assert not well_formed(sealed[:-4])
    assert not well_formed("she never listens to me")
    assert not well_formed("B" + sealed[1:])


@given(st.text("a", max_size=BLOCK // 2))
def test_the_length_of_a_short_text_does_not_show(text: str) -> None:
    assert len(seal(KEY, PLACE, Contents({}, text))) == len(seal(KEY, PLACE, Contents()))


def test_more_than_fits_the_contract_is_refused_without_repeating_it() -> None:
    with pytest.raises(TooLong) as refused:
        seal(KEY, PLACE, Contents(text="secret" * MAX_PLAIN))

    assert "secret" not in str(refused.value)
