"""When a pair is at risk: one named predicate for each rule of the program, each with its evidence.

A flag is raised once for a cause and cleared, under the same id, by what ends it: so what is said are the differences
between the causes that there are and the flags that stand. A conclusion ends every flag without a word.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from services.feedback.model import SIDES, Cycle, Side, Watch, derived
from services.feedback.watching import LATEST, OPINIONS, cause_key, earlier, lately
from shared.events.feedback import Flagged
from shared.events.rules import Risk
from shared.world import Answer

Evidence = tuple[str, ...]
"""Ids of the events that show it, in the log's order."""


@dataclass(frozen=True, slots=True)
class Cause:
    """A rule that holds; `side`: whose ratings, where they are the matter."""

    rule: str
    side: Side | None
    evidence: Evidence

    @property
    def key(self) -> str:
        """What at most one flag of a pair stands for."""
        return cause_key(self.rule, self.side)


def missed(watch: Watch, risk: Risk) -> Evidence | None:
    """So many meetings missed one after the other."""
    return watch.missed if risk.missed and len(watch.missed) >= risk.missed else None


def one_sided(watch: Watch, risk: Risk) -> Evidence | None:
    """So many reviews one after the other that one side alone had written."""
    return watch.one_sided if risk.one_sided and len(watch.one_sided) >= risk.one_sided else None


def silence(watch: Watch, risk: Risk) -> Evidence | None:
    """Nothing is heard since the last sign of life: its timer has rung."""
    rung = risk.silence and watch.silent_at is None
    return (watch.sign,) if rung and watch.sign else None


def standing_still(watch: Watch, risk: Risk) -> Evidence | None:
    """There are goals to reach, and none has moved: the timer has rung."""
    rung = risk.standing_still and watch.still_at is None
    return (watch.move,) if rung and watch.move else None


def rating_below(watch: Watch, risk: Risk, side: Side) -> Evidence | None:
    """The mean of a side's last two reviews is below the rule's share."""
    now = lately(watch, side)
    if risk.rating_below is None or now is None or now >= risk.rating_below:
        return None
    return _reviews(watch, side, 2)


def rating_falls(watch: Watch, risk: Risk, side: Side) -> Evidence | None:
    """A side's last two reviews lie so much below the two before, and until they are back below where those were.

    Ratings that stay low are no longer below those right before them; nothing has become better for that.
    """
    flag = watch.flags.get(cause_key("rating_falls", side))
    before = flag.level if flag else earlier(watch, side)
    now = lately(watch, side)
    if risk.rating_falls is None or before is None or now is None:
        return None
    fall = round(before - now, 6)
    return _reviews(watch, side, OPINIONS) if fall > 0 and fall >= risk.rating_falls else None


OF_PAIR: Mapping[str, Callable[[Watch, Risk], Evidence | None]] = {
    "missed": missed,
    "one_sided": one_sided,
    "silence": silence,
    "standing_still": standing_still,
}
OF_SIDE: Mapping[str, Callable[[Watch, Risk, Side], Evidence | None]] = {
    "rating_below": rating_below,
    "rating_falls": rating_falls,
}
RULES = frozenset({*OF_PAIR, *OF_SIDE})
"""The names of the rules, as `Risk` and `flagged` have them."""


def causes(watch: Watch, risk: Risk) -> Iterator[Cause]:
    """The rules that hold now."""
    for rule, of_pair in OF_PAIR.items():
        if evidence := of_pair(watch, risk):
            yield Cause(rule, None, evidence)
    for side in watch.opinions:
        for rule, of_side in OF_SIDE.items():
            if evidence := of_side(watch, risk, side):
                yield Cause(rule, side, evidence)


def changes(cycle: Cycle, watch: Watch, risk: Risk, ended_by: str) -> list[Answer]:
    """What is said of the flags: raised for causes that have none, cleared where the cause is over.

    `ended_by` is the id of the event that shows it to be over.
    """
    found = {cause.key: cause for cause in causes(watch, risk)}
    if not (found or watch.flags):
        return []
    raised = [
        _said(cycle, cause, _name(cycle, cause), "raised")
        for key, cause in sorted(found.items())
        if key not in watch.flags
    ]
    cleared = [
        _said(cycle, _cause(key, ended_by), flag.id, "cleared")
        for key, flag in sorted(watch.flags.items())
        if key not in found
    ]
    return [*cleared, *raised]


def _reviews(watch: Watch, side: Side, count: int) -> Evidence:
    return tuple(opinion.event for opinion in watch.opinions[side][-count:])


def _name(cycle: Cycle, cause: Cause) -> str:
    """A flag's id: of one cause always the same."""
    return derived(cause.key, cycle.program, cycle.cycle, cause.evidence[0])


def _cause(key: str, ended_by: str) -> Cause:
    """The cause of a flag that ends."""
    rule, _, of = key.partition(".")
    side = next((side for side in SIDES if side == of), None)
    return Cause(rule, side, (ended_by,))


def _said(cycle: Cycle, cause: Cause, flag: str, status: Literal["raised", "cleared"]) -> Answer:
    data = Flagged(
        mentee=cycle.mentee,
        mentor=cycle.mentor or "",
        rules=cycle.rules or "",
        flag=flag,
        rule=cause.rule,
        status=status,
        evidence=cause.evidence[-LATEST:],
        side=cause.side,
    )
    return Answer(cycle.cycle, data)
