"""The robot editor in a real Chromium: the keyboard, Japanese conversion, completion, drafts, conflicts, axe."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from axe_rules import breaches
from console_browser import fresh_page, needs_chromium
from console_desk import PASSWORD, Office, make_office
from playwright.sync_api import Browser, Page, Route, expect
from robots_desk import robot_name, robot_text

from console.authoring.room import RobotRoom
from console.web.sessions import COOKIE
from samples.showcase.serving import serving

pytestmark = needs_chromium
NAME = robot_name("nouzei")
TEXT = robot_text("nouzei")


@dataclass
class Server:
    office: Office
    url: str
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    @property
    def room(self) -> RobotRoom:
        assert self.office.desk.robots is not None
        return self.office.desk.robots

    def cookie(self, who: str) -> str:
        desk = self.office.desk
        session = desk.signer.begin(desk.clock(), who, desk.users.get(who).session_epoch)
        return desk.signer.cookie(session, desk.clock())

    def stored(self) -> str:
        return self.room.shelf.read(NAME).text

    def put_back(self) -> None:
        (self.room.shelf.folder / f"{NAME}.yaml").write_text(TEXT, encoding="utf-8")
        for draft in self.room.drafts.all():
            self.room.drafts.drop(draft)

    def drafted(self, name: str = NAME) -> str:
        draft = self.room.drafts.of(name, "sato")
        return draft.script if draft is not None else ""


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    office = make_office(tmp_path_factory.mktemp("town"))
    for name, roles in (("sato", ["author"]), ("suzuki", ["approver"])):
        office.desk.users.add(name, PASSWORD, roles=roles, departments=["nouzei"])
    with serving(office.desk) as url:
        yield Server(office, url)


@pytest.fixture
def server(town: Server) -> Server:
    town.put_back()
    town.requests.clear()
    town.complaints.clear()
    return town


@pytest.fixture
def page(browser: Browser, server: Server) -> Iterator[Page]:
    opened = open_page(browser, server)
    yield opened
    opened.context.close()
    assert all(url.startswith(server.url) for url in server.requests)
    assert server.complaints == []


def open_page(browser: Browser, server: Server, who: str = "sato", **how: object) -> Page:
    opened = fresh_page(browser, **how)
    opened.context.add_cookies([{"name": COOKIE, "value": server.cookie(who), "url": server.url}])
    opened.context.on("request", lambda request: server.requests.append(request.url))
    expected = ("401", "403", "409", "400")  # the browser tells of every refusal; the tests ask for some
    opened.on(
        "console",
        lambda told: (
            server.complaints.append(told.text)
            if told.type == "error" and not any(f"status of {code}" in told.text for code in expected)
            else None
        ),
    )
    opened.on("pageerror", lambda error: server.complaints.append(str(error)))
    return opened


def edit(page: Page, server: Server, at: str = "") -> None:
    """Open the editor with the caret behind the first `at`, and wait until its text was checked."""
    page.goto(f"{server.url}/robots/{NAME}/edit")
    page.wait_for_selector("html[data-checked]", state="attached")
    page.locator("#text").focus()
    if at:
        place = TEXT.index(at) + len(at)
        page.evaluate("(at) => document.querySelector('#text').setSelectionRange(at, at)", place)


def written(page: Page) -> str:
    return page.locator("#text").input_value()


def line(page: Page, number: int) -> str:
    return written(page).split("\n")[number - 1]


def options(page: Page) -> list[str]:
    return page.locator("#options [role=option] > span:first-child").all_inner_texts()


def checked(page: Page) -> None:
    """Wait until what now stands there was checked."""
    page.locator(f"html[data-checked='{len(written(page))}']").wait_for(state="attached")


def test_a_message_stands_at_its_line_with_what_to_do(page: Page, server: Server) -> None:
    edit(page, server, "  - click: {but")
    page.keyboard.press("Backspace")
    remark = page.locator("[data-remarks] .remark.error")
    expect(remark).to_contain_text("もしかして: button")
    expect(page.locator("[data-gutter] .error")).to_have_text("7")
    expect(page.locator("[data-marks] .error span")).to_contain_text("項目「buton」は使えません")
    expect(page.locator("[data-sections]")).to_have_text("誤りを直すと、ここに説明が出ます。")
    page.keyboard.press("Control+Home")
    page.keyboard.press("F8")
    expect(page.locator("[data-position]")).to_contain_text("7 行 ")
    expect(page.locator("[data-spoken]")).to_contain_text("もしかして")
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    expect(page.locator("[data-remarks] .remark.error")).to_have_count(0)


def test_a_robot_is_written_completed_and_saved_with_the_keyboard_alone(page: Page, server: Server) -> None:
    edit(page, server, 'value: "${item.氏名}"}')
    page.keyboard.press("Enter")
    page.keyboard.type("- sel")
    expect(page.locator("#options")).to_be_visible()
    assert options(page)[0] == "select"
    assert page.locator("#text").get_attribute("aria-activedescendant") == "option-0"
    page.keyboard.press("Enter")
    page.keyboard.type("fie")
    page.keyboard.press("Tab")
    page.keyboard.type("区分, opt")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.keyboard.type('"${it')
    page.keyboard.press("Enter")
    page.keyboard.type("住所")
    page.keyboard.press("Escape")
    page.keyboard.type('}"')
    assert line(page, 7) == '  - select: {field: 区分, option: "${item.住所}"}'
    checked(page)
    page.keyboard.press("Control+s")
    dialog = page.locator("dialog[data-dialog=save]")
    expect(dialog.locator(".added")).to_have_text('+  - select: {field: 区分, option: "${item.住所}"}')
    assert server.stored() == TEXT
    page.keyboard.press("Tab")
    page.keyboard.type("区分も入れる")
    page.keyboard.press("Enter")
    expect(page.locator("[data-message]")).to_have_text("保存しました。")
    assert "区分, option" in server.stored()
    assert server.room.shelf.versions.of(f"{NAME}.yaml")[0].why == "区分も入れる"
    expect(page.locator("[data-saved-state]")).to_have_text("保存済み")


CASES = [
    ("rob|", ["robot"], "at the outermost level the sections"),
    ("items: {from: |", ["queue", "form", "done", "excel", "csv"], "the words of a key"),
    ("items:\n  from: queue\n  pro|", ["process"], "a key of a mapping that is begun"),
    ("items:\n  process: |", ["idou_todoke", "kouza_furikae", "yobou_yoshin"], "names of this town"),
    ("each:\n  - cli|", ["click", "click_image", "click_words", "double_click"], "actions"),
    ("each:\n- op|", ["open"], "a list that is not indented"),
    ("each:\n  - click: {button: 登録}\n    com|", ["commit"], "a modifier of a step, not a second action"),
    ("each:\n  - click: {|", ["field", "button", "link", "heading"], "where an action points"),
    (
        "each:\n  - click: {button: 登録, |",
        ["field", "link", "heading"],
        "what stands there is not offered again",
    ),
    (
        "items: {process: kouza_furikae}\neach:\n  - fill: {field: 届|",
        ["届出日", "届出印"],
        "fields of the form",
    ),
    (
        "items:\n  columns:\n    区名: {type: text}\neach:\n  - fill: {field: 区|",
        ["区名"],
        "columns of the file",
    ),
    ("each:\n  - open: ${tar|", ["target."], "places to fill in"),
    ("each:\n  - open: ${target.|", ["target.townoffice"], "names of a place"),
    ('each:\n  - fill: {value: "${today | war|', ["wareki", "wareki_short"], "filters"),
    ("resolve:\n  steps:\n    - exp|", ["expect"], "steps inside of a section"),
    ("each:\n  - when: {em|", ["empty"], "a modifier's own keys"),
    ("each:\n  - check: {field: x}\n    commit: |", ["true", "false"], "yes and no"),
    ("# rob|", [], "nothing in a comment"),
    ("title: rob|", [], "nothing in free text"),
    ("kaki: {a|", [], "nothing where nothing is known"),
]


def test_what_is_offered_fits_the_place(page: Page, server: Server) -> None:
    edit(page, server)
    wrong = []
    for written_, wanted, why in CASES:
        before, _, after = written_.rpartition("|")
        lines = (before + after).split("\n")
        offered = page.evaluate(
            """async ([lines, row, column]) => {
                const hints = await import("/static/robots_hints.js");
                const given = JSON.parse(document.querySelector("#given").textContent);
                const context = hints.contextAt(lines, row, column);
                return hints.fitting(hints.optionsAt(context, given, lines), context).map(({ label }) => label);
            }""",
            [lines, before.count("\n"), len(before.rpartition("\n")[2])],
        )
        if offered[: len(wanted)] != wanted or (not wanted and offered):
            wrong.append((why, written_, offered[:8]))
    assert wrong == []


def test_tab_indents_and_escape_lets_it_leave(page: Page, server: Server) -> None:
    edit(page, server, "title: 見本の登録")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("x")
    assert line(page, 3) == "  x"
    page.keyboard.press("Shift+Tab")
    assert line(page, 3) == "x"
    checked(page)  # what a check found is spoken too
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(page.locator("[data-spoken]")).to_have_text("次の Tab で編集欄を出ます")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") != "text"
    page.keyboard.press("Shift+Tab")
    assert page.evaluate("document.activeElement.id") == "text"


def test_enter_opens_a_level_behind_a_key_and_keeps_it_elsewhere(page: Page, server: Server) -> None:
    edit(page, server, "each:")
    page.keyboard.press("Enter")
    page.keyboard.type("#")
    assert line(page, 5) == "  #"
    page.keyboard.press("Enter")
    page.keyboard.type("#")
    assert line(page, 6) == "  #"


def test_the_enter_of_a_conversion_takes_no_option_and_begins_no_line(page: Page, server: Server) -> None:
    edit(page, server, "  - fill: {field: ")
    before = written(page).count("\n")
    ime = page.context.new_cdp_session(page)
    ime.send("Input.imeSetComposition", {"text": "つうち", "selectionStart": 3, "selectionEnd": 3})
    expect(page.locator("#options")).to_be_hidden()
    page.wait_for_timeout(900)  # longer than a draft waits for quiet
    assert page.evaluate("sessionStorage.length") == 0
    for key in ("Process", "Enter"):
        ime.send(
            "Input.dispatchKeyEvent",
            {"type": "rawKeyDown", "key": key, "code": "Enter", "windowsVirtualKeyCode": 229},
        )
    for how in ({"isComposing": True}, {"keyCode": 229}, {"isComposing": True, "keyCode": 229}):
        page.evaluate(
            """(how) => document.querySelector("#text").dispatchEvent(
                new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true, ...how }))""",
            how,
        )
    assert written(page).count("\n") == before
    ime.send("Input.insertText", {"text": "通知"})
    assert "  - fill: {field: 通知氏名" in written(page)
    checked(page)


def test_what_was_typed_survives_a_reload_and_goes_with_the_save(page: Page, server: Server) -> None:
    edit(page, server, "title: 見本の登録")
    page.keyboard.type("あれこれ")
    expect(page.locator("[data-saved-state]")).to_have_text("未保存")
    page.reload()
    page.wait_for_selector("html[data-checked]", state="attached")
    assert line(page, 2) == "title: 見本の登録あれこれ"
    expect(page.locator("[data-draft]")).to_contain_text("書きかけた内容を戻しました")
    page.locator("[data-draft-drop]").click()
    assert written(page) == TEXT
    page.reload()
    page.wait_for_selector("html[data-checked]", state="attached")
    expect(page.locator("[data-draft]")).to_be_hidden()


def test_an_older_draft_is_asked_about_and_not_laid_over_what_was_saved_since(
    page: Page, server: Server
) -> None:
    edit(page, server, "title: 見本の登録")
    page.keyboard.type("あ")
    expect(page.locator("[data-saved-state]")).to_have_text("未保存")
    checked(page)
    server.room.shelf.save(NAME, TEXT + "# 上田\n", server.room.shelf.revision(NAME), "ueda", "")
    page.reload()
    page.wait_for_selector("html[data-checked]", state="attached")
    assert written(page) == TEXT + "# 上田\n"
    page.locator("[data-draft-take]").click()
    assert line(page, 2) == "title: 見本の登録あ"


def keep_draft(page: Page) -> None:
    page.locator("[data-keep-draft]").click()
    expect(page.locator("[data-saved-state]")).to_have_text("下書き保存済み")


def test_a_draft_with_errors_is_opened_on_another_pc_and_goes_with_the_save(
    browser: Browser, page: Page, server: Server
) -> None:
    edit(page, server, "  - click: {button: 登録}")
    page.keyboard.press("Backspace")
    keep_draft(page)
    expect(page.locator("[data-message]")).to_contain_text("ロボットはまだ変わっていません")
    assert server.stored() == TEXT
    assert server.drafted() == TEXT.replace("登録}\n    commit", "登録\n    commit")
    other = open_page(browser, server)
    other.goto(f"{server.url}/robots/{NAME}")
    other.get_by_role("link", name="続きを書く sato").click()
    expect(other.locator("[data-draft-words]")).to_contain_text("の下書きを開きました")
    expect(other.locator("[data-saved-state]")).to_have_text("下書き保存済み")
    expect(other.locator("[data-remarks] .remark.error").first).to_be_visible()
    other.locator("#text").focus()
    place = server.drafted().index("登録\n    commit") + 2
    other.evaluate("(at) => document.querySelector('#text').setSelectionRange(at, at)", place)
    other.keyboard.type("する}")
    expect(other.locator("[data-saved-state]")).to_have_text("未保存")
    other.keyboard.press("Control+s")
    other.locator("[data-dialog=save] [data-go]").click()
    expect(other.locator("[data-saved-state]")).to_have_text("保存済み")
    assert server.stored() == TEXT.replace("登録}\n    commit", "登録する}\n    commit")
    assert server.drafted() == ""
    other.context.close()


def test_a_newer_draft_of_another_pc_is_asked_about(browser: Browser, page: Page, server: Server) -> None:
    edit(page, server, "title: 見本の登録")
    page.keyboard.type("一")
    keep_draft(page)
    other = open_page(browser, server)
    edit(other, server, "title: 見本の登録")
    other.keyboard.type("二")
    keep_draft(other)
    other.context.close()
    page.locator("#text").focus()
    page.keyboard.type("三")
    page.locator("[data-keep-draft]").click()
    asked = page.locator("[data-dialog=draft-conflict]")
    expect(asked).to_be_visible()
    assert breaches(page) == []
    assert "登録二" in server.drafted()
    asked.get_by_role("button", name="編集に戻る").click()
    expect(asked).to_be_hidden()
    page.locator("[data-keep-draft]").click()
    asked.get_by_role("button", name="この画面の内容を下書きにする").click()
    expect(page.locator("[data-saved-state]")).to_have_text("下書き保存済み")
    assert "三" in server.drafted()
    page.reload()
    page.wait_for_selector("html[data-checked]", state="attached")
    page.locator("[data-draft-delete]").click()
    expect(page.locator("[data-message]")).to_have_text("下書きを消しました。")
    expect(page.locator("[data-saved-state]")).to_have_text("保存済み")
    assert (written(page), server.drafted()) == (TEXT, "")


def test_a_new_robot_is_begun_as_a_draft_and_found_in_the_list(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/robots")
    page.get_by_label("何をするロボットか").fill("書きかけの見本")
    page.get_by_label("短い名前").fill("kakikake")
    page.get_by_role("button", name="雛形を開く").click()
    page.wait_for_selector("html[data-checked]", state="attached")
    page.locator("#text").press("Control+End")
    page.keyboard.type("  - clik")
    keep_draft(page)
    text = written(page)
    page.goto(f"{server.url}/robots")
    row = page.get_by_role("row", name="kakikake")
    expect(row).to_contain_text("下書き")
    expect(row).to_contain_text("まだ保存されていません")
    assert breaches(page) == []
    row.get_by_role("link").click()
    page.wait_for_selector("html[data-checked]", state="attached")
    assert written(page) == text
    assert not (server.room.shelf.folder / "kakikake.yaml").exists()


def test_a_conflict_asks_and_overwrites_nothing(page: Page, server: Server) -> None:
    edit(page, server, "title: 見本の登録")
    page.keyboard.type("あ")
    server.room.shelf.save(NAME, TEXT + "# 上田\n", server.room.shelf.revision(NAME), "ueda", "")
    page.keyboard.press("Control+s")
    conflict = page.locator("dialog[data-dialog=conflict]")
    expect(conflict).to_contain_text("ueda さんが保存しています")
    assert server.stored() == TEXT + "# 上田\n"
    conflict.locator("[data-mine]").click()
    save = page.locator("dialog[data-dialog=save]")
    expect(save.locator(".gone").last).to_have_text("-# 上田")
    assert server.stored() == TEXT + "# 上田\n"
    save.locator("[data-go]").click()
    expect(page.locator("[data-message]")).to_have_text("保存しました。")
    assert server.stored() == TEXT.replace("見本の登録", "見本の登録あ")


def test_a_session_that_ended_in_mid_edit_is_begun_again_in_place(page: Page, server: Server) -> None:
    edit(page, server, "title: 見本の登録")
    page.keyboard.type("あ")
    checked(page)
    page.context.clear_cookies()
    page.keyboard.press("Control+s")
    login = page.locator("dialog[data-dialog=login]")
    login.locator("[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("dialog[data-dialog=save] .added")).to_have_text("+title: 見本の登録あ")


def test_five_thousand_lines_are_drawn_only_where_they_are_seen(page: Page, server: Server) -> None:
    remark = {"level": "error", "line": 4990, "column": 3, "where": "", "what": "誤り", "why": "w", "do": "d"}

    def answer(route: Route) -> None:
        route.fulfill(json={"remarks": [remark], "sections": []})

    page.route("**/check", answer)  # so long a text takes the validator seconds, which others' tests need
    (server.room.shelf.folder / f"{NAME}.yaml").write_text("a: 1\n" * 5000, encoding="utf-8")
    edit(page, server)
    page.keyboard.press("Control+Home")
    page.keyboard.press("F8")
    expect(page.locator("[data-position]")).to_contain_text("4990 行 ")
    expect(page.locator("[data-gutter] .error")).to_have_text("4990")
    assert page.locator("[data-gutter] div").count() < 60
    page.keyboard.type("x")
    assert line(page, 4990) == "a:x 1"


def unfit(page: Page) -> list[str]:
    """Return what axe finds on a page as it stands, in the light and in the dark."""
    found = breaches(page)
    page.emulate_media(color_scheme="dark")
    found += [f"dark: {rule}" for rule in breaches(page) if rule not in found]
    page.emulate_media(color_scheme="light")
    return found


def test_every_page_is_fit_for_everybody(browser: Browser, server: Server) -> None:
    broken = TEXT.replace("button:", "buton:")
    shelf = server.room.shelf
    shelf.save(NAME, TEXT + "# 一\n", shelf.revision(NAME), "sato", "一")
    number = shelf.versions.of(f"{NAME}.yaml")[-1].id
    robot = shelf.check(NAME, TEXT).robot
    assert robot is not None
    trial = server.room.trials.begin(NAME, robot, "sato", way="sample", limit=1, saved=True)
    home = f"{server.url}/robots"
    for who, paths in (
        ("sato", ["", f"/{NAME}", f"/{NAME}/compare?left=version-{number}", f"/{NAME}/trials/{trial.id}"]),
        ("suzuki", [f"/{NAME}/approval"]),
    ):
        page = open_page(browser, server, who)
        for path in paths:
            page.goto(home + path)
            assert unfit(page) == [], path
        page.context.close()
    page = open_page(browser, server)
    edit(page, server, "  - click: {")
    page.keyboard.press("Control+ ")
    expect(page.locator("#options")).to_be_visible()
    assert unfit(page) == []
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(broken)
    expect(page.locator("[data-remarks] .remark.error")).to_have_count(1)
    assert unfit(page) == []
    page.keyboard.press("Control+s")
    expect(page.locator("dialog[data-dialog=save]")).to_be_visible()
    assert unfit(page) == []
    page.context.close()
    assert server.complaints == []


def test_an_approver_has_the_decision_at_hand_wherever_the_page_stands(
    browser: Browser, server: Server
) -> None:
    page = open_page(browser, server, "suzuki", viewport={"width": 1280, "height": 500})
    page.goto(f"{server.url}/robots/{NAME}/approval")
    assert page.evaluate("document.documentElement.scrollHeight > innerHeight")
    approve = page.get_by_role("button", name="この内容を承認する")
    expect(approve).to_be_in_viewport(ratio=1)
    page.mouse.wheel(0, 4000)
    expect(approve).to_be_in_viewport(ratio=1)
    approve.focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("見出しも確かめてください")
    expect(page.get_by_label("直してほしい点")).to_have_value("見出しも確かめてください")
    expect(page.get_by_role("button", name="差し戻す", exact=True)).to_be_in_viewport(ratio=1)
    page.context.close()


def test_nothing_runs_over_the_edge_of_a_tablet(browser: Browser, server: Server) -> None:
    page = open_page(browser, server, viewport={"width": 820, "height": 1180})
    for path in ("", f"/{NAME}", f"/{NAME}/edit"):
        page.goto(f"{server.url}/robots{path}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 820, path
    page.context.close()


def test_what_the_script_is_given_cannot_end_its_element(page: Page, server: Server) -> None:
    path = server.room.shelf.folder / f"{NAME}.yaml"
    hostile = TEXT.replace("見本の登録", '"</script></textarea><img src=x onerror=alert(1)>"')
    path.write_text(hostile, encoding="utf-8")
    page.on("dialog", lambda dialog: server.complaints.append(dialog.message))
    page.goto(f"{server.url}/robots/{NAME}/edit")
    page.wait_for_selector("html[data-checked]", state="attached")
    assert written(page) == hostile
    assert page.locator("img").count() == 0
    given = json.loads(page.locator("#given").text_content() or "")
    assert given["text"] == hostile
