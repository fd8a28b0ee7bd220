"""What feedback has to say, told by hand: dicts and one pass over events as they stand on the wire.

Written from docs/events.md and docs/decisions alone. It shares nothing with services/feedback, so that both
would have to be wrong in the same way for a test to miss it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

UTC = ZoneInfo("UTC")
SIDES = ("mentee", "mentor")
Said = tuple[Any, ...]
Wire = Mapping[str, Any]


def days(text: str) -> int:
    """The days of a duration such as P5D or P3W."""
    return int(text[1:-1]) * (7 if text.endswith("W") else 1)


def minutes(text: str) -> int:
    """The minutes of a duration such as PT1H30M; all spans of presence are of this form."""
    hours, _, rest = text.removeprefix("PT").rpartition("H")
    return int(hours or 0) * 60 + int(rest.removesuffix("M") or 0)


def instant(text: str) -> datetime:
    """An instant in UTC."""
    return datetime.fromisoformat(text).astimezone(UTC)


def later(at: datetime, by: int, zone: str) -> datetime:
    """So many days later on the zone's clock."""
    return (at.astimezone(ZoneInfo(zone)) + timedelta(days=by)).astimezone(UTC)


class ByHand:
    """One program. `opened_texts` gives what each sealed text holds: its ratings by item."""

    def __init__(self, ratings: Callable[[str], Mapping[str, int] | None]) -> None:
        self.ratings_of = ratings
        self.rules: dict[str, Any] = {}
        self.cycles: dict[str, dict[str, Any]] = {}
        self.people: dict[str, dict[str, Any]] = {}
        self.seen: set[str] = set()
        self.last_due = datetime.min.replace(tzinfo=UTC)
        self.now = self.last_due

    def hear(self, event: Wire) -> list[Said]:
        """An input of the log; what feedback answers."""
        word, source = event["type"].split(".")[1], event["source"]
        self.now = max(instant(event["time"]), self.last_due)
        if source in {"/tests", "/mentoring/api"}:
            if event["id"] in self.seen:
                return []
            self.seen.add(event["id"])
        key = event["subject"].partition("/")[2]
        told = getattr(self, f"_{word}")(key, event["data"], event["id"])
        return list(told or ())

    # -- program and persons --

    def _opened(self, key: str, data: Wire, event: str) -> None:
        self.rules = dict(data)

    def _person(self, person: str) -> dict[str, Any]:
        fresh = {"away": set(), "leaves": {}, "erased": False, "willing": False}
        return self.people.setdefault(person, fresh)

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
        yield from self._end_if_left(cycle)

    def _unmatched(self, key: str, data: Wire, event: str) -> Iterator[Said]:
        cycle = self.cycles.get(key)
        if cycle and cycle["status"] == "open":
            yield self._conclude(cycle, "unmatched", None)

    # -- how it ends --

    def _running(self) -> list[dict[str, Any]]:
        found = [c for c in self.cycles.values() if c["status"] in {"open", "paired"}]
        return sorted(found, key=lambda cycle: str(cycle["id"]))

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

    def _end_all_of(self, person: str) -> Iterator[Said]:
        for cycle in self._running():
            if person in (cycle["mentee"], cycle["mentor"]):
                yield from self._end_if_left(cycle)

    def _end_if_left(self, cycle: dict[str, Any]) -> Iterator[Said]:
        for side in SIDES:
            if cycle[side] and side in self._person(cycle[side])["away"]:
                if cycle["status"] == "open":
                    yield self._conclude(cycle, "left", side)
                else:
                    again = side == "mentor" and not cycle["over"]
                    again = again and self.rules.get("on_mentor_left", "rematch") == "rematch"
                    yield from self._end(cycle, "left", side, again=again)
                return

    def _end(self, cycle: dict[str, Any], outcome: str, by: str, *, again: bool) -> Iterator[Said]:
        """What is blind is revealed as it is; then the pair is over."""
        for meeting in sorted(cycle["reviews"]):
            if cycle["reviews"][meeting]["status"] == "blind":
                yield from self._reveal(cycle, meeting, "deadline")
        yield self._conclude(cycle, outcome, by, again=again)

    def _conclude(
        self, cycle: dict[str, Any], outcome: str, by: str | None, *, again: bool = False
    ) -> Said:
        was_pair = cycle["status"] == "paired"
        if not was_pair:
            cycle["status"] = "ended"
            return ("concluded", cycle["id"], outcome, False, by, None)
        within = days(self.rules.get("review_within", "P7D"))
        cycle |= {"status": "closing", "until": later(self.now, within, self.rules["zone"])}
        held = self._held(cycle)
        meetings = [m for m in cycle["meetings"].values() if m["state"] == "held"]
        goals = list(cycle["goals"].values())
        figures = {
            "planned": cycle["planned"],
            "held": len(held),
            "unplanned": sum(m["number"] == 0 for m in meetings),
            "overlap": sum(m["overlap"] for m in meetings),
            "agreed": len(goals),
            "reached": sum(map(reached, goals)),
            "first": cycle["first"],
            "lasted": self.now - cycle["paired_at"],
            "again": again,
        }
        cycle["satisfaction"] = {
            side: sum(shares) / len(shares) for side, shares in cycle["rated"].items() if shares
        }
        return ("concluded", cycle["id"], outcome, True, by, figures)

    def _held(self, cycle: Wire) -> set[int]:
        plan = range(1, cycle["planned"] + 1)
        found = (m["number"] for m in cycle["meetings"].values() if m["state"] == "held")
        return {number for number in found if number in plan}

    def _settle(self, cycle: dict[str, Any]) -> Iterator[Said]:
        """A pair ends by itself when nothing is open that could still change how."""
        states: dict[int, set[str]] = {n: set() for n in range(1, cycle["planned"] + 1)}
        for meeting in cycle["meetings"].values():
            if meeting["state"] == "missed":  # evidence may still come
                return
            states.get(meeting["number"], set()).add(meeting["state"])
        if any(review["status"] == "blind" for review in cycle["reviews"].values()):
            return
        all_judged = all(
            "held" in found or ("lost" in found and "planned" not in found)
            for found in states.values()
        )
        if not (all_judged or cycle["over"]):
            return
        in_force = [goal for goal in cycle["goals"].values() if not goal["dropped"]]
        share = len(self._held(cycle)) / cycle["planned"]
        if in_force and all(map(reached, in_force)):
            yield self._conclude(cycle, "goals_reached", None)
        elif share >= self.rules.get("completes_at", 0.8):
            yield self._conclude(cycle, "completed", None)
        elif cycle["over"]:
            yield self._conclude(cycle, "ended_early", None)

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
        cycle["stated"][side] = terms
        if all(cycle["stated"].get(each) == terms for each in SIDES):
            cycle["planned"] = terms["planned_meetings"]
            cycle["goals"] = self._goals(cycle, terms.get("goals", ()))
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
            goal["value"] = data["value"]

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

    # -- meetings and reviews --

    def _scheduled(self, key: str, data: Wire, event: str) -> None:
        cycle = self._pair(key)
        known = cycle["meetings"].get(data["meeting"]) if cycle else None
        if cycle and (known is None or known["state"] in {"planned", "cancelled"}):
            state = "planned" if data["status"] == "CONFIRMED" else "cancelled"
            number = data["number"] if data["planned"] else 0
            cycle["meetings"][data["meeting"]] = {"number": number, "state": state}

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

    def _submitted(self, key: str, data: Wire, event: str) -> Iterator[Said]:
        cycle, meeting, side = self.cycles.get(key), data["meeting"], data["side"]
        if cycle and meeting == "closing" and cycle["status"] == "closing":
            cycle.setdefault("closing", {})[side] = data["sealed"]
            return
        review = cycle["reviews"].get(meeting) if cycle and cycle["status"] == "paired" else None
        if cycle is None or review is None:
            yield ("rejected", key)
        elif review["status"] == "blind":
            review["in"][side] = data["sealed"]
            if len(review["in"]) == len(SIDES):
                yield from self._reveal(cycle, meeting, "both")
                yield from self._settle(cycle)
        elif side in review["in"] or side in review["late"]:
            yield ("rejected", key)
        else:
            review["late"][side] = data["sealed"]

    def _reveal(self, cycle: dict[str, Any], meeting: str, by: str) -> Iterator[Said]:
        review = cycle["reviews"][meeting]
        opened = {side: self._open(cycle, sealed) for side, sealed in review["in"].items()}
        ratings = {side: found for side, found in opened.items() if found is not None}
        review |= {"status": "revealed", "ratings": ratings, "late": {}}
        missing = tuple(side for side in SIDES if side not in ratings)
        for side, found in ratings.items():
            cycle["rated"][side] += [(rating - 1) / 4 for rating in found.values()]
        yield ("reviewed", cycle["id"], meeting, by, ratings, missing)

    def _open(self, cycle: Wire, sealed: str) -> Mapping[str, int] | None:
        """The ratings of a sealed review, as long as neither of the two is erased."""
        if any(self._person(cycle[side])["erased"] for side in SIDES):
            return None
        return self.ratings_of(sealed)

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
        else:
            return
        yield from self._settle(cycle)


