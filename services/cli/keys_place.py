"""Where feedback's key ring and its key-encryption keys are, for commands."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli.output import Failure
from services.cli.place import Folder

if TYPE_CHECKING:
    from services.feedback.keyring_keks import Keks

Keyring = Annotated[
    str | None,
    typer.Option(
        "--keyring",
        envvar="MENTORING_KEYRING_URL",
        metavar="URL",
        help="Feedback's key ring, such as postgresql://keyring@db/keyring; else the one of `mentoring up`.",
    ),
]
_SQLITE = "sqlite:///"


def keyring_url(given: str | None, folder: Path) -> str:
    """The SQLAlchemy URL of the key ring: the one given, else that of the folder's `mentoring up`.

    Raises:
        Failure: there is none. Opening one that is not there would make a new one, which knows of nobody's keys.
    """
    url = given or f"{_SQLITE}{Folder(folder).database('keyring')}"
    file = Path(url.removeprefix(_SQLITE)).absolute()
    if url.startswith(_SQLITE) and not file.exists():
        hint = "" if given else ": give --dir, or --keyring"
        raise Failure(f"there is no key ring {file}{hint}")
    return url


def given_keks(folder: Path) -> Keks:
    """The key-encryption keys of the environment, else those of the folder's `mentoring up`.

    Raises:
        Failure: there is none, or one is malformed.
    """
    from services.feedback.keyring_keks import KeyRefused, kek_of
    from shared.settings import from_environment

    settings = from_environment("feedback")
    file = settings.kek_file
    if not file and not settings.kek and Folder(folder).kek.exists():
        file = Folder(folder).kek
    try:
        return kek_of(file, settings.kek)
    except KeyRefused as error:
        raise Failure(str(error)) from error
