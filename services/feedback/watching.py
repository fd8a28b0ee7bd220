"""What the risk rules look at: kept with each pair as things happen, so that no rule looks far back.

The timers of silence and of goals that stand still are moved only when they ring: a sign of life, or a goal that
moves, writes its instant and leaves the timer alone. One that rings too early is set to where it belongs by then;
one that rings in time is set no more, and that is what it means: `silent_at` is None while nothing is heard.

Inputs state their time themselves: one that comes late does not make the last sign older. A ring, too, may come late,
after signs that are younger than it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from services.feedback.model import SIDES, Flag, Opinion, Paired, Side, Watch
from services.feedback.shares import mean, shares
from shared.events.feedback import Flagged, Reviewed
from shared.events.types import Duration
from shared.frozen import replace

LATEST = 64
"""How many ids are kept of a row of events, unless its rule asks for more; as many as evidence may have."""
OPINIONS = 4
"""Reviews of a side that are compared: its last two with the two before."""

SILENT: Literal["silent"] = "silent"
STILL: Literal["still"] = "still"
"""Names of the two timers."""


def heard(pair: Paired, event: str, now: datetime) -> Paired:
    """A sign of life: somebody of the pair has said or done something."""
    sign_at, silent_at = _latest(pair.watch.sign_at, now), pair.watch.silent_at
    if silent_at is None:
        silent_at = _after(pair, pair.risk.silence, sign_at)
    watch = replace(pair.watch, sign=event, sign_at=sign_at, silent_at=silent_at)
    return replace(pair, watch=watch)


def moved(pair: Paired, event: str, now: datetime, *, aims: bool) -> Paired:
    """A goal has moved, or other goals are in force; `aims`: there are some that are not reached."""
    watch = pair.watch
    if not aims:
        return replace(pair, watch=replace(watch, move=None, move_at=None, still_at=None))
    watch = replace(watch, move=event, move_at=_latest(watch.move_at, now))
    if watch.still_at is None:
        watch = replace(watch, still_at=_after(pair, pair.risk.standing_still, watch.move_at))
    return replace(pair, watch=watch)


def rang(pair: Paired, timer: str, at: datetime) -> Paired:
    """One of the two timers rings: it waits on if there was a sign, or a move, since it was set."""
    watch, risk = pair.watch, pair.risk
    if timer == SILENT:
        again = _later(_after(pair, risk.silence, watch.sign_at), at)
        return replace(pair, watch=replace(watch, silent_at=again))
    again = _later(_after(pair, risk.standing_still, watch.move_at), at)
    return replace(pair, watch=replace(watch, still_at=again))


def missed(pair: Paired, event: str) -> Paired:
    """One more meeting missed in a row."""
    limit = pair.risk.missed
    row = _newest((*pair.watch.missed, event), limit) if limit else ()
    return replace(pair, watch=replace(pair.watch, missed=row))


def met(pair: Paired, corrects: str | None) -> Paired:
    """A meeting was held: it ends the row; one that corrects a miss ends it there, however late it is known."""
    row = pair.watch.missed
    if corrects is None:
        row = ()
    elif corrects in row:
        row = row[row.index(corrects) + 1 :]
    return replace(pair, watch=replace(pair.watch, missed=row))


def reviewed(pair: Paired, event: str, data: Reviewed) -> Paired:
    """What each side thinks, and whether one of them said nothing."""
    watch = pair.watch
    opinions = {side: _opinions(watch, side, event, data) for side in SIDES}
    watch = replace(
        watch,
        opinions={side: given for side, given in opinions.items() if given},
        one_sided=_one_sided(pair, event, data),
    )
    return replace(pair, watch=watch)


def flagged(pair: Paired, data: Flagged) -> Paired:
    """A flag is raised or cleared."""
    watch, cause = pair.watch, cause_key(data.rule, data.side)
    flags = {key: flag for key, flag in watch.flags.items() if key != cause}
    if data.status == "raised":
        level = earlier(watch, data.side) if data.rule == "rating_falls" and data.side else None
        flags[cause] = Flag(data.flag, data.evidence, level)
    return replace(pair, watch=replace(watch, flags=dict(sorted(flags.items()))))


def cause_key(rule: str, side: Side | None) -> str:
    """What at most one flag of a pair stands for."""
    return f"{rule}.{side}" if side else rule


def lately(watch: Watch, side: Side) -> float | None:
    """The mean of a side's last two reviews; None before there are two."""
    return _mean_of(watch.opinions.get(side, ())[-2:])


def earlier(watch: Watch, side: Side) -> float | None:
    """The mean of the two reviews before those; None before there are four."""
    return _mean_of(watch.opinions.get(side, ())[-OPINIONS:-2])


def _mean_of(two: tuple[Opinion, ...]) -> float | None:
    return round((two[0].share + two[1].share) / 2, 6) if len(two) == 2 else None  # noqa: PLR2004


def _opinions(watch: Watch, side: Side, event: str, data: Reviewed) -> tuple[Opinion, ...]:
    known, share = watch.opinions.get(side, ()), mean(shares(data, side))
    return known if share is None else (*known, Opinion(event, share))[-OPINIONS:]


def _one_sided(pair: Paired, event: str, data: Reviewed) -> tuple[str, ...]:
    """A review of both ends the row; one of nobody says nothing of either side."""
    row, limit = pair.watch.one_sided, pair.risk.one_sided
    if limit is None or not data.missing:
        return ()
    return row if len(data.missing) == len(SIDES) else _newest((*row, event), limit)


def _newest(row: tuple[str, ...], limit: int) -> tuple[str, ...]:
    return row[-max(limit, LATEST) :]


def _after(pair: Paired, span: Duration | None, since: datetime | None) -> datetime | None:
    return span.after(since, pair.zone) if span and since else None


def _latest(known: datetime | None, now: datetime) -> datetime:
    return max(known, now) if known else now


def _later(deadline: datetime | None, at: datetime) -> datetime | None:
    return deadline if deadline and deadline > at else None
