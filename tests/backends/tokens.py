"""Bearer tokens for tests: whoever signs people in, with a secret that is no secret."""

import base64
import time

import jwt

TOKEN_KEY = base64.b64encode(bytes(range(32))).decode()
"""For MENTORING_TOKEN_KEY."""


def bearer(person: str, program: str, *roles: str, lasting: int = 600) -> dict[str, str]:
    """The header of a request by this person in these roles; `person` when none is given."""
    claims = {
        "sub": person,
        "program": program,
        "roles": list(roles or ("person",)),
        "exp": int(time.time()) + lasting,
    }
    token = jwt.encode(claims, base64.b64decode(TOKEN_KEY), "HS256")
    return {"Authorization": f"Bearer {token}"}
