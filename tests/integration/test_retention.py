"""What is over long enough is erased for good; what is at work, held or recent stays."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from backoffice.database import open_database, upgrade
from backoffice.document import DocumentMissing, DocumentState, Field, FileState, NewDocument
from backoffice.documents import DocumentStore
from backoffice.ledger import Ledger
from backoffice.retention import OF_A_DOCUMENT, Expired, Hold, erase, find_expired, find_refused, kept_here
from backoffice.tables import document_fields, field_entries, metadata, received_files
from backoffice.work_items import State

SECRET_NAME = "山田花子"
START = datetime(2026, 4, 1, 9, tzinfo=UTC)


@dataclass
class Town:
    """A small office with a clock that the test moves, and real files."""

    var: Path
    engine: sa.Engine
    now: datetime = START

    def clock(self) -> datetime:
        return self.now

    @property
    def documents(self) -> DocumentStore:
        return DocumentStore(self.engine, self.clock)

    @property
    def ledger(self) -> Ledger:
        return Ledger(self.engine, self.clock)

    def receive(self, number: int, department: str = "nouzei", form: str = "kouza") -> int:
        """Enter a file with one document whose picture and original really lie on the disk."""
        original, crop = f"originals/{department}/{number}.pdf", f"crops/{number}/0/field-0.png"
        for place in (original, crop, f"crops/{number}/0/page-1.jpg"):
            (self.var / place).parent.mkdir(parents=True, exist_ok=True)
            (self.var / place).write_text(SECRET_NAME)
        name = f"{SECRET_NAME}-{number}.pdf"
        file = self.documents.claim_file(department, name, f"{number:064}", 10, original)
        field = Field(
            "氏名", "kanji", 1, SECRET_NAME, SECRET_NAME, 0.9, False, "", (), crop, (0, 0, 1, 1), True
        )
        page = {"picture": f"crops/{number}/0/page-1.jpg"}
        document = self.documents.add_document(
            NewDocument(file.id, 0, department, form, 1, (page,), (field,))
        )
        self.documents.finish_file(file.id, FileState.READ, pages=1)
        return document

    def record(self, document: int, state: State = State.DONE, process: str = "kouza") -> int:
        """Make a document a work item and bring it to a state."""
        found = self.documents.get(document)
        item, _ = self.ledger.put(
            process, f"key-{document}", {"氏名": SECRET_NAME}, who="t", why="t", document=document
        )
        if state is not State.NEW:
            item = self.ledger.claim(process, run="r", who="t")
            item = self.ledger.move(item, State.COMMITTING, who="t", why="t")
            item = self.ledger.move(item, state, who="t", why="t", result={"氏名": SECRET_NAME})
        self.documents.close(document, found.revision, DocumentState.RECORDED, item_id=item.id)
        return item.id

    def expired(self, days: int, **hold: object) -> Expired:
        return find_expired(self.engine, self.now - timedelta(days=days), Hold(**hold))


@pytest.fixture
def town(tmp_path: Path, migrated: Path) -> Town:
    (tmp_path / "var").mkdir()
    shutil.copy(migrated, tmp_path / "var")
    return make_town(tmp_path, f"sqlite:///{tmp_path / 'var' / 'hakadori.db'}")


@pytest.fixture
def postgresql_town(postgresql_url: str, tmp_path: Path) -> Iterator[Town]:
    engine = open_database(postgresql_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP SCHEMA public CASCADE")
        connection.exec_driver_sql("CREATE SCHEMA public")
    engine.dispose()
    made = make_town(tmp_path, postgresql_url)
    yield made
    made.engine.dispose()


def make_town(folder: Path, url: str) -> Town:
    engine = open_database(url)
    upgrade(engine)
    return Town(folder / "var", engine)


def everything_in(town: Town) -> str:
    """Return every value of every table of the database as one text."""
    with town.engine.connect() as connection:
        tables = sa.inspect(connection).get_table_names()
        rows = [connection.exec_driver_sql(f"SELECT * FROM {table}").all() for table in tables]
    return json.dumps([[str(value) for value in row] for table in rows for row in table], ensure_ascii=False)


def test_what_is_over_long_enough_leaves_no_name_behind(town: Town) -> None:
    check_that_no_name_is_left(town)


def test_what_is_over_long_enough_leaves_no_name_behind_on_postgresql(postgresql_town: Town) -> None:
    check_that_no_name_is_left(postgresql_town)


def check_that_no_name_is_left(town: Town) -> None:
    document = town.receive(1)
    item = town.record(document)
    town.documents.book_review(document, "kouza", who="sato", seconds=12)
    town.now += timedelta(days=31)
    expired = town.expired(30)
    assert expired == Expired((document,), (1,), (item,))
    erase(town.engine, town.var, expired)
    assert SECRET_NAME not in everything_in(town)
    assert [path for path in town.var.rglob("*") if path.suffix in (".pdf", ".png", ".jpg")] == []
    assert town.ledger.get(item).state is State.DONE
    assert [event.to_state for event in town.ledger.events(item)][-1] is State.DONE
    assert town.documents.get(document).state is DocumentState.RECORDED
    assert not town.expired(30)


KILLED = """
import os, signal, sys
from datetime import datetime, timedelta
from pathlib import Path
from backoffice import retention
from backoffice.database import open_database

