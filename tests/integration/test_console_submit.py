"""Handing in scans: a receipt at once, nothing half, nothing twice, and what is refused is refused in words."""

from __future__ import annotations

import hashlib
import io
import re
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import uvicorn
from console_desk import Office, make_office, small_scan
from fastapi.testclient import TestClient

from backoffice.document import DocumentState, FileState, NewDocument
from backoffice.settings_inbox import DepartmentInbox
from console.inspection import Inspector
from console.web.app import create_app
from ocr.errors import FileRefused
from ocr.watch import Inbox


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    yield make_office(tmp_path_factory.mktemp("submit"))


@pytest.fixture(scope="module")
def sato(office: Office) -> TestClient:
    return office.client("sato")


@pytest.fixture(scope="module")
def mori(office: Office) -> TestClient:
    return office.client("mori", departments=("kenkou",))


NUMBERS = count(1)


def scan() -> bytes:
    """Return a scan that nobody has handed in before."""
    return small_scan(next(NUMBERS))


def csrf_of(client: TestClient) -> str:
    return client.get("/submit").text.split('name="csrf" value="')[1].split('"')[0]


def send(client: TestClient, name: str, content: bytes, **more: str):
    """Send one file as the page's script does."""
    return client.post(
        "/submit",
        data={"department": "nouzei", **more},
        files={"file": (name, content)},
        headers={"X-CSRF-Token": csrf_of(client), "Accept": "application/json"},
    )


def pdf(pages: int) -> bytes:
    """Return a PDF of so many empty pages."""
    import pypdfium2 as pdfium

    made, stored = pdfium.PdfDocument.new(), io.BytesIO()
    for _ in range(pages):
        made.new_page(200, 300)
    made.save(stored)
    return stored.getvalue()


def in_work(office: Office, department: str = "nouzei") -> list[Path]:
    work = office.desk.settings.folder("work") / department
    return [path for path in work.rglob("*") if path.is_file() and not path.name.startswith(".")]


def left_behind(office: Office) -> list[Path]:
    return [path for path in (office.desk.settings.var / "handed-in").rglob("*") if path.is_file()]


# ---- a receipt at once


def test_a_scan_gets_its_receipt_at_once_and_lies_where_the_reader_looks(
    office: Office, sato: TestClient
) -> None:
    content, before = scan(), set(in_work(office))
    told = send(sato, "異動届.png", content)
    receipt = told.json()["receipt"]
    file = office.desk.documents.file(receipt["number"])
    assert (told.status_code, receipt["pages"], receipt["digest"]) == (201, 1, file.sha256[:12])
    assert (file.name, file.state, file.pages) == ("異動届.png", FileState.CLAIMED, 1)
    assert [path.read_bytes() for path in set(in_work(office)) - before] == [content]
    assert left_behind(office) == []


def test_the_next_reader_takes_what_was_handed_in_once_with_its_form(
    office: Office, sato: TestClient
) -> None:
    receipt = send(sato, "a.png", scan(), form="kouza_furikae").json()["receipt"]
    settings = office.desk.settings
    inbox = Inbox(settings.inbox_folder("nouzei"), settings.folder("work") / "nouzei", settings.inbox)
    taken = {office.desk.documents.file_claimed_as(one.claim): one for one in inbox.left_over()}
    (claimed,) = [one for file, one in taken.items() if file and file.id == receipt["number"]]
    assert inbox.has_work()
    assert (claimed.name, claimed.trouble) == ("kouza_furikae/a.png", "")
    assert receipt["form"] == office.desk.title("kouza_furikae")


def test_the_receipt_can_be_printed_and_says_who_handed_it_in(office: Office, sato: TestClient) -> None:
    number = send(sato, "異動届.png", scan()).json()["receipt"]["number"]
    shown = sato.get(f"/submit/{number}").text
    digest = office.desk.documents.file(number).sha256[:12]
    for words in (f"受付番号 {number} の受付票", "sato", "異動届.png", digest, "受け付けました", "納税課"):
        assert words in shown


def test_handing_in_stands_in_the_audit_trail_without_the_name_of_the_file(
    office: Office, sato: TestClient
) -> None:
    send(sato, "山田花子.png", scan())
    entry = next(one for one in office.desk.audit.entries(20) if one.what == "scan.submit")
    assert (entry.who, entry.subject) == ("sato", "department/nouzei")
    assert "山田" not in str(entry)


def test_without_script_several_files_are_sent_and_each_is_answered(sato: TestClient) -> None:
    files = [("file", ("a.png", scan())), ("file", ("b.png", b"MZ" * 9)), ("file", ("c.png", scan()))]
    shown = sato.post("/submit", data={"department": "nouzei", "csrf": csrf_of(sato)}, files=files)
    assert shown.status_code == 200
    assert len(re.findall(r"/submit/\d+\">受付番号 \d+ の受付票", shown.text)) == 2
    assert "画像でも PDF でもないファイルです: b.png" in shown.text


