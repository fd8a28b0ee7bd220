"""Which release each number of a report may show, so that nothing ever published tells of fewer than k persons.

Reports show the program as of a release: Monday, 00:00 in the program's zone. Totals are renewed when the changes since
concern nobody or at least k persons. A group stands at an older release until its changes may be told, and others wait
with it where the total less the shown groups would give it away. Nothing published is ever taken back, so what was shown in
all weeks before is part of each decision (decision 0039).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from services.feedback.report.cells import Cells, cells_of
from services.feedback.report.contributions import Contributions
from services.feedback.report.differencing import NO_LIMIT, PENDING
from services.feedback.report.history import History

GROUPS_EVERY = 4
"""Weeks from one renewal of groups to the next: the longer, the fewer of them have too few changes."""


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


def plan(
    layers: Sequence[Contributions],
    last: int,
    k: Sequence[int],
    at: Collection[int] | None = None,
) -> Shown:
    """What to show as of release `last`.

    Args:
        layers: who has a part in the metric; several where several metrics publish the same numbers and so have to
            be renewed together. All have the same breakdowns.
        last: index of the release; later rows are not looked at.
        k: for each release up to `last` the largest k that was ever set by then.
        at: the only releases to renew at, where what is shown follows from what others are renewed at, too.

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
    for release in range(last + 1) if at is None else sorted(at):
        walk.step(release)
    return walk.shown(names)


class _Walk:
    """From release to release.

    Attributes:
        at: the release that each shown group was renewed at.
        tried: the release at which groups were tried last.
        nodes: by week the node of the total that published it; by (group + 1, week) that of the batch, for each breakdown.
        limits: by node the k that it was published under.
    """

    def __init__(
        self, views: Sequence[Cells], breakdowns: int, last: int, k: Sequence[int]
    ) -> None:
        self.k = k
        self.views = [History(view) for view in views]
        groups = [_groups(views, breakdown) for breakdown in range(breakdowns)]
        self.groups = [(of, group) for of, each in enumerate(groups) for group in each]
        self.begins = min((int(view.week[0]) for view in views), default=last + 1)
        self.at: dict[Group, int] = {}
        self.tried = -GROUPS_EVERY
        self.renewed: list[int] = []
        self.limits: list[int] = [NO_LIMIT]
        self.nodes = [
            np.full(last + 1, PENDING, np.int64),
            *(np.full((max(each, default=-1) + 2, last + 1), PENDING, np.int64) for each in groups),
        ]

    def step(self, release: int) -> None:
        """Renew the total when it may be, and then as many groups as may be."""
        since = self.renewed[-1] if self.renewed else -1
        if release < self.begins or not self._enough(since, release):
            return
        self.renewed.append(release)
        self.nodes[0][since + 1 : release + 1] = self._node(release)
        if release - self.tried >= GROUPS_EVERY:
            self._try(release)

    def shown(self, names: Sequence[str]) -> Shown:
        """By names of the breakdowns."""
        groups: dict[str, dict[int, int]] = {name: {} for name in names}
        for group in sorted(self.at):
            groups[names[group[0]]][group[1]] = self._stands(group)
        return Shown(self.renewed[-1] if self.renewed else None, groups, tuple(self.renewed))

    def _stands(self, group: Group) -> int:
        """The release whose state a group shows: the last one when nothing has changed since it was renewed."""
        last = self.renewed[-1]
        return self.at[group] if any(self._changes(group, last)) else last

    def _try(self, release: int) -> None:
        """Renew as many groups as may be, those first that stand at the oldest release."""
        waiting = [group for group in self.groups if self._waits(group, release)]
        if waiting:
            self.tried = release
        self._renew(sorted(waiting, key=lambda group: (self.at.get(group, -1), group)), release)
        for view in self.views:
            view.shorten(release, self.nodes, np.array(self.limits))

    def _enough(self, since: int, release: int) -> bool:
        """Whether the changes since concern nobody or k persons, in every view."""
        changes = [
            view.cells.persons((view.cells.week > since) & (view.cells.week <= release))
            for view in self.views
        ]
        return self._none_or_k(changes, release)

    def _none_or_k(self, persons: Sequence[int], release: int) -> bool:
        return all(each == 0 or each >= self.k[release] for each in persons)

    def _node(self, release: int) -> int:
        self.limits.append(max(1, self.k[release]))
        return len(self.limits) - 1

    def _waits(self, group: Group, release: int) -> bool:
        """Whether the group has changes to tell, and enough of them."""
        changes = self._changes(group, release)
        return any(changes) and self._none_or_k(changes, release)

    def _changes(self, group: Group, release: int) -> list[int]:
        """How many persons the changes of a group since it was renewed concern, in every view."""
        since = self.at.get(group, -1)
        return [_changes(view.cells.until(release), group, since) for view in self.views]

    def _renew(self, groups: Sequence[Group], release: int) -> None:
        """Renew as many as may be; the first ones come first."""
        if not groups or self._published(groups, release) or len(groups) == 1:
            return
        half = len(groups) // 2
        self._renew(groups[:half], release)
        self._renew(groups[half:], release)

    def _published(self, groups: Sequence[Group], release: int) -> bool:
        """Renew all of these, or none when somebody would be isolated."""
        for group in groups:
            self._set(group, release, self._node(release))
        refused = self._refused(release)
        if refused is None:
            self.at.update(dict.fromkeys(groups, release))
            return True
        # Who refuses once does so again: asked first, the others need not be.
        self.views.sort(key=lambda view: view is not refused)
        for group in groups:
            self._set(group, release, PENDING)
        del self.limits[-len(groups) :]
        return False

    def _refused(self, release: int) -> History | None:
        """The first view in which somebody would be isolated."""
        limits = np.array(self.limits)
        unsafe = (view for view in self.views if not view.safe(release, self.nodes, limits))
        return next(unsafe, None)

    def _set(self, group: Group, release: int, node: int) -> None:
        breakdown, index = group
        self.nodes[1 + breakdown][index + 1, self.at.get(group, -1) + 1 : release + 1] = node


def _groups(views: Sequence[Cells], breakdown: int) -> list[int]:
    """All groups of a breakdown that somebody is ever in."""
    found = {group for view in views for group in view.groups[breakdown].tolist()}
    return sorted(found - {-1})


def _changes(cells: Cells, group: Group, since: int) -> int:
    """How many persons the changes of a group concern."""
    breakdown, index = group
    return cells.persons((cells.groups[breakdown] == index) & (cells.week > since))
