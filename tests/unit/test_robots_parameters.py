"""What a job gives to its robot: `${parameter.NAME}`, in steps and in the names of files."""

from datetime import date
from pathlib import Path

import pytest
from test_robots_runner import ROBOT, Desk

from backoffice.work_items import State
from robots.explain import explain
from robots.preflight import names_used
from robots.sources import file_of

WITH_YEAR = ROBOT.replace('value: "${item.氏名}"', 'value: "${parameter.年度}年度"').replace(
    "混み合っています", "'${parameter.画面}'"
)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = Desk(tmp_path)
    made.write(WITH_YEAR)
    return made


def test_fills_in_what_the_job_gives(desk: Desk) -> None:
    item = desk.put()
    desk.run(parameters={"年度": "2027", "画面": "混み合っています"})
    assert desk.state(item) is State.DONE
    assert ("fill", "氏名", "2027年度") in desk.browser.done


def test_a_parameter_that_no_job_gave_is_told_with_its_name(desk: Desk) -> None:
    item = desk.put()
    desk.run(parameters={"年": "2027", "画面": "混み合っています"})
    assert desk.state(item) is not State.DONE
    assert "parameter.年度" in desk.why(item)


def test_the_parameters_that_a_robot_uses_are_known_also_those_of_its_signs(desk: Desk) -> None:
    assert names_used(desk.robot, "parameter") == ["年度", "画面"]


def test_a_parameter_is_told_in_words(desk: Desk) -> None:
    assert "ジョブが渡す〈年度〉" in explain(desk.robot, "ja")


def test_the_file_of_the_items_may_be_named_by_a_parameter(desk: Desk, tmp_path: Path) -> None:
    desk.write(
        ROBOT.replace(
            "{from: queue, process: mihon, personal: [氏名]}",
            "{from: excel, process: mihon, file: 'outbox/名簿${parameter.年度}.xlsx', key: 番号}",
        )
    )
    found = file_of(desk.robot.items, desk.settings, date(2027, 4, 1), "run-1", {"年度": "2027"})
    assert found is not None
    assert found.name == "名簿2027.xlsx"
