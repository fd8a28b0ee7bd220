"""Show again in the README what commands answer about its demo:

    mentoring demo --mentors 12 --mentees 36 --months 2 --dir demo --stay
    python -m tests.docs.shown        (beside it, in another terminal)

A block that begins with `$ mentoring … --dir demo` gets the answer of today on a terminal of 80 columns, as many
paragraphs of it as it shows.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable

from tests.docs.pages import ROOT

PAGE = ROOT / "README.md"
_BLOCK = re.compile(
    r"^```\n\$ (mentoring .*?--dir demo.*?)\n(?! )(.*?)^```", re.MULTILINE | re.DOTALL
)
_STYLE = re.compile(r"\x1b\[[0-9;]*m")
_GAP = "\n\n"


def renewed(page: str, ask: Callable[[str], str]) -> str:
    """The page with the answers of today; `ask` answers a line as it is typed."""

    def again(block: re.Match[str]) -> str:
        typed, shown = block.groups()
        answer = ask(typed).split(_GAP)[: len(shown.strip("\n").split(_GAP))]
        return f"```\n$ {typed}\n{_GAP.join(answer)}\n```"

    return _BLOCK.sub(again, page)


def _ask(typed: str) -> str:
    environment = {**os.environ, "COLUMNS": "80", "FORCE_COLOR": "1", "TERM": "xterm"}
    words = shlex.split(typed.replace("\\\n", " "))
    answer = subprocess.run(words, env=environment, capture_output=True, text=True, check=True)
    return "\n".join(line.rstrip() for line in _STYLE.sub("", answer.stdout).splitlines())


if __name__ == "__main__":
    before = PAGE.read_text()
    after = renewed(before, _ask)
    PAGE.write_text(after)
    sys.stdout.write("as before\n" if before == after else "renewed\n")
