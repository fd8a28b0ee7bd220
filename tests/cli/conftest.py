"""The command as its users see it: what it prints, where, and how it ends."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest

from services.cli.main import main
from shared import provision
from shared.log import Log


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command said and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Its answer for programs."""
        return orjson.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        """Its answers for programs, one on each line."""
        return [orjson.loads(line) for line in self.out.splitlines()]


Mentoring = Callable[..., Answer]


@pytest.fixture
def mentoring(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Mentoring:
    """Run the command in this process, in an empty folder, as on a terminal nobody looks at."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    for name in ("MENTORING_NATS_URL", "MENTORING_DIR", "MENTORING_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments: str) -> Answer:
        capfd.readouterr()
        with pytest.raises(SystemExit) as end:
            main(list(arguments))
        said = capfd.readouterr()
        code = end.value.code
        return Answer(code if isinstance(code, int) else 0, said.out, said.err)

    return run


@pytest.fixture
def log_url(nats_url: str) -> str:
    """The address of a server with the log, empty."""
    on_log(nats_url, provision.apply)
    return nats_url


def on_log(url: str, work: Callable[[Log], Any]) -> Any:
    """Do something with the log and give what came of it."""

    async def do() -> Any:
        log = await Log.connect(url)
        try:
            return await work(log)
        finally:
            await log.close()

    return asyncio.run(do())


def write_lines(path: Path, lines: Sequence[bytes]) -> str:
    """A file of these lines; its name."""
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    return str(path)
