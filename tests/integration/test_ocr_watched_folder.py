"""Around the reading: shares that vanish, full disks, forms that do not belong here, receipts, sending back."""

import errno
import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from reading_desk import FakeReader, answer, drop, make_desk, reading, reason_of, run, under
from sqlalchemy.exc import OperationalError

from backoffice.document import FileState
from backoffice.mail import MailNotSent
from backoffice.receipts import Receipts
from backoffice.sending_back import send_back
from backoffice.settings_inbox import DepartmentInbox
from backoffice.timeline import timeline
from backoffice.work_items import State
from ocr import booking, inboxes
from ocr.errors import DiskFull, FileRefused
from ocr.inboxes import open_inbox
from ocr.pipeline import FileOutcome
from ocr.read_job import MOST_TRIES, ReadingDesk, read_inbox
from ocr.reading import FileReading


@pytest.fixture
def desk(tmp_path: Path) -> ReadingDesk:
    return make_desk(tmp_path)


def with_inbox(desk: ReadingDesk, **rules: Any) -> ReadingDesk:
    set_ = {"inboxes": {"nouzei": DepartmentInbox(**rules)}, "departments": {"nouzei": "納税課"}}
    return replace(desk, settings=desk.settings.model_copy(update=set_))


def receipt(desk: ReadingDesk, number: int = 1) -> str:
    [path] = desk.settings.receipts_folder("nouzei").glob(f"{number:06d}-*.receipt.txt")
    return path.read_text("utf-8-sig")


def raising(error: BaseException) -> Callable[..., Any]:
    def raise_(*_: object, **__: object) -> None:
        raise error

    return raise_


def test_a_share_that_vanishes_for_an_hour_is_told_once_and_resumed(
    desk: ReadingDesk, tmp_path: Path
) -> None:
    share = tmp_path / "share"
    share.mkdir()
    told: list[str] = []
    desk = replace(with_inbox(desk, folder=share), tell=lambda department, words: told.append(words))
    shutil.copy(__file__, share / "first.pdf")
    assert run(desk)["recorded"] == 1
    shutil.move(share, tmp_path / "away")
    assert [run(desk) for _ in range(5)] == [{}] * 5
    share.mkdir()  # the empty place where it was mounted
    assert run(desk) == {} and list(share.iterdir()) == []
    share.rmdir()
    shutil.move(tmp_path / "away", share)
    (share / "second.pdf").write_bytes(b"another scan, whole")
    answer(desk, "second.pdf", FileReading("second.pdf", (reading(number="4382853307"),), ()))
    assert run(desk)["recorded"] == 1
    assert ["見つかりません" in words for words in told] == [True, False] and "再開します" in told[1]
    assert sorted(path.name for path in (share / "受付票").iterdir()) == [
        "000001-first.pdf.receipt.txt", "000002-second.pdf.receipt.txt",
    ]  # fmt: skip


def test_receipts_of_a_share_that_is_away_are_given_when_it_is_back(
    desk: ReadingDesk, tmp_path: Path
) -> None:
    share = tmp_path / "share"
    share.mkdir()
    desk = with_inbox(desk, folder=share)
    (share / "a.pdf").write_bytes(b"a scan, and whole")
    inbox = open_inbox(desk.settings, "nouzei", desk.documents)
    assert len(inbox.poll()) == 1  # taken; then the share goes away and its reader is killed
    shutil.move(share, tmp_path / "away")
    assert run(desk)["recorded"] == 1
    assert Receipts(desk.settings, desk.documents).refresh() == 0 and not share.exists()
    shutil.move(tmp_path / "away", share)
    assert Receipts(desk.settings, desk.documents).refresh() == 1
    assert "登録待ち" in receipt(desk)


