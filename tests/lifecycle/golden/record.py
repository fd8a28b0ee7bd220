"""Records the golden log, or adds the digests of new fold versions: see golden_log.py for when to do which."""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from services.cli.demo_run import Run
from services.cli.place import Folder
from services.cli.population_program import Plan
from services.cli.stack import Options, Stack
from shared.entry import Entry
from tests.lifecycle.golden import golden_log as golden


async def record() -> list[Entry]:
    """Run the small demo on real servers; returns its events as they stand in the log."""
    entries: list[Entry] = []
    plan = Plan(golden.MENTORS, golden.MENTEES, golden.MONTHS)
    with tempfile.TemporaryDirectory() as path:
        folder = Folder(Path(path))
        async with Stack(folder, Options(driven=True)) as stack:
            if why := await stack.not_ready():
                sys.exit(f"not ready: {why}")
            run = Run(
                folder, stack.addresses.nats, golden.SEED, plan, lambda _: None, entries.append
            )
            await run()
    return entries


def add_digests(known: dict[str, Any]) -> dict[str, Any]:
    """The known digests of each log, with those of fold versions that have none yet."""
    for path in (golden.LOG, golden.OLDER):
        entries = golden.read(path)
        of_log = known.setdefault(path.name, {"log": golden.fingerprint(path), "digests": {}})
        for name, service in golden.SERVICES.items():
            versions = of_log["digests"].setdefault(name, {})
            versions.setdefault(str(service.fold_version), golden.digest_of(service, entries))
    return known


def main(what: str) -> None:
    """`log` or `digests`."""
    if what not in {"log", "digests"}:
        sys.exit(f"{golden.__doc__}")
    known = json.loads(golden.DIGESTS.read_text())
    if what == "log":
        golden.write(asyncio.run(record()))
        known.pop(golden.LOG.name, None)
    golden.DIGESTS.write_text(json.dumps(add_digests(known), indent=2) + "\n")


if __name__ == "__main__":
    main(" ".join(sys.argv[1:]))
