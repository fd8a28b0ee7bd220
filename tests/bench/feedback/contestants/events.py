"""An exported log as frames of pandas: one for each event word that a report counts.

What a report does not count is skipped by its subject. Rows become a frame every now and then, so that few of them
stand as Python's objects; ids become hashes, instants microseconds.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pandas as pd
import zstandard

from tests.bench.feedback.settings import PROGRAM

Row = tuple[Any, ...]
_AT_ONCE = 100_000
_BEGIN = f'"subject":"mentoring.{PROGRAM}.'.encode()
_COMMON = ("seq", "stored", "by", "id", "key", "time")
_ID = {"id", "key", "mentee", "mentor", "request", "continues", "proposal", "meeting"}
_INSTANT = {"time", "starts_at", "ends_at", "final_at"}


def _share(data: Mapping[str, Any], side: str) -> tuple[float, int]:
    ratings, scales = data["ratings"].get(side, {}), data["scales"].get(side, {})
    shares = [
        (value - scales[item]["min"]) / (scales[item]["max"] - scales[item]["min"])
        for item, value in ratings.items()
    ]
    return sum(shares), len(shares)


def _minutes(span: str) -> int:
    """Of an ISO 8601 duration in hours and minutes."""
    hours, _, rest = span.removeprefix("PT").rpartition("H")
    return 60 * int(hours or 0) + int(rest.removesuffix("M") or 0)


_Take = Callable[[Mapping[str, Any]], Row]
_WANTED: dict[str, tuple[tuple[str, ...], _Take]] = {
    "opened": (("zone", "capacity"), lambda d: (d["zone"], d["capacity"])),
    "available": (
        ("zone", "minutes"),
        lambda d: (d["zone"], sum(len(w["byday"]) * _minutes(w["duration"]) for w in d["weekly"])),
    ),
    "offered": (("capacity",), lambda d: (d["capacity"],)),
    "left": ((), lambda _: ()),
    "requested": (
        ("mentee", "request", "seat"),
        lambda d: (d["mentee"], d["request"], d["seat"]),
    ),
    "rejected": (("cause",), lambda _: (0,)),
    "proposed": (("mentor", "proposal"), lambda d: (d["mentor"], d["proposal"])),
    "declined": (("proposal",), lambda d: (d["proposal"],)),
    "lapsed": (("proposal",), lambda d: (d["proposal"],)),
    "paired": (("mentor",), lambda d: (d["mentor"],)),
    "scheduled": (
        ("meeting", "number", "starts_at", "ends_at", "status", "cause", "out_mentee", "out_mentor"),
        lambda d: (
            d["meeting"], d["number"], d["starts_at"], d["ends_at"], d["status"], d["cause"],
            _minutes(d["outside"]["mentee"]), _minutes(d["outside"]["mentor"]),
        ),
    ),
    "met": (
        ("meeting", "number", "starts_at", "planned"),
        lambda d: (d["meeting"], d["number"], d["starts_at"], d["planned"]),
    ),
    "missed": (
        ("meeting", "number", "starts_at", "final_at", "reason", "absent"),
        lambda d: (d["meeting"], d["number"], d["starts_at"], d["final_at"], d["reason"], len(d["absent"])),
    ),
    "reviewed": (
        ("missing", "mentee_sum", "mentee_count", "mentor_sum", "mentor_count"),
        lambda d: (len(d["missing"]), *_share(d, "mentee"), *_share(d, "mentor")),
    ),
    "concluded": (
        ("outcome", "agreed", "reached"),
        lambda d: (d["outcome"], d["goals"]["agreed"], d["goals"]["reached"]),
    ),
}  # fmt: skip


def frames(path: Path) -> dict[str, pd.DataFrame]:
    """By event word; columns are `_COMMON` and the word's own, `key` is that of the subject."""
    rows: dict[str, list[Row]] = {word: [] for word in _WANTED}
    parts: dict[str, list[pd.DataFrame]] = {word: [] for word in _WANTED}
    for word, line in _lines(path):
        rows[word].append(_row(word, line))
        if len(rows[word]) >= _AT_ONCE:
            parts[word].append(_frame(word, rows[word]))
            rows[word] = []
    for word, left in rows.items():
        parts[word].append(_frame(word, left))
    return {word: pd.concat(parts.pop(word), ignore_index=True) for word in _WANTED}


def _lines(path: Path) -> Iterator[tuple[str, bytes]]:
    wanted = {word.encode(): word for word in _WANTED}
    with path.open("rb") as file, zstandard.ZstdDecompressor().stream_reader(file) as packed:
        for line in io.BufferedReader(packed, 1 << 20):
            begin = line.find(_BEGIN) + len(_BEGIN)
            if begin >= len(_BEGIN):
                word = wanted.get(line[begin : line.index(b".", begin)])
                if word is not None:
                    yield word, line


def _row(word: str, line: bytes) -> Row:
    told = orjson.loads(line)
    event = orjson.loads(told["body"])
    headers = told["headers"]
    by = headers.partition("Mentoring-Service: ")[2].rstrip()
    data = event["data"]
    special = (
        (int(headers.partition("Mentoring-Cause: ")[2].split("\r", 1)[0]),)
        if word == "rejected"
        else _WANTED[word][1](data)
    )
    return (
        told["seq"],
        told["stored"],
        by,
        event["id"],
        event["subject"].rpartition("/")[2],
        event["time"],
        *special,
    )


def _frame(word: str, rows: list[Row]) -> pd.DataFrame:
    names = (*_COMMON, *_WANTED[word][0])
    columns = zip(*rows, strict=True) if rows else [()] * len(names)
    return pd.DataFrame(
        {name: _column(name, each) for name, each in zip(names, columns, strict=True)}
    )


def _column(name: str, values: tuple[Any, ...]) -> Any:
    if name in _ID:
        return pd.util.hash_array(np.array(values, object), categorize=False)
    if name in _INSTANT:
        return pd.to_datetime(list(values), utc=True, format="ISO8601").as_unit("us")
    if name == "stored":
        return pd.to_datetime(np.array(values, np.int64), utc=True).as_unit("us")
    if values and isinstance(values[0], str):
        return pd.array(list(values), dtype="str")
    return np.array(values)
