"""The form designer in a real Chromium: from a blank to a template that reads, by mouse and by keyboard."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import product
from pathlib import Path
from typing import Literal

import pytest
from axe_rules import breaches
from console_browser import fresh_page, needs_chromium, session_of
from console_desk import PASSWORD, Office, make_office
from playwright.sync_api import Browser, Locator, Page, Request, StorageState, expect

from console.design.bench import Workbench
from console.design.drafts import Draft, write_json
from console.design.studio import Studio
from ocr.pipeline import Reader
from ocr.template import load_form
from samples.showcase.serving import serving

pytestmark = [
    needs_chromium,
    pytest.mark.timeout(600),  # the one proposal and the one trial share a busy machine with everybody
]
BLANK = Path("samples/forms/kouza_furikae.pdf")
SCAN = Path("samples/scans/nouzei-001.jpg")
NUMBER = "通知書番号"
LONG = 240_000
"""Milliseconds that a proposal or a trial may take on a machine that is busy with other things."""


@dataclass
class Server:
    office: Office
    url: str
    forms: Path
    proposed: str = ""
    requests: list[Request] = field(default_factory=list)

    @property
    def studio(self) -> Studio:
        assert self.office.desk.studio is not None
        return self.office.desk.studio

    def fresh_draft(self) -> str:
        """Return the address of a copy of the one proposal, so that it is made only once."""
        drafts = self.studio.drafts
        old = drafts.find(self.proposed, "sato")
        assert old is not None
        new: Draft = replace(old, id=os.urandom(8).hex())
        shutil.copytree(drafts.place(old), drafts.place(new))
        write_json(drafts.place(new) / "draft.json", vars(new))
        return f"{self.url}/forms/drafts/{new.id}"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("town")
    office = make_office(folder)
    assert office.desk.studio is not None
    office.desk.studio._bench = Workbench()
    office.desk.users.add("sato", PASSWORD, roles=["author"], departments=["nouzei"])
    with serving(office.desk) as url:
        yield Server(office, url, folder / "configs" / "forms")


@pytest.fixture(scope="module")
def session(browser: Browser, server: Server) -> StorageState:
    return session_of(browser, server.url, "sato")


@pytest.fixture
def page(browser: Browser, server: Server, session: StorageState) -> Iterator[Page]:
    opened = fresh_page(browser, storage_state=session)
    server.requests.clear()
    opened.context.on("request", lambda request: server.requests.append(request))
    yield opened
    opened.context.close()


@pytest.fixture(scope="module")
def proposal(browser: Browser, server: Server, session: StorageState) -> str:
    """Upload the blank as a person does, and wait for the proposal; the draft's number."""
    page = fresh_page(browser, storage_state=session)
    page.goto(f"{server.url}/forms")
    page.set_input_files("[data-new-form] [type=file]", BLANK)
    assert page.input_value("[data-new-form] [name=form]") == "kouza_furikae"
    page.fill("[data-new-form] [name=form]", "my_form")
    page.route("**/work", lambda route: route.fulfill(json={"state": "working", "page": 1}))
    page.click("[data-new-form] button")
    page.wait_for_url("**/forms/drafts/*")
    expect(page.locator("[data-progress]")).to_have_text("1 ページ目を調べています…")
    assert breaches(page) == []
    page.unroute("**/work")  # it was held up while the page was looked at
    page.wait_for_selector("html[data-ready]", timeout=LONG)
    server.proposed = page.url.rsplit("/", 1)[1]
    page.context.close()
    return server.proposed


@pytest.fixture
def design(page: Page, server: Server, proposal: str) -> Page:
    """The designer with the proposal."""
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(server.fresh_draft())  # with its pictures: the paper is as high as they are
    page.wait_for_selector("html[data-ready]")
    return page


def wait_until_checked(page: Page) -> None:
    page.wait_for_selector("html[data-checked]")


def shape(page: Page, name: str) -> Locator:
    return page.locator(f'.shape[aria-label*="{name}、"]').first


def box(page: Page) -> list[float]:
    return [float(page.input_value(f'[data-input="box.{at}"]')) for at in range(4)]


