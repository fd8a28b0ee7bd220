"""Keys of bearer tokens: the algorithm follows from the key, and what is no key is refused without showing it."""

import base64
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from shared.settings import BadSetting
from shared.token_keys import HOW, PublicKey, new_key, read_keys

P256 = ec.generate_private_key(ec.SECP256R1())
ED25519 = ed25519.Ed25519PrivateKey.generate()
PRIVATE = P256.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def pem(key: PublicKey) -> str:
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def algorithms(text: str) -> list[str]:
    return [key.algorithm for key in read_keys(None, text)]


def test_a_secret_is_for_hs256_and_is_what_signs() -> None:
    (key,) = read_keys(None, new_key())

    assert (key.algorithm, len(key.signs or b"")) == ("HS256", 32)


def test_the_kind_of_a_public_key_says_its_algorithm_and_it_signs_nothing() -> None:
    one_rsa = rsa.generate_private_key(65537, 2048).public_key()
    given = pem(one_rsa) + pem(P256.public_key()) + pem(ED25519.public_key())

    assert algorithms(given) == ["RS256", "ES256", "EdDSA"]
    assert [key.signs for key in read_keys(None, given)] == [None] * 3


def test_several_secrets_stand_one_on_a_line() -> None:
    first, second = new_key(), new_key()

    keys = read_keys(None, f"{first}\n{second}\n")

    assert [key.signs for key in keys] == [base64.b64decode(first), base64.b64decode(second)]


def test_the_file_wins(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(pem(ED25519.public_key()))

    assert [key.algorithm for key in read_keys(file, new_key())] == ["EdDSA"]


@pytest.mark.parametrize(
    "text,rule",
    [
        (None, "there is no key to check tokens with"),
        ("", "there is no key to check tokens with"),
        ("\n", "there is no key to check tokens with"),
        (base64.b64encode(bytes(31)).decode(), "at least 32 bytes in base64"),
        ("topsecret", "at least 32 bytes in base64"),
        (f"{base64.b64encode(bytes(range(32))).decode()}\nshort", "at least 32 bytes in base64"),
        (PRIVATE, "PUBLIC KEY blocks only"),
        ("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", "cannot be read"),
        ("-----BEGIN PUBLIC KEY-----\nAAAA", "not whole PEM blocks"),
        (pem(ED25519.public_key()) + "topsecret", "not whole PEM blocks"),
        (pem(rsa.generate_private_key(65537, 1024).public_key()), "RSA of at least 2048 bits"),
        (pem(ec.generate_private_key(ec.SECP384R1()).public_key()), "P-256"),
    ],
)
def test_what_is_no_key_is_refused_and_never_shown(text: str | None, rule: str) -> None:
    with pytest.raises(BadSetting, match=rule) as refused:
        read_keys(None, text)

    words = str(refused.value)
    assert words.startswith("MENTORING_TOKEN_KEY: ")
    assert words.endswith(HOW)
    assert "topsecret" not in words


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "key"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(BadSetting, match="MENTORING_TOKEN_KEY_FILE: names a file that cannot"):
        read_keys(file, None)


def test_a_key_does_not_show_itself() -> None:
    secret = new_key()
    (key,) = read_keys(None, secret)

    assert repr(key) == "TokenKey(algorithm='HS256')"
