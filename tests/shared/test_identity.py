"""Bearer tokens: who asks is what a signed token says, and everything else is refused by rule."""

import base64
import json
import time
from collections.abc import Mapping
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from shared.identity import LEEWAY, Caller, Identity, Tokens, identified
from shared.refusals import Refused, Refusing
from shared.settings import BadSetting, Settings
from shared.token_keys import TokenKey, new_key, read_keys

SECRET = bytes(range(32))
KEY = TokenKey("HS256", SECRET)
TOKENS = Tokens([KEY])


def claims(**changes: Any) -> dict[str, Any]:
    given = {"sub": "ada", "program": "acme", "roles": ["person"], "exp": int(time.time()) + 60}
    return {name: value for name, value in (given | changes).items() if value is not None}


def signed(key: Any = SECRET, algorithm: str = "HS256", **changes: Any) -> str:
    return jwt.encode(claims(**changes), key, algorithm)


def unsigned(header: Mapping[str, Any], body: object) -> str:
    parts = (json.dumps(part).encode() for part in (header, body))
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts) + "."


def refusal(header: str | None, tokens: Tokens = TOKENS) -> tuple[str, str]:
    """The rule and the challenge of what is refused."""
    with pytest.raises(Refused) as refused:
        tokens.identify(header)
    assert (refused.value.status, refused.value.refusal.field) == (401, "/authorization")
    return refused.value.refusal.rule, refused.value.headers["WWW-Authenticate"]


def test_a_token_says_who_asks_in_which_program_and_roles() -> None:
    token = signed(roles=["coordinator", "person", "a-role-of-another-system"])

    assert TOKENS.identify(f"Bearer {token}") == Identity(
        "ada", "acme", frozenset({"person", "coordinator"})
    )


def test_the_scheme_is_read_in_any_case() -> None:
    assert TOKENS.identify(f"bearer  {signed()} ").person == "ada"


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer  ", "Basic YWRhOng="])
def test_who_shows_no_token_is_told_of_no_error(header: str | None) -> None:
    assert refusal(header) == ("no_token", 'Bearer realm="mentoring"')


def test_a_token_is_good_until_it_expires_and_a_little_longer_for_clocks_that_differ() -> None:
    now = int(time.time())
    assert TOKENS.identify(f"Bearer {signed(exp=now - LEEWAY // 2)}").person == "ada"

    rule, challenge = refusal(f"Bearer {signed(exp=now - LEEWAY - 1)}")

    assert rule == "expired"
    assert 'error="invalid_token", error_description="expired"' in challenge


@pytest.mark.parametrize(
    "changes",
    [
        {"sub": None},
        {"sub": "not a token"},
        {"sub": 7},
        {"program": None},
        {"program": "a/b"},
        {"roles": None},
        {"roles": []},
        {"roles": ["boss"]},
        {"roles": "person"},
        {"roles": ["person"] * 65},
        {"exp": None},
        {"exp": "soon"},
        {"nbf": int(time.time()) + 3600},
        {"iat": int(time.time()) + 3600},
    ],
)
def test_a_token_that_lacks_or_breaks_a_claim_is_bad(changes: dict[str, Any]) -> None:
    rule, challenge = refusal(f"Bearer {signed(**changes)}")

    assert rule == "bad_token"
    assert "ada" not in challenge


@pytest.mark.parametrize(
    "token",
    [
        "x",
        "a.b.c",
        signed(bytes(32)),
        signed(algorithm="HS512"),
        signed()[:-2],
        unsigned({"alg": "none", "typ": "JWT"}, claims()),
        unsigned({"alg": "HS256", "typ": "JWT"}, claims()),
        unsigned({"alg": ["HS256"]}, claims()),
        unsigned({}, claims()),
        jwt.encode(claims(), SECRET, "HS256", headers={"crit": ["ours"]}),
        jwt.encode({"a": 1}, SECRET, "HS256"),
    ],
)
def test_a_token_that_nobody_with_the_key_signed_is_bad(token: str) -> None:
    assert refusal(f"Bearer {token}")[0] == "bad_token"


def test_claims_nested_as_deep_as_can_be_are_bad_and_no_error_of_ours() -> None:
    header, _, _ = signed().split(".")
    deep = base64.urlsafe_b64encode(b"[" * 100_000).decode()

    assert refusal(f"Bearer {header}.{deep}.x")[0] == "bad_token"


