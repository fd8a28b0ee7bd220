"""An exchange killed anywhere (kill -9): the store is the one before or the one after, and the next one works."""

from __future__ import annotations

import subprocess
import sys

import pytest

from shared.replay.exchange import Exchange, drop_before, kept
from shared.replay.shadow import Shadow
from tests.shared.replay.stores import open_store, places, rows_of, shadow_with, words, write
from tests.tally.service import TALLY

NEVER = "never"


@pytest.mark.parametrize("when", ["1", "9", "16", "commit", NEVER])
def test_an_exchange_that_is_killed_has_happened_whole_or_not_at_all(
    database_url: str, when: str
) -> None:
    live = open_store(database_url)
    write(live, rows_of(1), 7)
    old = live.digest()
    shadow_with(live, rows_of(2), 7).close()
    script = [sys.executable, "-m", "tests.shared.replay.kill_exchange"]
    ended = subprocess.run(
        [*script, database_url, when], capture_output=True, timeout=60, check=False
    )
    if when == NEVER:
        assert ended.stdout == b"done\n", ended.stderr.decode()
        assert (words(live), places(live)[0][1]) == ({2}, 1)
        assert kept(live) is not None
        drop_before(live)
    else:
        assert ended.returncode == -9, ended.stderr.decode()
        assert (live.digest(), places(live)[0][1]) == (old, 0)
        assert kept(live) is None
    generation = places(live)[0][1]
    shadow_with(live, rows_of(3), 7).close()
    with Shadow.open(live, TALLY) as shadow, Exchange(live) as held:
        held.replace(shadow)
    assert (words(live), places(live)) == ({3}, {0: (7, generation + 1, False)})
    live.dispose()