def drag(page: Page, target: Locator, dx: float, dy: float, at: tuple[float, float] = (0.5, 0.5)) -> None:
    """Drag by some mm of the paper (210 mm wide)."""
    inner = target.locator(".area")
    area = (inner if inner.count() else target).bounding_box()
    paper = page.locator("[data-leaf] svg").first.bounding_box()
    assert area and paper
    scale = paper["width"] / 210
    x, y = area["x"] + area["width"] * at[0], area["y"] + area["height"] * at[1]
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + dx * scale / 2, y + dy * scale / 2)
    page.mouse.move(x + dx * scale, y + dy * scale)
    page.mouse.up()


def test_a_blank_becomes_a_form_that_reads_a_scan(design: Page, server: Server, tmp_path: Path) -> None:
    shape(design, NUMBER).click()
    assert box(design) == pytest.approx([58, 60, 70, 8], abs=0.2)
    ime = design.context.new_cdp_session(design)
    design.focus("[data-input=name]")
    design.keyboard.press("Control+A")
    ime.send("Input.imeSetComposition", {"text": "つうち", "selectionStart": 3, "selectionEnd": 3})
    assert shape(design, NUMBER).count() == 1  # the field keeps its name until the conversion is confirmed
    ime.send("Input.insertText", {"text": "通知番号"})
    assert shape(design, "通知番号").count() == 1
    assert design.locator("[data-saved]").inner_text() == "● 未保存"

    design.set_input_files("[data-scan]", SCAN)
    design.wait_for_selector("html[data-tried]", timeout=LONG)
    assert design.locator("[data-reading] [data-value]").inner_text() == "4382853306"
    assert "自動" in design.locator("[data-sure]").inner_text()
    assert "4382853306 100%" in " ".join(design.locator(".read").all_text_contents())
    assert design.locator(".read.unsure").first.text_content().startswith("要確認")  # type: ignore[union-attr]
    assert breaches(design) == []

    design.keyboard.press("Control+s")
    design.wait_for_selector("dialog[open] [data-difference] >> text=通知番号")
    assert breaches(design) == []
    design.click("[data-go]")
    design.wait_for_selector("text=保存しました(my_form.yaml、第 1 版)")
    form = load_form(server.forms / "my_form.yaml")
    assert form.key == ("通知番号",)  # the key followed the new name
    assert form.blank_path(1) == (server.forms / "blanks" / "my_form_v1.pdf").resolve()
    reading = Reader({form.form: form}, server.office.desk.settings.folder("models")).read_file(SCAN)
    assert reading.documents[0].values()["通知番号"] == "4382853306"
    (server.forms / "my_form.yaml").unlink()


def test_the_mouse_moves_and_stretches_a_box_and_sends_nothing_on_the_way(
    design: Page, server: Server
) -> None:
    design.uncheck("[data-snap]")
    shape(design, NUMBER).click()
    before = box(design)
    area = shape(design, NUMBER).locator(".area").bounding_box()
    assert area
    wait_until_checked(design)
    server.requests.clear()
    design.mouse.move(area["x"] + 20, area["y"] + 10)
    design.mouse.down()
    design.mouse.move(area["x"] + 60, area["y"] + 40, steps=8)
    design.wait_for_timeout(900)  # longer than a check waits for quiet
    assert server.requests == []
    design.mouse.up()
    moved = box(design)
    assert moved[0] > before[0] + 5 and moved[1] > before[1] + 5 and moved[2:] == before[2:]
    drag(design, design.locator(".grip.se"), 10, 5)
    assert box(design)[:2] == moved[:2]
    assert box(design)[2] == pytest.approx(moved[2] + 10, abs=0.4)
    design.click("[data-undo]")
    assert box(design) == moved
    design.click("[data-undo]")
    assert box(design) == before
    design.click("[data-redo]")
    assert box(design) == moved


def test_a_box_that_comes_near_the_rulings_lies_down_on_them(design: Page) -> None:
    shape(design, NUMBER).click()
    for at, value in enumerate(("58.7", "60.6")):
        design.fill(f'[data-input="box.{at}"]', value)
    drag(design, shape(design, NUMBER), 0.4, 0.3)
    assert box(design) == pytest.approx([58, 60, 70, 8], abs=0.2)


