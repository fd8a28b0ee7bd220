"""Which partition of the log a program lies in, as the server computes it."""

from __future__ import annotations

_OFFSET, _PRIME, _WORD = 2166136261, 16777619, 0xFFFFFFFF


def partition_of(program: str | bytes, partitions: int) -> int:
    """What the server's `{{partition(N,1)}}` gives for a program: 32-bit FNV-1a over its bytes, modulo N.

    The stream's subject transform appends it (NATS ADR-30); nothing that a client receives tells it otherwise.
    """
    value = _OFFSET
    for byte in program.encode() if isinstance(program, str) else program:
        value = (value ^ byte) * _PRIME & _WORD
    return value % partitions
