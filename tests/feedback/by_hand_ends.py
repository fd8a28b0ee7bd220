"""The fold by hand: how reviews are revealed and cycles end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from tests.feedback.by_hand_wire import SIDES, UTC, Said, Wire, days, later


class Ends:
    """Cycles and people as dicts, and what is said of them when something is over.

    `ratings` gives what a sealed review rates, by item.
    """

    def __init__(self, ratings: Callable[[str], Mapping[str, int] | None]) -> None:
        self.ratings_of = ratings
        self.rules: dict[str, Any] = {}
        self.cycles: dict[str, dict[str, Any]] = {}
        self.people: dict[str, dict[str, Any]] = {}
        self.seen: set[str] = set()
        self.last_due = datetime.min.replace(tzinfo=UTC)
        self.now = self.last_due

    def _person(self, person: str) -> dict[str, Any]:
        fresh = {"away": set(), "leaves": {}, "erased": False, "willing": False}
        return self.people.setdefault(person, fresh)

    def _running(self) -> list[dict[str, Any]]:
        found = [c for c in self.cycles.values() if c["status"] in {"open", "paired"}]
        return sorted(found, key=lambda cycle: str(cycle["id"]))

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
            "lasted": max(timedelta(0), self.now - cycle["paired_at"]),
            "again": again,
        }
        cycle["satisfaction"] = {
            side: sum(shares) / len(shares) for side, shares in cycle["rated"].items() if shares
        }
        cycle["summary"] = figures
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

    def _reveal(self, cycle: dict[str, Any], meeting: str, by: str) -> Iterator[Said]:
        review = cycle["reviews"][meeting]
        opened = {side: self._open(cycle, *given) for side, given in review["in"].items()}
        ratings = {side: found for side, found in opened.items() if found is not None}
        review |= {"status": "revealed", "ratings": ratings, "late": {}}
        missing = review["missing"] = tuple(side for side in SIDES if side not in ratings)
        for side, found in ratings.items():
            scales = self._asked(review["in"][side][0])
            shares = [
                (rating - scales[item][0]) / (scales[item][1] - scales[item][0])
                for item, rating in found.items()
            ]
            cycle["rated"][side] += shares
            cycle["means"][side] += [sum(shares) / len(shares)] if shares else []
        if len(missing) < len(SIDES):
            cycle["one_sided"] = cycle["one_sided"] + 1 if missing else 0
        yield ("reviewed", cycle["id"], meeting, by, ratings, missing)

    def _open(self, cycle: Wire, form: str, sealed: str) -> Mapping[str, int] | None:
        """What the other side may read of a sealed review, as long as neither of the two is erased."""
        if any(self._person(cycle[side])["erased"] for side in SIDES):
            return None
        ratings, asked = self.ratings_of(sealed), self._asked(form)
        if ratings is None:
            return None
        return {
            item: ratings[item]
            for item, (low, high) in asked.items()
            if low <= ratings.get(item, low - 1) <= high
        }

    def _asked(self, form: str) -> Mapping[str, tuple[int, int]]:
        """The items of a form that the other side may read, with their scales."""
        found = next(each for each in self.rules["forms"] if each["id"] == form)
        return {
            item["id"]: (item.get("min", 1), item.get("max", 5))
            for item in found["items"]
            if item.get("audience", "other") == "other"
        }


def reached(goal: Wire) -> bool:
    """Whether its last value is at the target or beyond, seen from the baseline."""
    if goal["value"] is None:
        return False
    if goal["target"] >= goal["baseline"]:
        return bool(goal["value"] >= goal["target"])
    return bool(goal["value"] <= goal["target"])
