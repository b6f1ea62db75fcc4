"""Desktop robots on a real screen (Xvfb) with a real program: what they type is what its database holds, once."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import cv2
import pytest
from filelock import FileLock
from robots_desktop import PASSWORD, RECORD, DesktopOffice

from backoffice.work_items import State
from console.screen_text import screen_reader
from robots.drivers.desktop import FindText
from robots.drivers.pyautogui_desktop import PyAutoGuiDesktop
from robots.drivers.x11 import X11Screen
from robots.errors import ScreenMissing, ScreenUnfit, StepFailed, StoppedByPerson
from robots.screen import Screen
from robots.screen_typing import Typist
from samples.desktop.testing import virtual_screen

PROGRAM = [sys.executable, "-m", "samples.desktop"]


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> FindText:
    return screen_reader(tmp_path_factory.mktemp("models"), 1)


@pytest.fixture(scope="module")
def display() -> Iterator[str]:
    with virtual_screen() as name, pytest.MonkeyPatch.context() as patch:
        patch.setenv("DISPLAY", name)
        yield name


@pytest.fixture
def office(tmp_path: Path, display: str, reader: FindText) -> DesktopOffice:
    return DesktopOffice(tmp_path, display, reader)


@pytest.fixture(scope="module")
def button(display: str, reader: FindText, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The button 登録, cut from a screenshot as a clerk would cut it."""
    office = DesktopOffice(tmp_path_factory.mktemp("cut"), display, reader)
    desktop = office.desktop()
    desktop._added.clear()  # no login window this time
    screen = office.screen(desktop)
    screen.open()
    try:
        desktop.start_program([*PROGRAM, "--database", str(office.database)])
        screen.wait_window("福祉システム", 60)
        area = screen.find_words("登録", 60)
        shown = desktop.picture()[
            area.top - 4 : area.top + area.height + 4, area.left - 30 : area.left + area.width + 30
        ]
    finally:
        screen.close()
    return cv2.imencode(".png", cv2.cvtColor(shown, cv2.COLOR_RGB2BGR))[1].tobytes()


@pytest.mark.action(
    "start_program", "focus_window", "wait_window", "click_image", "click_words", "type_words"
)
@pytest.mark.action("press_keys", "wait_image", "wait_words", "read_words")
def test_registers_each_record_once_with_every_character(office: DesktopOffice, button: bytes) -> None:
    (office.folder / "images" / "touroku.png").write_bytes(button)
    office.use_robot()
    items = [office.put(), office.put(台帳番号="0000000002", 氏名="吉田　ｱｷﾗ", 住所='"{}|~ 100%')]
    counts = office.run()
    assert (counts.done, counts.in_doubt, counts.left, counts.problems) == (2, 0, 0, ())
    first, second = office.registered()
    assert first.values == RECORD
    assert second.values == {**RECORD, "台帳番号": "0000000002", "氏名": "吉田　ｱｷﾗ", "住所": '"{}|~ 100%'}
    assert [office.ledger.get(item.id).result for item in items] == [
        {"受付番号": "00000001"},
        {"受付番号": "00000002"},
    ]
    assert office.run("run-2").done == 0
    assert len(office.registered()) == 2
    evidence = office.settings.folder("evidence") / "run-1"
    assert {path.stem for path in (evidence / "1").glob("*.png")} >= {
        "before-commit",
        "after-confirm",
        "filled",
    }
    told = "".join(path.read_text(encoding="utf-8") for path in evidence.rglob("steps.jsonl"))
    assert RECORD["氏名"] not in told and PASSWORD not in told


def test_settles_by_a_search_what_the_program_took_before_it_died(
    office: DesktopOffice, button: bytes
) -> None:
    (office.folder / "images" / "touroku.png").write_bytes(button)
    office.use_robot(DATABASE=f"{office.database}, --dies-after-saving")
    item = office.put()
    first = office.run()
    assert (first.in_doubt, office.ledger.get(item.id).state) == (1, State.IN_DOUBT)
    office.use_robot()
    second = office.run("run-2")
    assert (second.settled, second.in_doubt, len(office.registered())) == (1, 0, 1)
    assert office.ledger.get(item.id).state is State.DONE


def test_types_on_a_real_input_and_leaves_the_clipboard_as_it_was(office: DesktopOffice) -> None:
    desktop = office.desktop()
    desktop._added.clear()
    screen = office.screen(desktop)
    screen.open()
    try:
        desktop.start_program([*PROGRAM, "--database", str(office.database)])
        screen.wait_window("福祉システム", 60)
        screen.find_words("検索する番号", 60)
        desktop.click(260, 44)  # the search input of the stand-in
        desktop.write_clipboard("町の人の写し")
        screen.type_text("髙﨑")
        screen.type_text("０１２ーカ゛−〜")
        assert Typist(desktop).holds("０１２ーカ゛−〜")
        with pytest.raises(StepFailed) as failed:
            desktop.press("ctrl+無変換")
        assert failed.value.key == "robots.key_unknown"
    finally:
        desktop.write_clipboard("町の人の写し")
        screen.close()


def test_stops_for_good_when_a_person_pushes_the_mouse_into_a_corner(
    office: DesktopOffice, display: str
) -> None:
    office.use_robot()
    item = office.put()
    mouse = X11Screen(display)
    mouse.move(799, 599)
    with pytest.raises(StoppedByPerson) as stopped:
        office.run()
    mouse.move(400, 300)
    mouse.close()
    assert "マウスが画面の隅に置かれたので、ロボットを止めました" in str(stopped.value)
    assert (office.ledger.get(item.id).state, office.registered()) == (State.NEW, [])


def test_gives_the_screen_to_one_robot_at_a_time(office: DesktopOffice) -> None:
    office.use_robot()
    office.put()
    name = office.desktop().name
    locks = office.settings.folder("locks")
    with FileLock(locks / f"screen-{name}.lock"), pytest.raises(ScreenUnfit) as busy:
        office.run()
    assert "この画面では別のロボットが動いています" in str(busy.value)


def test_looks_for_a_locked_screen_before_the_first_step(
    office: DesktopOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.use_robot()
    office.put()
    with virtual_screen(lit=False) as black:
        monkeypatch.setenv("DISPLAY", black)
        office.display = black
        with pytest.raises(ScreenUnfit) as locked:
            office.run()
    assert "画面がロックされているか、真っ黒です" in str(locked.value)


def test_says_how_large_the_screen_must_be(office: DesktopOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    office.use_robot()
    with virtual_screen(640, 480) as small:
        monkeypatch.setenv("DISPLAY", small)
        office.display = small
        with pytest.raises(ScreenUnfit) as unfit:
            office.screen().open()
    assert "画面が小さすぎます(いま 640×480、必要 800×600)" in str(unfit.value)


def test_says_that_there_is_no_screen(tmp_path: Path) -> None:
    nowhere = Screen(PyAutoGuiDesktop({"DISPLAY": ":4711"}), None, tmp_path, tmp_path)
    with pytest.raises(ScreenMissing) as missing:
        nowhere.open()
    assert "ロボットが使える画面がありません(:4711)" in str(missing.value)


def test_never_loads_the_parts_of_pyautogui_that_are_under_the_gpl(office: DesktopOffice) -> None:
    screen = office.screen()
    screen.open()
    screen.close()
    assert not {"mouseinfo", "Xlib"} & set(sys.modules)