remove = retention._remove

def remove_and_die(var, places):
    remove(var, places)
    if any(place.startswith("originals/") for place in places):
        os.kill(os.getpid(), signal.SIGKILL)

retention._remove = remove_and_die
engine, var = open_database(sys.argv[1]), Path(sys.argv[2])
found = retention.find_expired(engine, datetime.fromisoformat(sys.argv[3]), retention.Hold())
retention.erase(engine, var, retention.kept_here(engine, var, found))
"""


def test_a_file_whose_scan_is_gone_loses_its_name_too_when_the_erasing_was_killed(town: Town) -> None:
    document = town.receive(1)
    town.record(document)
    town.now += timedelta(days=31)
    url, before = str(town.engine.url), (town.now - timedelta(days=30)).isoformat()
    words = [sys.executable, "-c", KILLED, url, str(town.var), before]
    assert subprocess.run(words, env={**os.environ, "PYTHONPATH": "."}, check=False).returncode == -9
    left = kept_here(town.engine, town.var, town.expired(30))
    assert left.files == (1,)
    erase(town.engine, town.var, left)
    assert SECRET_NAME not in everything_in(town)
    assert list(town.var.glob("*.json")) == []


def test_every_table_that_belongs_to_a_document_is_erased_or_said_to_stay() -> None:
    telling = {
        table.name
        for table in metadata.tables.values()
        for key in table.foreign_keys
        if key.column.table.name == "documents"
    }
    assert telling == {table.name for table in OF_A_DOCUMENT} | {"review_times"}  # seconds and a name of ours


def test_an_erased_record_is_still_known_and_never_entered_twice(town: Town) -> None:
    document = town.receive(1)
    town.record(document)
    town.now += timedelta(days=31)
    erase(town.engine, town.var, town.expired(30))
    again, is_new = town.ledger.put("kouza", f"key-{document}", {"氏名": "x"}, who="t", why="t")
    assert (is_new, again.state) == (False, State.DONE)


def test_what_is_recent_or_at_work_stays(town: Town) -> None:
    town.receive(1)  # waits for a person
    for number, state in enumerate((State.NEW, State.IN_DOUBT, State.BUSINESS_FAILURE), start=2):
        town.record(town.receive(number), state, process=f"p{number}")
    town.now += timedelta(days=365)
    town.record(town.receive(9), process="p9")
    assert not town.expired(30)


def test_a_discarded_document_goes_without_an_item(town: Town) -> None:
    document = town.receive(1)
    town.documents.close(document, town.documents.get(document).revision, DocumentState.DISCARDED)
    town.now += timedelta(days=31)
    assert town.expired(30) == Expired((document,), (1,), ())


def test_a_document_that_was_sent_back_is_taken_up_or_erased_but_never_both(town: Town) -> None:
    taken, gone = town.receive(1), town.receive(2)
    for document in (taken, gone):
        town.documents.close(document, 0, DocumentState.RETURNED, reason="印がない", who="sato")
    town.now += timedelta(days=31)
    found = town.expired(30)
    assert found == Expired((taken, gone), (1, 2), ())
    town.documents.take_up(taken, 1, who="suzuki")
    erase(town.engine, town.var, found)
    kept = town.documents.get(taken)
    file = town.documents.file(kept.file_id)
    places = [file.stored, kept.fields[0].crop, kept.pages[0]["picture"]]
    assert [(town.var / place).read_text() for place in places] == [SECRET_NAME] * 3
    with pytest.raises(DocumentMissing):
        town.documents.take_up(gone, 1, who="suzuki")
    assert town.documents.get(gone).state is DocumentState.RETURNED


def test_an_original_stays_until_all_its_documents_are_over(town: Town) -> None:
    first = town.receive(1)
    file = town.documents.get(first).file_id
    second = town.documents.add_document(NewDocument(file, 1, "nouzei", "kouza", 1, ({"picture": ""},), ()))
    town.record(first)
    town.now += timedelta(days=31)
    assert town.expired(30).files == ()
    erase(town.engine, town.var, town.expired(30))
    town.documents.close(second, town.documents.get(second).revision, DocumentState.DISCARDED)
    town.now += timedelta(days=31)
    assert town.expired(30) == Expired((second,), (file,), ())


def test_an_original_whose_erasing_was_cut_off_is_found_again(town: Town) -> None:
    document = town.receive(1)
    town.record(document)
    town.now += timedelta(days=31)
    expired = town.expired(30)
    erase(town.engine, town.var, Expired(expired.documents))
    assert town.expired(30) == Expired((), expired.files, expired.items)


@pytest.mark.parametrize(
    "hold",
    [
        {"everything": True},
        {"departments": frozenset({"nouzei"})},
        {"processes": frozenset({"kouza"}), "forms": frozenset({"kouza"})},
    ],
    ids=["all", "department", "process"],
)
def test_a_legal_hold_keeps_documents_and_records(town: Town, hold: dict[str, object]) -> None:
    town.record(town.receive(1))
    town.now += timedelta(days=3650)
    assert not town.expired(30, **hold)
    assert town.expired(30, departments=frozenset({"kenkou"}))


def test_scans_that_lie_on_another_pc_are_left_to_it(town: Town, tmp_path: Path) -> None:
    here, there = town.receive(1), town.receive(2)
    items = (town.record(here), town.record(there, process="other"))
    town.now += timedelta(days=31)
    (town.var / "originals" / "nouzei" / "2.pdf").rename(tmp_path / "on the other PC.pdf")
    found = kept_here(town.engine, town.var, town.expired(30))
    assert found == Expired((here,), (1,), items)


def test_a_refused_file_goes_with_its_reason_only_when_its_own_days_are_over(town: Town) -> None:
    place = "failed/nouzei/a.pdf"
    for name in (place, f"{place}.reason.txt"):
        (town.var / name).parent.mkdir(parents=True, exist_ok=True)
        (town.var / name).write_text(SECRET_NAME)
    file = town.documents.claim_file("nouzei", f"{SECRET_NAME}.pdf", "0" * 64, 10, "work/a.pdf")
    town.documents.finish_file(file.id, FileState.FAILED, reason=SECRET_NAME, stored=place)
    town.now += timedelta(days=31)
    assert not town.expired(30)
    before, held = town.now - timedelta(days=30), Hold(departments=frozenset({"nouzei"}))
    assert find_refused(town.engine, before, held) == ()
    erase(town.engine, town.var, Expired(refused=find_refused(town.engine, before, Hold())))
    assert not (town.var / "failed" / "nouzei").exists()
    assert SECRET_NAME not in everything_in(town)


def test_a_stored_place_outside_of_the_working_folder_is_never_removed(town: Town, tmp_path: Path) -> None:
    outside = tmp_path / "other.pdf"
    outside.write_text("x")
    document = town.receive(1)
    town.record(document)
    with town.engine.begin() as connection:
        connection.execute(sa.update(received_files).values(stored="../other.pdf"))
    town.now += timedelta(days=31)
    with pytest.raises(PermissionError, match="outside"):
        erase(town.engine, town.var, town.expired(30))
    assert outside.exists()


def test_no_erased_value_is_left_in_the_pages_of_the_sqlite_file(town: Town) -> None:
    document = town.receive(1)
    with town.engine.begin() as connection:
        entry = {"document_id": document, "name": "氏名", "value": "カナリア", "who": "t", "at": town.now}
        connection.execute(sa.insert(field_entries).values(entry))
        connection.execute(sa.update(document_fields).values(value="カナリア"))
    town.record(document)
    town.now += timedelta(days=31)
    files = sorted(town.var.glob("hakadori.db*"))
    assert any("カナリア".encode() in path.read_bytes() for path in files)
    erase(town.engine, town.var, town.expired(30))
    assert not any("カナリア".encode() in path.read_bytes() for path in sorted(town.var.glob("hakadori.db*")))
