"""Takes the pictures of docs/pictures: every page of the console, with a made-up office behind it.

python docs/take_pictures.py                  all pictures; the language, people, papers and figures are made up
python docs/take_pictures.py review savings   some of them

The office is `samples/showcase`; its clock stands still, so the same code gives the same pictures. The browser is the
machine's own, and nothing but 127.0.0.1 is asked. Three pictures need a robot at work and are not among these: run,
robot-editor and robot-trial.
"""

import argparse
import io
import os
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from PIL import Image  # noqa: E402 - the checkout must be on the path first
from playwright.sync_api import Page, sync_playwright  # noqa: E402

from backoffice.bootstrap.browsers import find_browser  # noqa: E402
from backoffice.messages import use_language  # noqa: E402
from console.wiring import Office, make_desk  # noqa: E402
from samples.showcase.serving import serving  # noqa: E402
from samples.showcase.town import PASSWORD, WHO, make_town  # noqa: E402

PICTURES = ROOT / "docs" / "pictures"
DESK, TABLET = (1280, 800), (820, 1180)
COLOURS = 256
"""Colours of a picture: the pages have few, and the files stay small."""


@dataclass(frozen=True)
class Picture:
    """One picture.

    Attributes:
        path: The page; `{run}` stands for the last run with items.
        act: What is done on the page before.
        size: Of the window, pixels.
        dark: In dark colours.
    """

    path: str
    act: Callable[[Page], object] = lambda page: None
    size: tuple[int, int] = DESK
    dark: bool = False


def _begin_draft(page: Page) -> None:
    page.locator("form[action='/forms/edits'] button").first.click()
    page.wait_for_selector("html[data-ready]", timeout=300_000)


def _open_tiles(page: Page) -> None:
    page.locator("main a[href*='value=7']").first.click()
    page.wait_for_url("**/groups/tiles**")
    page.wait_for_load_state("networkidle")


def _to_businesses(page: Page) -> None:
    page.evaluate("document.querySelector('#by-business').scrollIntoView()")


PAGES: Mapping[str, Picture] = {
    "overview": Picture("/"),
    "overview-dark": Picture("/", dark=True),
    "menu-tablet": Picture("/jobs", lambda page: page.locator(".menu summary").nth(3).click(), TABLET),
    "queue": Picture("/documents"),
    "review": Picture("/documents/1", lambda page: page.wait_for_selector("html[data-ready]")),
    "groups": Picture("/groups?form=kouza_furikae", _open_tiles),
    "submit": Picture("/submit"),
    "submit-receipt": Picture("/submit/1"),
    "jobs": Picture("/jobs"),
    "job": Picture("/jobs/kouza_touroku"),
    "runs": Picture("/runs"),
    "run-done": Picture("/runs/{run}"),
    "items": Picture("/items"),
    "run-part": Picture("/runs/{run}/parts/10"),
    "item-in-doubt": Picture("/items/10"),
    "forms": Picture("/forms"),
    "designer": Picture("/forms", _begin_draft),
    "robots": Picture("/robots"),
    "robot": Picture("/robots/kouza_touroku"),
    "robot-approval": Picture("/robots/kouza_touroku/approval"),
    "time-saved": Picture("/savings", size=(1280, 1500)),
    "time-saved-businesses": Picture("/savings", _to_businesses, (1280, 900)),
    "time-saved-tablet": Picture("/savings", size=TABLET, dark=True),
    "baselines": Picture("/baselines"),
    "workload": Picture("/workload"),
    "audit": Picture("/audit"),
    "users": Picture("/users"),
    "tokens": Picture("/tokens"),
    "account": Picture("/account"),
    "api": Picture("/api"),
}  # fmt: skip


def main() -> int:
    """Take the pictures that were asked for; exit code 2 when there is no browser."""
    parser = argparse.ArgumentParser(description="Take the pictures of the console's pages.")
    parser.add_argument("names", nargs="*", help=f"which ones; all by default: {', '.join(PAGES)}")
    parser.add_argument("--out", type=Path, default=PICTURES, help="folder (default: %(default)s)")
    options = parser.parse_args()
    unknown = set(options.names) - set(PAGES)
    browser = find_browser(os.environ)
    if unknown or browser is None:
        parser.error(
            f"unknown: {', '.join(sorted(unknown))}" if unknown else "no Edge, Chrome or Chromium here"
        )
    use_language("ja")
    with tempfile.TemporaryDirectory(prefix="hakadori-pictures-", ignore_cleanup_errors=True) as folder:
        office = make_town(Path(folder))
        with serving(make_desk(office)) as url:
            _take(url, office, browser, options.names or list(PAGES), options.out)
    return 0


def _take(url: str, office: Office, browser: Path, names: Sequence[str], out: Path) -> None:
    run = next(run.id for run in office.runs.history("kouza_touroku"))
    out.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=str(browser),
            args=["--no-sandbox", "--lang=ja"],
            env={**os.environ, "LANGUAGE": "ja", "LANG": "ja_JP.UTF-8"},
        )
        page = launched.new_page(locale="ja-JP", timezone_id="Asia/Tokyo")
        page.set_default_timeout(120_000)
        page.goto(f"{url}/login")
        page.fill("[name=name]", WHO)
        page.fill("[name=password]", PASSWORD)
        page.click("button[type=submit]")
        page.wait_for_url(f"{url}/")
        for name in names:
            _take_one(page, url, PAGES[name], run, out / f"{name}.png")
            print(name, flush=True)
        launched.close()


def _take_one(page: Page, url: str, picture: Picture, run: str, path: Path) -> None:
    page.set_viewport_size({"width": picture.size[0], "height": picture.size[1]})
    page.emulate_media(color_scheme="dark" if picture.dark else "light", reduced_motion="reduce")
    page.goto(url + picture.path.format(run=run))
    picture.act(page)
    page.wait_for_load_state()
    page.evaluate("document.fonts.ready")
    image = Image.open(io.BytesIO(page.screenshot()))
    image.convert("RGB").quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(
        path, optimize=True
    )


if __name__ == "__main__":
    sys.exit(main())
