"""What a desktop robot sees and does, on a screen that is only pretended."""

from __future__ import annotations

import os
from pathlib import Path

import cv2
import numpy as np
import pytest

from backoffice.errors import DeclarationError
from robots.drivers.browser import Cover
from robots.drivers.desktop import Area, Picture, ScreenState, TextLine
from robots.drivers.fake_desktop import FakeDesktop
from robots.drivers.pyautogui_desktop import PyAutoGuiDesktop
from robots.errors import ImageUnfit, NotFoundOnPage, ScreenUnfit, StepFailed, StoppedByPerson
from robots.matching import load_image, places_of, words_in
from robots.model import load_robot
from robots.screen import Screen
from robots.screen_picture import changed_rows, coarse, is_black
from robots.stage import uses_page, uses_screen


def drawn(*words: tuple[str, int, int]) -> Picture:
    """A light screen with words at places."""
    picture = np.full((240, 320, 3), 230, np.uint8)
    for word, left, top in words:
        cv2.putText(picture, word, (left, top + 16), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (20, 20, 20), 1)
    return picture


def screen_of(
    desktop: FakeDesktop, folder: Path, lines: list[TextLine] | None = None, **options: object
) -> Screen:
    found = None if lines is None else (lambda _picture: lines)
    return Screen(desktop, found, folder, folder, **options)  # type: ignore[arg-type]


def line(words: str, left: int, top: int, width: int = 100) -> TextLine:
    return TextLine(words, Area(left, top, width, 20))


def saved(folder: Path, picture: Picture) -> Path:
    path = folder / "cut.png"
    cv2.imwrite(str(path), picture)
    return path


def test_finds_a_picture_at_every_place_from_the_top(tmp_path: Path) -> None:
    shown = drawn(("OK", 40, 150), ("OK", 200, 30), ("NO", 40, 30))
    image = load_image(saved(tmp_path, shown[148:172, 36:76]))
    assert places_of(image, shown) == [Area(196, 28, 40, 24), Area(36, 148, 40, 24)]
    assert places_of(image, drawn(("NO", 40, 30))) == []


@pytest.mark.parametrize(
    ("content", "key"),
    [
        (None, "robots.image_missing"),
        (b"no picture", "robots.image_unreadable"),
        (b"", "robots.image_unreadable"),
    ],
)
def test_refuses_what_is_no_picture(tmp_path: Path, content: bytes | None, key: str) -> None:
    path = tmp_path / "cut.png"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ImageUnfit) as refused:
        load_image(path)
    assert refused.value.key == key


def test_refuses_a_plain_picture_that_would_be_found_everywhere(tmp_path: Path) -> None:
    with pytest.raises(ImageUnfit) as refused:
        load_image(saved(tmp_path, drawn()[:20, :20]))
    assert refused.value.key == "robots.image_plain"


def test_prefers_a_whole_line_and_cuts_words_out_of_longer_ones() -> None:
    lines = [line("検索する番号", 10, 10, 120), line("検 索", 200, 10)]
    assert words_in(lines, "検索") == [Area(200, 10, 100, 20)]
    assert words_in(lines[:1], "番号") == [Area(90, 10, 40, 20)]
    assert words_in([line("氏名力ナ", 0, 0)], "氏名カナ") == [Area(0, 0, 100, 20)]
    assert words_in(lines, "登録") == [] and words_in(lines, "　") == []


def test_says_which_words_are_near_when_some_are_not_found(tmp_path: Path) -> None:
    screen = screen_of(FakeDesktop(), tmp_path, [line("登録する", 0, 0)])
    with pytest.raises(NotFoundOnPage) as missing:
        screen.find_words("登録ずる", 0)
    assert str(missing.value).splitlines()[:2] == [
        "登録ずる: 文字「登録ずる」が時間内に画面に現れませんでした",
        "  理由: 窓が隠れているか、文字が違います(もしかして: 登録する)。",
    ]


def test_asks_which_one_when_there_are_several(tmp_path: Path) -> None:
    screen = screen_of(FakeDesktop(), tmp_path, [line("氏名", 0, 0), line("氏名", 0, 50)])
    with pytest.raises(StepFailed) as several:
        screen.find_words("氏名", 0)
    assert several.value.key == "robots.several_on_screen"
    assert screen.find_words("氏名", 0, nth=2).top == 50
    with pytest.raises(StepFailed) as fewer:
        screen.find_words("氏名", 0, nth=3)
    assert fewer.value.key == "robots.fewer_on_screen"


def test_reads_what_stands_right_of_words(tmp_path: Path) -> None:
    lines = [line("受付番号", 10, 40), line("00000012", 130, 42), line("別の行", 130, 90)]
    assert screen_of(FakeDesktop(), tmp_path, lines).read_words("受付番号", 0) == "00000012"
    together = [line("登録しました 受付番号: 00000012", 10, 40, 300)]
    assert screen_of(FakeDesktop(), tmp_path, together).read_words("受付番号", 0) == "00000012"


def test_reads_again_only_the_rows_that_changed(tmp_path: Path) -> None:
    desktop = FakeDesktop(drawn(("ONE", 10, 20), ("TWO", 10, 180)))
    heights: list[int] = []

    def find(picture: Picture) -> list[TextLine]:
        heights.append(picture.shape[0])
        return [line(f"read {len(heights)}", 10, 0)]

    screen = Screen(desktop, find, tmp_path, tmp_path)
    screen.lines()
    desktop.shown = drawn(("ONE", 10, 20), ("SIX", 10, 180))
    assert [one.words for one in screen.lines()] == ["read 1", "read 2"]
    assert heights[0] == 240 and heights[1] < 60
    blinking = desktop.shown.copy()
    blinking[180:200, 100:102] = 0
    desktop.shown = blinking
    screen.lines()
    assert len(heights) == 2
    assert changed_rows(drawn(), drawn(("A", 0, 100))) is not None


