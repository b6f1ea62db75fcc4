"""Beside the schedule: receipts by mail, and a share that is away is told once, whoever is restarted."""

from email.message import EmailMessage
from pathlib import Path

import pytest
from reading_desk import FORM, FakeReader, drop, run

from backoffice.mail import MailNotSent
from console.inboxes import InboxClerk
from console.wiring import Office, open_office
from ocr.read_job import ReadingDesk

SETTINGS = """
departments: {nouzei: 納税課}
inbox: {stable_seconds: 0}
inboxes: {nouzei: {receipts: both, mail: [nouzei@city.example.jp]}}
notices: {mail: {nouzei: [kachou@city.example.jp]}}
mail: {host: mail.example.jp, sender: hakadori@city.example.jp}
"""


class Post:
    """Keeps what is sent; does not answer while it is off."""

    sender = "hakadori@city.example.jp"

    def __init__(self) -> None:
        self.sent: list[EmailMessage] = []
        self.off = False

    def send(self, message: EmailMessage, timeout: float) -> None:
        if self.off:
            raise MailNotSent("mail.not_sent", where="mail", reason="off")
        self.sent.append(message)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    (tmp_path / "configs").mkdir()
    (tmp_path / "configs" / "hakadori.yaml").write_text(SETTINGS, encoding="utf-8")
    return open_office(tmp_path / "configs")


def test_a_receipt_goes_by_file_and_by_mail_once_a_step(office: Office) -> None:
    desk = ReadingDesk(office.settings, office.documents, office.ledger, {"kouza_furikae": FORM}, FakeReader(),
                       sleep=lambda s: None)  # fmt: skip
    drop(desk, "a.pdf")
    run(desk)
    post = Post()
    clerk = InboxClerk(office, post)
    clerk.look_round(), clerk.look_round()
    [mail] = post.sent
    assert (mail["To"], mail["Subject"]) == ("nouzei@city.example.jp", "受付票 1: 確認済み・登録待ち")
    assert "15 項目のうち 15 項目が確定" in mail.get_content() and "鈴木" not in mail.get_content()
    assert len(list((office.settings.var / "receipts" / "nouzei").iterdir())) == 1


def test_an_inbox_that_is_away_is_told_once_also_over_a_restart_and_a_mail_server_that_was_off(
    office: Office,
) -> None:
    post, book = Post(), office.documents.inboxes
    book.note_away("nouzei", "gone")
    post.off = True
    InboxClerk(office, post).look_round()
    post.off = False
    for _ in range(3):
        InboxClerk(office, post).look_round()
    book.note_here("nouzei")
    for _ in range(3):
        InboxClerk(office, post).look_round()
    away, back = post.sent
    assert away["To"] == "kachou@city.example.jp" and "見つかりません" in away.get_content()
    assert "使えるようになりました" in back.get_content()
