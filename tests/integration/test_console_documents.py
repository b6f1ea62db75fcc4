"""`hakadori document`: what a clerk asks about a received file is answered, and nobody's data are told."""

import json
from pathlib import Path

import pytest
from reading_desk import FakeReader, answer, drop, reading, run, under

from backoffice.inbox_book import InboxBook
from console.cli import main
from console.wiring import Office, open_office
from ocr.errors import FileRefused
from ocr.read_job import ReadingDesk
from ocr.reading import FileReading

SETTINGS = """
departments: {nouzei: 納税課, kenkou: 健康課}
inbox: {stable_seconds: 0}
"""


@pytest.fixture
def office(tmp_path: Path) -> Office:
    (tmp_path / "configs").mkdir()
    (tmp_path / "configs" / "hakadori.yaml").write_text(SETTINGS, encoding="utf-8")
    return open_office(tmp_path / "configs")


@pytest.fixture
def desk(office: Office) -> ReadingDesk:
    from reading_desk import FORM

    forms = {"kouza_furikae": FORM}
    return ReadingDesk(
        office.settings, office.documents, office.ledger, forms, FakeReader(), sleep=lambda s: None
    )


def call(office: Office, *words: str) -> int:
    return main(["--configs", str(office.configs), "document", *words])


def told(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_lists_what_was_received_and_its_state(
    office: Office, desk: ReadingDesk, capsys: pytest.CaptureFixture[str]
) -> None:
    answer(desk, "b.pdf", FileRefused("inbox.no_page_read"))
    drop(desk, "a.pdf")
    drop(desk, "b.pdf", "other")
    run(desk)
    assert call(office, "list", "--json") == 0
    assert [(file["name"], file["state"], file["pages"]) for file in told(capsys)] == [
        ("a.pdf", "read", 1), ("b.pdf", "failed", None),
    ]  # fmt: skip
    assert call(office, "quarantine") == 0
    shown = capsys.readouterr().out
    assert "failed" in shown and "a.pdf" not in shown
    assert call(office, "list", "--state", "raed") == 2
    assert "read" in capsys.readouterr().err


def test_shows_receipt_and_timeline_without_a_value(
    office: Office, desk: ReadingDesk, capsys: pytest.CaptureFixture[str]
) -> None:
    answer(desk, "a.pdf", FileReading("a.pdf", (reading(doubtful="納税者氏名"),), ()))
    drop(desk, "a.pdf")
    run(desk)
    assert call(office, "show", "1") == 0
    shown = capsys.readouterr().out
    assert "読み取り済み・人の確認待ち" in shown and "書類になった" in shown and "鈴木" not in shown
    assert call(office, "timeline", "1", "--json") == 0
    assert [step["what"] for step in told(capsys)] == ["received", "claimed", "entered", "read"]
    assert call(office, "show", "7") == 2
    assert "受け取ったファイル 7 はありません" in capsys.readouterr().err


def test_sends_a_refused_file_to_the_right_department(
    office: Office, desk: ReadingDesk, capsys: pytest.CaptureFixture[str]
) -> None:
    answer(desk, "a.pdf", FileRefused("inbox.no_page_read"))
    drop(desk, "a.pdf")
    run(desk)
    assert call(office, "retry", "1", "--who", "sato", "--department", "kenkuo") == 2
    assert "kenkou" in capsys.readouterr().err
    assert call(office, "retry", "1", "--who", "sato", "--department", "kenkou") == 0
    assert "健康課" in capsys.readouterr().out
    assert (
        under(desk, "failed") == [] and len([n for n in under(desk, "work") if n.startswith("kenkou/")]) == 1
    )
    assert call(office, "retry", "1", "--who", "sato") == 2
    assert "読み直しに回せません" in capsys.readouterr().err


def test_tells_which_inbox_is_away_and_what_waits_in_the_others(
    office: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    book = InboxBook(office.engine)
    book.note_away("kenkou", "gone")
    book.wait("nouzei", "half.pdf", "half")
    assert call(office, "inboxes") == 0
    shown = capsys.readouterr().out
    assert "見つかりません" in shown and "half.pdf" in shown and "書き込みの途中" in shown
    assert call(office, "inboxes", "--json") == 0
    assert [(one["department"], one["away_reason"]) for one in told(capsys)] == [
        ("nouzei", ""),
        ("kenkou", "gone"),
    ]
