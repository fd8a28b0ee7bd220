"""What is worked out once for each object, without a lock that objects of several threads share."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from shared.cached import cached_property

PATIENCE = 20.0
"""Seconds after which a test that has failed gives up."""


@dataclass(frozen=True)
class Worker:
    """Whose value takes as long as the work that it is given."""

    work: Callable[[], object]
    done: list[int] = field(default_factory=list)

    @cached_property
    def value(self) -> int:
        """How often it has been worked out."""
        self.work()
        self.done.append(1)
        return len(self.done)


def test_a_value_is_worked_out_when_it_is_asked_for_and_then_kept() -> None:
    worker = Worker(lambda: None)
    assert worker.done == []
    assert (worker.value, worker.value, worker.done) == (1, 1, [1])
    assert Worker.value.__doc__ == "How often it has been worked out."


def test_an_object_does_not_wait_for_another_of_its_class() -> None:
    began, go_on = threading.Event(), threading.Event()

    def long() -> None:
        began.set()
        go_on.wait(PATIENCE)

    with ThreadPoolExecutor(2) as threads:
        slow = threads.submit(lambda: Worker(long).value)
        assert began.wait(PATIENCE)
        quick = threads.submit(lambda: Worker(lambda: None).value)
        try:
            assert quick.result(PATIENCE / 2) == 1
            assert not slow.done()
        finally:
            go_on.set()
