"""The queue, group review, acts on documents, baselines and time saved: the same on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import io
import itertools
import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from console_desk import Office, make_office, opened, write
from fastapi.testclient import TestClient
from group_desk import ACCOUNT, add_cells
from openpyxl import load_workbook

from backoffice.cell_book import Choice
from backoffice.database import open_database
from backoffice.department_work import Page
from backoffice.document import DocumentState, StaleRevision
from backoffice.runs import Run, RunState
from backoffice.turns import Line
from backoffice.waiting_list import Group, Order
from backoffice.work_items import State
from console.authoring.drafts import DraftBook
from console.authoring.errors import RobotChanged
from console.rights import Role
from console.savings import SavingsOffice
from console.users import User
from console.web.reviewing import Corrections, Reviewer
from console.web.tiles import Kind, TileFinder
from console.wiring import Office as Installation
from scheduler.baseline_book import BaselineBook
from scheduler.job import Job, TimeSaved
from scheduler.savings import TimeLedger

FORM, OTHER_FORM = "kouza_furikae", "idou_todoke"
READ, RIGHT = {ACCOUNT: "123456●"}, {ACCOUNT: "1234567"}
NUMBERS = itertools.count(1)
JUNE = date(2026, 6, 1)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def shared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    url = ""
    if request.param == "postgresql":
        url = request.getfixturevalue("postgresql_url")
        engine = open_database(url)
        with engine.begin() as connection:
            connection.execute(sa.text("DROP SCHEMA public CASCADE"))
            connection.execute(sa.text("CREATE SCHEMA public"))
        engine.dispose()
    office = make_office(tmp_path_factory.mktemp(request.param), url)
    assert office.desk.work.engine.dialect.name == request.param
    yield office
    office.desk.work.engine.dispose()


@pytest.fixture(scope="module")
def everybody(shared: Office) -> TestClient:
    return shared.client("sato", ("verifier", "author"), ("*",))


class Corner:
    """A department of its own, with documents whose keys nobody else uses."""

    def __init__(self, office: Office) -> None:
        self.office, self.desk = office, office.desk
        self.number = next(NUMBERS)
        self.department = f"ka{self.number}"
        self.line = Line({self.department})
        self._made = itertools.count(self.number * 100)

    def add(self, doubtful: dict[str, str] = READ, form: str = FORM) -> int:
        store, number = self.desk.documents, next(self._made)
        document = self.office.add_document(doubtful, self.department, number)
        if form != FORM:
            with store.transaction() as connection:
                told = {"form": form, "id": document}
                connection.execute(sa.text("UPDATE documents SET form = :form WHERE id = :id"), told)
        return document

    def cells(self, value: str, **more: object) -> int:
        return add_cells(self.office, next(self._made), value, department=self.department, **more)  # type: ignore[arg-type]

    def listed(self, order: Order = Order.AGE, who: str = "sato") -> list[int]:
        return [row.id for row in self.desk.documents.waiting.rows(self.line, Page(50), who, order)]

    def reviewer(self, who: str = "kato") -> Reviewer:
        roles, departments = frozenset({Role.VERIFIER}), frozenset({"*"})
        user = User(who, roles, departments, True, 0, None, 0, self.office.clock())
        return Reviewer(self.desk, user)


@pytest.fixture
def corner(shared: Office) -> Corner:
    return Corner(shared)


def test_groups_count_and_tell_the_oldest(corner: Corner) -> None:
    first, _, other = corner.add(), corner.add(), corner.add(form=OTHER_FORM)
    store = corner.desk.documents
    assert store.waiting.groups({corner.department}) == [
        Group(FORM, corner.department, 2, store.get(first).created_at),
        Group(OTHER_FORM, corner.department, 1, store.get(other).created_at),
    ]
    assert store.waiting.groups({corner.department}, DocumentState.RETURNED) == []


def test_the_list_comes_in_every_order_and_in_parts(corner: Corner) -> None:
    little, much = corner.add(), corner.add(READ | {"納税者氏名": "山田花了"})
    early = corner.add(form=OTHER_FORM)
    assert corner.listed() == [little, much, early]
    assert corner.listed(Order.FORM) == [early, little, much]
    assert corner.listed(Order.DOUBTFUL) == [much, little, early]
    second = corner.desk.documents.waiting.rows(corner.line, Page(1, 1), "sato")
    assert [row.id for row in second] == [much]


def test_rows_carry_comments_hands_skips_and_stages(corner: Corner) -> None:
    document, store = corner.add(), corner.desk.documents
    store.comments.add(document, "kato", "裏面もあります")
    store.turns.skip(document, "sato")
    store.turns.take(document, "kato")
    store.correct(document, 0, RIGHT, who="kato", reasons={}, twice=frozenset({ACCOUNT}))
    (row,) = store.waiting.rows(corner.line, Page(), "sato")
    assert (row.comments, row.hands, row.skipped, row.stages) == (1, ("kato",), True, ("second",))
    assert (row.doubtful, row.created_at.tzinfo is not None) == (1, True)


def test_the_next_one_is_free_then_in_other_hands_then_skipped(corner: Corner) -> None:
    skipped, taken, free = corner.add(), corner.add(), corner.add()
    turns = corner.desk.documents.turns
    turns.skip(skipped, "sato")
    turns.take(taken, "kato")
    assert turns.next("sato", corner.line, 0) == free
    corner.desk.documents.close(free, 0, DocumentState.DISCARDED, reason="x")
    assert turns.next("sato", corner.line, 0) == taken
    corner.desk.documents.close(taken, 0, DocumentState.DISCARDED, reason="x")
    assert turns.next("sato", corner.line, 0) == skipped


def test_the_queue_as_a_page_shows_its_part_sorted(corner: Corner, everybody: TestClient) -> None:
    document = corner.add(READ | {"納税者氏名": "山田花了"})
    for order in Order:
        asked = {"department": corner.department, "order": order.value}
        page = everybody.get("/documents", params=asked)
        assert page.status_code == 200
        assert f'href="/documents/{document}?department={corner.department}"' in page.text
    begun = everybody.get("/documents/next", params={"department": corner.department})
    assert begun.headers["location"].startswith(f"/documents/{document}?")


def test_a_document_is_opened_skipped_commented_returned_taken_up_and_recorded(
    corner: Corner, everybody: TestClient
) -> None:
    document = corner.add()
    given = opened(everybody, document)
    for verb, body in (("skip", {"values": {"納税者氏名": "山田　花子"}}), ("comment", {"text": "裏面も"})):
        assert write(everybody, given, verb, seconds=0.001, **body).status_code == 200, verb
    back = write(everybody, given, "return", revision=1, reason="押印なし", seconds=0.001).json()
    taken = write(everybody, given, "take-up", revision=back["revision"]).json()
    kept = write(everybody, given, "save", revision=taken["revision"], values=RIGHT, seconds=0.001).json()
    done = write(everybody, given, "record", revision=kept["revision"], values={}, seconds=0.001)
    assert done.status_code == 200, done.text
    closed = corner.desk.documents.get(document)
    assert (closed.state, closed.values[ACCOUNT]) == (DocumentState.RECORDED, "1234567")
    trail = [entry.what for entry in corner.desk.audit.entries(subject=f"document/{document}")]
    assert trail[:2] == ["document.record", "document.correct"]
    assert corner.desk.audit.verify() is None


def test_what_a_writer_is_told_is_what_stands_in_the_database(corner: Corner) -> None:
    document, store = corner.add(), corner.desk.documents
    values = RIGHT | {"納税者氏名": "山田　花子"}
    for who, typed in (("sato", values), ("kato", values | {ACCOUNT: "7654321"}), ("mori", RIGHT)):
        known = store.get(document)
        told = store.correct(
            document,
            known.revision,
            typed,
            who=who,
            reasons={"納税者氏名": "console.field_illegible"},
            twice={ACCOUNT},
            known=known,
        )
        assert told == store.get(document)
    stale = store.get(document)
    store.correct(document, stale.revision, {}, who="sato", reasons={}, known=stale)
    newest = store.correct(document, stale.revision + 1, RIGHT, who="sato", reasons={}, known=stale)
    assert newest == store.get(document)
    done = corner.reviewer().record(document, Corrections(newest.revision, {"納税者氏名": "山田　花子"}))
    assert done.item is not None
    assert done.document == store.get(document)


def test_an_act_that_fails_at_its_end_leaves_nothing(corner: Corner, monkeypatch: pytest.MonkeyPatch) -> None:
    document, before = corner.add(), corner.desk.documents.get
    stood = before(document)
    monkeypatch.setattr("backoffice.audit._digest", lambda *_: None)
    with pytest.raises(sa.exc.IntegrityError):
        corner.reviewer().record(document, Corrections(0, RIGHT), seconds=3)
    assert before(document) == stood
    assert corner.desk.ledger.find(FORM, stood.values["通知書番号"]) is None


def together(count: int, work: Callable[[int], object]) -> list[object]:
    """Let some threads do something at the same moment, and return what each returned or raised."""
    start = threading.Barrier(count)

    def begin(number: int) -> object:
        start.wait(60)
        try:
            return work(number)
        except StaleRevision as error:
            return error

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(begin, range(count)))


def test_of_six_who_save_the_same_revision_at_once_one_is_kept(corner: Corner) -> None:
    document = corner.add()
    people = [corner.reviewer(f"person{number}") for number in range(6)]
    came = together(6, lambda n: people[n].save(document, Corrections(0, {ACCOUNT: f"100000{n}"}), 1))
    (kept,) = [n for n, one in enumerate(came) if not isinstance(one, StaleRevision)]
    saved = corner.desk.documents.get(document)
    assert (saved.revision, saved.values[ACCOUNT]) == (1, f"100000{kept}")
    trail = corner.desk.audit.entries(subject=f"document/{document}")
    assert [(entry.who, entry.what) for entry in trail] == [(f"person{kept}", "document.correct")]


def test_six_who_record_their_own_documents_at_once_all_do_and_the_chain_holds(corner: Corner) -> None:
    documents = [corner.add() for _ in range(6)]
    people = [corner.reviewer(f"person{number}") for number in range(6)]
    came = together(6, lambda n: people[n].record(documents[n], Corrections(0, RIGHT), 1))
    assert not [one for one in came if isinstance(one, StaleRevision)]
    assert {corner.desk.documents.get(one).state for one in documents} == {DocumentState.RECORDED}
    assert corner.desk.audit.verify() is None


def test_choices_of_cells_are_kept_until_the_value_changes(corner: Corner) -> None:
    document, book = corner.cells("1234567", doubtful=(0, 6)), corner.desk.documents.cells
    (field,) = [one for one in book.open_fields(corner.line, ["account"], 10) if one.document == document]
    first = Choice(document, field.revision, ACCOUNT, "1234567", {0: "1"})
    assert book.choose([first], "sato") == [{0: "1"}]
    assert book.choose([replace(first, chosen={0: "7"})], "kato") == [None]
    assert book.choose([replace(first, chosen={6: "9"})], "kato") == [{0: "1", 6: "9"}]
    assert book.choose([replace(first, seen="7654321")], "sato") == [None]
    (kept,) = [one for one in book.fields_of([document]) if one.name == ACCOUNT]
    assert dict(kept.chosen) == {0: "1", 6: "9"}
    corner.desk.documents.correct(document, 0, {ACCOUNT: "7654321"}, who="sato", reasons={})
    (changed,) = [one for one in book.fields_of([document]) if one.name == ACCOUNT]
    assert (dict(changed.chosen), book.choose([first], "sato")) == ({}, [None])


def test_tiles_are_counted_shown_drawn_and_confirmed(corner: Corner, everybody: TestClient) -> None:
    one, two = (corner.cells("1234567", doubtful=(0,)) for _ in range(2))
    narrowed = {"form": FORM, "department": corner.department}
    found = TileFinder(corner.desk).kinds(Line({corner.department}, FORM))
    assert found == {Kind("", "1"): 2}
    assert everybody.get("/groups", params=narrowed).status_code == 200
    page = everybody.get("/groups/tiles", params=narrowed | {"value": "1"}).text
    given = json.loads(page.split('id="given">')[1].split("</script>")[0])
    sheet = everybody.get("/groups/sheet", params={"token": given["sheets"][0]})
    assert sheet.headers["content-type"] == "image/png"
    names = ("document", "revision", "position", "place", "name", "read")
    said = [dict(zip(names, tile, strict=True)) | {"now": tile[5]} for tile in given["tiles"]]
    headers = {"X-CSRF-Token": given["csrf"], "Accept": "application/json"}
    told = everybody.post("/groups/confirm", json={"tiles": said}, headers=headers).json()
    assert (told["stale"], told["kept"], sorted(told["recorded"])) == ([], 2, [one, two])


def test_four_who_choose_the_same_cell_at_once_agree_or_are_told(corner: Corner) -> None:
    document, book = corner.cells("1234567", doubtful=(0,)), corner.desk.documents.cells
    choice = Choice(document, 0, ACCOUNT, "1234567", {0: "1"})
    came = together(4, lambda n: book.choose([replace(choice, chosen={0: str(n)})], f"person{n}"))
    assert [one for one in came if one != [None]] == [[{0: str(n)}] for n in range(4) if came[n] != [None]]
    assert len([one for one in came if one != [None]]) == 1


FILE = TimeSaved(business="口座", process=FORM, manual_minutes_per_item=4, assumption=True)
MEASURED = FILE.model_copy(update={"manual_minutes_per_item": 3.5, "sample_size": 20})


def test_a_baseline_counts_from_its_day_and_of_two_who_saw_the_same_one_is_entered(corner: Corner) -> None:
    book, name = BaselineBook(corner.desk.work.engine), f"job{corner.number}"
    job = Job(job=name, title=name, department="nouzei", read="nouzei", time_saved=FILE)
    entered = together(3, lambda n: book.enter(name, JUNE, MEASURED, who=f"p{n}", why="測定", seen=0))
    assert sorted(bool(one) for one in entered) == [False, False, True]
    days = [date(2026, 5, 31), JUNE]
    assert [book.in_force(job, day).manual_minutes_per_item for day in days] == [4, 3.5]  # type: ignore[union-attr]
    newest = book.history(name)[-1].id
    assert book.enter(name, date(2026, 7, 1), None, who="sato", why="戻す", seen=newest)
    assert book.in_force(job, date(2026, 7, 2)) == FILE


def test_the_page_of_a_baseline_takes_it_and_shows_what_people_spend(
    corner: Corner, shared: Office, everybody: TestClient
) -> None:
    office, job = shared.desk.baselines, "nouzei_yomitori"
    assert office is not None
    shared.desk.documents.book_review(
        corner.office.add_document(READ, "nouzei", 9000 + corner.number), FORM, who="sato", seconds=42
    )
    page = everybody.get(f"/baselines/{job}").text
    csrf = page.split('name="csrf" value="')[1].split('"')[0]
    form = {
        "csrf": csrf,
        "seen": str(office.of(job).seen),
        "source": "page",
        "valid_from": (office.today + timedelta(days=1)).isoformat(),
        "business": "口座の入力",
        "minutes": "3.5",
        "known": "assumed",
        "why": "測る前の見積り",
    }
    answer = everybody.post(f"/baselines/{job}", data=form)
    assert answer.status_code == 303, answer.text
    standing = office.of(job)
    assert standing.pace is not None and standing.pace.seconds == 42
    (coming,) = standing.coming
    assert coming.basis is not None and coming.basis.manual_minutes_per_item == 3.5
    assert everybody.post(f"/baselines/{job}", data=form).status_code == 409
    assert everybody.get("/baselines").status_code == 200


def test_time_saved_is_booked_shown_and_taken_away(corner: Corner, tmp_path: Path) -> None:
    (tmp_path / "jobs").mkdir()
    name = f"kouza{corner.number}"
    told = (
        f"job: {name}\ntitle: 口座の読み取り\ndepartment: {corner.department}\nread: {corner.department}\n"
        "time_saved: {business: 𠮷田の口座, process: kouza, manual_minutes_per_item: 5, assumption: true}\n"
    )
    (tmp_path / "jobs" / f"{name}.yaml").write_text(told, encoding="utf-8")
    settings = corner.desk.settings.model_copy(update={"departments": {corner.department: "窓口"}})
    town = Installation(tmp_path, settings, corner.desk.work.engine, corner.office.clock)
    ledger = TimeLedger(corner.desk.work.engine)
    for month, items, people in ((4, 30, 0), (5, 0, 3600)):
        at = datetime(2026, month, 8, 3, tzinfo=UTC)
        run = Run(
            f"{name}-{month}", name, "read", "s", "schedule", RunState.DONE, "", {}, "pc", 1, "", "", at, at
        )
        ledger.book(run, town.jobs[name], items_done=items, people_seconds=people, machine_seconds=60)
    savings, whose = SavingsOffice(town), [corner.department]
    view = savings.view("2026-04", "2027-03", whose)
    assert view.total_hours == pytest.approx(1.5)
    assert [(row[0], row[4]) for row in view.parts[0].rows][:2] == [("2026-04", "2.50"), ("2026-05", "▲1.00")]
    assert savings.saved_hours("2026-04", "2026-04", whose) == "2.50"
    book = load_workbook(
        io.BytesIO(savings.workbook("2026-04", "2027-03", tmp_path / "t.xlsx", whose).read_bytes())
    )
    assert "𠮷田の口座" in {str(cell) for sheet in book for row in sheet.values for cell in row}
    assert savings.view("2026-04", "2027-03", ["another"]).total_hours == 0


def test_who_may_see_which_item_is_asked_in_one_piece(corner: Corner) -> None:
    ledger, work = corner.desk.ledger, corner.desk.work
    key = f"item{corner.number}"
    own = ledger.put(FORM, f"{key}-a", {}, who="t", why="t", document=corner.add())[0]
    other = ledger.put(FORM, f"{key}-b", {}, who="t", why="t", document=Corner(corner.office).add())[0]
    nobodys = ledger.put("gone", f"{key}-c", {}, who="t", why="t")[0]
    every = [one.id for one in (own, other, nobodys)]
    assert work.unseen({corner.department}, every) == {other.id, nobodys.id}
    assert work.unseen(None, every) == frozenset()
    claimed = ledger.claim(FORM, run=f"run{corner.number}", who="robot", keys=[other.key])
    assert claimed is not None and claimed.state is State.IN_PROGRESS
    assert work.unseen({corner.department}, [], run=f"run{corner.number}") == {other.id}


def test_a_draft_of_a_robot_is_kept_renewed_refused_and_dropped(shared: Office) -> None:
    book = DraftBook(shared.desk.work.engine)
    first = book.keep("mihon", "sato", "each: [\n", rests_on="", known="")
    other = book.keep("mihon", "ueda", "title: 上田\n", rests_on="", known="")
    for known in ("", "b" * 64):
        with pytest.raises(RobotChanged):
            book.keep("mihon", "sato", "title: 別\n", rests_on="", known=known)
    second = book.keep("mihon", "sato", "title: 二\n", rests_on="a" * 64, known=first.sha256)
    assert (book.of("mihon", "sato"), book.drop(first), book.drop(second)) == (second, False, True)
    assert (book.of("mihon", "sato"), book.get("mihon", other.id)) == (None, other)
