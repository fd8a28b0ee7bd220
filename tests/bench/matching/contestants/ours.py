"""Ours: the policies of the matching service."""

from __future__ import annotations

from services.matching.assignment.choice import choose
from services.matching.assignment.market import Choice, Market
from shared.events.types import Policy


def chosen(market: Market, *, policy: Policy) -> Choice:
    """What the service would choose."""
    return choose(policy, market)
