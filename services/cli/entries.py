"""Entries of the log as the command shows them: a line for people, an object for programs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from rich.text import Text

from services.cli.brief import in_words, instant, printable, read, speaker
from shared.entry import Entry

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def plain(entry: Entry) -> dict[str, Any]:
    """An entry for programs; bytes that are no JSON, or are nested too deeply to be written, are left out."""
    try:
        event = orjson.loads(entry.body)
        orjson.dumps(event)
    except (ValueError, TypeError):
        event = None
    return {
        "seq": entry.seq,
        "stored": stored(entry).isoformat(),
        "subject": entry.subject,
        "cause": entry.cause,
        "said_by": entry.said_by,
        "event": event,
    }


def stored(entry: Entry) -> datetime:
    """When the server stored it, cut to the microsecond: `--since` this instant begins with it."""
    return _EPOCH + timedelta(microseconds=entry.stored // 1000)


def line(entry: Entry) -> Text:
    """An entry for people."""
    event = read(entry)
    time = stored(entry) if isinstance(event, ValueError) else event.time
    _, program, word, key = printable(entry.subject).split(".", 3)
    shown = Text(f"{entry.seq:>8}  {instant(time)}  ")
    shown.append(f"{word:<10}", "bold red" if word in {"rejected", "parked"} else "bold")
    shown.append(f"  {program}/{key}  ")
    shown.append(f"{speaker(entry, event)}  ", "cyan")
    if entry.cause:
        shown.append(f"←{entry.cause}  ", "dim")
    return shown.append(in_words(event), "dim")
