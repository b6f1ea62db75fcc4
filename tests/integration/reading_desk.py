"""A reading desk with a reader that answers at once, for tests of everything around the reading."""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import numpy as np

from backoffice.database import open_database, upgrade
from backoffice.documents import DocumentStore
from backoffice.ledger import Ledger
from backoffice.settings import InboxSettings, builtin_settings
from ocr.pipeline import FileOutcome
from ocr.read_job import ReadingDesk, read_inbox
from ocr.reading import DocumentReading, FieldReading, FileReading, PageReading, packed
from ocr.template import load_forms

ROOT = Path(__file__).parents[2]
FORM = load_forms(ROOT / "configs" / "forms")["kouza_furikae"]
PAPER = np.full((40, 30), 255, np.uint8)
VALUES = {
    "届出日": "2026-08-07", "通知書番号": "4382853306", "納税者氏名カナ": "スズキ　クミコ",
    "納税者氏名": "鈴木　久美子", "郵便番号": "6794222", "電話番号": "09003948193",
    "住所": "兵庫県姫路市林田町口佐見5-10-1", "金融機関コード": "1933", "支店コード": "008", "預金種別": "普通",
    "口座番号": "1960951", "口座名義カナ": "スズキ　クミコ", "対象税目": "国民健康保険税",
    "振替方法": "全期前納", "届出印": "present",
}  # fmt: skip


def reading(*, doubtful: str = "", number: str = "4382853306", complete: bool = True) -> DocumentReading:
    """Return a document, certain but for one field."""
    fields = tuple(
        FieldReading(
            name, "text", 1, value, 0.999, name != doubtful, "", {}, ((value, 0.999),), (1, 2, 3, 4), PAPER
        )
        for name, value in (VALUES | {"通知書番号": number}).items()
    )
    page = PageReading(1, 1, 0, 0.1, 50, 0.9, 100, packed(PAPER))
    return DocumentReading("kouza_furikae", (page,), fields, number, complete)


@dataclass
class FakeReader:
    """Answers by file name; a file it does not know is one certain document."""

    answers: dict[str, FileReading | BaseException] = field(default_factory=dict)
    read: list[str] = field(default_factory=list)

    def read_files(self, paths: Iterable[Path]) -> Iterator[FileOutcome]:
        """Begin up to three files before the first is done, as the real reader does."""
        begun: deque[Path] = deque()
        source = iter(paths)
        while True:
            begun += islice(source, 3 - len(begun))
            if not begun:
                return
            yield self._outcome(begun.popleft())

    def _outcome(self, path: Path) -> FileOutcome:
        self.read.append(path.name)
        answer = self.answers.get(path.name, FileReading(path.name, (reading(),), ()))
        if isinstance(answer, Exception):
            return FileOutcome(path, None, answer)
        if isinstance(answer, BaseException):
            raise answer
        return FileOutcome(path, answer, None)


def make_desk(folder: Path) -> ReadingDesk:
    """Return a desk over a new SQLite file, with a patient reader of nothing."""
    quick = InboxSettings(poll_seconds=0.01, stable_seconds=0)
    settings = builtin_settings(folder / "var").model_copy(update={"inbox": quick})
    engine = open_database(settings.database_url)
    upgrade(engine)
    reader = FakeReader()
    return ReadingDesk(
        settings, DocumentStore(engine), Ledger(engine), {"kouza_furikae": FORM}, reader, sleep=lambda s: None
    )


def drop(desk: ReadingDesk, name: str, content: str = "scan") -> None:
    """Put a file into the inbox of nouzei."""
    folder = desk.settings.folder("inbox") / "nouzei"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(content.ljust(16))  # no scan is shorter than its own header


def answer(desk: ReadingDesk, name: str, with_: FileReading | BaseException) -> None:
    """Let the reader answer so for a file of this name."""
    assert isinstance(desk.reader, FakeReader)
    desk.reader.answers[name] = with_


def run(desk: ReadingDesk) -> dict[str, int]:
    """Read the inbox of nouzei and return the counts that are not zero."""
    return {name: number for name, number in read_inbox(desk, "nouzei").items() if number}


def under(desk: ReadingDesk, folder: str) -> list[str]:
    """Return what lies under a working folder."""
    base = desk.settings.folder(folder)
    return sorted(path.relative_to(base).as_posix() for path in base.rglob("*") if path.is_file())


def reason_of(desk: ReadingDesk, folder: str, name: str) -> str:
    """Return the reason file of a file that was put aside."""
    return (desk.settings.folder(folder) / "nouzei" / f"{name}.reason.txt").read_text("utf-8-sig")
