"""Loopback ports for what `mentoring up` starts."""

from __future__ import annotations

import random
import socket

from services.cli.output import Failure

_RANGE = range(20_000, 32_000)
"""Below the ports of outgoing connections (32768 and up on Linux): nobody takes one while its owner restarts."""


def is_free(port: int) -> bool:
    """Whether nobody listens there now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def take(given: int | None, earlier: int | None, taken: set[int]) -> int:
    """A port: the one given, else the one of the run before when it is free, else any free one.

    Raises:
        Failure: the one given is taken.
    """
    if given is not None:
        if given in taken or not is_free(given):
            raise Failure(f"port {given} is taken: give another one")
        port = given
    elif earlier is not None and earlier not in taken and is_free(earlier):
        port = earlier
    else:
        port = next(port for port in _any() if port not in taken and is_free(port))
    taken.add(port)
    return port


def port_of(url: str) -> int:
    """The port that an address of ours names."""
    return int(url.rpartition(":")[2])


def _any() -> list[int]:
    return random.SystemRandom().sample(_RANGE, k=len(_RANGE))
