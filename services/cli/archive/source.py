"""An archive in the place of the log, for commands that fold it."""

from __future__ import annotations

from pathlib import Path

from services.cli.output import Failure
from shared.archive.source import ArchiveSource


async def source_in(path: Path) -> ArchiveSource:
    """The log that an archive holds, checked.

    Raises:
        Failure: it is damaged, truncated or cannot be read.
    """
    from services.cli.folds import says
    from shared.archive.lines import BadArchive

    try:
        return await ArchiveSource.of(path, says())
    except BadArchive as error:
        raise Failure(f"{path}: {error}") from error
    except OSError as error:
        raise Failure(f"{path} cannot be read: {error.strerror}") from error