def test_without_script_and_without_a_file_it_is_told(sato: TestClient) -> None:
    told = sato.post("/submit", data={"department": "nouzei", "csrf": csrf_of(sato)})
    assert (told.status_code, "送るファイルを選んでください。" in told.text) == (400, True)


# ---- nothing twice, nothing half


def test_the_same_file_again_is_refused_with_the_number_of_its_receipt(
    office: Office, sato: TestClient
) -> None:
    content = scan()
    number = send(sato, "a.png", content).json()["receipt"]["number"]
    lying = in_work(office)
    again = send(sato, "b.png", content)
    assert again.status_code == 409
    assert again.json()["message"] == f"受付番号 {number} で受け取り済みです: b.png"
    assert in_work(office) == lying


def test_another_departments_receipt_is_not_told(sato: TestClient, mori: TestClient) -> None:
    content = scan()
    send(sato, "a.png", content)
    other = send(mori, "a.png", content, department="kenkou")
    assert other.json()["message"] == "ほかの部署から受け取り済みです: a.png"


def test_an_attempt_sent_again_after_the_answer_was_lost_is_not_taken_twice(sato: TestClient) -> None:
    content = scan()
    first, again = (send(sato, "a.png", content, attempt="x1") for _ in range(2))
    assert first.json()["receipt"]["number"] == again.json()["receipt"]["number"]
    assert again.status_code == 201


