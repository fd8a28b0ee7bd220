"""The report's metrics in SQL, written by hand from their definitions, over the events as JSON rows.

It shares nothing with services/feedback/report. SQLite in memory; instants are microseconds since 1970. Every
query reads `ev`, the events up to a cut, and `scope`, the requests that count.
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
  zone = coalesce((SELECT data ->> 'zone' FROM ev WHERE word = 'available' AND key = mentee AND ev.pos < request.pos ORDER BY ev.pos DESC LIMIT 1), 'not stated'),
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

INSERT INTO scope SELECT request FROM request;
"""

CYCLES = "SELECT cycle FROM belongs WHERE request IN (SELECT request FROM scope)"
_PAIR_WAIT = """
SELECT r.request, max(0, coalesce(p.at, CASE WHEN e.left = 0 THEN e.at END, (SELECT at FROM cut)) - r.at) / 86400000000.0 AS days, p.at IS NOT NULL AS done
FROM request AS r
LEFT JOIN (SELECT request, min(pair.at) AS at FROM pair JOIN belongs USING (cycle) GROUP BY request) AS p USING (request)
LEFT JOIN (SELECT request, max(ended.at) AS at, sum(ended.at IS NULL) AS left FROM belongs LEFT JOIN ended USING (cycle) GROUP BY request) AS e USING (request)
WHERE request IN (SELECT request FROM scope)"""
_MEET_WAIT = f"""
SELECT cycle, max(0, coalesce(m.start, ended.at, (SELECT at FROM cut)) - pair.at) / 86400000000.0 AS days, m.start IS NOT NULL AS done
FROM pair LEFT JOIN (SELECT cycle, min(start) AS start FROM verdict WHERE says = 'met' GROUP BY cycle) AS m USING (cycle)
LEFT JOIN ended USING (cycle) WHERE cycle IN ({CYCLES})"""
_LAST = f"""
SELECT * FROM verdict AS v WHERE cycle IN ({CYCLES})
  AND pos = (SELECT max(pos) FROM verdict AS w WHERE w.cycle = v.cycle AND w.meeting = v.meeting)"""
_NUMBERS = f"""
SELECT n.cycle, n.number, v.says, s.start, s.stands, s.cause
FROM (SELECT cycle, number FROM planned WHERE number > 0 UNION SELECT cycle, number FROM verdict WHERE number > 0) AS n
LEFT JOIN verdict AS v ON v.pos = (SELECT max(pos) FROM verdict AS w WHERE w.cycle = n.cycle AND w.number = n.number)
LEFT JOIN planned AS s ON s.pos = (SELECT max(pos) FROM planned AS t WHERE t.cycle = n.cycle AND t.number = n.number)
WHERE n.cycle IN ({CYCLES})"""
_MEANS = f"SELECT cycle, side, avg(share) AS mean FROM rated WHERE cycle IN ({CYCLES}) GROUP BY cycle, side"
_LOADS = """
SELECT o.key AS mentor, 1.0 * count(pair.cycle) / min(o.data ->> 'capacity', (SELECT data ->> 'capacity' FROM ev WHERE word = 'opened' ORDER BY pos DESC LIMIT 1)) AS share
FROM ev AS o LEFT JOIN pair ON pair.mentor = o.key AND pair.cycle NOT IN (SELECT cycle FROM ended)
WHERE o.word = 'offered' AND o.data ->> 'capacity' > 0
  AND o.pos = (SELECT max(pos) FROM ev WHERE word = 'offered' AND key = o.key)
  AND NOT EXISTS (SELECT 1 FROM ev AS g, json_each(g.data, '$.roles') AS role
    WHERE g.word = 'left' AND g.key = o.key AND role.value = 'mentor' AND micros(g.data ->> 'effective_at') <= (SELECT at FROM cut))
GROUP BY o.key"""


def _outside(side: str) -> str:
    """Of each person on this side: minutes outside fair hours, as a share of those of the meetings held."""
    person = "pair.mentor" if side == "mentor" else "asked.mentee"
    return f"""
SELECT {person} AS person, 1.0 * sum(s.{side}) * 60000000 / sum(s.length) AS share
FROM ({_LAST}) AS v JOIN planned AS s ON s.pos = (SELECT max(pos) FROM planned AS t WHERE t.cycle = v.cycle AND t.meeting = v.meeting AND t.stands = 'CONFIRMED')
JOIN pair ON pair.cycle = v.cycle JOIN asked ON asked.cycle = v.cycle
WHERE v.says = 'met' GROUP BY 1"""


