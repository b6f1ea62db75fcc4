"""Every page of the console in a real Chromium, with an office in full swing behind it.

A route that answers GET is a page, with an address below, or it is named among those that are none: a new page that is
in neither list fails the build.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from axe_rules import breaches
from console_browser import DESK, fresh_page, needs_chromium
from designer_desk import quiet_draft
from playwright.sync_api import Browser, Page, Response, expect
from robots_desk import RestingTrials
from town_words import remnants, words_of

from backoffice.messages import use_language
from console.web.access import ROWS
from console.web.desk import Desk
from console.wiring import Office, make_desk
from robots.model import load_robot
from samples.showcase.serving import serving
from samples.showcase.town import NOW, PASSWORD, WHO, make_town

pytestmark = needs_chromium
TABLET = {"width": 820, "height": 1180}
PRESSES = 24
"""How often Tab is pressed on a page; longer pages repeat their rows."""

NO_PAGES = {
    "/session", "/health", "/health/ready", "/metrics", "/overview/now", "/savings.xlsx", "/documents/next",
    "/documents/{document_id}/pages/{page}/picture", "/documents/{document_id}/fields/{position}/crop",
    "/workload.xlsx", "/items.xlsx", "/items.csv", "/runs/{run_id}/progress", "/runs/{run_id}/events",
    "/runs/{run_id}/evidence/{part}/{name}", "/runs/{run_id}/evidence.zip", "/groups/sheet", "/submit/list",
    "/forms/drafts/{draft_id}/work", "/forms/drafts/{draft_id}/pages/{number}/picture",
    "/robots/{robot}/trials/{trial_id}/progress", "/robots/{robot}/trials/{trial_id}/events",
}  # fmt: skip
"""Routes that answer with a file, with facts for a script, or with a part of a page."""


@dataclass(frozen=True)
class Town:
    """A served office.

    Attributes:
        last_run: A run of a robot with items.
        draft: A draft of the form designer.
        trial: A trial of a robot.
    """

    url: str
    last_run: str
    draft: str
    trial: str


PAGES: Mapping[str, Callable[[Town], str]] = {
    **{
        path: lambda _town, path=path: path
        for path in (
            "/", "/documents", "/groups", "/savings", "/baselines", "/workload", "/audit", "/jobs", "/runs", "/items",
            "/account", "/users", "/tokens", "/api", "/submit", "/forms", "/robots",
        )
    },
    "/documents/{document_id}": lambda _: "/documents/1",
    "/groups/tiles": lambda _: "/groups/tiles?form=kouza_furikae&of=digit&value=7",
    "/baselines/{job}": lambda _: "/baselines/kouza_touroku",
    "/jobs/{job}": lambda _: "/jobs/kouza_touroku",
    "/runs/{run_id}": lambda town: f"/runs/{town.last_run}",
    "/runs/{run_id}/parts/{part}": lambda town: f"/runs/{town.last_run}/parts/1",
    "/items/{item_id}": lambda _: "/items/10",
    "/submit/{file_id}": lambda _: "/submit/1",
    "/forms/compare": lambda _: "/forms/compare?left=kouza_furikae.yaml&right=kouza_furikae.yaml",
    "/forms/drafts/{draft_id}": lambda town: f"/forms/drafts/{town.draft}",
    "/robots/{robot}": lambda _: "/robots/kouza_touroku",
    "/robots/{robot}/compare": lambda _: "/robots/kouza_touroku/compare?left=present",
    "/robots/new": lambda _: "/robots/new?name=atarashii&title=mihon&beginning=shoukai",
    "/robots/{robot}/edit": lambda _: "/robots/kouza_touroku/edit",
    "/robots/{robot}/trials/{trial_id}": lambda town: f"/robots/kouza_touroku/trials/{town.trial}",
    "/robots/{robot}/approval": lambda _: "/robots/kouza_touroku/approval",
}  # fmt: skip
"""Every page → an address at which it has something to show."""


def pages() -> list[str]:
    return [row.path for row in ROWS if row.method == "GET" and not row.is_api and row.path not in NO_PAGES]


@dataclass
class Window:
    """A browser window, and what went wrong in it."""

    page: Page
    town: Town
    desk: Desk
    office: Office
    wrong: list[str] = field(default_factory=list)

    def open(self, path: str) -> Response:
        self.wrong.clear()
        answer = self.page.goto(self.town.url + path)
        assert answer is not None
        return answer


@pytest.fixture(scope="module")
def window(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Window]:
    use_language("ja")
    office = make_town(tmp_path_factory.mktemp("town"), papers=1, weeks=3)
    desk = make_desk(office)
    with serving(desk) as url:
        town = Town(url, last_run(office), draft(desk), trial(office, desk))
        page = fresh_page(browser)
        opened = Window(page, town, desk, office)
        page.on("pageerror", lambda error: opened.wrong.append(f"error: {error}"))
        page.on("console", lambda line: line.type == "error" and opened.wrong.append(line.text))
        page.on(
            "request", lambda asked: asked.url.startswith(url) or opened.wrong.append(f"left: {asked.url}")
        )
        page.goto(f"{url}/login")
        page.fill("[name=name]", WHO)
        page.fill("[name=password]", PASSWORD)
        page.click("button[type=submit]")
        page.wait_for_url(f"{url}/")
        yield opened
        page.context.close()


def last_run(office: Office) -> str:
    return next(run.id for run in office.runs.history("kouza_touroku"))


def draft(desk: Desk) -> str:
    assert desk.studio is not None
    return quiet_draft(desk.studio, WHO, NOW)


def trial(office: Office, desk: Desk) -> str:
    """A trial that is over as soon as it is begun."""
    assert desk.robots is not None
    robot = load_robot(desk.robots.shelf.names()["kouza_touroku"])
    resting = RestingTrials(desk.robots.trials._folder, desk.robots.trials._bench, office.clock)
    return resting.begin("kouza_touroku", robot, WHO, way="sample", limit=1, saved=True).id


def test_every_route_that_answers_is_a_page_with_an_address_or_named_as_none() -> None:
    every = {row.path for row in ROWS if row.method == "GET" and not row.is_api}
    assert every == {*PAGES, *NO_PAGES, "/login"}


@pytest.mark.parametrize("path", sorted(PAGES))
def test_a_page_is_sound_in_light_and_dark_on_a_desk_and_on_a_tablet(window: Window, path: str) -> None:
    page = window.page
    page.set_viewport_size(DESK)
    answer = window.open(PAGES[path](window.town))
    assert answer.status == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert page.title().split(" - ")[0].strip()
    assert page.locator("h1:visible").count() == 1
    assert too_wide(page) == []
    assert breaches(page) == []
    assert focus_that_jumps(page) == []
    page.emulate_media(color_scheme="dark")
    assert breaches(page, rules=["color-contrast"]) == []
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(TABLET)
    assert too_wide(page) == []
    assert window.wrong == []


def test_the_menu_is_used_by_keyboard_and_closes_by_escape_and_when_it_is_left(window: Window) -> None:
    page = window.page
    page.set_viewport_size(TABLET)
    window.open("/jobs")
    group = page.locator(".menu details").first
    group.locator("summary").focus()
    page.keyboard.press("Enter")
    assert group.locator("a").first.is_visible()
    assert breaches(page, ".bar") == []
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.pathname") == "/documents"
    page.keyboard.press("Escape")
    assert not group.locator("a").first.is_visible()
    assert page.evaluate("document.activeElement.localName") == "summary"
    page.keyboard.press("Enter")
    page.locator("h1").click()
    assert not group.locator("a").first.is_visible()


def test_a_printed_page_says_where_and_when_and_has_no_bar(window: Window) -> None:
    page = window.page
    window.open("/savings")
    page.emulate_media(media="print")
    try:
        assert not page.locator(".bar").is_visible()
        assert not page.locator(".filters").is_visible()
        assert page.locator(".printed").inner_text() == "はかどり市 ・ 2026-10-20 09:12 時点"
        assert too_wide(page) == []
    finally:
        page.emulate_media(media="screen")


@pytest.mark.parametrize(
    ("path", "works_in", "least"),
    [
        ("/documents/{document_id}", "[data-field] [data-input]", 30),
        ("/forms/drafts/{draft_id}", ".sheets", 300),
        ("/forms/drafts/{draft_id}", "[data-form-input]", 25),
        ("/robots/{robot}/edit", "textarea#text", 250),
    ],
)
def test_at_twice_the_size_there_is_room_to_work(
    window: Window, path: str, works_in: str, least: float
) -> None:
    """WCAG 1.4.4: a desk of 1280 by 800 points shows 640 by 400 of them when a browser enlarges to 200 %."""
    page = window.page
    page.set_viewport_size({"width": 640, "height": 400})
    window.open(PAGES[path](window.town))
    place = page.locator(works_in).first
    place.scroll_into_view_if_needed()
    expect(place).to_be_in_viewport(ratio=0.85)
    shown = place.bounding_box()
    assert shown is not None and shown["height"] >= least
    assert too_wide(page) == []


def test_english_pages_do_not_run_over_the_edge_and_have_no_japanese_but_the_towns_own(
    window: Window,
) -> None:
    own = words_of(window.office) + found_before(window.desk)
    use_language("en")
    window.page.set_viewport_size(TABLET)
    try:
        for path in sorted(PAGES):
            window.page.goto(window.town.url + PAGES[path](window.town))
            assert too_wide(window.page) == [], path
            assert remnants(window.page, own) == [], path
    finally:
        use_language("ja")


def found_before(desk: Desk) -> str:
    """Return what was found about the installation while the pages were Japanese: it is told as it was found."""
    return "".join(f"{one.told} {one.do}" for one in desk.watch.findings()) if desk.watch else ""


def too_wide(page: Page) -> list[str]:
    """Return the elements that make the page scroll sideways; empty when it does not."""
    return list(page.evaluate(TOO_WIDE))


def focus_that_jumps(page: Page) -> list[str]:
    """Press Tab through the page; return the steps that go back up and to the left, and focus nobody can see."""
    page.evaluate("document.querySelector('.skip').focus()")
    wrong: list[str] = []
    before: dict[str, Any] = page.evaluate(PLACE)
    for _ in range(PRESSES):
        if before["what"].startswith("<textarea"):
            page.keyboard.press("Escape")  # an editor takes Tab for itself, and says so
        page.keyboard.press("Tab")
        here = page.evaluate(PLACE)
        if here is None or here["skip"]:
            break
        if not here["seen"]:
            wrong.append(f"no outline: {here['what']}")
        if here["bottom"] <= before["top"] and here["right"] <= before["left"]:
            wrong.append(f"{before['what']} -> {here['what']}")
        before = here
    return wrong


TOO_WIDE = """() => {
    const root = document.documentElement;
    if (root.scrollWidth <= root.clientWidth) return [];
    return [...document.querySelectorAll("body *")]
        .filter((one) => one.getBoundingClientRect().right > root.clientWidth + 1)
        .map((one) => one.outerHTML.slice(0, 120));
}"""
PLACE = """() => {
    const one = document.activeElement;
    if (!one || one === document.body) return null;
    const { left, top, right, bottom } = one.getBoundingClientRect();
    const framed = (shown) => {
        const look = getComputedStyle(shown);
        return look.outlineStyle !== "none" || look.boxShadow !== "none";
    };
    const seen = [one, one.parentElement, one.parentElement?.parentElement].some((shown) => shown && framed(shown));
    const what = one.outerHTML.slice(0, 90);
    return { left, right, top: top + scrollY, bottom: bottom + scrollY, seen, what, skip: one.matches(".skip") };
}"""