def test_where_the_town_accepts_it_the_same_content_gets_a_second_receipt(
    office: Office, sato: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    inboxes = {"nouzei": DepartmentInbox(duplicates="accept")}
    accepting = office.desk.settings.model_copy(update={"inboxes": inboxes})
    monkeypatch.setattr(office.desk.letterbox, "_settings", accepting)
    content = scan()
    assert len({send(sato, "a.png", content).json()["receipt"]["number"] for _ in range(2)}) == 2


def test_a_form_that_a_department_may_not_send_is_refused_at_once(
    office: Office, sato: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    inboxes = {"nouzei": DepartmentInbox(forms=("kouza_furikae",))}
    strict = office.desk.settings.model_copy(update={"inboxes": inboxes})
    monkeypatch.setattr(office.desk.letterbox, "_settings", strict)
    told = send(sato, "a.png", scan(), form="yobou_yoshin")
    assert told.status_code == 409 and "納税課 からは受け取らない様式です" in told.json()["message"]


def test_what_a_reader_entered_first_after_a_kill_is_the_same_receipt(
    office: Office, sato: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed between the move and the entry: the reader enters the file, and the sender's second try finds it."""
    content, before, documents = scan(), set(in_work(office)), office.desk.letterbox._documents
    with monkeypatch.context() as broken:
        broken.setattr(documents, "claim_file", None)
        assert send(sato, "a.png", content, attempt="x2").status_code == 500
    (path,) = set(in_work(office)) - before
    stored = path.relative_to(office.desk.settings.var).as_posix()
    digest = hashlib.sha256(content).hexdigest()
    file = documents.claim_file("nouzei", "a.png", digest, len(content), stored, claim=path.parent.name)
    assert send(sato, "a.png", content, attempt="x2").json()["receipt"]["number"] == file.id


@contextmanager
def served(office: Office) -> Iterator[tuple[str, int]]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        running = uvicorn.Server(
            uvicorn.Config(create_app(office.desk), log_level="critical", lifespan="off")
        )
        thread = threading.Thread(target=running.run, kwargs={"sockets": [listening]})
        thread.start()
        yield listening.getsockname()[:2]
        running.should_exit = True
        thread.join(30)


def test_a_page_that_is_closed_in_mid_upload_leaves_nothing_half(office: Office, sato: TestClient) -> None:
    csrf, cookie = csrf_of(sato), sato.cookies["hakadori"]
    lying, known = in_work(office), office.desk.documents.counts()
    with served(office) as (host, port), socket.create_connection((host, port), timeout=60) as line:
        head = (
            f"POST /submit HTTP/1.1\r\nHost: {host}:{port}\r\nCookie: hakadori={cookie}\r\n"
            f"X-CSRF-Token: {csrf}\r\nAccept: application/json\r\nContent-Length: 3000000\r\n"
            "Content-Type: multipart/form-data; boundary=b\r\n\r\n--b\r\n"
            'Content-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
        )
        line.sendall(head.encode() + small_scan(99) + b"x" * 1_500_000)
        line.shutdown(socket.SHUT_WR)
        line.recv(1)  # the server has given the body up: it answers, or closes
    assert (in_work(office), left_behind(office)) == (lying, [])
    assert office.desk.documents.counts() == known


def test_nothing_of_a_body_is_read_for_somebody_who_is_not_signed_in(office: Office) -> None:
    with served(office) as (host, port), socket.create_connection((host, port), timeout=60) as line:
        line.sendall(
            f"POST /submit HTTP/1.1\r\nHost: {host}:{port}\r\nAccept: application/json\r\n"
            "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 150000000\r\n\r\n--b\r\n".encode()
        )
        assert line.recv(4000).startswith(b"HTTP/1.1 401 ")


# ---- what became of it


def test_the_list_shows_each_state_with_its_reason(office: Office, sato: TestClient) -> None:
    documents, form = office.desk.documents, office.desk.forms["kouza_furikae"]
    numbers = [send(sato, f"{n}.png", scan()).json()["receipt"]["number"] for n in range(3)]
    new = NewDocument(numbers[0], 0, "nouzei", form.form, form.version, (), ())
    document = documents.get(documents.add_document(new))
    documents.close(
        document.id, document.revision, DocumentState.RETURNED, reason="印がありません", who="mori"
    )
    documents.finish_file(numbers[0], FileState.READ, pages=1)
    documents.finish_file(numbers[1], FileState.FAILED, reason="どのページも読めません")
    shown = sato.get("/submit/list").text
    told = (
        "差し戻しがあります",
        "印がありません",
        "読み取れませんでした",
        "どのページも読めません",
        "受け付けました",
    )
    assert [words for words in told if words not in shown] == []


def test_the_list_holds_the_own_departments_files_alone(sato: TestClient, mori: TestClient) -> None:
    number = send(sato, "秘密.png", scan()).json()["receipt"]["number"]
    assert "秘密.png" in sato.get("/submit").text
    assert "秘密.png" not in mori.get("/submit").text
    assert mori.get(f"/submit/{number}").status_code == 404


def test_a_receipt_is_found_by_its_number_and_by_its_day(office: Office, sato: TestClient) -> None:
    first, second = (send(sato, f"found-{n}.png", scan()).json()["receipt"]["number"] for n in range(2))
    shown = sato.get(f"/submit/list?number={first}").text
    assert "found-0.png" in shown and f"/submit/{second}" not in shown
    zone = ZoneInfo(office.desk.settings.timezone)
    day = f"{office.desk.documents.file(first).received_at.astimezone(zone):%Y-%m-%d}"
    assert f"/submit/{first}" in sato.get(f"/submit/list?day={day}").text
    assert "この条件に合うものはありません" in sato.get("/submit/list?day=1999-01-01").text
    for wrong in ("number=abc", "number=²", "number=99999999999", "day=9999-99-99", "day=9999-12-31"):
        assert "受付番号は数字" in sato.get(f"/submit/list?{wrong}").text


def test_a_long_list_comes_in_parts(office: Office, mori: TestClient) -> None:
    for number in range(30):
        office.desk.documents.claim_file(
            "kenkou", f"part-{number}.pdf", f"{number:064d}", 1, f"originals/{number}"
        )
    first, second = mori.get("/submit").text, mori.get("/submit?part=2").text
    assert "part-29.pdf" in first and "1 / 2 ページ" in first and "part-4.pdf" not in first
    assert "part-4.pdf" in second and "part-29.pdf" not in second


def test_a_list_that_renews_itself_does_not_keep_a_session_alive(sato: TestClient) -> None:
    assert "set-cookie" not in sato.get("/submit/list", headers={"X-Quiet": "1"}).headers
    assert "set-cookie" in sato.get("/submit/list").headers


# ---- the look at a file, in its own process


def test_the_child_counts_pages_and_refuses_what_is_cut_off(office: Office, tmp_path: Path) -> None:
    look = Inspector(office.desk.settings)
    whole, half = tmp_path / "300.pdf", tmp_path / "half.png"
    whole.write_bytes(pdf(300))
    half.write_bytes(small_scan()[:-12])
    assert look(whole, "300.pdf") == 300
    with pytest.raises(FileRefused) as refused:
        look(half, "届.png")
    assert refused.value.parts().what == "途中で切れているファイルです: 届.png"


def test_a_look_that_dies_or_hangs_refuses_nothing(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = tmp_path / "a.png"
    picture.write_bytes(small_scan())
    assert Inspector(office.desk.settings, longest=0.001)(picture, "a.png") is None
    died = subprocess.CompletedProcess([], -11, stdout=b"", stderr=b"")
    monkeypatch.setattr(subprocess, "run", lambda *_given, **_named: died)
    assert Inspector(office.desk.settings)(picture, "a.png") is None
