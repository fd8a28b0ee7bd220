"""The report's metrics in SQL, written by hand from their definitions, over the tables of `sql_log`."""

from __future__ import annotations

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
    ("load", "idle"): f"SELECT sum(share = 0), count(*) FROM ({_LOADS})",
}
"""Numerator and denominator by metric and value."""

COUNTS = {
    ("match_rate", "open"): f"""
SELECT count(*) FROM (SELECT request FROM belongs LEFT JOIN pair USING (cycle) LEFT JOIN ended USING (cycle)
  WHERE cycle IN ({CYCLES}) GROUP BY request HAVING max(pair.cycle IS NOT NULL) = 0 AND min(ended.cycle IS NOT NULL) = 0)""",
    ("held", "unplanned"): f"SELECT count(*) FROM ({_LAST}) WHERE says = 'met' AND NOT planned",
    ("no_show", "no_evidence"): f"SELECT count(*) FROM ({_LAST}) WHERE says = 'no_evidence'",
    ("no_show", "too_short"): f"SELECT count(*) FROM ({_LAST}) WHERE says = 'too_short'",
    (
        "no_show",
        "provisional",
    ): f"SELECT count(*) FROM ({_LAST}) WHERE final > (SELECT at FROM cut)",
    ("no_show", "cancelled"): f"""
SELECT count(*) FROM planned AS s WHERE cycle IN ({CYCLES}) AND stands = 'CANCELLED' AND cause = 'cancelled'
  AND pos = (SELECT max(pos) FROM planned AS t WHERE t.cycle = s.cycle AND t.meeting = s.meeting)""",
    ("time_to_pair", "waiting"): f"SELECT count(*) FROM ({_PAIR_WAIT}) WHERE NOT done",
    ("time_to_first_meeting", "waiting"): f"SELECT count(*) FROM ({_MEET_WAIT}) WHERE NOT done",
    ("outcomes", "concluded"): f"SELECT count(*) FROM ended WHERE paired AND cycle IN ({CYCLES})",
    ("load", "open"): f"""
SELECT count(*) FROM pair WHERE cycle NOT IN (SELECT cycle FROM ended) AND mentor IN (SELECT mentor FROM ({_LOADS}))""",
    ("load", "offers"): f"""
SELECT count(*) FROM ev AS p WHERE word = 'proposed' AND data ->> 'mentor' IN (SELECT mentor FROM ({_LOADS}))
  AND pos = (SELECT max(pos) FROM ev AS o WHERE o.word = 'proposed' AND o.key = p.key)
  AND NOT EXISTS (SELECT 1 FROM ev AS q WHERE q.key = p.key AND q.pos > p.pos AND (q.word IN ('paired', 'withdrawn', 'concluded')
    OR (q.word IN ('declined', 'lapsed') AND q.data ->> 'proposal' = p.data ->> 'proposal')))""",
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
OUTCOMES = (
    f"SELECT outcome, count(*) FROM ended WHERE paired AND cycle IN ({CYCLES}) GROUP BY outcome"
)
