"""What the commands tell programs: the bodies of scheduling's HTTP queries, and as of when."""

from __future__ import annotations

from typing import Any

from services.cli.schedule.reading import Found
from services.scheduling.views import Shown


def plain(found: Found, told: Shown) -> dict[str, Any]:
    """An answer for programs; what is not known is left out, as HTTP does."""
    body = told.model_dump(mode="json", by_alias=True, exclude_none=True)
    return {"program": found.program, "position": found.position, **body}
