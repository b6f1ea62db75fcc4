"""`hakadori job …`: calendar of coming runs, pauses, parameters, history and notices, for people and programs."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from backoffice.database import open_database
from backoffice.messages import use_language
from backoffice.runs import RunBook
from console.cli import main
from scheduler.notices import Channel, NoticeBook, Target

CONFIGS = Path("configs")


@pytest.fixture(autouse=True)
def japanese(monkeypatch: pytest.MonkeyPatch) -> None:
    use_language("ja")
    monkeypatch.setenv("COLUMNS", "200")


class Desk:
    """The shipped configuration with a working folder of its own."""

    def __init__(self, var: Path, seen: pytest.CaptureFixture[str]) -> None:
        self.var, self.seen = var, seen

    def call(self, *words: str) -> tuple[int, str]:
        code = main(["--configs", str(CONFIGS), "--var", str(self.var), "job", *words])
        told = self.seen.readouterr()
        return code, told.out + told.err

    def lines(self, *words: str) -> list[dict[str, object]]:
        code, told = self.call(*words, "--json")
        assert code == 0, told
        return [json.loads(line) for line in told.splitlines()]


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(tmp_path / "var", capsys)


def test_the_calendar_gives_japanese_weekdays_and_the_reason_of_days_without_runs(desk: Desk) -> None:
    code, told = desk.call("next", "kouza_touroku", "--from", "2027-12-28", "--days", "8")
    assert code == 0
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in told.splitlines() if "│" in line]
    assert rows == [
        ["2027-12-28(火)", "開庁", "12:30 17:30 kouza_touroku"],
        ["2027-12-29(水)", "閉庁(年末年始)", "なし(閉庁日に動くジョブがありません)"],
        ["2027-12-30(木)", "閉庁(年末年始)", "なし(閉庁日に動くジョブがありません)"],
        ["2027-12-31(金)", "閉庁(年末年始)", "なし(閉庁日に動くジョブがありません)"],
        ["2028-01-01(土)", "閉庁(年末年始)", "なし(閉庁日に動くジョブがありません)"],
        ["2028-01-02(日)", "閉庁(年末年始)", "なし(閉庁日に動くジョブがありません)"],
        ["2028-01-03(月)", "閉庁(年末年始)", "なし(閉庁日に動くジョブがありません)"],
        ["2028-01-04(火)", "開庁", "12:30 17:30 kouza_touroku"],
    ]
    assert told.splitlines()[-1] == "kouza_touroku: nouzei_yomitori が無事に終わったあと"


def test_the_calendar_names_holidays_for_programs_too(desk: Desk) -> None:
    [day] = desk.lines("next", "kouza_touroku", "--from", "2026-11-23", "--days", "1")
    assert (day["weekday"], day["open"], day["why_closed"], day["entries"]) == (
        "月",
        False,
        "勤労感謝の日",
        [],
    )
    [day] = desk.lines("next", "kouza_touroku", "--from", "2026-11-24", "--days", "1")
    assert day["entries"] == [
        {"at": f"2026-11-24T{at}:00+09:00", "job": "kouza_touroku", "what": "run", "paused": False}
        for at in ("12:30", "17:30")
    ]


def test_a_pause_is_shown_everywhere_until_it_ends(desk: Desk) -> None:
    assert desk.call("pause", "kouza_touroku", "--why", "システム保守", "--who", "sato")[0] == 0
    assert "sato): システム保守" in desk.call("list")[1]
    assert "12:30 17:30 kouza_touroku(休止中)" in desk.call("next", "--from", "2026-11-24", "--days", "1")[1]
    code, told = desk.call("run", "kouza_touroku")
    assert (code, "ジョブ「kouza_touroku」は休止中です" in told) == (2, True)
    assert desk.call("resume", "kouza_touroku", "--who", "suzuki")[0] == 0
    assert desk.call("resume", "kouza_touroku")[0] == 2
    assert {job["paused"] for job in desk.lines("list", "--department", "nouzei")} == {None}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["next", "kouza_toroku"], "もしかして: kouza_touroku"),
        (["next", "--from", "1月4日"], "「1月4日」は日付として読めません"),
        (["pause", "kouza_toroku", "--why", "x"], "もしかして: kouza_touroku"),
        (["pause", "kouza_touroku", "--why", " "], "休止の理由がありません"),
        (["run", "kouza_touroku", "--set", "年度"], "「年度」はパラメーターの形ではありません"),
        (["run", "kouza_touroku", "--set", "年度=1"], "パラメーター「年度」はありません"),
        (["notices", "--state", "wating"], "もしかして: waiting"),
    ],
)
def test_what_is_mistyped_is_told_with_what_was_meant(desk: Desk, words: list[str], told: str) -> None:
    code, said = desk.call(*words)
    assert (code, told in said) == (2, True), said


def test_the_history_also_tells_slots_that_nobody_served(desk: Desk) -> None:
    desk.call("list")
    database = open_database(f"sqlite:///{desk.var / 'hakadori.db'}")
    book = RunBook(database, desk.var, lambda: datetime(2026, 4, 3, tzinfo=UTC))
    book.fire("kouza_touroku", "2026-04-01T03:30:00+00:00", "missed")
    book.fire("kouza_touroku", "2026-04-02T03:30:00+00:00", "skipped")
    assert [(one["slot"], one["state"]) for one in desk.lines("history")] == [
        ("2026-04-02T03:30:00+00:00", "skipped"),
        ("2026-04-01T03:30:00+00:00", "missed"),
    ]
    told = desk.call("history", "kouza_touroku")[1]
    assert "2026-04-02 12:30" in told and "飛ばした" in told and "逃した" in told


def test_notices_that_were_not_sent_are_told_in_the_list(desk: Desk) -> None:
    assert "送れていない通知" not in desk.call("list")[1]
    book = NoticeBook(open_database(f"sqlite:///{desk.var / 'hakadori.db'}"))
    target = Target(Channel.MAIL, "kakari@city.example.jp")
    book.enter("failure/1", "kouza_touroku", "nouzei", "failure", target, {"title": "登録"})
    assert "送れていない通知が 1 件あります" in desk.call("list")[1]
    [one] = desk.lines("notices", "--state", "waiting")
    assert (one["event"], one["target"], one["attempts"]) == ("failure", "kakari@city.example.jp", 0)
    assert "送信待ち" in desk.call("notices")[1]