RATES = {
    ("match_rate", "rate"): f"""
SELECT sum(paired), sum(paired OR over) FROM (
  SELECT request, max(pair.cycle IS NOT NULL) AS paired, min(ended.cycle IS NOT NULL) AS over
  FROM belongs LEFT JOIN pair USING (cycle) LEFT JOIN ended USING (cycle)
  WHERE cycle IN ({CYCLES}) GROUP BY request)""",
    ("match_rate", "seats"): f"""
SELECT sum(paired), count(*) FROM (
  SELECT b.request, seat, max(pair.cycle IS NOT NULL) AS paired
  FROM belongs AS b JOIN asked USING (cycle) LEFT JOIN pair USING (cycle)
  WHERE cycle IN ({CYCLES}) GROUP BY b.request, seat)""",
    ("held", "rate"): f"""
SELECT sum(says = 'met'), count(*) FROM ({_NUMBERS}) AS n LEFT JOIN ended USING (cycle)
WHERE says IS NOT NULL
   OR ((stands = 'CONFIRMED' OR cause = 'cancelled') AND start <= (SELECT at FROM cut) AND start <= coalesce(ended.at, start))""",
    ("no_show", "rate"): f"""
SELECT sum(CASE says WHEN 'absent' THEN absent ELSE 0 END), 2 * count(*) FROM ({_LAST}) WHERE says IN ('met', 'absent')""",
    (
        "goals",
        "rate",
    ): f"SELECT sum(reached), sum(agreed) FROM ended WHERE paired AND cycle IN ({CYCLES})",
    ("two_sided", "rate"): f"""
SELECT sum(least >= 0.75), count(*) FROM (SELECT min(mean) AS least FROM ({_MEANS}) GROUP BY cycle HAVING count(*) = 2)""",
    ("responses", "rate"): f"""
SELECT sum(2 - coalesce(json_array_length(data -> 'missing'), 0)), 2 * count(*) FROM ev WHERE word = 'reviewed' AND key IN ({CYCLES})""",
    ("early_closure", "rate"): f"""
SELECT sum(outcome IN ('ended_early', 'left')), count(*) FROM ended WHERE paired AND cycle IN ({CYCLES})""",
}
"""Numerator and denominator by metric and value."""

COUNTS = {
    ("match_rate", "open"): f"""
SELECT count(*) FROM (SELECT request FROM belongs LEFT JOIN pair USING (cycle) LEFT JOIN ended USING (cycle)
  WHERE cycle IN ({CYCLES}) GROUP BY request HAVING max(pair.cycle IS NOT NULL) = 0 AND min(ended.cycle IS NOT NULL) = 0)""",
    ("held", "unplanned"): f"SELECT count(*) FROM ({_LAST}) WHERE says = 'met' AND NOT planned",
    ("no_show", "no_evidence"): f"SELECT count(*) FROM ({_LAST}) WHERE says = 'no_evidence'",
    ("no_show", "too_short"): f"SELECT count(*) FROM ({_LAST}) WHERE says = 'too_short'",
}

SAMPLES = {
    "time_to_pair": f"SELECT days FROM ({_PAIR_WAIT}) WHERE done",
    "time_to_first_meeting": f"SELECT days FROM ({_MEET_WAIT}) WHERE done",
    "satisfaction_of_mentees": f"SELECT mean FROM ({_MEANS}) WHERE side = 'mentee'",
    "satisfaction_of_mentors": f"SELECT mean FROM ({_MEANS}) WHERE side = 'mentor'",
    "load": f"SELECT share FROM ({_LOADS})",
    "wait": f"SELECT days FROM ({_PAIR_WAIT})",
    "outside_of_mentees": f"SELECT share FROM ({_outside('mentee')})",
    "outside_of_mentors": f"SELECT share FROM ({_outside('mentor')})",
}
"""What each distribution is of."""

CURVES = {"time_to_pair": _PAIR_WAIT, "time_to_first_meeting": _MEET_WAIT}

FUNNEL = f"""
SELECT sum(depth >= 1), sum(depth >= 2), sum(depth >= 3), sum(depth >= 4), sum(depth >= 5) FROM (
  SELECT request, max(1 + paired + paired * met + paired * met * reviewed + paired * met * reviewed * over) AS depth FROM (
    SELECT request, pair.cycle IS NOT NULL AS paired,
      EXISTS (SELECT 1 FROM verdict AS v WHERE v.cycle = b.cycle AND says = 'met') AS met,
      EXISTS (SELECT 1 FROM rated WHERE rated.cycle = b.cycle) AS reviewed,
      ended.cycle IS NOT NULL AS over
    FROM belongs AS b LEFT JOIN pair USING (cycle) LEFT JOIN ended USING (cycle) WHERE b.cycle IN ({CYCLES}))
  GROUP BY request)"""
OUTCOMES = f"SELECT outcome, count(*) FROM ended WHERE cycle IN ({CYCLES}) GROUP BY outcome"


class Sql:
    """A log in SQLite.

    Args:
        entries: the log.
        zone: the program's, for months.
    """

    def __init__(self, entries: Iterable[Entry], zone: str) -> None:
        self.db = sqlite3.connect(":memory:")
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
        self.db.create_function("month", 1, month, deterministic=True)

    def at(self, cut: datetime) -> None:
        """As of an instant, over all requests."""
        self.db.execute("DELETE FROM cut")
        self.db.execute("INSERT INTO cut VALUES (?)", (micros(cut.isoformat()),))
        self.db.executescript(AS_OF)

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
    """In which band of weekly hours."""
    if not weekly_minutes:
        return "not stated"
    hours = weekly_minutes / 60
    edges = (2, 5, 10, 20)
    low = max((edge for edge in edges if edge <= hours), default=0)
    high = min((edge for edge in edges if edge > hours), default=None)
    return f"{low}-{high}"
