"""What revealed reviews rated, for the satisfaction of recorded pairs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.events import feedback, outside
from shared.events.envelope import Event
from shared.events.rules import FormItem

RATED = frozenset({"opened", "reviewed"})
"""The words that ratings are read from."""


@dataclass
class Ratings:
    """Ratings as shares of their scale, by cycle and side."""

    by_cycle: dict[str, dict[str, list[float]]] = field(default_factory=dict)
    _items: Mapping[str, FormItem] = field(default_factory=dict)

    def add(self, event: Event) -> None:
        """One event, in the order of the log."""
        match event.data:
            case outside.Opened(forms=forms):
                self._items = {item.id: item for form in forms for item in form.items}
            case feedback.Reviewed() as reviewed:
                self._rate(event.key, reviewed)
            case _:
                pass

    def of(self, cycle: str) -> Mapping[str, list[float]]:
        """A cycle's, by the side that rated."""
        return self.by_cycle.get(cycle, {})

    def _rate(self, cycle: str, reviewed: feedback.Reviewed) -> None:
        """By the scale that the review names, else by that of the rules."""
        for side, ratings in reviewed.ratings.items():
            scales = reviewed.scales.get(side, {})
            for name, value in ratings.items():
                scale = scales.get(name) or self._items.get(name, FormItem(id=name))
                share = (value - scale.min) / (scale.max - scale.min)
                self.by_cycle.setdefault(cycle, {}).setdefault(side, []).append(share)
