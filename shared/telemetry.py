"""What a service tells those who run it: readiness, and metrics for Prometheus."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from shared.facts import Facts
from shared.figure import Figure
from shared.ledger import Progress

STUCK_AFTER = 15.0
"""Seconds without movement, while there is something to fold, after which a service is not ready."""
STUCK_DECIDING_AFTER = 600.0
"""The same while it decides an input that takes long, such as a round over a large program."""


@dataclass(frozen=True, slots=True)
class PartitionStatus:
    """One partition as this process sees it."""

    partition: int
    owned: bool
    pending: int
    progress: Progress


@dataclass
class Movement:
    """Notices whether positions move while there is something to do."""

    _seen: dict[int, tuple[int, float]] = field(default_factory=dict)

    def stuck(self, status: PartitionStatus) -> bool:
        """Whether a partition has work and has not moved for a while."""
        now = time.monotonic()
        position, since = self._seen.get(status.partition, (-1, now))
        moved = position != status.progress.position
        if moved or status.pending == 0 or not status.owned:
            self._seen[status.partition] = (status.progress.position, now)
            return False
        return now - since > (STUCK_DECIDING_AFTER if status.progress.deciding else STUCK_AFTER)


def readiness(statuses: Sequence[PartitionStatus], movement: Movement, trouble: str) -> list[str]:
    """Why a service is not ready; nothing when it is."""
    reasons = [trouble] if trouble else []
    for status in statuses:
        if not status.owned:
            continue
        if status.progress.state != "live":
            words = status.progress.trouble or status.progress.state
            reasons.append(f"partition {status.partition}: {words}")
        elif movement.stuck(status):
            reasons.append(f"partition {status.partition}: not moving, {status.pending} behind")
    return reasons


class LedgerCollector(Collector):
    """Metrics of a service's ledgers, read when Prometheus asks."""

    def __init__(self, service: str, statuses: Callable[[], Sequence[PartitionStatus]]) -> None:
        self._service = service
        self._statuses = statuses

    def collect(self) -> Iterable[Metric]:
        """One family per figure, labelled with service and partition."""
        labels = ["service", "partition"]
        gauges = {
            "position": GaugeMetricFamily(
                "mentoring_position", "Stream sequence that the store has folded", labels=labels
            ),
            "marked": GaugeMetricFamily(
                "mentoring_mark", "Stream sequence whose answers are in the log", labels=labels
            ),
            "pending": GaugeMetricFamily(
                "mentoring_pending", "Messages of the log not yet read", labels=labels
            ),
            "owned": GaugeMetricFamily(
                "mentoring_owned", "1 when this process folds the partition", labels=labels
            ),
        }
        counters = {
            "inputs": CounterMetricFamily("mentoring_inputs", "Inputs folded", labels=labels),
            "answers": CounterMetricFamily("mentoring_answers", "Answers said", labels=labels),
            "batches": CounterMetricFamily("mentoring_batches", "Batches committed", labels=labels),
        }
        letters = CounterMetricFamily(
            "mentoring_dead_letters", "Inputs not folded", labels=[*labels, "kind"]
        )
        for status in self._statuses():
            place = [self._service, str(status.partition)]
            gauges["pending"].add_metric(place, status.pending)
            gauges["owned"].add_metric(place, float(status.owned))
            for name in ("position", "marked"):
                gauges[name].add_metric(place, getattr(status.progress, name))
            for name, family in counters.items():
                family.add_metric(place, getattr(status.progress, name))
            for kind, count in sorted(status.progress.letters.items()):
                letters.add_metric([*place, kind], count)
        yield from gauges.values()
        yield from counters.values()
        yield letters


class FactsCollector(Collector):
    """Metrics of what a service's database says about itself; `facts` are those to tell next."""

    def __init__(self, service: str) -> None:
        self._service = service
        self.facts = Facts()

    def collect(self) -> Iterable[Metric]:
        """Generations and timers by partition, operators' acts by kind, the last check."""
        yield from self._of_partitions()
        yield from self._of_operations()
        yield from self._of_checks()

    def _of_partitions(self) -> Iterable[Metric]:
        labels = ["service", "partition"]
        generation = GaugeMetricFamily(
            "mentoring_generation", "Exchanges of the store's contents", labels=labels
        )
        timers = GaugeMetricFamily(
            "mentoring_timers_set", "1 when every timer of the store is in the log", labels=labels
        )
        for partition, position in sorted(self.facts.positions.items()):
            generation.add_metric([self._service, str(partition)], position.generation)
            timers.add_metric([self._service, str(partition)], float(position.timers_set))
        return generation, timers

    def _of_operations(self) -> Iterable[Metric]:
        counts = GaugeMetricFamily(
            "mentoring_operations", "Operators' acts", labels=["service", "kind", "state"]
        )
        for (kind, state), count in sorted(self.facts.operations.items()):
            counts.add_metric([self._service, kind, state], count)
        position = GaugeMetricFamily(
            "mentoring_operation_position",
            "Stream sequence that an act that goes on has come to",
            labels=["service", "kind", "id"],
        )
        for each in self.facts.running:
            if each.position is not None:
                position.add_metric([self._service, each.kind, str(each.id)], each.position)
        ended = GaugeMetricFamily(
            "mentoring_operation_done_timestamp_seconds",
            "When such an act last ended well",
            labels=["service", "kind"],
        )
        for kind, at in sorted(self.facts.ended.items()):
            ended.add_metric([self._service, kind], at)
        return counts, position, ended

    def _of_checks(self) -> Iterable[Metric]:
        at = GaugeMetricFamily(
            "mentoring_verified_timestamp_seconds",
            "When the whole store was last compared with the log",
            labels=["service"],
        )
        differing = GaugeMetricFamily(
            "mentoring_verified_differing_rows",
            "Rows that were not what the log says then",
            labels=["service"],
        )
        if self.facts.verified is not None:
            at.add_metric([self._service], self.facts.verified.at)
            differing.add_metric([self._service], self.facts.verified.differing)
        return at, differing


class FiguresCollector(Collector):
    """Metrics of a service's rows; `figures` are those to tell next."""

    def __init__(self, service: str) -> None:
        self._service = service
        self.figures: Sequence[Figure] = ()

    def collect(self) -> Iterable[Metric]:
        """A family for each name, labelled with the service and what the figures say."""
        families: dict[str, GaugeMetricFamily] = {}
        for figure in self.figures:
            family = families.get(figure.name)
            if family is None:
                labels = ["service", *figure.labels]
                family = GaugeMetricFamily(figure.name, figure.help, labels=labels)
                families[figure.name] = family
            family.add_metric([self._service, *figure.labels.values()], figure.value)
        yield from families.values()
