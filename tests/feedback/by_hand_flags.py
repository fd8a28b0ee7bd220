"""The fold by hand: what of a pair is a risk."""

from __future__ import annotations

from typing import Any

from tests.feedback.by_hand_wire import NEAR, SIDES, Said, Wire


def flags(cycle: dict[str, Any], risk: Wire) -> list[Said]:
    """What is said of a pair's flags: the difference between what holds and what stands."""
    counted = (("missed", len(cycle["missed_row"])), ("one_sided", cycle["one_sided"]))
    holds: dict[tuple[str, str | None], float | None] = {
        (rule, None): None for rule, n in counted if rule in risk and n >= risk[rule]
    }
    holds |= {("silence", None): None} if cycle["silent"] else {}
    holds |= {("standing_still", None): None} if cycle["still"] else {}
    for side in SIDES:
        holds |= _ratings_at_risk(cycle, risk, side)
    stood, cycle["flags"] = cycle["flags"], holds
    ended = [("flagged", cycle["id"], *each, "cleared") for each in stood if each not in holds]
    begun = [("flagged", cycle["id"], *each, "raised") for each in holds if each not in stood]
    return ended + begun


def _ratings_at_risk(
    cycle: Wire, risk: Wire, side: str
) -> dict[tuple[str, str | None], float | None]:
    """A side's last two reviews: low, or lower than the two before were when they fell."""
    means = cycle["means"][side]
    holds: dict[tuple[str, str | None], float | None] = {}
    if len(means) < 2:
        return {}
    now = sum(means[-2:]) / 2
    if "rating_below" in risk and now < risk["rating_below"] - NEAR:
        holds["rating_below", side] = None
    before = cycle["flags"].get(("rating_falls", side))
    if before is None and len(means) >= 4:
        before = sum(means[-4:-2]) / 2
    least = max(NEAR, risk.get("rating_falls", 1) - NEAR)
    if before is not None and before - now >= least:
        holds["rating_falls", side] = before
    return holds
