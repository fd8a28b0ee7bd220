"""Where each service keeps its rows, found as `mentoring status` finds it, and opened for a command."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli.output import Failure
from services.cli.place import SERVICES, Folder

if TYPE_CHECKING:
    from shared.store import Store

_SQLITE, _POSTGRES = "sqlite:///", "postgresql+psycopg://"


def one_for_each(template: str | None) -> str | None:
    """Refuse one database for all: MENTORING_DATABASE_URL may be set for a single service.

    Raises:
        typer.BadParameter: it does not hold {service}.
    """
    if template and "{service}" not in template:
        raise typer.BadParameter("must hold {service}: each of them has its own")
    return template


def known_service(name: str | None) -> str | None:
    """An argument that names a service.

    Raises:
        typer.BadParameter: there is none of that name.
    """
    if name is not None and name not in SERVICES:
        raise typer.BadParameter(f"must be one of {', '.join(SERVICES)}")
    return name


ServiceName = Annotated[
    str, typer.Argument(metavar="SERVICE", callback=known_service, help=", ".join(SERVICES))
]
OneService = Annotated[
    str | None,
    typer.Argument(metavar="[SERVICE]", callback=known_service, help="Only this one; else all."),
]
Database = Annotated[
    str | None,
    typer.Option(
        "--database",
        envvar="MENTORING_DATABASE_URL",
        callback=one_for_each,
        metavar="URL",
        help="Their databases, such as postgresql://reader@db/{service}; else those of `mentoring up`.",
    ),
]


def databases(
    template: str | None, folder: Path, nats: str | None = None, service: str | None = None
) -> Mapping[str, str]:
    """The SQLAlchemy URL of each service whose database is known, or of one.

    Args:
        template: the URL given, with {service}.
        folder: the folder of `mentoring up`, which is asked when none is given.
        nats: the log that is asked about; when it is another than the folder's, the folder says nothing.
        service: only this one.

    Raises:
        Failure: nobody says where they are.
    """
    names = SERVICES if service is None else (service,)
    if template:
        return {name: _url(template.replace("{service}", name)) for name in names}
    told = Folder(folder).addresses()
    known = told.services if told and nats in {None, told.nats} else {}
    found = {name: _url(known[name].database) for name in names if name in known}
    if not found:
        raise Failure(
            f"nobody says where the database of {' or '.join(names)} is: give --dir, or --database with {{service}}"
        )
    return found


def _url(text: str) -> str:
    from sqlalchemy import make_url

    if text.startswith(_SQLITE):
        return text
    if text.startswith(("postgresql://", _POSTGRES)):
        url = text.replace("postgresql://", _POSTGRES, 1)
        with suppress(ValueError):  # a port that is no number
            make_url(url)
            return url
    raise Failure(
        "--database: use sqlite:///<file> or postgresql://<user>@<host>/<database>, with {service} in it"
    )


@contextmanager
def opened(service: str, url: str) -> Iterator[Store]:
    """A service's store, to read and to write.

    Raises:
        Failure: it is not there, does not answer, or is another service's.
    """
    from sqlalchemy.exc import SQLAlchemyError

    from shared.outcome import StoreTrouble
    from shared.replay.audit import AuditTrouble
    from shared.store import Store

    path = Path(url.removeprefix(_SQLITE)).absolute()
    if url.startswith(_SQLITE) and not path.exists():
        raise Failure(f"{service}: there is no database {path}")
    tables = importlib.import_module(f"services.{service}.store").TABLES
    try:
        store = Store(tables, url)
        try:
            if strange := store.strange_tables():
                raise Failure(
                    f"{service}: its database lacks {', '.join(strange)} as this version has them: "
                    f"start the service once or run its `migrate`, or correct the address"
                )
            yield store
        finally:
            store.dispose()
    except AuditTrouble as error:
        raise Failure(str(error)) from error
    except (StoreTrouble, SQLAlchemyError) as error:
        words = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
        raise Failure(f"{service}: the database does not answer: {words}") from error
