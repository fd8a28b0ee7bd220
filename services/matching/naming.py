"""Ids that follow from what they name."""

from __future__ import annotations

import uuid

_NAMES = uuid.uuid5(uuid.NAMESPACE_URL, "urn:mentoring:matching")


def proposal_id(program: str, cycle: str, attempt: int) -> str:
    """The id of a cycle's proposal: the same for both sides, another for each attempt."""
    return uuid.uuid5(_NAMES, f"proposal/{program}/{cycle}/{attempt}").hex
