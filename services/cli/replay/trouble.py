"""What may stop a replay, in words for whoever typed the command."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from contextlib import contextmanager

from services.cli.output import Failure
from shared.fitness import NotReady
from shared.outcome import Diverged, StoreRefused
from shared.replay.rebuild import advice


@contextmanager
def in_words(accept: Container[int] = frozenset()) -> Iterator[None]:
    """Turn what an operator must act on into a Failure; trouble of servers has its words already.

    Args:
        accept: the sequences at which the log wins: they are to be named again, with the next one.

    Raises:
        Failure: with what to do.
    """
    try:
        yield
    except NotReady as error:
        raise Failure(str(error)) from error
    except Diverged as error:
        named = accept if isinstance(accept, Iterable) else ()
        raise Failure(
            f"today's code would judge otherwise than the log: {advice(error, named)}"
        ) from error
    except StoreRefused as error:
        raise Failure(f"the database refuses a value: {error}") from error
