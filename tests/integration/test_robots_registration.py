"""Robots register records in the stand-in: every field as the record has it, each record once."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import load_workbook
from robots_office import IDOU, KOUZA, YOBOU, KeptBrowser, RobotOffice

from backoffice.work_items import State
from samples.townoffice.testing import set_faults


@pytest.fixture
def office(tmp_path: Path, standin: tuple[str, Path], kept_browser: KeptBrowser) -> RobotOffice:
    return RobotOffice(tmp_path, standin[0], kept_browser, standin[1])


def test_registers_every_record_once_with_one_login(office: RobotOffice) -> None:
    items = [office.put_kouza(f"00000000{n:02d}") for n in range(3)]
    counts = office.run()
    assert (counts.done, counts.left, counts.in_doubt, counts.exit_code) == (3, 0, 0, 0)
    assert [row["通知書番号"] for row in office.registered()] == ["0000000000", "0000000001", "0000000002"]
    assert [office.ledger.get(item.id).result for item in items] == [
        {"受付番号": f"0000000{n}"} for n in (1, 2, 3)
    ]
    assert sum(step["action"] == "fill" for step in office.steps("setup")) == 2
    again = office.run("run-2")
    assert (again.done, len(office.registered())) == (0, 3)


@pytest.mark.parametrize(
    ("robot", "record"), [("kouza_touroku", KOUZA), ("idou_touroku", IDOU), ("yobou_touroku", YOBOU)]
)
def test_types_every_field_as_the_record_has_it(
    office: RobotOffice, robot: str, record: dict[str, str]
) -> None:
    office.use_robot(robot)
    office.put(record, "1")
    assert office.run().done == 1
    assert office.registered() == [record]


def test_writes_the_list_with_leading_zeros_and_harmless_formulas(office: RobotOffice) -> None:
    office.put_kouza("0000000001", 納税者氏名="=HYPERLINK(見本)")
    office.run()
    [path] = office.settings.folder("outbox").glob("*.xlsx")
    sheet = load_workbook(path).active
    shown = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert shown[0][:4] == ["受付番号", "通知書番号", "届出日", "納税者氏名"]
    assert shown[1][:6] == ["00000001", "0000000001", "令和8年4月1日", "=HYPERLINK(見本)", "0001", "001"]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} == {"s"}
    office.run("run-2")
    assert [[cell.value for cell in row] for row in load_workbook(path).active.iter_rows()] == shown


def test_takes_a_record_that_the_target_refuses_as_a_business_failure(office: RobotOffice) -> None:
    wrong = office.put_kouza("0000000001", 口座番号="12", 電話番号="●112345678")
    right = office.put_kouza("0000000002")
    counts = office.run()
    assert (counts.done, counts.business_failures, counts.exit_code) == (1, 1, 3)
    assert (office.state(wrong), office.state(right)) == (State.BUSINESS_FAILURE, State.DONE)
    assert "口座番号は半角数字7桁で入力してください。" in office.last_why(wrong)
    assert "電話番号に使用できない文字" in office.last_why(wrong)
    assert len(office.registered()) == 1


def test_never_registers_a_number_that_the_target_already_has(office: RobotOffice) -> None:
    office.put(KOUZA, "first")
    assert office.run().done == 1
    second = office.put(KOUZA, "second")
    assert office.run("run-2").business_failures == 1
    assert "同じ番号の登録が既にある" in office.last_why(second)
    assert len(office.registered()) == 1


def test_tries_again_in_a_fresh_session_when_the_target_stumbles_before_the_commit(
    office: RobotOffice,
) -> None:
    item = office.put_kouza("0000000001")
    set_faults(office.url, all="503")
    with pytest.raises(Exception, match="503"):
        office.run()
    assert office.state(item) is State.NEW
    set_faults(office.url)
    assert office.run("run-2").done == 1


def test_leaves_500_before_storing_in_doubt_then_settles_it_by_looking(office: RobotOffice) -> None:
    item = office.put_kouza("0000000001")
    set_faults(office.url, commit="500_before", times=1)
    counts = office.run()
    assert (office.state(item), counts.in_doubt, counts.exit_code) == (State.IN_DOUBT, 1, 4)
    assert "500" in office.last_why(item)
    counts = office.run("run-2")
    assert (counts.settled, counts.done, counts.in_doubt, len(office.registered())) == (1, 1, 0, 1)
    assert office.trail(item)[-4:] == [State.RETRY, State.IN_PROGRESS, State.COMMITTING, State.DONE]


def test_finds_what_500_after_storing_has_registered_and_does_not_repeat_it(office: RobotOffice) -> None:
    item = office.put_kouza("0000000001")
    other = office.put_kouza("0000000002")
    set_faults(office.url, commit="500_after", times=1)
    counts = office.run()
    assert (office.state(item), office.state(other), counts.done) == (State.IN_DOUBT, State.DONE, 1)
    counts = office.run("run-2")
    assert (counts.settled, counts.done, office.state(item), len(office.registered())) == (
        1,
        0,
        State.DONE,
        2,
    )
    assert office.ledger.get(item.id).result == {"受付番号": "00000001"}


def test_does_not_believe_not_found_too_soon_after_the_commit(office: RobotOffice) -> None:
    office.use_robot("kouza_touroku", **{"not_before_seconds: 0": "not_before_seconds: 300"})
    item = office.put_kouza("0000000001")
    set_faults(office.url, commit="500_before", times=1)
    office.run()
    assert office.run("run-2").in_doubt == 1
    assert (office.state(item), office.registered()) == (State.IN_DOUBT, [])
