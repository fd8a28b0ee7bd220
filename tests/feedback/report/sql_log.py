"""A log in SQLite: events as JSON rows, and what the metrics are made of as of a cut.

It shares nothing with services/feedback/report. Instants are microseconds since 1970. Queries read `ev`, the events up
to the cut, the tables made of them, and `scope`, the requests that count.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from shared.entry import Entry

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY = 86_400_000_000

TABLES = """
CREATE TABLE log (pos INTEGER PRIMARY KEY, seen INTEGER, word TEXT, key TEXT, source TEXT, id TEXT, at INTEGER, data TEXT);
CREATE TABLE cut (at INTEGER);
CREATE TABLE scope (request TEXT PRIMARY KEY);

-- What counts at the cut: no copies, nothing that its judge refused.
CREATE VIEW ev AS
SELECT * FROM log AS e
WHERE seen <= (SELECT at FROM cut)
  AND pos = (SELECT min(pos) FROM log AS same WHERE same.source = e.source AND same.id = e.id)
  AND NOT EXISTS (SELECT 1 FROM log AS no WHERE no.word = 'rejected' AND no.data ->> 'event' = e.id);

CREATE TABLE asked (cycle TEXT PRIMARY KEY, pos INTEGER, mentee TEXT, request TEXT, seat INTEGER, continues TEXT, at INTEGER);
CREATE TABLE pair (cycle TEXT PRIMARY KEY, mentor TEXT, at INTEGER);
CREATE TABLE ended (cycle TEXT PRIMARY KEY, at INTEGER, outcome TEXT, paired INTEGER, agreed INTEGER, reached INTEGER);
CREATE TABLE belongs (cycle TEXT PRIMARY KEY, request TEXT);
CREATE TABLE request (request TEXT PRIMARY KEY, pos INTEGER, mentee TEXT, at INTEGER, cohort TEXT, zone TEXT, hours TEXT);
CREATE TABLE verdict (pos INTEGER, cycle TEXT, meeting TEXT, number INTEGER, planned INTEGER, says TEXT, absent INTEGER, final INTEGER, start INTEGER);
CREATE TABLE planned (pos INTEGER, cycle TEXT, meeting TEXT, number INTEGER, start INTEGER, length INTEGER, stands TEXT, cause TEXT, mentee INTEGER, mentor INTEGER);
CREATE TABLE rated (cycle TEXT, side TEXT, share REAL);
"""

# What the metrics are made of, as of the cut.
AS_OF = """
DELETE FROM asked; DELETE FROM pair; DELETE FROM ended; DELETE FROM belongs; DELETE FROM request;
DELETE FROM verdict; DELETE FROM planned; DELETE FROM rated; DELETE FROM scope;

INSERT INTO asked
SELECT key, pos, data ->> 'mentee', data ->> 'request', coalesce(data ->> 'seat', 1), data ->> 'continues', at
FROM ev AS e WHERE word = 'requested'
  AND pos = (SELECT min(pos) FROM ev AS f WHERE f.word = 'requested' AND f.key = e.key);

INSERT INTO pair SELECT key, data ->> 'mentor', min(at) FROM ev WHERE word = 'paired' GROUP BY key;

INSERT INTO ended
SELECT key, at, data ->> 'outcome', data ->> 'paired', coalesce(data ->> '$.goals.agreed', 0), coalesce(data ->> '$.goals.reached', 0)
FROM ev WHERE word = 'concluded';

INSERT INTO belongs
WITH RECURSIVE chain (cycle, request) AS (
  SELECT cycle, request FROM asked WHERE continues IS NULL
  UNION ALL
  SELECT a.cycle, c.request FROM asked AS a JOIN chain AS c ON a.continues = c.cycle)
SELECT cycle, request FROM chain;