@pytest.mark.parametrize("kind", ["RS256", "ES256", "EdDSA"])
def test_a_public_key_takes_its_own_algorithm_and_is_no_shared_secret(kind: str) -> None:
    private: Any = {
        "RS256": lambda: rsa.generate_private_key(65537, 2048),
        "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
        "EdDSA": ed25519.Ed25519PrivateKey.generate,
    }[kind]()
    pem = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    tokens = Tokens(read_keys(None, pem.decode()))

    assert tokens.identify(f"Bearer {signed(private, kind)}").person == "ada"
    mac = jwt.api_jws.PyJWS()
    mac.get_algorithm_by_name("HS256").prepare_key = lambda key: key  # type: ignore[method-assign]
    forged = mac.encode(json.dumps(claims()).encode(), pem, "HS256")
    assert refusal(f"Bearer {forged}", tokens)[0] == "bad_token"


def test_while_a_key_is_exchanged_tokens_of_both_are_good() -> None:
    new = bytes(range(1, 33))
    both = Tokens([TokenKey("HS256", new), KEY])

    assert both.identify(f"Bearer {signed()}") == both.identify(f"Bearer {signed(new)}")
    assert refusal(f"Bearer {signed(exp=1)}", both)[0] == "expired"


@pytest.mark.parametrize(
    "changes", [{}, {"iss": "https://other.example"}, {"iss": "https://login.example"}]
)
def test_issuer_and_audience_count_where_the_settings_name_them(changes: dict[str, Any]) -> None:
    settings = Settings(
        token_key=new_key(), token_issuer="https://login.example", token_audience="mentoring"
    )
    tokens, key = Tokens.of(settings), read_keys(None, settings.token_key)[0].signs
    right: dict[str, Any] = {"iss": "https://login.example", "aud": ["mentoring", "other"]}

    assert tokens.identify(f"Bearer {signed(key, **right)}").person == "ada"
    assert refusal(f"Bearer {signed(key, **changes)}", tokens)[0] == "bad_token"
    assert refusal(f"Bearer {signed(key, **right | {'aud': 'other'})}", tokens)[0] == "bad_token"


def test_an_audience_that_nobody_asks_for_is_passed_over() -> None:
    assert TOKENS.identify(f"Bearer {signed(aud='somebody')}").person == "ada"


def test_without_a_key_there_are_no_tokens() -> None:
    with pytest.raises(BadSetting, match="MENTORING_TOKEN_KEY: there is no key"):
        Tokens.of(Settings())


def test_who_has_none_of_the_roles_is_refused() -> None:
    ada = Identity("ada", "acme", frozenset({"person"}))
    ada.require("coordinator", "person")

    with pytest.raises(Refused) as refused:
        ada.require("coordinator", "system")

    assert (refused.value.status, refused.value.refusal.rule) == (403, "not_for_this_role")


# -- routes -----------------------------------------------------------------------------------------


class Guarded(APIRoute):
    def get_route_handler(self) -> Any:
        return identified(super().get_route_handler(), lambda: TOKENS)


class Answering(Refusing, Guarded):
    """Refusals become answers around the guard."""


@pytest.fixture
def client() -> TestClient:
    routes = APIRouter(route_class=Answering)

    @routes.get("/programs/{program}/me")
    async def me(program: str, caller: Caller) -> str:
        return f"{caller.person} in {program}"

    @routes.post("/said")
    async def said(caller: Caller, body: dict[str, int]) -> str:
        return f"{caller.person} said {sum(body.values())}"

    app = FastAPI()
    app.include_router(routes)
    return TestClient(app)


def test_a_route_knows_who_asks(client: TestClient) -> None:
    answer = client.get("/programs/acme/me", headers={"Authorization": f"Bearer {signed()}"})

    assert answer.json() == "ada in acme"


def test_a_token_of_one_program_opens_no_other(client: TestClient) -> None:
    answer = client.get("/programs/other/me", headers={"Authorization": f"Bearer {signed()}"})

    assert (answer.status_code, answer.json()["rule"]) == (403, "other_program")


def test_a_body_is_read_only_when_it_is_known_who_sends_it(client: TestClient) -> None:
    bad = b"{no json"
    nobody = client.post("/said", content=bad)
    somebody = client.post("/said", content=bad, headers={"Authorization": f"Bearer {signed()}"})

    assert (nobody.status_code, nobody.headers["WWW-Authenticate"]) == (
        401,
        'Bearer realm="mentoring"',
    )
    assert somebody.status_code == 422


def test_the_description_says_that_a_token_is_needed(client: TestClient) -> None:
    described = client.get("/openapi.json").json()

    assert described["paths"]["/said"]["post"]["security"] == [{"token": []}]
    assert described["components"]["securitySchemes"]["token"]["bearerFormat"] == "JWT"