def reached(goal: Wire) -> bool:
    """Whether its last value is at the target or beyond, seen from the baseline."""
    if goal["value"] is None:
        return False
    if goal["target"] >= goal["baseline"]:
        return bool(goal["value"] >= goal["target"])
    return bool(goal["value"] <= goal["target"])


def heard(event: Wire) -> Said:
    """What feedback said, in the form in which `ByHand` says it; flags are compared apart."""
    key, data = event["subject"].partition("/")[2], event["data"]
    match event["type"].split(".")[1]:
        case "reviewed":
            ratings = {side: dict(found) for side, found in data.get("ratings", {}).items()}
            missing = tuple(data.get("missing", ()))
            return ("reviewed", key, data["meeting"], data["by"], ratings, missing)
        case "concluded":
            by = data.get("ended_by")
            if not data["paired"]:
                return ("concluded", key, data["outcome"], False, by, None)
            goals, first = data.get("goals", {}), data.get("first_met_at")
            figures = {
                "planned": data["planned"],
                "held": data.get("held", 0),
                "unplanned": data.get("unplanned", 0),
                "overlap": minutes(data["overlap_total"]),
                "agreed": goals.get("agreed", 0),
                "reached": goals.get("reached", 0),
                "first": instant(first) if first else None,
                "again": "continues_in" in data,
            }
            return ("concluded", key, data["outcome"], True, by, figures)
        case word:
            return (word, key)
