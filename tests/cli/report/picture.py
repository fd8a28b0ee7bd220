"""The picture of a report's page in docs/images: python -m tests.cli.report.picture PAGE.html."""

import sys
from pathlib import Path

from tests.browser import Screen, opened, started

FILE = Path(__file__).parents[3] / "docs" / "images" / "report.png"
SCREEN = Screen(1180, 1540)


def main() -> None:
    """Look at the top of a page."""
    with started() as browser, opened(browser, Path(sys.argv[1]).absolute(), SCREEN) as page:
        page.screenshot(path=FILE)


if __name__ == "__main__":
    main()
