"""The page as its readers see it, in Chromium: on a desk, at night, on a telephone and on paper."""

from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from services.cli.report.cards import metric_card
from services.cli.report.page import page
from services.feedback.report.model import Report
from tests.browser import DESK, DESK_AT_NIGHT, PAPER, PHONE, PHONE_AT_NIGHT, Screen, opened
from tests.cli.report.example import EMPTY, REPORT, STEPS

SCREENS = [DESK, DESK_AT_NIGHT, PHONE, PHONE_AT_NIGHT, PAPER]
On = Callable[[Screen], Page]
pytestmark = pytest.mark.xdist_group("browser")

STICKING_OUT = """() => [...document.querySelectorAll('body *')].filter(e => !e.closest('svg') || e.tagName == 'svg')
  .filter(e => e.getClientRects().length && e.getBoundingClientRect().right > document.documentElement.clientWidth + 0.5)
  .map(e => e.outerHTML.slice(0, 90))"""
CUT_OFF = """() => [...document.querySelectorAll('svg text, svg rect, svg circle, svg polyline')].filter(e => {
  const own = e.getBoundingClientRect(), all = e.ownerSVGElement.getBoundingClientRect();
  return own.left < all.left - 1 || own.right > all.right + 1 || own.top < all.top - 1 || own.bottom > all.bottom + 1;
}).map(e => e.outerHTML)"""
SCROLLING = """() => [...document.querySelectorAll('body *')]
  .filter(e => !(e instanceof SVGElement) && e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display != 'inline')
  .map(e => e.outerHTML.slice(0, 90))"""
ON_EACH_OTHER = """() => [...document.querySelectorAll('svg')].flatMap(svg => {
  const boxes = [...svg.querySelectorAll('text')].map(e => [e.textContent, e.getBoundingClientRect()]);
  return boxes.flatMap(([words, a], n) => boxes.slice(n + 1)
    .filter(([_, b]) => a.left < b.right && b.left < a.right && a.top + 1 < b.bottom && b.top + 1 < a.bottom)
    .map(([other]) => `${words} | ${other}`));
})"""
SMALLEST = """() => Math.min(...[...document.querySelectorAll('svg text')].map(e =>
  parseFloat(getComputedStyle(e).fontSize) * e.getScreenCTM().a))"""
COLOURS = """() => {
  const behind = e => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor;
    if (c != 'rgba(0, 0, 0, 0)') return c } return 'rgb(255, 255, 255)' };
  const texts = [...document.querySelectorAll('h1,h2,h3,p,li,span,a,b,small,th,td,summary,svg text')];
  return texts.filter(e => e.textContent.trim() && !e.classList.contains('on')).map(e => {
    const svg = e.closest('svg'), style = getComputedStyle(e);
    return [svg ? style.fill : style.color, behind(svg ? svg.parentElement : e), e.textContent.slice(0, 30)] });
}"""
DRAWN = """() => { const card = getComputedStyle(document.documentElement);
  const paint = name => { const e = document.createElement('i'); e.style.color = card.getPropertyValue(name);
    document.body.append(e); const found = getComputedStyle(e).color; e.remove(); return found };
  return ['--a', '--b', '--c'].map(name => [paint(name), paint('--card'), name]);
}"""

PAINTED = """async ([png, colour]) => {
  const image = await createImageBitmap(await (await fetch(png)).blob());
  const canvas = new OffscreenCanvas(image.width, image.height), drawing = canvas.getContext('2d');
  drawing.drawImage(image, 0, 0);
  const bytes = drawing.getImageData(0, 0, image.width, image.height).data;
  let found = 0;
  for (let n = 0; n < bytes.length; n += 4)
    found += `rgb(${bytes[n]}, ${bytes[n + 1]}, ${bytes[n + 2]})` == colour;
  return found / (image.width * image.height);
}"""


