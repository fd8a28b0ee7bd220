"""Timers and the clock of a fold: kept as rows beside the service's own, derived from them and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from shared.events.envelope import Event, InvalidEvent
from shared.events.event import TOKEN, TOKEN_RULE
from shared.events.system import Due
from shared.events.types import END, FIRST, INSTANT_RULE
from shared.service import Service
from shared.world import Clock, Gone, Row, Timer, World

Key = tuple[str, str, str]
"""Of a timer: program, about and name."""


def set_now(world: World, event: Event) -> None:
    """An input's instant is its time, never earlier than the program's last `due`."""
    clock = world.peek(Clock, (event.program,))
    world.now = event.time if clock is None else max(event.time, clock.at)


def retime(service: Service, world: World) -> list[Timer]:
    """Keep the timer rows in step with the rows that changed; return the timers to set.

    Raises:
        InvalidEvent: the `due` of a timer could not be an event; the input is parked.
    """
    wanted: dict[Key, Timer] = {}
    dropped: set[Key] = set()
    for (kind, row), before in world.touched().items():
        if kind not in service.tables:
            continue
        old = _deadlines(service, before)
        new = _deadlines(service, world.peek(kind, row))
        if old != new:
            wanted |= {key: Timer(*key, at) for key, at in new.items() if old.get(key) != at}
            dropped |= old.keys() - new.keys()
    if not (wanted or dropped):
        return []
    world.apply(Gone(Timer, key) for key in sorted(dropped - wanted.keys()))
    timers = [wanted[key] for key in sorted(wanted)]
    for timer in timers:
        _check(timer)
    world.apply(timers)
    return timers


def rings(service: Service, world: World, event: Event, due: Due, *, held: bool) -> bool:
    """A `due` moves the program's clock; it rings when a row of this service waits for it.

    `held`: this very `due` is parked already.
    """
    world.apply([Clock(event.program, world.now)])
    if due.service != service.name:
        return False
    timer = world.peek(Timer, (event.program, event.key, due.name))
    if timer is None or timer.at != due.at or held:
        return False
    world.apply([Gone(Timer, timer.key())])
    return True


def _deadlines(service: Service, row: Row | None) -> Mapping[Key, datetime]:
    """What a row waits for, by the keys of its timers."""
    wanted = service.timers(row) if row is not None else None
    if row is None or not wanted:
        return {}
    program, about = row.program, getattr(row, row.ABOUT)  # type: ignore[attr-defined]
    return {(program, about, name): at for name, at in wanted.items()}


def _check(timer: Timer) -> None:
    """What becomes of a timer in the log must be an event; found out here, it parks the one input."""
    for name in (timer.about, timer.name):
        if TOKEN.fullmatch(name) is None:
            raise InvalidEvent("", f"a timer's key and name {TOKEN_RULE}")
    if not FIRST <= timer.at < END:
        raise InvalidEvent("", f"a timer's instant {INSTANT_RULE}")
