"""An import in a process of its own, to be killed: python -m tests.shared.archive.cut_off URL FILE."""

import asyncio
import sys
from pathlib import Path

from shared.log import Log
from tests.shared.archive.books import imported


async def work(url: str, path: str) -> None:
    """Import, in full."""
    log = await Log.connect(url)
    await imported(log, Path(path))
    await log.close()


if __name__ == "__main__":
    asyncio.run(work(*sys.argv[1:]))
