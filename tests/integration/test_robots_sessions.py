"""Sessions at the real stand-in: logged out in the middle, several lanes side by side, checked before the start."""

from __future__ import annotations

import shutil
import socket
from pathlib import Path

import pytest
from robots_office import RobotOffice

from backoffice.errors import HakadoriError
from backoffice.work_items import State
from robots.drivers.chromium import oldest_refused
from robots.errors import BrowserMissing, TargetUnreachable
from robots.preflight import check_surroundings
from samples.townoffice.testing import set_faults


@pytest.fixture
def office(tmp_path: Path, standin: tuple[str, Path]) -> RobotOffice:
    return RobotOffice(tmp_path, standin[0], standin=standin[1])


def rows(office: RobotOffice) -> list[str]:
    return [row["通知書番号"] for row in office.registered()]


def test_logs_in_again_when_the_target_has_logged_it_out(office: RobotOffice) -> None:
    items = [office.put_kouza(f"00000000{n:02d}") for n in range(3)]
    set_faults(office.url, logout_after=2)
    counts = office.run()
    assert (counts.done, counts.problems) == (3, ())
    assert rows(office) == ["0000000000", "0000000001", "0000000002"]
    assert office.trail(items[1])[1:] == [
        State.IN_PROGRESS, State.RETRY, State.IN_PROGRESS, State.COMMITTING, State.DONE,
    ]  # fmt: skip
    assert sum(step["action"] == "open" for step in office.steps("setup")) == 2


def test_lanes_side_by_side_register_every_item_once(office: RobotOffice) -> None:
    office.use_robot("kouza_touroku", **{"version: 1": "version: 1\nlanes: 2"})
    for n in range(5):
        office.put_kouza(f"00000000{n:02d}")
    counts = office.run()
    assert (counts.done, counts.left, counts.problems) == (5, 0, ())
    assert sorted(rows(office)) == [f"00000000{n:02d}" for n in range(5)]
    assert sum(step["action"] == "open" for step in office.steps("setup")) == 2


def test_finds_out_before_the_first_item_that_the_browser_cannot_be_shown(office: RobotOffice) -> None:
    seen = office.settings.browser.model_copy(update={"headless": False})
    settings = office.settings.model_copy(update={"browser": seen})
    with pytest.raises(BrowserMissing) as caught:
        check_surroundings(office.robot, settings, {})
    assert caught.value.explain("ja").startswith(
        "browser: headless: 画面がないので、ブラウザーを見せて動かせません"
    )
    check_surroundings(office.robot, settings, {"DISPLAY": ":1"})


def test_finds_out_before_the_browser_starts_that_a_target_takes_no_connection(office: RobotOffice) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    targets = {"townoffice": f"http://127.0.0.1:{port}"}
    with pytest.raises(TargetUnreachable) as caught:
        check_surroundings(office.robot, office.settings.model_copy(update={"targets": targets}), {})
    assert caught.value.where == f"127.0.0.1:{port}"


@pytest.mark.parametrize(
    ("version", "oldest"), [("109.0.1", 110), ("110.0", None), ("141.0.7390.1", None), ("", None)]
)
def test_refuses_a_browser_that_is_too_old(version: str, oldest: int | None) -> None:
    assert oldest_refused(version) == oldest


def test_shows_on_the_terminal_what_a_run_did(
    office: RobotOffice, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from console.robot_show import find_run, show_run
    from robots.trail_reading import read_trail

    office.put_kouza("0000000001", 口座番号="12")
    office.run()
    folder = find_run(office.settings.folder("evidence"), "last")
    show_run(read_trail(folder))
    told = capsys.readouterr().out
    assert "ロボット: kouza_touroku" in told and "内容の不備" in told and "index.html" in told
    assert "見本" not in told
    with pytest.raises(HakadoriError, match="「無い実行」という実行の証跡はありません"):
        find_run(office.settings.folder("evidence"), "無い実行")
    shutil.rmtree(folder)


def test_a_hint_names_runs_as_short_as_they_are_not_taken_for_another(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from console.robot_show import find_run, show_run
    from robots.trail_reading import read_trail

    names = ("rehearsal-nouzei", "rehearsal-nouki", "0123456789abcdef")
    for name in names:
        (tmp_path / name).mkdir()
    show_run(read_trail(tmp_path / names[0]))
    told = capsys.readouterr().out
    assert names[1] in told and "0123456789ab" in told and names[2] not in told
    assert find_run(tmp_path, "0123456789ab").name == names[2]
