"""What a service says of itself over HTTP."""

from __future__ import annotations

import asyncio
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
"""Without the environment's proxies: what is asked is ours."""


@dataclass(frozen=True, slots=True)
class Health:
    """The answer of `/health/ready`.

    Attributes:
        ready: whether it folds what the log brings.
        reasons: why not.
        partitions: how each partition stands, as the service gives it.
        answers: whether anybody answered at all.
    """

    ready: bool = False
    reasons: Sequence[str] = ()
    partitions: Sequence[Mapping[str, Any]] = ()
    answers: bool = True


async def ask(url: str, patience: float = 2.0) -> Health:
    """Ask the service at this address; never raises and never takes much longer than `patience` seconds."""
    try:
        told = await asyncio.wait_for(asyncio.to_thread(_get, url, patience), patience + 1)
        return Health(bool(told["ready"]), list(told["reasons"]), list(told["partitions"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        return Health(reasons=[f"nobody answers at {url} ({_why(error)})"], answers=False)


def _get(url: str, patience: float) -> dict[str, Any]:
    try:
        with _OPENER.open(f"{url}/health/ready", timeout=patience) as answer:
            body = answer.read()
    except urllib.error.HTTPError as error:  # 503: not ready, and the body says why
        with error:
            body = error.read()
    told: dict[str, Any] = orjson.loads(body)
    return told


def _why(error: BaseException) -> str:
    reason = getattr(error, "reason", error)
    if isinstance(reason, OSError) and reason.strerror:
        return reason.strerror.lower()
    return type(reason).__name__ if isinstance(reason, BaseException) else str(reason)