def test_a_full_disk_stops_the_run_and_blames_no_file(
    desk: ReadingDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(desk, "a.pdf")
    with monkeypatch.context() as patched:
        patched.setattr(booking, "store_pictures", raising(OSError(errno.ENOSPC, "no space")))
        for _ in range(MOST_TRIES + 2):
            with pytest.raises(DiskFull):
                read_inbox(desk, "nouzei")
    assert under(desk, "failed") == under(desk, "quarantine") == []
    assert run(desk)["recorded"] == 1
    assert [file.state for file in desk.documents.files()] == [FileState.READ]


@pytest.mark.skipif(os.name != "posix", reason="needs a small file system")
def test_a_disk_that_is_really_full_loses_and_doubles_nothing(desk: ReadingDesk, tmp_path: Path) -> None:
    """The working folder lies on a real file system of 1 MB that somebody fills up; the books lie elsewhere."""
    var = tmp_path / "small"
    var.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(var)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("mounting needs the administrator")
    try:
        settings = desk.settings.model_copy(update={"var": var, "inboxes": {}})
        desk = replace(desk, settings=settings)
        for number in range(3):
            drop(desk, f"{number}.pdf", f"scan {number}")
        (var / "filler").write_bytes(b"")
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(inboxes, "is_full", lambda settings: False)
            with pytest.raises(OSError, match="No space"), (var / "filler").open("wb", buffering=0) as filler:
                while True:
                    filler.write(bytes(4096))
            for _ in range(MOST_TRIES + 1):
                try:
                    read_inbox(desk, "nouzei")
                except DiskFull:
                    continue
            assert all(file.state is not FileState.QUARANTINED for file in desk.documents.files())
            (var / "filler").unlink()
            read_inbox(desk, "nouzei")
            assert [file.state for file in desk.documents.files()] == [FileState.READ] * 3
            assert len(under(desk, "originals")) == 3 and under(desk, "inbox") == []
    finally:
        subprocess.run(["umount", str(var)], check=True)


def test_nothing_is_taken_while_the_disk_is_nearly_full(
    desk: ReadingDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    desk = replace(desk, tell=lambda department, words: told.append(words))
    drop(desk, "a.pdf")
    with monkeypatch.context() as patched:
        patched.setattr(inboxes, "is_full", lambda settings: True)
        assert [run(desk), run(desk)] == [{}, {}]
        assert under(desk, "inbox") == ["nouzei/a.pdf"]
    assert run(desk)["recorded"] == 1
    assert len(told) == 2 and "ディスク" in told[0] and "再開" in told[1]


def test_a_database_that_is_away_costs_no_file_a_try(
    desk: ReadingDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(desk, "a.pdf")
    away = OperationalError("", {}, Exception("database is locked"))
    with monkeypatch.context() as patched:
        patched.setattr(desk.documents, "add_document", raising(away))
        for _ in range(MOST_TRIES + 2):
            with pytest.raises(OperationalError):
                read_inbox(desk, "nouzei")
    assert run(desk)["recorded"] == 1


def test_a_file_that_is_written_on_while_it_is_read_is_read_again_whole(desk: ReadingDesk) -> None:
    class Slow(FakeReader):
        def _outcome(self, path: Path) -> FileOutcome:
            if self.read.count(path.name) == 0:
                self.read.append(path.name)
                path.write_bytes(path.read_bytes() + b" and its end")  # its writer still holds it
                return FileOutcome(path, None, FileRefused("ocr.file_broken", name=path.name, detail="PDF"))
            return super()._outcome(path)

    desk = replace(desk, reader=Slow())
    drop(desk, "a.pdf")
    assert run(desk)["recorded"] == 1
    assert under(desk, "failed") == []
    [file] = desk.documents.files()
    kept = (desk.settings.var / file.stored).read_bytes()
    assert kept.endswith(b" and its end") and len(kept) == file.size


def test_a_file_given_up_half_written_says_how_long_it_was_waited_for(desk: ReadingDesk) -> None:
    impatient = desk.settings.inbox.model_copy(update={"give_up_hours": 1e-9})
    desk = replace(desk, settings=desk.settings.model_copy(update={"inbox": impatient}))
    drop(desk, "a.pdf", "%PDF-1.7 half of it")
    assert run(desk) == {"files": 1, "failed": 1}
    reason = reason_of(desk, "failed", "a.pdf")
    assert "書き込みが途中で止まったファイルです" in reason and "理由:" in reason and "対処:" in reason


def test_a_link_is_told_once_with_what_to_do_and_stays_where_it_is(desk: ReadingDesk, tmp_path: Path) -> None:
    drop(desk, "a.pdf")
    link = desk.settings.inbox_folder("nouzei") / "link.pdf"
    link.symlink_to("/etc/hostname")
    assert run(desk)["failed"] == 1
    assert "ショートカットやリンクは受け取りません" in reason_of(desk, "quarantine", "link.pdf")
    assert run(desk) == {} and link.is_symlink()


def test_a_form_that_the_department_may_not_send_is_kept_out_of_the_books(desk: ReadingDesk) -> None:
    desk = with_inbox(desk, forms=("yobou_yoshin",))
    drop(desk, "a.pdf")
    assert run(desk) == {"files": 1, "pages": 1, "failed": 1}
    assert desk.documents.documents() == [] and desk.ledger.items() == []
    assert under(desk, "crops") == []
    reason = reason_of(desk, "quarantine", "a.pdf")
    assert "納税課 からは受け取らない様式です" in reason and "yobou_yoshin" in reason


@pytest.mark.parametrize(
    ("folder", "state"),
    [("kouza_furikae", FileState.READ), ("4月分", FileState.READ), ("yobou_yoshin", FileState.QUARANTINED)],
)
def test_the_sub_folder_of_a_form_takes_that_form_only(
    desk: ReadingDesk, folder: str, state: FileState
) -> None:
    desk = replace(desk, forms={**desk.forms, "yobou_yoshin": desk.forms["kouza_furikae"].model_copy(
        update={"form": "yobou_yoshin", "title": "予診票"})})  # fmt: skip
    (desk.settings.inbox_folder("nouzei") / folder).mkdir()
    drop(desk, f"{folder}/a.pdf")
    run(desk)
    [file] = desk.documents.files()
    assert (file.name, file.state) == (f"{folder}/a.pdf", state)


def test_the_sub_folder_is_remembered_across_a_kill(desk: ReadingDesk) -> None:
    desk = replace(desk, forms={**desk.forms, "yobou_yoshin": desk.forms["kouza_furikae"].model_copy(
        update={"form": "yobou_yoshin", "title": "予診票"})})  # fmt: skip
    (desk.settings.inbox_folder("nouzei") / "予診票").mkdir()
    drop(desk, "予診票/a.pdf")
    answer(desk, "a.pdf", KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        read_inbox(desk, "nouzei")
    answer(desk, "a.pdf", FileReading("a.pdf", (reading(),), ()))
    run(desk)
    [file] = desk.documents.files()
    assert (file.name, file.state) == ("予診票/a.pdf", FileState.QUARANTINED)


def test_a_department_may_accept_what_another_refuses(desk: ReadingDesk) -> None:
    desk = with_inbox(desk, duplicates="accept")
    drop(desk, "a.pdf")
    run(desk)
    drop(desk, "b.pdf")
    assert run(desk)["documents"] == 1
    assert [file.state for file in desk.documents.files()] == [FileState.READ, FileState.READ]


@pytest.mark.parametrize("crash_at", ["keep_aside", "finish_file"])
def test_a_reader_killed_over_a_duplicate_still_refuses_it(
    desk: ReadingDesk, monkeypatch: pytest.MonkeyPatch, crash_at: str
) -> None:
    drop(desk, "a.pdf")
    run(desk)
    drop(desk, "b.pdf")
    with monkeypatch.context() as patched:
        owner = booking if crash_at == "keep_aside" else desk.documents
        patched.setattr(owner, crash_at, raising(KeyboardInterrupt()))
        with pytest.raises(KeyboardInterrupt):
            read_inbox(desk, "nouzei")
    run(desk)
    assert [file.state for file in desk.documents.files()] == [FileState.READ, FileState.DUPLICATE]
    assert under(desk, "failed") == ["nouzei/b.pdf", "nouzei/b.pdf.reason.txt"]
    assert desk.documents.files()[1].stored == "failed/nouzei/b.pdf"
    assert len(desk.documents.documents()) == 1


def test_a_receipt_follows_a_file_to_its_end_and_tells_no_value(desk: ReadingDesk) -> None:
    answer(desk, "a.pdf", FileReading("a.pdf", (reading(doubtful="納税者氏名"),), ()))
    drop(desk, "a.pdf")
    run(desk)
    assert "読み取り済み・人の確認待ち" in receipt(desk) and "15 項目のうち 14 項目が確定" in receipt(desk)
    drop(desk, "b.pdf", "another")
    run(desk)
    assert "ロボットがシステムへ登録します" in receipt(desk, 2)
    item = desk.ledger.claim("kouza_furikae", run="r", who="robot")
    assert item is not None
    desk.ledger.move(item, State.DONE, who="robot", why="seen")
    receipts = Receipts(desk.settings, desk.documents)
    assert receipts.refresh() == 2 and receipts.refresh() == 0
    assert "すべて終わりました" in receipt(desk, 2) and "登録済み" in receipt(desk, 2)
    assert "鈴木" not in receipt(desk) + receipt(desk, 2) and "4382853306" not in receipt(desk, 2)


def test_a_refused_file_tells_its_department_why_on_the_receipt(desk: ReadingDesk) -> None:
    answer(desk, "a.pdf", FileRefused("inbox.no_page_read"))
    drop(desk, "a.pdf")
    run(desk)
    assert "読み取れませんでした" in receipt(desk) and "読み取れるページがありませんでした" in receipt(desk)


def test_receipts_by_mail_are_sent_once_a_step_and_again_when_the_server_was_away(desk: ReadingDesk) -> None:
    desk = with_inbox(desk, receipts="mail", mail=("nouzei@city.example.jp",))
    sent: list[tuple[str, str]] = []

    def post(addresses: Any, subject: str, words: str) -> None:
        if not sent and not away.pop():
            raise MailNotSent("mail.not_sent", where="mail", reason="x")
        sent.append((addresses[0], subject))

    away = [True, False]
    drop(desk, "a.pdf")
    run(desk)
    receipts = Receipts(desk.settings, desk.documents, post)
    assert [receipts.refresh() for _ in range(3)] == [0, 1, 0]
    assert sent == [("nouzei@city.example.jp", "受付票 1: 確認済み・登録待ち")]
    assert not desk.settings.receipts_folder("nouzei").exists()


def test_a_refused_duplicate_sent_back_by_a_person_is_read(desk: ReadingDesk) -> None:
    drop(desk, "a.pdf")
    run(desk)
    drop(desk, "b.pdf")
    run(desk)
    send_back(desk.settings, desk.documents, 2, who="sato")
    assert under(desk, "failed") == []
    assert run(desk)["documents"] == 1
    assert [file.state for file in desk.documents.files()] == [FileState.READ, FileState.READ]
    steps = [(step.what.value, step.who) for step in timeline(desk.documents._engine, 2)]
    assert ("duplicate", "ocr") in steps and ("retried", "sato") in steps


def test_a_file_that_killed_its_readers_gets_new_tries_when_it_is_sent_back(desk: ReadingDesk) -> None:
    drop(desk, "a.pdf")
    answer(desk, "a.pdf", KeyboardInterrupt())
    for _ in range(MOST_TRIES):
        with pytest.raises(KeyboardInterrupt):
            read_inbox(desk, "nouzei")
    assert run(desk)["failed"] == 1
    send_back(desk.settings, desk.documents, 1, who="sato")
    answer(desk, "a.pdf", FileReading("a.pdf", (reading(),), ()))
    assert run(desk)["recorded"] == 1


def test_what_was_put_away_when_its_reader_was_killed_is_found_again(
    desk: ReadingDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(desk, "a.pdf")
    with monkeypatch.context() as patched:
        patched.setattr(desk.documents, "finish_file", raising(KeyboardInterrupt()))
        with pytest.raises(KeyboardInterrupt):
            read_inbox(desk, "nouzei")
    run(desk)
    [file] = desk.documents.files()
    assert (file.state, file.stored) == (FileState.READ, "originals/nouzei/a.pdf")
