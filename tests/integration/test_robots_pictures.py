"""Pictures that the browser takes while the robot goes on, in a real Chromium."""

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Error

from backoffice.settings import Settings
from robots.drivers.browser import Cover, Expectation
from robots.drivers.playwright_browser import PlaywrightBrowser
from robots.drivers.shot import Shot
from robots.targets import Spot
from samples.townoffice.testing import running_townoffice

NAME = Spot("field", "項目1")


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[PlaywrightBrowser, str]]:
    folder: Path = tmp_path_factory.mktemp("pictures")
    with running_townoffice(folder / "town.db", "見本の合言葉") as url:
        browser = PlaywrightBrowser(Settings.model_validate({"targets": {"town": url}}))
        browser.start()
        try:
            yield browser, f"{url}/renshu/jukko"
        finally:
            browser.close()


def pixels(shot: Shot | None) -> "np.ndarray[tuple[int, ...], np.dtype[np.int16]]":
    assert shot is not None
    return np.asarray(Image.open(io.BytesIO(shot.covered())).convert("L"), dtype=np.int16)


def test_a_picture_shows_the_page_as_it_was_when_it_was_begun(page: tuple[PlaywrightBrowser, str]) -> None:
    browser, url = page
    browser.open(url, 60)
    browser.fill(NAME, "一", 60)
    before = pixels(browser.screenshot(Cover()))
    kept: list[Shot] = []
    assert browser.expose(Cover(), kept.append)
    browser.fill(NAME, "鬱鬱鬱鬱鬱鬱鬱鬱鬱鬱鬱鬱", 60)
    after = pixels(browser.screenshot(Cover()))
    [shot] = kept
    taken = pixels(shot)
    assert np.abs(taken - before).sum() * 10 < np.abs(taken - after).sum()


def test_a_picture_is_kept_before_the_browser_ends_and_covers_personal_values(
    page: tuple[PlaywrightBrowser, str],
) -> None:
    browser, url = page
    browser.open(url, 60)
    browser.fill(NAME, "見本　太郎", 60)
    kept: list[Shot] = []
    assert browser.expose(Cover(values=frozenset({"見本　太郎"})), kept.append)
    browser.renew()
    assert [len(shot.boxes) >= 1 for shot in kept] == [True]


def test_a_browser_without_such_sessions_is_waited_for(
    page: tuple[PlaywrightBrowser, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    browser, url = page
    browser.open(url, 60)

    def refuse(*_: object) -> None:
        raise Error("'Target.attachToTarget' wasn't found")

    monkeypatch.setattr("robots.drivers.camera.Camera._ask", refuse)
    kept: list[Shot] = []
    assert browser.expose(Cover(), kept.append)
    browser.wait_for(Expectation(NAME), (), 60)
    assert [shot.suffix for shot in kept] == [".jpg"]


def test_a_window_that_closes_while_it_is_photographed_stops_nothing(
    page: tuple[PlaywrightBrowser, str],
) -> None:
    browser, url = page
    browser.renew()
    browser.open(url, 60)
    kept: list[Shot] = []
    assert browser.expose(Cover(), kept.append)
    browser._tab.windows.page.close()
    browser.renew()
    browser.open(url, 60)
    browser.wait_for(Expectation(NAME), (), 60)
    assert len(kept) <= 1
