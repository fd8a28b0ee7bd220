"""Who asks: bearer tokens (RFC 6750) that are JSON Web Tokens (RFC 7519), issued and signed by somebody else.

A token says who asks (`sub`), in which program (`program`), in which roles (`roles`) and until when (`exp`).
Nothing here is stored, and no token, key or claim is ever repeated in an answer or a log.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_args

import jwt
from fastapi import Depends, Request, Response
from fastapi.security import HTTPBearer
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from shared.events.types import Token
from shared.refusals import Refused
from shared.settings import Settings
from shared.token_keys import TokenKey, read_keys

Role = Literal["person", "coordinator", "system", "operator"]
ROLES: tuple[Role, ...] = get_args(Role)
LEEWAY = 10
"""Seconds by which the clocks of the issuer and of this service may differ."""
_BEARER = HTTPBearer(
    auto_error=False,
    scheme_name="token",
    bearerFormat="JWT",
    description="A JSON Web Token with `sub`, `program`, `roles` and `exp`.",
)
_CHALLENGE = 'Bearer realm="mentoring"'


@dataclass(frozen=True, slots=True)
class Identity:
    """Who asks.

    Attributes:
        person: the person's id in the program; the name of a system, a coordinator or an operator.
        program: the one program that the token is for.
        roles: what the bearer may act as.
    """

    person: str
    program: str
    roles: frozenset[Role]

    def acts_as(self, *roles: Role) -> bool:
        """Whether the bearer has one of these roles."""
        return not self.roles.isdisjoint(roles)

    def require(self, *roles: Role) -> None:
        """Go on only in one of these roles.

        Raises:
            Refused: 403, `not_for_this_role`.
        """
        if not self.acts_as(*roles):
            raise Refused(403, "", "not_for_this_role")

    def require_program(self, program: str) -> None:
        """Go on only in the token's own program.

        Raises:
            Refused: 403, `other_program`.
        """
        if program != self.program:
            raise Refused(403, "/program", "other_program")


class _Claims(BaseModel):
    """What a token must say; other claims, and roles of other systems, are passed over."""

    sub: Token
    program: Token
    roles: list[Annotated[str, Field(max_length=256)]] = Field(max_length=64)


_CLAIMS = TypeAdapter(_Claims)


class Tokens:
    """Reads tokens that were signed with one of these keys.

    Args:
        keys: each with the one algorithm that it is good for; several while a key is exchanged.
        issuer: what `iss` must be, if given.
        audience: what `aud` must be or hold, if given.
    """

    def __init__(
        self, keys: Iterable[TokenKey], issuer: str | None = None, audience: str | None = None
    ) -> None:
        self._keys = tuple(keys)
        self._issuer, self._audience = issuer, audience
        self._required = [
            "exp",
            "sub",
            *(["iss"] if issuer else []),
            *(["aud"] if audience else []),
        ]

    @classmethod
    def of(cls, settings: Settings) -> Tokens:
        """As the settings say.

        Raises:
            BadSetting: there is no key, or it cannot be used.
        """
        keys = read_keys(settings.token_key_file, settings.token_key)
        return cls(keys, settings.token_issuer, settings.token_audience)

    def identify(self, authorization: str | None) -> Identity:
        """Who bears the token of this Authorization header.

        Raises:
            Refused: 401, `no_token`, `bad_token` or `expired`.
        """
        scheme, _, token = (authorization or "").strip().partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise _unknown("no_token")
        try:
            return _identity(self._claims(token.strip()))
        except jwt.ExpiredSignatureError as error:
            raise _unknown("expired") from error
        except (jwt.PyJWTError, ValidationError, ValueError, RecursionError) as error:
            raise _unknown("bad_token") from error

    def _claims(self, token: str) -> Mapping[str, Any]:
        """The claims of a token that one of the keys of its algorithm has signed."""
        named = jwt.get_unverified_header(token).get("alg")
        failure: jwt.PyJWTError = jwt.InvalidAlgorithmError()
        for key in self._keys:
            if key.algorithm != named:
                continue
            try:
                return self._verified(token, key)
            except jwt.InvalidSignatureError as error:
                failure = error
        raise failure

    def _verified(self, token: str, key: TokenKey) -> Mapping[str, Any]:
        claims: Mapping[str, Any] = jwt.decode(
            token,
            key.key,
            algorithms=[key.algorithm],
            issuer=self._issuer,
            audience=self._audience,
            leeway=LEEWAY,
            options={"require": self._required, "verify_aud": self._audience is not None},
        )
        return claims


def _identity(claims: Mapping[str, Any]) -> Identity:
    found = _CLAIMS.validate_python(claims)
    roles = frozenset(role for role in ROLES if role in found.roles)
    if not roles:
        raise ValueError("no role that is known here")
    return Identity(found.sub, found.program, roles)


def _unknown(rule: str) -> Refused:
    """RFC 6750, section 3: who sends no token is told of no error."""
    error = "" if rule == "no_token" else f', error="invalid_token", error_description="{rule}"'
    return Refused(401, "/authorization", rule, {"WWW-Authenticate": _CHALLENGE + error})


# -- routes -----------------------------------------------------------------------------------------

Handler = Callable[[Request], Awaitable[Response]]


def identified(handle: Handler, tokens: Callable[[], Tokens]) -> Handler:
    """The handler, for requests with a token of the path's program; nothing else of them is read before."""

    async def known(request: Request) -> Response:
        identity = tokens().identify(request.headers.get("authorization"))
        if (program := request.path_params.get("program")) is not None:
            identity.require_program(program)
        request.state.identity = identity
        return await handle(request)

    return known


def _caller(request: Request, bearer: Annotated[object, Depends(_BEARER)]) -> Identity:
    """Who asks, as `identified` found it; the bearer is there for OpenAPI."""
    del bearer
    return who_asks(request)


Caller = Annotated[Identity, Depends(_caller)]
"""A route's parameter: who asks."""
NEEDS_TOKEN = (Depends(_caller),)
"""Dependencies of a router whose routes are all `identified`: its OpenAPI says so of each."""


def who_asks(request: Request) -> Identity:
    """Who asks, in a route that is `identified`."""
    identity: Identity = request.state.identity
    return identity
