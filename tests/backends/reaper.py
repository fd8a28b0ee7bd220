"""Ends what a test run started, however the run itself ends.

A fixture's teardown is not enough: a run that is killed tears nothing down. Linux could do it with PR_SET_PDEATHSIG,
but that signal comes when the *thread* that started the child ends, which a test that starts a server in a thread would
see as a crash of the server. So one small process holds the read end of a pipe from the run: when the pipe closes, the
run is over, and what is still registered is killed and removed.

Run as a program, this file is that process; imported, it is its client.
"""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path


class Reaper:
    """The run's side of the pipe. Starts its process with the first registration."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._owner = os.getpid()

    def watch_group(self, pid: int) -> None:
        """Kill process group `pid` when this run is over."""
        self._tell(f"group {pid}")

    def release_group(self, pid: int) -> None:
        """Process group `pid` has ended: its number may soon be somebody else's."""
        self._tell(f"ended {pid}")

    def watch_folder(self, folder: Path) -> None:
        """Remove `folder` when this run is over."""
        self._tell(f"folder {folder}")

    def _tell(self, line: str) -> None:
        if self._process is None or self._owner != os.getpid():
            self._process, self._owner = _start(), os.getpid()
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()


def _start() -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-S", "-E", __file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        start_new_session=True,  # Ctrl-C goes to the run, and reaches us as the closed pipe
    )


REAPER = Reaper()


def main() -> None:
    """Read registrations until the pipe closes, then kill and remove."""
    groups: set[int] = set()
    folders: list[str] = []
    for line in sys.stdin:
        word, _, value = line.rstrip("\n").partition(" ")
        if word == "group":
            groups.add(int(value))
        elif word == "ended":
            groups.discard(int(value))
        else:
            folders.append(value)
    for group in groups:
        kill_group(group)
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


def kill_group(group: int) -> None:
    """SIGKILL a process group; one that is gone already is as wished."""
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return


if __name__ == "__main__":
    main()
