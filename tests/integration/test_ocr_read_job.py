"""The task "read": every file ends in the books and in a folder, whatever happens on the way.

The reader here is a fake that answers at once; tests/acceptance/test_demo.py does the same with the real one.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from loguru import logger
from reading_desk import answer, drop, make_desk, reading, reason_of, run, under

from backoffice.document import DocumentState, FileState
from backoffice.locks import held
from backoffice.work_items import State
from ocr import keeping
from ocr.claims import hand_over
from ocr.errors import FileRefused
from ocr.read_job import MOST_TRIES, Outcome, ReadingDesk, read_inbox
from ocr.reading import FileReading, PageRefusal


@pytest.fixture
def desk(tmp_path: Path) -> ReadingDesk:
    return make_desk(tmp_path)


def test_a_certain_document_becomes_a_work_item(desk: ReadingDesk) -> None:
    drop(desk, "a.pdf")
    assert run(desk) == {
        "files": 1, "pages": 1, "documents": 1, "fields": 15, "accepted": 15, "recorded": 1,
    }  # fmt: skip
    [item] = desk.ledger.items("kouza_furikae")
    assert (item.state, item.key, item.record["支店コード"]) == (State.NEW, "4382853306", "008")
    assert under(desk, "originals") == ["nouzei/a.pdf"]
    assert under(desk, "inbox") == under(desk, "work") == []


def test_a_doubtful_document_waits_with_its_crops(desk: ReadingDesk) -> None:
    answer(desk, "a.pdf", FileReading("a.pdf", (reading(doubtful="納税者氏名"),), ()))
    drop(desk, "a.pdf")
    assert run(desk)["waiting"] == 1
    [document] = desk.documents.documents([DocumentState.WAITING])
    [doubtful] = document.doubtful
    assert (desk.settings.var / doubtful.crop).exists()
    assert (desk.settings.var / document.pages[0]["picture"]).exists()
    assert desk.ledger.items() == []


def test_the_same_content_again_is_refused_with_a_reason_file(desk: ReadingDesk) -> None:
    drop(desk, "a.pdf")
    run(desk)
    drop(desk, "b.pdf")
    assert run(desk) == {"files": 1, "duplicates": 1}
    assert under(desk, "failed") == ["nouzei/b.pdf", "nouzei/b.pdf.reason.txt"]
    reason = (desk.settings.folder("failed") / "nouzei" / "b.pdf.reason.txt").read_text("utf-8-sig")
    assert "同じ中身のファイルをすでに受け取っています: b.pdf" in reason
    assert len(desk.ledger.items()) == 1


def test_another_scan_of_a_recorded_number_waits_for_a_person(desk: ReadingDesk) -> None:
    drop(desk, "a.pdf", "one")
    drop(desk, "b.pdf", "two")
    counts = run(desk)
    assert (counts["recorded"], counts["waiting"]) == (1, 1)
    [document] = desk.documents.documents([DocumentState.WAITING])
    assert document.reason == "inbox.record_exists"


def test_an_incomplete_document_waits_with_its_reason(desk: ReadingDesk) -> None:
    answer(desk, "a.pdf", FileReading("a.pdf", (reading(complete=False),), ()))
    drop(desk, "a.pdf")
    run(desk)
    [document] = desk.documents.documents([DocumentState.WAITING])
    assert document.reason == "inbox.page_missing"


def test_a_refused_file_lies_in_failed_with_what_to_do(desk: ReadingDesk) -> None:
    answer(desk, "a.pdf", FileRefused("inbox.no_page_read"))
    drop(desk, "a.pdf")
    drop(desk, "good.pdf", "other")
    counts = run(desk)
    assert (counts["failed"], counts["recorded"]) == (1, 1)
    assert under(desk, "failed") == ["nouzei/a.pdf", "nouzei/a.pdf.reason.txt"]
    assert {file.name: file.state for file in desk.documents.files()} == {
        "a.pdf": FileState.FAILED,
        "good.pdf": FileState.READ,
    }


def test_a_fault_of_ours_stops_no_other_file_and_loses_none(desk: ReadingDesk) -> None:
    answer(desk, "a.pdf", ZeroDivisionError())
    drop(desk, "a.pdf")
    drop(desk, "good.pdf", "other")
    assert run(desk)["recorded"] == 1
    assert "ZeroDivisionError" in reason_of(desk, "quarantine", "a.pdf")


def test_a_fault_of_ours_is_logged_without_its_words(desk: ReadingDesk) -> None:
    answer(desk, "a.pdf", ValueError("氏名 鈴木久美子"))
    drop(desk, "a.pdf")
    logged: list[str] = []
    sink = logger.add(lambda message: logged.append(str(message)))
    run(desk)
    logger.remove(sink)
    assert "ValueError" in "".join(logged)
    assert "鈴木" not in "".join(logged)


def test_pages_that_were_refused_are_told_while_the_others_are_read(desk: ReadingDesk) -> None:
    refusal = PageRefusal(2, "inbox.no_page_read")
    answer(desk, "a.pdf", FileReading("a.pdf", (reading(),), (refusal,)))
    drop(desk, "a.pdf")
    counts = run(desk)
    assert (counts["recorded"], counts["refused"], counts["pages"]) == (1, 1, 2)
    assert under(desk, "originals") == ["nouzei/a.pdf"]
    reason = (desk.settings.folder("failed") / "nouzei" / "a.pdf.reason.txt").read_text("utf-8-sig")
    assert "2 ページ目" in reason and "ほかのページは読み取り済みです" in reason


def hand_in(desk: ReadingDesk, name: str, content: str) -> None:
    """Hand a file in as the console does: it lies whole in `work/`, and nobody has begun it."""
    draft = desk.settings.var / "draft"
    draft.write_text(content.ljust(16))
    hand_over(draft, desk.settings.folder("work") / "nouzei" / f"{len(content):032x}", name)


def test_what_is_handed_in_while_a_run_works_is_read_in_the_same_run(desk: ReadingDesk) -> None:
    drop(desk, "a.pdf", "one")
    late = iter(["b.pdf"])
    progress = replace(
        desk, progress=lambda _counts: [hand_in(desk, name, "another") for name in late] and None
    )
    assert run(progress)["files"] == 2
    assert sorted(desk.reader.read) == ["a.pdf", "b.pdf"]
    assert under(desk, "work") == []


def test_what_was_handed_in_is_begun_together_like_what_lies_in_the_inbox(desk: ReadingDesk) -> None:
    for number in range(3):
        hand_in(desk, f"{number}.pdf", "x" * (number + 1))
    streams: list[int] = []
    read = desk.reader.read_files

    def counted(paths: Iterable[Path]) -> Iterator[Outcome]:
        given = list(paths)
        streams.append(len(given))
        return read(given)

    desk.reader.read_files = counted  # type: ignore[method-assign]
    assert run(desk)["files"] == 3
    assert streams == [3]


@pytest.mark.parametrize("crash_at", ["get", "in_work", "finish_file"])
def test_a_reader_killed_at_any_step_enters_nothing_twice(
    desk: ReadingDesk, monkeypatch: pytest.MonkeyPatch, crash_at: str
) -> None:
    drop(desk, "a.pdf")
    with monkeypatch.context() as patched:
        patched.setattr(desk.documents, crash_at, lambda *a, **k: (_ for _ in ()).throw(KeyboardInterrupt()))
        with pytest.raises(KeyboardInterrupt):
            read_inbox(desk, "nouzei")
    read_inbox(desk, "nouzei")
    assert [file.state for file in desk.documents.files()] == [FileState.READ]
    assert [found.state for found in desk.documents.documents()] == [DocumentState.RECORDED]
    assert len(desk.ledger.items()) == 1
    assert under(desk, "originals") == ["nouzei/a.pdf"]


@pytest.mark.parametrize("refused", [(), (PageRefusal(2, "inbox.no_page_read"),)])
def test_a_reader_killed_while_it_puts_a_file_away_leaves_its_reason(
    desk: ReadingDesk, monkeypatch: pytest.MonkeyPatch, refused: tuple[PageRefusal, ...]
) -> None:
    """With a refused page the file goes to originals/, without any page read to failed/; both tell why."""
    answer(desk, "a.pdf", FileReading("a.pdf", (reading(),) if refused else (), refused))
    drop(desk, "a.pdf")
    with monkeypatch.context() as patched:
        patched.setattr(
            desk.documents, "finish_file", lambda *a, **k: (_ for _ in ()).throw(KeyboardInterrupt())
        )
        patched.setattr(keeping, "drop_claim", lambda folder: (_ for _ in ()).throw(KeyboardInterrupt()))
        with pytest.raises(KeyboardInterrupt):
            read_inbox(desk, "nouzei")
    assert "nouzei/a.pdf.reason.txt" in under(desk, "failed")


def test_a_file_put_away_never_takes_the_place_of_another(desk: ReadingDesk) -> None:
    for name, content in (("a.pdf", "1"), ("a-3.pdf", "2"), ("a.pdf", "3")):
        drop(desk, name, content)
        run(desk)
    kept = sorted((desk.settings.folder("originals") / "nouzei").iterdir())
    assert sorted(path.read_text().strip() for path in kept) == ["1", "2", "3"]


def test_a_correction_after_a_crash_is_what_the_robot_gets(
    desk: ReadingDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(desk, "a.pdf")
    with monkeypatch.context() as patched:
        patched.setattr(
            desk.documents, "mark_recorded", lambda *a: (_ for _ in ()).throw(KeyboardInterrupt())
        )
        with pytest.raises(KeyboardInterrupt):
            read_inbox(desk, "nouzei")
    assert desk.ledger.items() == []
    assert [found.state for found in desk.documents.documents()] == [DocumentState.WAITING]


def test_a_file_that_kills_its_readers_is_put_aside_for_the_others(desk: ReadingDesk) -> None:
    drop(desk, "a.pdf")
    answer(desk, "a.pdf", KeyboardInterrupt())
    for _ in range(MOST_TRIES):
        with pytest.raises(KeyboardInterrupt):
            read_inbox(desk, "nouzei")
    drop(desk, "good.pdf", "other")
    counts = run(desk)
    assert (counts["failed"], counts["recorded"]) == (1, 1)
    assert under(desk, "quarantine") == ["nouzei/a.pdf", "nouzei/a.pdf.reason.txt"]
    assert under(desk, "work") == under(desk, "failed") == []


def test_files_begun_beside_one_that_kills_are_not_blamed(desk: ReadingDesk) -> None:
    for name in ("a.pdf", "b.pdf", "c.pdf"):
        drop(desk, name, name)
    answer(desk, "b.pdf", KeyboardInterrupt())
    for _ in range(MOST_TRIES):
        with pytest.raises(KeyboardInterrupt):
            read_inbox(desk, "nouzei")
    run(desk)
    assert {file.name: file.state for file in desk.documents.files()} == {
        "a.pdf": FileState.READ, "b.pdf": FileState.QUARANTINED, "c.pdf": FileState.READ,
    }  # fmt: skip


def test_a_run_that_has_read_enough_ends_and_the_next_one_goes_on(desk: ReadingDesk) -> None:
    small = desk.settings.ocr.model_copy(update={"pages_per_run": 2})
    desk = replace(desk, settings=desk.settings.model_copy(update={"ocr": small}))
    for number in range(5):
        drop(desk, f"{number}.pdf", f"{number}")
    counts = [read_inbox(desk, "nouzei") for _ in range(3)]
    assert [(one["pages"], one.get("left", 0)) for one in counts] == [(2, 3), (2, 1), (1, 0)]
    assert under(desk, "inbox") == under(desk, "work") == []
    assert len(desk.documents.documents()) == 5


def test_a_run_that_was_asked_to_stop_leaves_the_rest_and_asks_for_no_other(desk: ReadingDesk) -> None:
    for number in range(5):
        drop(desk, f"{number}.pdf", f"{number}")
    asked = replace(desk, stop=lambda: bool(desk.reader.read))  # type: ignore[attr-defined]
    assert read_inbox(asked, "nouzei").get("left", 0) == 0
    assert len(desk.documents.documents()) == 1
    assert read_inbox(desk, "nouzei")["documents"] == 4


def test_only_one_reader_works_on_an_inbox(desk: ReadingDesk) -> None:
    drop(desk, "a.pdf")
    with held(desk.settings.folder("locks") / "inbox-nouzei.lock"):
        assert run(desk) == {}
    assert run(desk)["recorded"] == 1
