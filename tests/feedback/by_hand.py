"""What feedback has to say, told by hand: dicts and one pass over events as they stand on the wire.

Written from docs/events.md and docs/decisions alone. It shares nothing with services/feedback, so that both
would have to be wrong in the same way for a test to miss it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.feedback.by_hand_ends import Ends, reached
from tests.feedback.by_hand_flags import flags
from tests.feedback.by_hand_wire import SIDES, UTC, Said, Wire, days, instant, later, minutes


class ByHand(Ends):
    """One program: what it says to each event."""

    def hear(self, event: Wire) -> list[Said]:
        """An input of the log; what feedback answers."""
        word, source = event["type"].split(".")[1], event["source"]
        self.now = max(instant(event["time"]), self.last_due)
        if source in {"/tests", "/mentoring/api"}:
            if event["id"] in self.seen:
                return []
            self.seen.add(event["id"])
        key = event["subject"].partition("/")[2]
        told = list(getattr(self, f"_{word}")(key, event["data"], event["id"]) or ())
        pair = self._pair(key)
        return told + (flags(pair, self.rules["risk"]) if pair else [])

    # -- program and persons --

    def _opened(self, key: str, data: Wire, event: str) -> None:
        self.rules = dict(data)

    def _left(self, key: str, data: Wire, event: str) -> Iterator[Said]:
        person, at = self._person(key), instant(data["effective_at"])
        if person["erased"]:
            yield ("rejected", key)
            return
        for role in data["roles"]:
            if role in person["away"]:
                continue
            if at <= self.now:
                person["leaves"].pop(role, None)
                person["away"].add(role)
            else:
                person["leaves"][role] = at
        yield from self._end_all_of(key)

    def _erased(self, key: str, data: Wire, event: str) -> Iterator[Said]:
        person = self._person(data["person"])
        open_ones = [c for c in self._running() if data["person"] in (c["mentee"], c["mentor"])]
        if open_ones or not person["away"]:
            yield ("rejected", key)
        else:
            person["erased"] = True

    def _volunteered(self, key: str, data: Wire, event: str) -> Iterator[Said]:
        known = any(cycle["mentee"] == key for cycle in self.cycles.values())
        if not known or self._person(key)["erased"]:
            yield ("rejected", key)
        else:
            self._person(key)["willing"] = data["willing"]

    # -- how a cycle begins --

    def _requested(self, key: str, data: Wire, event: str) -> None:
        cycle = self.cycles.get(key)
        if cycle is None:
            cycle = self.cycles[key] = {"id": key, "status": "open", "claims": []}
            cycle |= {"mentee": data["mentee"], "mentor": None, "notes": {}}
        if cycle["status"] == "open":
            cycle["claims"].append((event, data["mentee"]))

    def _rejected(self, key: str, data: Wire, event: str) -> None:
        cycle = self.cycles.get(key)
        if cycle is None or cycle["status"] != "open":
            return
        cycle["claims"] = [claim for claim in cycle["claims"] if claim[0] != data["event"]]
        if cycle["claims"]:
            cycle["mentee"] = cycle["claims"][0][1]
        else:
            del self.cycles[key]

    def _paired(self, key: str, data: Wire, event: str) -> Iterator[Said]:
        cycle = self.cycles.get(key)
        if cycle is None or cycle["status"] != "open":
            return
        day = date.fromisoformat(self.rules["ends_on"]) + timedelta(days=1)
        ends = datetime.combine(day, time(), ZoneInfo(self.rules["zone"])).astimezone(UTC)
        cycle |= {"status": "paired", "mentee": data["mentee"], "mentor": data["mentor"]}
        cycle |= {"planned": data["planned_meetings"], "ends": ends, "over": False}
        cycle |= {"meetings": {}, "reviews": {}, "goals": {}, "stated": {}, "first": None}
        cycle |= {"paired_at": self.now, "rated": {side: [] for side in SIDES}}
        cycle |= {"sign": self.now, "silent": False, "move": None, "still": False}
        cycle |= {"missed_row": [], "one_sided": 0, "flags": {}, "means": {s: [] for s in SIDES}}
        yield from self._end_if_left(cycle)

    def _unmatched(self, key: str, data: Wire, event: str) -> Iterator[Said]:
        cycle = self.cycles.get(key)
        if cycle and cycle["status"] == "open":
            yield self._conclude(cycle, "unmatched", None)

    # -- how it ends --

    def _withdrawn(self, key: str, data: Wire, event: str) -> Iterator[Said]:
        cycle, role = self.cycles.get(key), data["role"]
        if (
            cycle is None
            or cycle not in self._running()
            or (role != "coordinator" and cycle[role] != data["by"])
        ):
            yield ("rejected", key)
        elif cycle["status"] == "open":
            yield self._conclude(cycle, "withdrawn", role)
        else:
            again = bool(data.get("rematch")) and not cycle["over"]
            yield from self._end(cycle, "ended_early", role, again=again)

    # -- terms, goals, notes --

    def _pair(self, key: str) -> dict[str, Any] | None:
        cycle = self.cycles.get(key)
        return cycle if cycle and cycle["status"] == "paired" else None

    def _agreed(self, key: str, data: Wire, event: str) -> Iterator[Said]:
        cycle = self._pair(key)
        side = next((s for s in SIDES if cycle and cycle[s] == data["by"]), None)
        if cycle is None or side is None:
            yield ("rejected", key)
            return
        terms = {name: value for name, value in data.items() if name != "by"}
        self._sign(cycle)
        cycle["stated"][side] = terms
        if all(cycle["stated"].get(each) == terms for each in SIDES):
            cycle["planned"] = terms["planned_meetings"]
            before, cycle["goals"] = cycle["goals"], self._goals(cycle, terms.get("goals", ()))
            if cycle["goals"] != before:
                self._move(cycle)
        yield from self._settle(cycle)

    def _goals(self, cycle: dict[str, Any], stated: Any) -> dict[str, dict[str, Any]]:
        goals = {}
        for goal in stated:
            before = cycle["goals"].get(goal["id"])
            keeps = before and before["unit"] == goal["unit"]
            value = before["value"] if keeps else None
            goals[goal["id"]] = {**goal, "value": value, "dropped": False}
        if cycle["first"] is not None:
            for name, goal in cycle["goals"].items():
                goals.setdefault(name, {**goal, "dropped": True})
        return goals

    def _progressed(self, key: str, data: Wire, event: str) -> Iterator[Said]:
        cycle = self._pair(key)
        goal = cycle["goals"].get(data["goal"]) if cycle else None
        if (
            cycle is None
            or goal is None
            or goal["dropped"]
            or goal["unit"] != data["unit"]
            or instant(data["as_of"]) > self.now
            or data["by"] not in (cycle["mentee"], cycle["mentor"])
        ):
            yield ("rejected", key)
        else:
            self._sign(cycle)
            before = goal["baseline"] if goal["value"] is None else goal["value"]
            goal["value"] = data["value"]
            if goal["value"] != before:
                self._move(cycle)
            yield from self._settle(cycle)

    def _noted(self, key: str, data: Wire, event: str) -> Iterator[Said]:
        cycle, by = self.cycles.get(key), data["by"]
        ended = cycle is None or cycle["status"] == "ended"
        people = (cycle["mentee"], cycle["mentor"]) if cycle else ()
        if cycle is None or ended or by not in people or data.get("about", by) not in people:
            yield ("rejected", key)
            return
        known, goal = cycle["notes"].get(data["note"]), data.get("goal")
        goals = cycle.get("goals", {})
        is_item = data["kind"] == "action_item"
        if (
            (known and known["by"] != by)
            or (goal is not None and goal not in goals)
            or (not is_item and (data.get("due_on") or data.get("done")))
        ):
            yield ("rejected", key)
        else:
            cycle["notes"][data["note"]] = dict(data)
            self._sign(cycle)

    # -- meetings and reviews --

    def _scheduled(self, key: str, data: Wire, event: str) -> None:
        cycle = self._pair(key)
        known = cycle["meetings"].get(data["meeting"]) if cycle else None
        if cycle and (known is None or known["state"] in {"planned", "cancelled"}):
            state = "planned" if data["status"] == "CONFIRMED" else "cancelled"
            number = data["number"] if data["planned"] else 0
            cycle["meetings"][data["meeting"]] = {"number": number, "state": state}
            if data.get("by") in (cycle["mentee"], cycle["mentor"]):
                self._sign(cycle)

    def _met(self, key: str, data: Wire, event: str) -> None:
        cycle = self._pair(key)
        meeting = data["meeting"]
        if cycle is None or cycle["meetings"].get(meeting, {}).get("state") == "held":
            return
        held = {"number": data["number"] if data["planned"] else 0, "state": "held"}
        cycle["meetings"][meeting] = {**held, "overlap": minutes(data["overlap"])}
        start = instant(data["starts_at"])
        cycle["first"] = min(start, cycle["first"] or start)
        within = days(self.rules.get("review_within", "P7D"))
        until = later(self.now, within, self.rules["zone"])
        cycle["reviews"][meeting] = {"status": "blind", "until": until, "in": {}}
        self._sign(cycle)
        row, corrected = cycle["missed_row"], data.get("corrects")
        if corrected is None:
            row.clear()
        elif corrected in row:
            del row[: row.index(corrected) + 1]

    def _missed(self, key: str, data: Wire, event: str) -> None:
        cycle = self._pair(key)
        known = cycle["meetings"].get(data["meeting"]) if cycle else None
        if cycle and (known is None or known["state"] in {"planned", "cancelled"}):
            number = known["number"] if known else data["number"]
            final = instant(data["final_at"])
            cycle["meetings"][data["meeting"]] = {
                "number": number,
                "state": "missed",
                "final": final,
            }
            cycle["missed_row"].append(event)

    def _submitted(self, key: str, data: Wire, event: str) -> Iterator[Said]:
        cycle, meeting, side = self.cycles.get(key), data["meeting"], data["side"]
        if cycle and meeting == "closing" and cycle["status"] == "closing":
            cycle.setdefault("closing", {})[side] = data["sealed"]
            return
        review = cycle["reviews"].get(meeting) if cycle and cycle["status"] == "paired" else None
        if cycle is None or review is None:
            yield ("rejected", key)
        elif review["status"] == "blind":
            review["in"][side] = (data["form"], data["sealed"])
            self._sign(cycle)
            if len(review["in"]) == len(SIDES):
                yield from self._reveal(cycle, meeting, "both")
                yield from self._settle(cycle)
        elif side not in review["missing"] or side in review["late"]:
            yield ("rejected", key)
        else:
            review["late"][side] = data["sealed"]
            self._sign(cycle)

    # -- signs of life --

    def _sign(self, cycle: dict[str, Any]) -> None:
        if cycle["status"] == "paired":
            cycle |= {"sign": max(self.now, cycle["sign"]), "silent": False}

    def _move(self, cycle: dict[str, Any]) -> None:
        """A goal has moved; when all are reached there is nothing that could stand still."""
        aims = [goal for goal in cycle["goals"].values() if not (goal["dropped"] or reached(goal))]
        latest = max(self.now, cycle["move"] or self.now)
        cycle |= {"move": latest if aims else None, "still": False}

    def _passed(self, rule: str, since: datetime, at: datetime) -> bool:
        span = self.rules["risk"].get(rule)
        return bool(span) and later(since, days(span), self.rules["zone"]) <= at

    # -- deadlines --

    def _due(self, key: str, data: Wire, event: str) -> Iterator[Said]:
        at, (what, _, which) = instant(data["at"]), data["name"].partition("-")
        self.last_due = max(self.last_due, self.now)
        if what == "left":
            person = self._person(key)
            if person["leaves"].get(which) == at:
                del person["leaves"][which]
                person["away"].add(which)
                yield from self._end_all_of(key)
            return
        cycle = self.cycles.get(key)
        if cycle and what == "closing" and cycle["status"] == "closing" and cycle["until"] == at:
            cycle["status"] = "ended"
        if pair := self._pair(key):
            yield from self._due_in_pair(pair, what, which, at)

    def _due_in_pair(
        self, cycle: dict[str, Any], what: str, which: str, at: datetime
    ) -> Iterator[Said]:
        review, meeting = cycle["reviews"].get(which), cycle["meetings"].get(which)
        if what == "ends" and cycle["ends"] == at and not cycle["over"]:
            cycle["over"] = True
        elif what == "final" and meeting and meeting.get("final") == at:
            meeting["state"] = "lost"
        elif what == "review" and review and (review["status"], review["until"]) == ("blind", at):
            yield from self._reveal(cycle, which, "deadline")
        elif what == "silent" and not cycle["silent"]:
            cycle["silent"] = self._passed("silence", cycle["sign"], at)
        elif what == "still" and cycle["move"] and not cycle["still"]:
            cycle["still"] = self._passed("standing_still", cycle["move"], at)
        else:
            return
        yield from self._settle(cycle)
