"""Answers that the README shows are renewed in place."""

from __future__ import annotations

from tests.docs.shown import PAGE, renewed

SHOWN = """words

```
$ mentoring schedule slots a b --dir demo \\
    --from 2026-03-01
old head

old table
```

```sh
mentoring demo --dir demo --stay
```

```
$ mentoring match rounds --dir demo
old
```
"""


def test_an_answer_is_renewed_as_far_as_it_was_shown() -> None:
    asked: list[str] = []

    def ask(typed: str) -> str:
        asked.append(typed)
        return "new head\nof two lines\n\nnew table\n\nlegend"

    page = renewed(SHOWN, ask)

    assert asked == [
        "mentoring schedule slots a b --dir demo \\\n    --from 2026-03-01",
        "mentoring match rounds --dir demo",
    ]
    assert page == SHOWN.replace("old head", "new head\nof two lines").replace(
        "old table", "new table"
    ).replace("old\n", "new head\nof two lines\n")


def test_every_answer_of_the_readme_is_found() -> None:
    text, asked = PAGE.read_text(), []

    def ask(typed: str) -> str:
        asked.append(typed)
        return ""

    assert renewed(text, ask) != text
    assert len(asked) == text.count("\n$ mentoring ")
