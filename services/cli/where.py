"""Shows where everything of a `mentoring up` is."""

from __future__ import annotations

import shlex

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from services.cli.options import DEFAULT_DIR
from services.cli.place import Addresses, Folder

PAGES = {
    "interface": "/docs",
    "events": "/asyncapi",
    "health": "/health/ready",
    "metrics": "/metrics",
}


def table(addresses: Addresses, folder: Folder) -> RenderableType:
    """Addresses, pages, databases and logs for people."""
    rows = Table(title=f"mentoring is up in {folder.path}", title_justify="left", box=None)
    for name in ("", "what", "where"):
        rows.add_column(name, overflow="fold")
    rows.add_row("log", "NATS", addresses.nats)
    rows.add_row("", "monitoring", addresses.monitor)
    rows.add_row("", "written to", str(folder.log("nats")))
    for name, place in addresses.services.items():
        for number, (page, path) in enumerate(PAGES.items()):
            rows.add_row("" if number else name, page, f"{place.url}{path}")
        rows.add_row("", "database", place.database)
        rows.add_row("", "written to", place.log)
    rows.add_row("feedback", "key ring", f"sqlite:///{folder.database('keyring')}")
    rows.add_row(
        "", "its key", f"{folder.kek}  (keep a copy: without it nothing sealed is readable)"
    )
    rows.add_row("", "its tokens", "mentoring token PROGRAM PERSON --role person")
    if addresses.driven:
        rows.add_row("time", "driven", "timers wait for whoever publishes each `due`")
    return Group(rows, Text(f"\nNext: {_next(folder)}\n"))


def _next(folder: Folder) -> str:
    """Commands that find this folder from here."""
    commands = "mentoring status · mentoring watch · mentoring publish FILE"
    if folder.path == DEFAULT_DIR.absolute():
        return commands
    return f"{commands}, each with --dir {shlex.quote(str(folder.path))}"
