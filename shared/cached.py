"""`functools.cached_property` without its lock, for objects of threads that shall not wait for each other."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

__all__ = ["cached_property"]

if TYPE_CHECKING or sys.version_info >= (3, 12):
    from functools import cached_property
else:
    from collections.abc import Callable

    class cached_property:  # noqa: N801 - as its twin above
        """What a method returns, worked out when it is first asked for.

        Before Python 3.12 the twin has one lock for all objects of a class, held while one of them works: a round
        over one program would keep the next input of another waiting. Two threads that ask one object at once may
        both work it out; so it has to come to the same.
        """

        def __init__(self, method: Callable[[Any], Any]) -> None:
            self._method = method
            self.__doc__ = method.__doc__

        def __set_name__(self, owner: type, name: str) -> None:
            self._name = name

        def __get__(self, instance: Any, owner: type | None = None) -> Any:  # noqa: ANN401 - any property's value
            if instance is None:
                return self
            found = instance.__dict__[self._name] = self._method(instance)
            return found
