"""Which servers the tests use: TEST_BACKEND=auto|docker|binary."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Kind = Literal["docker", "binary"]


class BackendError(ValueError):
    """TEST_BACKEND cannot be had; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The backend of this run, and the reason for it in words."""

    kind: Kind
    reason: str

    def __str__(self) -> str:
        return f"test backend: {self.kind} ({self.reason})"


def choose(wanted: str, missing: Callable[[], str | None]) -> Choice:
    """Decide for `wanted`; `missing` says what containers lack, and is only asked when it matters.

    Raises BackendError for an unknown value, and for `docker` when something is missing.
    """
    match wanted:
        case "binary":
            return Choice("binary", "TEST_BACKEND=binary")
        case "docker":
            return _docker(missing())
        case "auto":
            return _auto(missing())
        case _:
            msg = f"TEST_BACKEND: {wanted!r} is not one of auto, docker, binary"
            raise BackendError(msg)


def _docker(lack: str | None) -> Choice:
    if lack is not None:
        raise BackendError(
            f"TEST_BACKEND=docker: {lack}. Start an engine and pull the images, or take TEST_BACKEND=binary."
        )
    return Choice("docker", "TEST_BACKEND=docker")


def _auto(lack: str | None) -> Choice:
    if lack is not None:
        return Choice("binary", f"auto: {lack}")
    return Choice("docker", "auto: an engine answers and has the images")