def test_a_click_into_a_printed_frame_draws_the_field_that_fills_it(design: Page) -> None:
    shape(design, "住所").click()
    wanted = box(design)
    design.keyboard.press("Delete")
    assert shape(design, "住所").count() == 0
    design.click("[data-tool=draw]")
    paper = design.locator("[data-leaf] svg").first.bounding_box()
    assert paper
    scale = paper["width"] / 210
    design.mouse.click(paper["x"] + 120 * scale, paper["y"] + 115 * scale)
    assert box(design) == pytest.approx(wanted, abs=2.0)
    assert design.evaluate("document.activeElement.dataset.input") == "name"
    design.keyboard.type("住所")
    design.select_option("[data-input=kind]", "address")
    assert shape(design, "住所、住所").count() == 1


def test_the_keyboard_moves_stretches_removes_and_brings_back(design: Page) -> None:
    shape(design, NUMBER).focus()
    before = box(design)
    for keys in (
        "ArrowRight",
        "ArrowDown",
        "Control+ArrowDown",
        "Shift+ArrowRight",
        "Control+Shift+ArrowDown",
    ):
        design.keyboard.press(keys)
    assert box(design) == pytest.approx([before[0] + 1, before[1] + 1.1, before[2] + 1, before[3] + 0.1])
    assert "左 59" in (shape(design, NUMBER).get_attribute("aria-label") or "")
    design.keyboard.press("Enter")
    assert design.evaluate("document.activeElement.dataset.input") == "name"
    design.keyboard.press("Escape")
    assert NUMBER in design.evaluate("document.activeElement.getAttribute('aria-label')")
    design.keyboard.press("Delete")
    assert shape(design, NUMBER).count() == 0
    design.keyboard.press("Control+z")
    assert shape(design, NUMBER).count() == 1


def test_a_free_line_is_split_into_groups_of_cells(design: Page, server: Server) -> None:
    shape(design, "住所").click()
    design.click("summary:has-text('マスに分ける')")
    design.fill("[data-split-count]", "３，４")
    design.fill("[data-split-gap]", "3.5")
    design.click("[data-do=split]")
    assert design.input_value("[data-input=cells]") == "3,4"
    assert design.input_value("[data-input=gap]") == "3.5"
    cells = shape(design, "住所").locator(".cells").get_attribute("d") or ""
    assert cells.count("M") == 7


def test_the_fields_of_a_first_row_become_a_table(design: Page) -> None:
    shape(design, "金融機関コード").click()
    shape(design, "支店コード").click(modifiers=["Shift"])
    assert design.locator("[data-chosen]").inner_text() == "2 欄を選択中"
    design.click("summary:has-text('行をくり返す')")
    design.fill("[data-table-rows]", "3")
    design.fill("[data-table-pitch]", "9")
    design.click("[data-do=tabulate]")
    inner = design.locator("[data-list] li.inner .name")
    assert inner.all_inner_texts() == ["金融機関コード", "支店コード"]
    ghosts = shape(design, "明細 支店コード").locator(".ghosts").get_attribute("d") or ""
    assert ghosts.count("M") == 2
    assert design.input_value('[data-row="rows"][data-sort="table"] input') == "3"


def test_a_field_off_the_page_is_told_in_words_and_cannot_be_saved(design: Page) -> None:
    shape(design, NUMBER).click()
    design.fill('[data-input="box.0"]', "180")
    told = design.locator('[data-says="box"]')
    told.filter(has_text="要修正").wait_for()
    assert design.locator(f'[data-list] li:has-text("{NUMBER}") .tag').inner_text() == "要修正"
    assert (shape(design, NUMBER).get_attribute("aria-label") or "").startswith("要修正、")
    design.click("[data-save]")
    design.wait_for_selector("dialog[open] >> text=要修正が 1 か所あるので")
    assert design.locator("[data-go]").is_disabled()


def test_keys_of_a_conversion_do_nothing_to_the_design(design: Page) -> None:
    shape(design, NUMBER).focus()
    before = box(design)
    encodings = ({"isComposing": True}, {"keyCode": 229}, {"isComposing": True, "keyCode": 229})
    for how, key in product(encodings, ("ArrowRight", "Delete", "Enter")):
        design.evaluate(
            "([key, how]) => document.activeElement.dispatchEvent(new KeyboardEvent('keydown',"
            " {key, bubbles: true, cancelable: true, ...how}))",
            [key, how],
        )
        assert box(design) == before
        assert NUMBER in design.evaluate("document.activeElement.getAttribute('aria-label')")


