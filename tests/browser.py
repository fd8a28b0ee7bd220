"""A Chromium that looks at pages as readers do: no page may ask for anything from elsewhere, or have an error."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, sync_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@dataclass(frozen=True, slots=True)
class Screen:
    """How a reader looks: width and height in pixels, light or dark, on a screen or on paper."""

    width: int
    height: int
    colours: Literal["light", "dark"] = "light"
    medium: Literal["screen", "print"] = "screen"


DESK = Screen(1280, 900)
DESK_AT_NIGHT = Screen(1280, 900, "dark")
PHONE = Screen(360, 740)
PHONE_AT_NIGHT = Screen(360, 740, "dark")
PAPER = Screen(794, 1123, medium="print")


def executable() -> str:
    """The browser: $CHROMIUM, or the first that is installed; without one the tests fail and say how to get it."""
    wanted = os.environ.get("CHROMIUM")
    found = [shutil.which(name) for name in ((wanted,) if wanted else _NAMES)]
    path = next((each for each in found if each), None)
    assert path, "no Chromium: `make browser` installs Debian's, $CHROMIUM names another"
    return path


@contextmanager
def started() -> Iterator[Browser]:
    """The browser, as a process of its own."""
    # Containers forbid the namespaces that its sandbox is made of; it sees only pages of ours.
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def opened(browser: Browser, file: Path, screen: Screen) -> Iterator[Page]:
    """A page in a file as it looks on a screen, without scripts.

    Raises:
        AssertionError: it asked for something else than itself, or its console shows an error.
    """
    context = browser.new_context(
        viewport={"width": screen.width, "height": screen.height},
        color_scheme=screen.colours,
        device_scale_factor=1,
        java_script_enabled=True,  # ours, to measure; what the page has is forbidden below
    )
    asked, errors = [], []
    try:
        page = context.new_page()
        page.emulate_media(media=screen.medium)
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: errors.append(message.text))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(file.as_uri())
        yield page
        assert asked == [file.as_uri()]
        assert errors == []
    finally:
        context.close()