INSERT INTO request
SELECT b.request, a.pos, a.mentee, a.at, month(a.at), NULL, NULL
FROM belongs AS b JOIN asked AS a USING (cycle)
WHERE a.pos = (SELECT min(a2.pos) FROM belongs AS b2 JOIN asked AS a2 USING (cycle) WHERE b2.request = b.request);

UPDATE request SET
  zone = clock(coalesce((SELECT data ->> 'zone' FROM ev WHERE word = 'available' AND key = mentee AND ev.pos < request.pos ORDER BY ev.pos DESC LIMIT 1), 'not stated')),
  hours = band(coalesce((SELECT weekly(data) FROM ev WHERE word = 'available' AND key = mentee AND ev.pos < request.pos ORDER BY ev.pos DESC LIMIT 1), 0));

INSERT INTO verdict
SELECT pos, key, data ->> 'meeting', data ->> 'number', coalesce(data ->> 'planned', data ->> 'number' > 0),
       CASE word WHEN 'met' THEN 'met' ELSE data ->> 'reason' END,
       coalesce(json_array_length(data -> 'absent'), 0), micros(data ->> 'final_at'), micros(data ->> 'starts_at')
FROM ev WHERE word IN ('met', 'missed');

INSERT INTO planned
SELECT pos, key, data ->> 'meeting', data ->> 'number', micros(data ->> 'starts_at'), micros(data ->> 'ends_at') - micros(data ->> 'starts_at'),
       data ->> 'status', data ->> 'cause', minutes(data ->> '$.outside.mentee'), minutes(data ->> '$.outside.mentor')
FROM ev WHERE word = 'scheduled';

INSERT INTO rated
SELECT e.key, side.key, 1.0 * (item.value - scale.low) / (scale.high - scale.low)
FROM ev AS e, json_each(e.data, '$.ratings') AS side, json_each(side.value) AS item,
     (SELECT 1) AS one
JOIN (SELECT f.pos, s.key AS side, i.key AS item, i.value ->> 'min' AS low, i.value ->> 'max' AS high
      FROM ev AS f, json_each(f.data, '$.scales') AS s, json_each(s.value) AS i WHERE f.word = 'reviewed') AS scale
  ON scale.pos = e.pos AND scale.side = side.key AND scale.item = item.key
