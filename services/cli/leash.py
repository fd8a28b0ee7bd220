"""Run a command that ends when its parent does: `python leash.py PARENT COMMAND…`.

Linux sends a signal of choice when the parent dies (prctl(2), PR_SET_PDEATHSIG), and it survives exec. It is
SIGKILL here: dying at any moment is the ordinary case for what is started so, and a process that took its
time could still hold a port or a lock when the next `mentoring up` comes. A program of its own because code
between fork and exec is not safe in a process with threads. Elsewhere than on Linux it only runs the command.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main(parent: int, command: list[str]) -> None:
    """Become the command, on the leash."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it died before the leash held
            sys.exit(1)
    os.execv(command[0], command)  # noqa: S606 - our own programs, from a list


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
