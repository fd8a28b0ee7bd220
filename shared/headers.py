"""The headers of a message of NATS, from their bytes."""

from __future__ import annotations


def headers_of(head: bytes) -> dict[str, str]:
    """The headers of a header block (NATS ADR-4), by name; the last of a name counts.

    Lines that are no headers are passed over, bytes that are no UTF-8 become U+FFFD. A status line, which only a
    server writes, gives `Status` and `Description`.
    """
    first, *lines = head.split(b"\r\n")
    found = _status(first)
    for line in lines:
        name, colon, value = line.partition(b":")
        name = name.strip()
        if colon and name and name.isascii() and not name.split(maxsplit=1)[1:]:
            found[name.decode()] = value.strip().decode(errors="replace")
    return found


def _status(line: bytes) -> dict[str, str]:
    """`NATS/1.0 100 Idle Heartbeat`, split."""
    _, code, *rest = [*line.split(b" ", 2), b""]
    if not code.isdigit():
        return {}
    return {"Status": code.decode(), "Description": rest[0].decode(errors="replace")}
