"""A person's work in a real Chromium becomes a robot, and that robot does the same work."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page
from robots_office import KOUZA, PASSWORD, RobotOffice, registrations

from console.cli import main
from robots.model import load_robot
from robots.recording.recorder import Recorder
from robots.recording.script import Wanted, write_script
from robots.validate import Knowledge
from samples.townoffice.testing import running_townoffice

WANTED = Wanted("kiroku", "口座振替の登録(記録)", "kouza_furikae")
TYPED = (
    "通知書番号", "届出日", "納税者氏名カナ", "納税者氏名", "郵便番号", "住所", "電話番号", "金融機関コード",
    "支店コード", "口座番号", "口座名義カナ",
)  # fmt: skip
OTHER = {**KOUZA, "通知書番号": "0099999999", "納税者氏名": "別人　花子"}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RobotOffice]:
    folder = tmp_path_factory.mktemp("office")
    with running_townoffice(folder / "town.db", PASSWORD) as url:
        yield RobotOffice(folder, url)


def beside(page: Page, name: str, inner: str) -> Locator:
    """A control in the cell beside a header."""
    return page.locator(f"xpath=//th[normalize-space(.)='{name}']/following-sibling::td[1]//{inner}")


def register_by_hand(page: Page, record: dict[str, str]) -> None:
    """What a clerk does, with real keys and clicks: log in, go through the menu, fill in the form, confirm."""
    for kind, words in (("text", "robot01"), ("password", PASSWORD)):
        page.locator(f"input[type={kind}]").focus()
        page.keyboard.insert_text(words)
    page.get_by_role("button", name="ログイン").click()
    page.get_by_role("link", name="口座振替 新規登録").click()
    for name in TYPED:
        beside(page, name, "input").focus()
        page.keyboard.insert_text(record[name])
    for name in ("対象税目", "振替方法"):
        for option in record[name].split("、"):
            beside(page, name, f"label[normalize-space(.)='{option}']").click()
    beside(page, "届出印", "input").click()
    beside(page, "預金種別", "select").focus()
    page.keyboard.press("ArrowDown")
    page.get_by_role("button", name="確認画面へ").click()
    page.get_by_role("button", name="登録", exact=True).click()
    page.get_by_text("登録しました").wait_for()


@pytest.fixture(scope="module")
def recorded(office: RobotOffice) -> str:
    """The robot that was recorded while a clerk registered KOUZA."""
    recorder = Recorder(office.settings, headless=True)
    try:
        page = recorder.start(f"{office.url}/login")
        page.set_default_timeout(60_000)
        register_by_hand(page, KOUZA)
        recorder.write_pages(office.folder / "pages")
        return write_script(recorder.events, WANTED, office.settings.targets)
    finally:
        recorder.close()


def test_a_recorded_robot_is_valid_and_registers_another_record(office: RobotOffice, recorded: str) -> None:
    path = office.folder / "kiroku.yaml"
    path.write_text(recorded, encoding="utf-8")
    known = Knowledge(
        fields=KOUZA, targets=["townoffice"], secrets=["townoffice_user", "townoffice_password"]
    )
    office.robot = load_robot(path, known)
    environ = {"HAKADORI_SECRET_TOWNOFFICE_PASSWORD": PASSWORD, "HAKADORI_SECRET_TOWNOFFICE_USER": "robot01"}
    office.vault = type(office.vault)(office.folder / "secrets.json", environ, use_keyring=False)
    office.put(OTHER, "0099999999")
    counts = office.run()
    assert (counts.done, counts.problems) == (1, ())
    rows = registrations(office.folder / "town.db", "kouza_furikae")
    assert rows == [KOUZA, OTHER]


def test_a_recording_holds_nothing_that_was_typed(recorded: str) -> None:
    chosen = {"普通", "期別", "present"}  # words that stand on the page itself
    typed = {value for value in KOUZA.values() if value not in chosen and "、" not in value}
    assert [value for value in (*typed, PASSWORD, "robot01") if value in recorded] == []
    assert "secret: townoffice_password" in recorded and "secret: townoffice_user" in recorded
    assert '  - fill: {field: 納税者氏名, value: "${item.納税者氏名}"}' in recorded
    assert (
        "  - click: {button: 登録}\n    commit: true\n  - expect: {text: 登録完了}\n    confirm: true\n"
        in recorded
    )


def test_a_link_of_the_menu_is_told_by_its_words(recorded: str) -> None:
    assert "  - click: {link: 口座振替 新規登録}" in recorded and "css:" not in recorded


def test_a_recorded_robot_can_be_tried_without_its_target(
    office: RobotOffice, recorded: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "robots").mkdir()
    (tmp_path / "robots" / "kiroku.yaml").write_text(recorded, encoding="utf-8")
    (tmp_path / "hakadori.yaml").write_text("targets: {townoffice: 'http://127.0.0.1:9'}\n", encoding="utf-8")
    (tmp_path / "record.json").write_text(json.dumps(OTHER, ensure_ascii=False), encoding="utf-8")
    words = ["robot", "test", "kiroku", "--pages", str(office.folder / "pages"), "--json"]
    words += ["--record", str(tmp_path / "record.json")]
    before = registrations(office.folder / "town.db", "kouza_furikae")
    assert main(["--configs", str(tmp_path), "--var", str(tmp_path / "var"), *words]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["good"], told["steps"][-1]["target"]) == (True, "見出し「登録内容の確認」")
    assert registrations(office.folder / "town.db", "kouza_furikae") == before


def test_the_pages_of_a_recording_hold_nothing_that_was_typed(office: RobotOffice, recorded: str) -> None:
    pages = {path.name: path.read_text(encoding="utf-8") for path in (office.folder / "pages").iterdir()}
    assert "登録内容の確認" in "".join(pages.values()) and len(pages) >= 6
    typed = {KOUZA[name] for name in TYPED} | {PASSWORD, "robot01"}
    assert [(name, value) for name, page in pages.items() for value in typed if value in page] == []