def test_replaces_what_stood_there_and_puts_the_clipboard_back(tmp_path: Path) -> None:
    desktop = FakeDesktop()
    desktop.field, desktop.clipboard = "前の値", "町の人の写し"
    screen_of(desktop, tmp_path).type_text("髙橋　﨑子")
    assert (desktop.field, desktop.clipboard) == ("髙橋　﨑子", "町の人の写し")


def test_fails_when_the_input_does_not_hold_what_was_typed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Dropping(FakeDesktop):
        def press(self, keys: str) -> None:
            super().press(keys)
            self.field = self.field.encode("ascii", "ignore").decode()

    monkeypatch.setattr("robots.screen_typing._SETTLE_SECONDS", (0.0, 0.0))
    desktop = Dropping()
    desktop.clipboard = "町の人の写し"
    with pytest.raises(StepFailed) as failed:
        screen_of(desktop, tmp_path).type_text("氏名A")
    assert failed.value.key == "robots.typed_differs"
    assert "氏名" not in str(failed.value) and desktop.clipboard == "町の人の写し"


def test_never_lets_a_secret_into_the_clipboard_or_a_picture(tmp_path: Path) -> None:
    desktop = FakeDesktop(titles=["ログイン"])
    screen = screen_of(desktop, tmp_path)
    desktop.clipboard = "前"
    screen.type_secret("machi-1")
    assert (desktop.field, desktop.clipboard) == ("machi-1", "前")
    assert screen.shot(Cover()) is None
    desktop.titles = ["福祉システム"]
    assert screen.shot(Cover()) is not None
    with pytest.raises(StepFailed) as failed:
        screen.type_secret("まち")
    assert failed.value.key == "robots.secret_not_typable"


def test_takes_coarse_pictures_while_personal_values_may_show(tmp_path: Path) -> None:
    desktop = FakeDesktop(drawn(("NAME", 10, 20)))
    screen = screen_of(desktop, tmp_path)
    clear, covered = screen.shot(Cover()), screen.shot(Cover(values=frozenset({"見本　太郎"})))
    assert clear is not None and covered is not None and clear.picture != covered.picture
    image = cv2.imdecode(np.frombuffer(covered.picture, np.uint8), cv2.IMREAD_COLOR)
    assert np.array_equal(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), coarse(desktop.shown))


@pytest.mark.parametrize(
    ("desktop", "key"),
    [
        (FakeDesktop(np.zeros((240, 320, 3), np.uint8)), "robots.screen_locked"),
        (FakeDesktop(state=ScreenState(320, 240, locked=True)), "robots.screen_locked"),
        (FakeDesktop(), "robots.screen_small"),
    ],
)
def test_looks_at_the_screen_before_the_first_step(tmp_path: Path, desktop: FakeDesktop, key: str) -> None:
    with pytest.raises(ScreenUnfit) as unfit:
        screen_of(desktop, tmp_path, least=(800, 600)).open()
    assert unfit.value.key == key
    screen_of(FakeDesktop(), tmp_path).open()  # the lock was given back


def test_a_dark_screen_with_words_is_not_black() -> None:
    picture = np.zeros((240, 320, 3), np.uint8)
    assert is_black(picture)
    picture[:40, :100] = 200
    assert not is_black(picture)


def test_a_stopped_robot_does_not_begin_anew(tmp_path: Path) -> None:
    desktop = FakeDesktop()
    screen = screen_of(desktop, tmp_path)
    desktop.stopped = True
    for act in (screen.renew, lambda: screen.wait_window("福祉", 5), lambda: screen.type_text("a")):
        with pytest.raises(StoppedByPerson):
            act()


def test_says_that_nobody_can_read_the_screen(tmp_path: Path) -> None:
    with pytest.raises(StepFailed) as failed:
        screen_of(FakeDesktop(), tmp_path).find_words("登録", 0)
    assert failed.value.key == "robots.no_text_reader"


@pytest.mark.skipif(os.name == "nt", reason="the clipboard of Windows belongs to the system")
def test_a_clipboard_whose_window_hangs_counts_as_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "xsel").write_text("#!/bin/sh\nexec sleep 600\n", encoding="utf-8")
    (tmp_path / "xsel").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setattr("robots.drivers.pyautogui_desktop._CLIPBOARD_SECONDS", 0.1)
    assert PyAutoGuiDesktop({"PATH": os.environ["PATH"]}).read_clipboard() == ""


def test_a_robot_whose_routine_works_on_the_screen_works_on_the_screen(tmp_path: Path) -> None:
    (tmp_path / "routines").mkdir()
    routine = "routine: mado\ntitle: 窓\nsteps:\n  - focus_window: {title: 福祉システム}\n"
    (tmp_path / "routines" / "mado.yaml").write_text(routine, encoding="utf-8")
    written = "robot: mihon\ntitle: 見本\nitems: {process: p}\neach:\n  - call: {routine: mado}\n"
    (tmp_path / "mihon.yaml").write_text(written, encoding="utf-8")
    robot = load_robot(tmp_path / "mihon.yaml")
    assert uses_screen(robot) and not uses_page(robot)
    (tmp_path / "mihon.yaml").write_text(written.replace("each", "lanes: 2\neach"), encoding="utf-8")
    with pytest.raises(DeclarationError, match="画面を使うロボットは 2 台同時には動かせません"):
        load_robot(tmp_path / "mihon.yaml")
