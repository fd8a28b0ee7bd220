"""Which release each number of a report may show, so that nothing ever published tells of fewer than k persons.

Reports show the program as of a release: Monday, 00:00 in the program's zone. Totals are renewed when the changes since
concern nobody or at least k persons. A group stands at an older release until its changes may be told, and others wait
with it where the total less the shown groups would give it away. Nothing published is ever taken back, so what was shown in
all weeks before is part of each decision (decision 0039).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from services.feedback.report.cells import Cells, Longs, cells_of
from services.feedback.report.contributions import Contributions
from services.feedback.report.differencing import NO_LIMIT, PENDING, Published, nobody_isolated

GROUPS_EVERY = 4
"""Weeks after which a group is renewed at the earliest: the longer, the fewer changes are too few."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a metric may show, by index of releases.

    Attributes:
        as_of: the release of the total; None: none yet.
        groups: for each breakdown, of each group that may be shown, the release whose state it shows; never later than
            the total's.
        renewed: all releases at which the total was renewed.
    """

    as_of: int | None
    groups: Mapping[str, Mapping[int, int]]
    renewed: Sequence[int]


Group = tuple[int, int]
"""Index of the breakdown, and of the group in it."""


def plan(layers: Sequence[Contributions], last: int, k: Sequence[int]) -> Shown:
    """What to show as of release `last`.

    Args:
        layers: who has a part in the metric; several where several metrics publish the same numbers and so have to
            be renewed together. All have the same breakdowns.
        last: index of the release; later rows are not looked at.
        k: for each release up to `last` the largest k that was ever set by then.

    Raises:
        ValueError: layers with different breakdowns, or a release without its k.
    """
    names = tuple(layers[0].groups) if layers else ()
    if any(set(layer.groups) != set(names) for layer in layers):
        raise ValueError("layers: all must have the same breakdowns")
    if len(k) <= last:
        raise ValueError("k: every release up to the last needs one")
    most = max(1, *k)
    views = [
        cells_of(layer, names, role, last, most)
        for layer in layers
        for role in ("mentee", "mentor")
    ]
    walk = _Walk([view for view in views if view.week.size], len(names), last, k)
    for release in range(last + 1):
        walk.step(release)
    return walk.shown(names)


@dataclass(slots=True)
class _Walk:
    """All releases so far.

    Attributes:
        week_node: by week the node of the total that published it.
        batch_node: by breakdown (group + 1, week) the node of the batch that published it.
        limits: by node the k that it was published under.
        at: the release that each shown group stands at.
    """

    views: Sequence[Cells]
    breakdowns: int
    last: int
    k: Sequence[int]
    renewed: list[int] = field(default_factory=list)
    limits: list[int] = field(default_factory=lambda: [NO_LIMIT])
    at: dict[Group, int] = field(default_factory=dict)
    week_node: Longs = field(init=False)
    batch_node: list[Longs] = field(init=False)

    def __post_init__(self) -> None:
        self.week_node = np.zeros(self.last + 1, np.int64)
        self.batch_node = [
            np.zeros((self._width(breakdown), self.last + 1), np.int64)
            for breakdown in range(self.breakdowns)
        ]

    def _width(self, breakdown: int) -> int:
        return max((int(view.groups[breakdown].max()) for view in self.views), default=-1) + 2

    def step(self, release: int) -> None:
        """Renew the total when it may be, and then as many groups as may be."""
        since = self.renewed[-1] if self.renewed else -1
        if not self._enough(since, release) or not self._begun(release):
            return
        self.renewed.append(release)
        self.week_node[since + 1 : release + 1] = self._node(release)
        seen = [view.until(release) for view in self.views]
        waiting = [group for group in self._groups(seen) if self._waits(group, release, seen)]
        self._renew(waiting, release, seen)

    def shown(self, names: Sequence[str]) -> Shown:
        """By names of the breakdowns."""
        groups = {
            name: {group: at for (of, group), at in sorted(self.at.items()) if of == breakdown}
            for breakdown, name in enumerate(names)
        }
        return Shown(self.renewed[-1] if self.renewed else None, groups, tuple(self.renewed))

    def _begun(self, release: int) -> bool:
        return any(view.week[0] <= release for view in self.views)

    def _enough(self, since: int, release: int) -> bool:
        """Whether the changes since concern nobody or k persons, in every view."""
        return all(
            self._none_or_k(view.persons((view.week > since) & (view.week <= release)), release)
            for view in self.views
        )

    def _none_or_k(self, persons: int, release: int) -> bool:
        return persons == 0 or persons >= self.k[release]

    def _node(self, release: int) -> int:
        self.limits.append(max(1, self.k[release]))
        return len(self.limits) - 1

    def _groups(self, seen: Sequence[Cells]) -> Iterator[Group]:
        for breakdown in range(self.breakdowns):
            found = np.unique(np.concatenate([view.groups[breakdown] for view in seen]))
            yield from ((breakdown, int(group)) for group in found if group >= 0)

    def _waits(self, group: Group, release: int, seen: Sequence[Cells]) -> bool:
        """Whether the group has changes to tell, enough of them and not too early; one without stands at this release."""
        at = self.at.get(group, -1)
        breakdown, index = group
        changes = [
            view.persons((view.groups[breakdown] == index) & (view.week > at)) for view in seen
        ]
        if not any(changes):
            self.at[group] = release
            return False
        early = at >= 0 and release - at < GROUPS_EVERY
        return not early and all(self._none_or_k(each, release) for each in changes)

    def _renew(self, groups: Sequence[Group], release: int, seen: Sequence[Cells]) -> None:
        """Renew as many as may be, those first that stand at the oldest release."""
        self._grow(sorted(groups, key=lambda group: (self.at.get(group, -1), group)), release, seen)

    def _grow(self, groups: Sequence[Group], release: int, seen: Sequence[Cells]) -> None:
        if not groups or self._published(groups, release, seen) or len(groups) == 1:
            return
        half = len(groups) // 2
        self._grow(groups[:half], release, seen)
        self._grow(groups[half:], release, seen)

    def _published(self, groups: Sequence[Group], release: int, seen: Sequence[Cells]) -> bool:
        """Renew all of these, or none when somebody would be isolated."""
        for group in groups:
            self._set(group, release, self._node(release))
        if not self._safe(seen):
            for group in groups:
                self._set(group, release, PENDING)
            del self.limits[-len(groups) :]
            return False
        self.at.update(dict.fromkeys(groups, release))
        return True

    def _set(self, group: Group, release: int, node: int) -> None:
        breakdown, index = group
        self.batch_node[breakdown][index + 1, self.at.get(group, -1) + 1 : release + 1] = node

    def _safe(self, seen: Sequence[Cells]) -> bool:
        limits = np.array(self.limits, np.int64)
        return all(nobody_isolated(self._of(view), limits) for view in seen)

    def _of(self, view: Cells) -> Published:
        columns = [self.week_node[view.week]]
        for breakdown, nodes in enumerate(self.batch_node):
            columns.append(nodes[view.groups[breakdown] + 1, view.week])
        return Published(np.stack(columns, axis=1), view.size, view.cell, view.person)
