"""`mentoring token`: what it prints opens feedback's HTTP interface, for as long and as whom one says."""

from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from services.cli.main import main
from services.cli.place import Folder
from shared.identity import Identity, Tokens
from shared.settings import Settings, from_environment
from shared.token_keys import new_key


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("KEY_FILE", "KEY", "ISSUER", "AUDIENCE"):
        monkeypatch.delenv(f"MENTORING_TOKEN_{name}", raising=False)


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    with pytest.raises(SystemExit) as ended:
        main(["token", *arguments])
    assert ended.value.code == 0
    return capsys.readouterr().out.strip()


def failed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    with pytest.raises(SystemExit) as ended:
        main(["token", *arguments])
    assert ended.value.code == 2
    return " ".join(capsys.readouterr().err.replace("│", " ").split())


def test_the_secret_of_the_folder_signs_what_feedback_takes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Folder(tmp_path).token_key.write_text(new_key())

    token = printed(
        capsys, "acme", "ada", "--role", "operator", "--role", "person", "--dir", str(tmp_path)
    )

    tokens = Tokens.of(Settings(token_key_file=Folder(tmp_path).token_key))
    assert tokens.identify(f"Bearer {token}") == Identity(
        "ada", "acme", frozenset({"person", "operator"})
    )


@pytest.mark.parametrize("span,seconds", [("45s", 45), ("30m", 1800), ("2h", 7200), ("7d", 604800)])
def test_a_token_lasts_as_long_as_one_says(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], span: str, seconds: int
) -> None:
    Folder(tmp_path).token_key.write_text(new_key())
    given = ["acme", "ada", "--role", "person", "--dir", str(tmp_path)]

    claims = jwt.decode(printed(capsys, *given, "--for", span), options={"verify_signature": False})
    usual = jwt.decode(printed(capsys, *given), options={"verify_signature": False})

    assert claims["exp"] - claims["iat"] == seconds
    assert usual["exp"] - usual["iat"] == 3600


def test_the_settings_come_before_the_folder_and_say_for_whom_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    Folder(tmp_path).token_key.write_text(new_key())
    monkeypatch.setenv("MENTORING_TOKEN_KEY", new_key())
    monkeypatch.setenv("MENTORING_TOKEN_ISSUER", "https://login.example")
    monkeypatch.setenv("MENTORING_TOKEN_AUDIENCE", "mentoring")

    token = printed(capsys, "acme", "hr", "--role", "system", "--dir", str(tmp_path))

    assert Tokens.of(from_environment("feedback")).identify(f"Bearer {token}").person == "hr"


@pytest.mark.parametrize(
    "arguments,words",
    [
        (["acme", "ada"], "Missing option '--role'"),
        (["acme", "ada", "--role", "boss"], "must be one of person, coordinator, system, operator"),
        (["acme", "ada", "--role", "person", "--for", "1w"], "must be a number and s, m, h or d"),
        (["acme", "ada", "--role", "person", "--for", "367d"], "at most 366d"),
        (["acme", "a b", "--role", "person"], "must be 1 to 64"),
        (["acme", "ada", "--role", "person", "--dir", "nowhere"], "there is no "),
    ],
)
def test_what_cannot_be_is_refused(
    capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    assert words in failed(capsys, *arguments)


def test_with_the_issuer_s_public_key_nobody_here_can_issue_tokens(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    public = ed25519.Ed25519PrivateKey.generate().public_key()
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    monkeypatch.setenv("MENTORING_TOKEN_KEY", pem.decode())

    assert "only who has the private key" in failed(capsys, "acme", "ada", "--role", "person")