def test_nothing_is_sent_and_kept_in_the_middle_of_a_conversion(design: Page, server: Server) -> None:
    shape(design, NUMBER).click()
    design.focus("[data-input=name]")
    ime = design.context.new_cdp_session(design)
    wait_until_checked(design)
    server.requests.clear()
    ime.send("Input.imeSetComposition", {"text": "つ", "selectionStart": 1, "selectionEnd": 1})
    design.wait_for_timeout(900)
    assert server.requests == []
    with design.expect_request("**/check"):
        ime.send("Input.insertText", {"text": "通"})


def test_html_in_a_name_stays_a_name(design: Page) -> None:
    name = "<img src=x onerror=alert(1)>"
    shape(design, NUMBER).click()
    design.fill("[data-input=name]", name)
    assert design.locator("[data-list] .name").all_inner_texts()[1] == name
    design.click("[data-save]")
    design.wait_for_selector("dialog[open] [data-difference]")
    assert design.locator("[data-list] img, dialog img, svg img").count() == 0


def test_another_tab_is_never_overwritten(design: Page, server: Server) -> None:
    second = design.context.new_page()
    second.set_default_timeout(60_000)
    second.goto(design.url)
    second.wait_for_selector("html[data-ready]")
    for tab, cells in ((design, "9"), (second, "8")):
        shape(tab, NUMBER).click()
        tab.fill("[data-input=cells]", cells)
        tab.click("[data-save]")
        if tab is design:
            tab.click("[data-go]")
            tab.wait_for_selector("text=保存しました(my_form.yaml、第 1 版)")
    second.wait_for_selector("dialog[open] >> text=ほかで書き換えられています")
    assert breaches(second) == []
    first = load_form(server.forms / "my_form.yaml")
    assert first.field(NUMBER).cells == 9  # type: ignore[union-attr]
    second.click("[data-as-new]")
    second.click("[data-go]")
    second.wait_for_selector("text=保存しました(my_form_v2.yaml、第 2 版)")
    assert load_form(server.forms / "my_form_v2.yaml").field(NUMBER).cells == 8  # type: ignore[union-attr]
    assert load_form(server.forms / "my_form.yaml").source.sha256 == first.source.sha256
    second.goto(f"{server.url}/forms/compare?left=my_form.yaml&right=my_form_v2.yaml")
    assert breaches(second) == []
    for name in ("my_form.yaml", "my_form_v2.yaml"):
        (server.forms / name).unlink()


def test_what_was_not_saved_survives_a_reload(design: Page) -> None:
    shape(design, NUMBER).click()
    design.fill('[data-input="box.0"]', "60")
    design.reload()
    design.wait_for_selector("html[data-ready]")
    design.click("[data-take]")
    shape(design, NUMBER).click()
    assert box(design)[0] == 60


def test_an_ended_session_is_taken_up_again_in_place(design: Page, server: Server) -> None:
    shape(design, NUMBER).click()
    wait_until_checked(design)
    design.wait_for_load_state("networkidle")  # an answer on its way would bring the cookie back
    design.context.clear_cookies()
    design.fill('[data-input="box.0"]', "61")
    design.wait_for_selector("dialog[open] >> text=もう一度ログインしてください")
    assert breaches(design) == []
    design.fill("dialog[open] [name=password]", PASSWORD)
    design.keyboard.press("Enter")
    design.wait_for_selector("dialog[open]", state="hidden")
    assert box(design)[0] == 61
    with design.expect_response("**/check") as answer:
        design.fill('[data-input="box.0"]', "62")
    assert answer.value.status == 200


@pytest.mark.parametrize(
    ("colours", "size"), [("light", (1280, 800)), ("dark", (800, 1200))], ids=["desk", "dark tablet"]
)
def test_the_designer_can_be_used_by_everybody(
    design: Page, server: Server, size: tuple[int, int], colours: Literal["light", "dark"]
) -> None:
    told: list[str] = []
    design.on("console", lambda message: told.append(message.text))
    design.emulate_media(color_scheme=colours)
    design.set_viewport_size({"width": size[0], "height": size[1]})
    for name in ("届出日", "対象税目"):
        design.click(f'[data-list] button:has-text("{name}")')
        assert breaches(design) == []
    assert design.evaluate("document.documentElement.scrollWidth <= innerWidth")
    design.goto(f"{server.url}/forms")
    assert breaches(design) == []
    assert [words for words in told if "Content Security Policy" in words or "Error" in words] == []
    assert {request.url.split("/")[2] for request in server.requests} == {server.url.split("/")[2]}