@pytest.fixture(scope="module")
def on(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[On]:
    """The example on a screen, with everything opened that opens; each screen is looked at once."""
    with ExitStack() as pages:

        @cache
        def on_screen(screen: Screen) -> Page:
            page = pages.enter_context(
                shown(browser, tmp_path_factory.mktemp("page"), REPORT, screen)
            )
            page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
            return page

        yield on_screen


@pytest.fixture(
    params=SCREENS, ids=lambda screen: f"{screen.width}-{screen.colours}-{screen.medium}"
)
def looked(request: pytest.FixtureRequest, on: On) -> Page:
    return on(request.param)


def shown(
    browser: Browser, folder: Path, report: Report, screen: Screen
) -> AbstractContextManager[Page]:
    file = folder / "report.html"
    file.write_text(page(report), "utf-8")
    return opened(browser, file, screen)


def test_nothing_sticks_out_of_the_page_or_scrolls_sideways(looked: Page) -> None:
    assert looked.evaluate(STICKING_OUT) == []
    assert looked.evaluate(SCROLLING) == []


def test_no_plot_is_cut_off_and_no_words_lie_on_others(looked: Page) -> None:
    assert looked.locator("svg").count() > 20
    assert looked.evaluate(CUT_OFF) == []
    assert looked.evaluate(ON_EACH_OTHER) == []


def test_a_screenshot_shows_the_funnel_as_long_as_its_counts(
    looked: Page, browser: Browser
) -> None:
    funnel = looked.locator("#funnel svg")
    bar = funnel.locator("rect.a").first.evaluate("e => getComputedStyle(e).fill")
    height, bars = 46 * len(STEPS), 16 * sum(STEPS.values()) / max(STEPS.values())
    with blank(browser) as canvas:
        assert painted(canvas, funnel.screenshot(), bar) == pytest.approx(bars / height, abs=0.02)


def test_words_in_plots_are_large_enough_to_be_read(looked: Page) -> None:
    assert looked.evaluate(SMALLEST) >= 10.5


def test_words_and_plots_stand_out_from_what_is_behind_them(looked: Page) -> None:
    texts = looked.evaluate(COLOURS)
    assert len(texts) > 200
    assert [each for each in texts if contrast(*each[:2]) < 4.5] == []  # WCAG 2.2, 1.4.3
    assert [each for each in looked.evaluate(DRAWN) if contrast(*each[:2]) < 3] == []  # 1.4.11


def test_every_plot_says_in_words_what_it_shows(looked: Page) -> None:
    labels = [plot.get_attribute("aria-label") for plot in looked.locator("svg").all()]
    assert all(label and ". " in label for label in labels)
    assert any("requested: 120" in label for label in labels if label)


def test_what_is_hidden_or_older_is_said_where_it_would_stand(looked: Page) -> None:
    hidden = looked.locator("#outside_of_mentors")
    assert "fewer than 5 persons" in hidden.inner_text()
    assert hidden.locator("svg").count() == 0
    assert "as of 22 June 2026" in looked.locator("#satisfaction_of_mentors").inner_text()
    tiles = looked.locator(".tile")
    assert "as of 22 Jun" in tiles.filter(has_text="Satisfaction of mentors").inner_text()
    assert "as of" not in tiles.filter(has_text="Match rate").inner_text()
    assert "figures" in looked.locator(".lead").inner_text()


def test_groups_that_do_not_compare_are_said_where_groups_stand_below_each_other(
    looked: Page,
) -> None:
    for section in ("#fairness", "#cohorts-compared"):
        words = looked.locator(f"{section} + p").inner_text()
        assert "not listed where it would tell of fewer than 5 persons" in words
        assert "Groups of different days do not compare" in words


def test_one_bar_that_stands_for_everything_is_not_drawn() -> None:
    metric = next(each for each in REPORT.metrics if each.name == "satisfaction_of_mentees")
    assert metric.total is not None
    alone = metric.total.model_copy(update={"bars": metric.total.bars[:1], "curve": ()})
    assert "<svg" in metric_card(REPORT, metric)
    assert "<svg" not in metric_card(REPORT, metric.model_copy(update={"total": alone}))


def test_figures_that_open_are_on_paper_though_nobody_opened_them(
    browser: Browser, tmp_path: Path
) -> None:
    with shown(browser, tmp_path, REPORT, PAPER) as on_paper:
        table = on_paper.locator("details table").first
        box = table.bounding_box()
        assert box is not None
        assert box["height"] > 50
        assert table.evaluate("e => e.checkVisibility({contentVisibilityAuto: true})")
    with shown(browser, tmp_path, REPORT, DESK) as on_desk:
        assert not on_desk.locator("details table").first.is_visible()


def test_a_program_without_a_release_has_a_page_and_its_name_is_no_markup(
    browser: Browser, tmp_path: Path
) -> None:
    with shown(browser, tmp_path, EMPTY, PHONE) as empty:
        assert "<b>&new</b>" in empty.locator("h1").inner_text()
        assert empty.locator(".tile").count() == 0
        assert "first release is still to come" in empty.locator("main").inner_text()
        assert empty.evaluate(STICKING_OUT) == []


def test_the_page_needs_no_script_and_nothing_from_elsewhere() -> None:
    found = page(REPORT)
    for outside in ("<script", "http:", "https:", "url(", "@import", "src="):
        assert outside not in found


def test_the_same_report_gives_the_same_page() -> None:
    assert page(REPORT) == page(Report.model_validate_json(REPORT.model_dump_json()))


@contextmanager
def blank(browser: Browser) -> Iterator[Page]:
    page = browser.new_page()
    yield page
    page.close()


def painted(canvas: Page, png: bytes, colour: str) -> float:
    """The share of a screenshot's points that have exactly this colour."""
    address = f"data:image/png;base64,{b64encode(png).decode()}"
    return float(canvas.evaluate(PAINTED, [address, colour]))


def contrast(one: str, other: str) -> float:
    """Of two colours `rgb(r, g, b)`, as WCAG 2.2 defines it."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    channels = [int(each) / 255 for each in colour.removeprefix("rgb(").rstrip(")").split(",")]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