WHERE e.word = 'reviewed';
"""


class Sql:
    """A log in SQLite.

    Args:
        entries: the log.
        zone: the program's, for months.
    """

    def __init__(self, entries: Iterable[Entry], zone: str) -> None:
        self.db = sqlite3.connect(":memory:")
        self._cut: datetime | None = None
        self._functions(zone)
        self.db.executescript(TABLES)
        self.db.executemany("INSERT INTO log VALUES (?, ?, ?, ?, ?, ?, ?, ?)", map(_row, entries))
        for index in ("log (source, id)", "log (word, key)", "log (word, data ->> 'event')"):
            self.db.execute(f"CREATE INDEX log_{abs(hash(index))} ON {index}")
        self.db.execute("CREATE INDEX verdict_of ON verdict (cycle, meeting)")
        self.db.execute("CREATE INDEX planned_of ON planned (cycle, meeting)")

    def _functions(self, zone: str) -> None:
        def month(at: int) -> str:
            return f"{(EPOCH + timedelta(microseconds=at)).astimezone(ZoneInfo(zone)):%Y-%m}"

        self.db.create_function("micros", 1, micros, deterministic=True)
        self.db.create_function("minutes", 1, minutes, deterministic=True)
        self.db.create_function("weekly", 1, weekly, deterministic=True)
        self.db.create_function("band", 1, band, deterministic=True)
        self.db.create_function("clock", 1, clock, deterministic=True)
        self.db.create_function("month", 1, month, deterministic=True)

    def at(self, cut: datetime) -> None:
        """As of an instant, over all requests."""
        if cut != self._cut:
            self._cut = cut
            self.db.execute("DELETE FROM cut")
            self.db.execute("INSERT INTO cut VALUES (?)", (micros(cut.isoformat()),))
            self.db.executescript(AS_OF)
        self.db.execute("DELETE FROM scope")
        self.db.execute("INSERT INTO scope SELECT request FROM request")

    def narrow(self, breakdown: str, label: str) -> int:
        """Count one group's requests only; how many they are."""
        self.db.execute("DELETE FROM scope")
        insert = f"INSERT INTO scope SELECT request FROM request WHERE {breakdown} = ?"
        return self.db.execute(insert, (label,)).rowcount

    def one(self, query: str) -> tuple[float, ...]:
        """The only row; nothing counts 0."""
        return tuple(value or 0 for value in self.db.execute(query).fetchone())

    def column(self, query: str) -> list[float]:
        """The first column, in order of size."""
        return sorted(row[0] for row in self.db.execute(query))

    def quantile(self, query: str, percent: int) -> float | None:
        """By nearest rank."""
        named = f"WITH given (value) AS ({query}) SELECT value FROM (SELECT value, row_number() OVER (ORDER BY value) AS nth, count(*) OVER () AS n FROM given) WHERE nth = max(1, (? * n + 99) / 100)"
        found = self.db.execute(named, (percent,)).fetchone()
        return found[0] if found else None

    def median_of_all(self, query: str) -> float | None:
        """Kaplan and Meier's: the first day after which at most half still wait."""
        found = self.db.execute(f"""
WITH at_day AS (SELECT days, sum(done) AS events, count(*) AS n FROM ({query}) GROUP BY days),
     risk AS (SELECT days, events, sum(n) OVER (ORDER BY days DESC) AS at_risk FROM at_day),
     curve AS (SELECT days, exp(sum(CASE WHEN events = at_risk THEN -1000 ELSE ln(1.0 - 1.0 * events / at_risk) END) OVER (ORDER BY days)) AS waiting FROM risk)
SELECT min(days) FROM curve WHERE waiting <= 0.5 + 1e-12""").fetchone()
        return found[0] if found else None


def _row(entry: Entry) -> tuple[object, ...]:
    event = json.loads(entry.body)
    _, _, word, key = entry.subject.split(".", 3)
    at, data = micros(event["time"]), json.dumps(event["data"])
    return entry.seq, entry.stored // 1000, word, key, event["source"], event["id"], at, data


def micros(instant: str | None) -> int | None:
    """Microseconds since 1970."""
    if instant is None:
        return None
    return (datetime.fromisoformat(instant) - EPOCH) // timedelta(microseconds=1)


def minutes(duration: str | None) -> int:
    """The minutes of PT…H…M."""
    hours, _, rest = (duration or "PT0M").removeprefix("PT").rpartition("H")
    return int(hours or 0) * 60 + int(rest.removesuffix("M") or 0)


def weekly(available: str) -> int:
    """Minutes of a week in an `available`."""
    windows = json.loads(available).get("weekly", [])
    return sum(len(each["byday"]) * minutes(each["duration"]) for each in windows)


def band(weekly_minutes: int) -> str:
    """In which group of weekly hours."""
    if not weekly_minutes:
        return "not stated"
    if weekly_minutes < 120:
        return "under 2 hours"
    if weekly_minutes >= 1200:
        return "20 hours and more"
    low, high = next(each for each in ((2, 5), (5, 10), (10, 20)) if weekly_minutes < each[1] * 60)
    return f"{low} to {high} hours"


def clock(zone: str) -> str:
    """In which group of zones: by the standard time of 2026, three hours each from UTC-12 on."""
    if zone == "not stated":
        return zone
    offsets = [datetime(2026, month, 1, tzinfo=ZoneInfo(zone)).utcoffset() for month in (1, 7)]
    standard = min(each for each in offsets if each is not None) // timedelta(hours=1)
    low = -12 + 3 * ((standard + 12) // 3)
    return " to ".join(f"UTC{'−' if each < 0 else '+'}{abs(each)}" for each in (low, low + 2))
