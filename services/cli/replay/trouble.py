"""What may stop a replay, in words for whoever typed the command."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from services.cli.output import Failure
from shared.fitness import NotReady
from shared.outcome import Diverged, StoreRefused
from shared.replay.rebuild import advice


@contextmanager
def in_words() -> Iterator[None]:
    """Turn what an operator must act on into a Failure; trouble of servers has its words already.

    Raises:
        Failure: with what to do.
    """
    try:
        yield
    except NotReady as error:
        raise Failure(str(error)) from error
    except Diverged as error:
        raise Failure(
            f"today's code would judge otherwise than the log: {advice(error)}"
        ) from error
    except StoreRefused as error:
        raise Failure(f"the database refuses a value: {error}") from error
