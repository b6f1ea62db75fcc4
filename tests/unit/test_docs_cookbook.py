"""Every robot of the cookbook can be copied as it stands: it loads, and it can be explained in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from console.newfolder import make_installation
from robots.explain import explain
from robots.model import load_robot
from robots.validate import Knowledge

PAGE = Path(__file__).parents[2] / "docs" / "cookbook.md"
WRITTEN = re.findall(r"^```yaml\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
ROBOTS = {re.match(r"robot: (\w+)", one)[1]: one for one in WRITTEN if one.startswith("robot:")}  # type: ignore[index]
KNOWN = Knowledge(
    targets=["townoffice"], secrets=["townoffice_password", "fukushi_password"], folders=["zeimu"]
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "routines").mkdir()
    for one in WRITTEN:
        if one.startswith("routine:"):
            (tmp_path / "routines" / "login.yaml").write_text(one, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("name", sorted(ROBOTS))
def test_a_robot_of_the_cookbook_is_right_and_can_be_explained(folder: Path, name: str) -> None:
    path = folder / f"{name}.yaml"
    path.write_text(ROBOTS[name], encoding="utf-8")
    robot = load_robot(path, KNOWN)
    for language in ("ja", "en"):
        words = explain(robot, language)
        assert robot.title in words and len(words.splitlines()) > len(robot.each)


def test_there_are_twelve() -> None:
    headings = re.findall(r"^## (\d+)\. ", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert [int(number) for number in headings] == list(range(1, 13)) and len(ROBOTS) == 12


def test_the_tutorial_tells_how_many_files_an_installation_begins_with(tmp_path: Path) -> None:
    written = make_installation(tmp_path / "machi", PAGE.parents[1] / "configs")
    told = re.findall(
        r"見本の設定を (\d+) 個書きました", (PAGE.parent / "tutorial-first-robot.md").read_text("utf-8")
    )
    assert told == [str(len(written))]
