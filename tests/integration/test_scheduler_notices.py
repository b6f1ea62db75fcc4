"""People are told by real mail and real webhooks: once, in words without personal data, and never not at all."""

import json
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from aiosmtpd.controller import Controller
from scheduler_parts import CHILD, put, wait_for
from scheduler_parts import declare as write_job

from backoffice.database import open_database, upgrade
from backoffice.mail import SmtpMailer
from backoffice.runs import Run, RunState
from backoffice.settings import MailSettings, builtin_settings
from backoffice.settings_notices import NoticeSettings, WebhookSettings
from backoffice.tables import notices, received_files
from backoffice.vault import Vault
from scheduler.due import Due, declare, passed_slots
from scheduler.errors import JobPaused
from scheduler.job import Job
from scheduler.job_check import load_jobs
from scheduler.local import LocalEngine
from scheduler.notices import NoticeBook, NoticeState
from scheduler.notifier import Notifier
from scheduler.office import Office
from scheduler.postman import Postman
from scheduler.pulse import Pulse

EVENING = datetime(2026, 4, 1, 9, 0, tzinfo=UTC)  # 18:00 in Tokyo, an open day
SECRETS = {"HAKADORI_SECRET_CHAT_TOKEN": "とても秘密".encode().hex()}


@dataclass
class Tray:
    """A mail server's in-tray."""

    mails: list[EmailMessage] = field(default_factory=list)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 (aiosmtpd's name)
        message = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.mails.append(message)
        return "250 OK"


@dataclass
class Chat:
    """A webhook that keeps what was posted, and answers as it is told."""

    answer: int = 200
    posted: list[tuple[Mapping[str, str], Any]] = field(default_factory=list)
    url: str = ""


@pytest.fixture
def tray() -> Iterator[tuple[Tray, int]]:
    tray, port = Tray(), free_port()
    controller = Controller(tray, hostname="127.0.0.1", port=port, ready_timeout=60)
    controller.start()
    yield tray, port
    controller.stop()


@pytest.fixture
def chat() -> Iterator[Chat]:
    chat = Chat()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            chat.posted.append((dict(self.headers), json.loads(body)))
            self.send_response(chat.answer)
            if chat.answer == 302:
                self.send_header("Location", f"{chat.url}elsewhere")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    chat.url = f"http://127.0.0.1:{server.server_port}/"
    thread = threading.Thread(target=server.serve_forever, args=[0.02])
    thread.start()
    yield chat
    server.shutdown()
    thread.join()
    server.server_close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Section:
    """One section with its jobs, its clock (moved by the test) and its notifier."""

    def __init__(
        self, folder: Path, port: int, url: str = "http://127.0.0.1:9/", database: sa.Engine | None = None
    ) -> None:
        self.now = EVENING
        settings = builtin_settings(folder)
        database = open_database(settings.database_url) if database is None else database
        upgrade(database)
        self.office = Office.of(settings, database, lambda: self.now)
        self.book = NoticeBook(database, lambda: self.now)
        self.files: set[str] = set()
        self.jobs: dict[str, Job] = {}
        self.port, self.url, self.vault = port, url, Vault(folder / "s.json", SECRETS, use_keyring=False)

    def job(self, name: str = "touroku", **more: object) -> Job:
        work = {} if "read" in more else {"run": "robot"}
        told = {"job": name, "title": "口座振替の登録", "department": "nouzei", **work, **more}
        self.jobs[name] = Job.model_validate(told)
        declare(self.jobs[name], self.office)
        return self.jobs[name]

    def ended(
        self, state: RunState, slot: str, trigger: str = "schedule", name: str = "touroku", **more: Any
    ) -> Run:
        run = self.office.runs.enter(name, "run", slot, trigger)
        self.now += timedelta(minutes=2)
        return self.office.runs.finish(run.id, state, **{"counts": {}, **more})

    def notifier(self, mail: Mapping[str, tuple[str, ...]] | None = None) -> Notifier:
        mail = {"nouzei": ("kakari@city.example.jp",)} if mail is None else mail
        postman = Postman(
            SmtpMailer(
                MailSettings(host="127.0.0.1", port=self.port, sender="hakadori@city.example.jp"), self.vault
            ),
            {"chat": WebhookSettings(url=self.url, secret="chat_token")},
            self.vault,
            town="はかどり市",
            zone="Asia/Tokyo",
            timeout=60,
        )
        return Notifier(
            self.jobs,
            self.office,
            self.book,
            postman,
            NoticeSettings(mail=mail),
            departments={"nouzei": "納税課"},
            has_files=lambda inbox: inbox in self.files,
        )

    def states(self) -> list[str]:
        return [f"{one.event} {one.state}" for one in reversed(self.book.list())]


@pytest.fixture
def section(tmp_path: Path, tray: tuple[Tray, int], chat: Chat) -> Section:
    return Section(tmp_path, tray[1], chat.url)


def test_a_failure_is_told_by_mail_in_plain_words_and_only_once(
    section: Section, tray: tuple[Tray, int]
) -> None:
    section.job()
    counts = {"done": 12, "system_failure": 3, "exit_code": 10}
    section.ended(RunState.FAILED, "s1", counts=counts, reason="山田太郎 様の画面が開きません")
    section.notifier().look_round()
    section.notifier().look_round()
    [mail] = tray[0].mails
    assert (mail["Subject"], mail["To"]) == ("[はかどり] 失敗: 口座振替の登録", "kakari@city.example.jp")
    assert mail.get_content().replace("\r\n", "\n") == (
        "はかどり市 はかどりからのお知らせです。\n\n"
        "ジョブ: 口座振替の登録(touroku)\n"
        "部署: 納税課\n"
        "処理が失敗し、自動のやり直しも残っていません。\n"
        "開始: 2026-04-01 18:00\n"
        "終了: 2026-04-01 18:02\n"
        "登録: 12 件\n"
        "相手システムの異常: 3 件\n\n"
        "理由は「hakadori job history touroku」で分かります。"
        "直したら「hakadori job run touroku」で動かしてください。\n\n"
        "この通知に個人情報は含まれていません。返信はできません。\n"
    )


def test_nothing_personal_stands_in_the_book_or_the_mail(section: Section, tray: tuple[Tray, int]) -> None:
    section.job(notify={"webhooks": "chat"})
    counts = {"in_doubt": 1, "山田太郎": "1975-01-01"}
    section.ended(RunState.DIED, "s1", counts=counts, reason="山田太郎")
    section.notifier().look_round()
    with section.office.database.connect() as connection:
        rows = [dict(row._mapping) for row in connection.execute(sa.select(notices))]
    told = json.dumps(rows, ensure_ascii=False, default=str) + "".join(m.as_string() for m in tray[0].mails)
    assert len(rows) == 4  # failure and in doubt, by mail and webhook
    assert "山田" not in told
    assert "1975" not in told


def test_a_webhook_gets_json_with_the_token_of_the_vault(section: Section, chat: Chat) -> None:
    section.job(notify={"mail": [], "webhooks": ["chat"], "events": ["in_doubt"]})
    run = section.ended(RunState.DONE, "s1", counts={"done": 1, "in_doubt": 2, "exit_code": 4})
    section.notifier().look_round()
    [(headers, body)] = chat.posted
    assert headers["Authorization"] == f"Bearer {SECRETS['HAKADORI_SECRET_CHAT_TOKEN']}"
    assert body.pop("text").startswith("[はかどり] 登録の有無が不明: 口座振替の登録\nはかどり市")
    assert body == {
        "event": "in_doubt",
        "job": "touroku",
        "department_id": "nouzei",
        "title": "口座振替の登録",
        "department": "納税課",
        "run": run.id,
        "started_at": "2026-04-01T09:00:00+00:00",
        "ended_at": "2026-04-01T09:02:00+00:00",
        "counts": {"done": 1, "in_doubt": 2},
    }
    assert section.states() == ["in_doubt sent"]


@pytest.mark.parametrize("answer", [500, 302, 404])
def test_a_webhook_that_refuses_or_sends_us_elsewhere_is_tried_again(
    section: Section, chat: Chat, answer: int
) -> None:
    section.job(notify={"mail": [], "webhooks": ["chat"]})
    section.ended(RunState.FAILED, "s1")
    chat.answer = answer
    section.notifier().look_round()
    [one] = section.book.list()
    assert (one.state, one.trouble) == (
        NoticeState.WAITING, f"Webhook「chat」へ送れませんでした({answer})"
    )  # fmt: skip
    assert len(chat.posted) == 1  # nobody followed the redirection with the token
    chat.answer = 200
    section.now += timedelta(minutes=1)
    section.notifier().look_round()
    assert section.states() == ["failure sent"]


def test_a_mail_that_cannot_be_sent_is_kept_and_tried_with_longer_and_longer_pauses(tmp_path: Path) -> None:
    section = Section(tmp_path, free_port())  # nobody listens there
    section.job()
    section.ended(RunState.FAILED, "s1")
    tried = []
    for _ in range(5):
        section.notifier().look_round()
        [one] = section.book.list()
        tried.append(round((one.not_before - section.now) / timedelta(minutes=1)))
        section.now = one.not_before
    assert (one.state, one.attempts, tried) == (NoticeState.WAITING, 5, [1, 2, 4, 8, 16])
    tray = Tray()
    controller = Controller(tray, hostname="127.0.0.1", port=section.port)
    controller.start()
    section.notifier().look_round()
    controller.stop()
    assert len(tray.mails) == 1
    assert section.states() == ["failure sent"]


def test_a_notice_that_was_never_taken_stays_in_the_book_as_given_up(tmp_path: Path) -> None:
    section = Section(tmp_path, free_port())
    section.job()
    section.ended(RunState.FAILED, "s1")
    section.notifier().look_round()
    section.now += timedelta(hours=73)
    section.notifier().look_round()
    section.notifier().look_round()
    [one] = section.book.list()
    assert (one.state, one.attempts) == (NoticeState.GIVEN_UP, 2)
    assert one.trouble.startswith("メールを送れませんでした(")


def test_one_target_that_is_away_does_not_hold_up_the_others(
    tmp_path: Path, chat: Chat, tray: tuple[Tray, int]
) -> None:
    section = Section(tmp_path, free_port(), chat.url)
    section.job(notify={"webhooks": ["chat"]})
    section.ended(RunState.FAILED, "s1")
    section.notifier().look_round()
    assert sorted((one.channel, one.state) for one in section.book.list()) == [
        ("mail", NoticeState.WAITING),
        ("webhook", NoticeState.SENT),
    ]


def test_a_missing_secret_or_mail_setting_is_a_reason_to_wait_not_to_fall(section: Section) -> None:
    section.job(notify={"mail": [], "webhooks": ["chat"]})
    section.vault = Vault(Path(section.vault._file), {}, use_keyring=False)
    section.ended(RunState.FAILED, "s1")
    section.notifier().look_round()
    [one] = section.book.list()
    assert (one.state, one.trouble) == (NoticeState.WAITING, "秘密「chat_token」が登録されていません")


def test_a_failure_that_is_tried_again_is_told_only_when_the_last_try_failed(section: Section) -> None:
    section.job(retries=1, retry_minutes=10)
    first = section.ended(RunState.FAILED, "s1")
    section.notifier().enter_new()
    assert section.states() == []
    section.ended(RunState.FAILED, f"retry-{first.id}", "retry")
    section.notifier().enter_new()
    assert section.states() == ["failure waiting"]


def test_an_unapproved_robot_that_was_refused_in_the_night_is_told_as_such(section: Section) -> None:
    section.job(retries=3)
    counts = {"exit_code": 2}
    section.ended(RunState.FAILED, "s1", counts=counts, cause="robots.changed_since_approval")
    section.notifier().enter_new()
    assert section.states() == ["refused waiting"]


@pytest.mark.parametrize(
    ("state", "trigger", "counts", "told"),
    [
        (RunState.DONE, "schedule", {"done": 3}, []),
        (RunState.DONE, "schedule", {"done": 3, "business_failure": 1}, ["item_failures waiting"]),
        (RunState.STOPPED, "schedule", {"done": 3, "left": 9}, ["unfinished waiting"]),
        (RunState.DIED, "schedule", {"in_doubt": 1}, ["failure waiting", "in_doubt waiting"]),
        (RunState.FAILED, "person", {}, []),  # who started it sees it
        (RunState.DONE, "person", {"in_doubt": 1}, ["in_doubt waiting"]),
    ],
)
def test_each_end_of_a_run_is_told_as_what_it_is(
    section: Section, state: RunState, trigger: str, counts: dict[str, int], told: list[str]
) -> None:
    events = ["failure", "in_doubt", "nothing_arrived", "refused", "item_failures", "unfinished"]
    section.job(notify={"events": events})
    section.ended(state, "s1", trigger, counts=counts)
    section.notifier().enter_new()
    assert section.states() == told


def test_a_job_that_nobody_wants_to_hear_of_says_nothing(section: Section) -> None:
    section.job(notify={"mail": []})
    section.ended(RunState.FAILED, "s1")
    section.notifier().enter_new()
    assert section.states() == []


def two_services_look_round(section: Section) -> None:
    threads = [threading.Thread(target=section.notifier().look_round) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_two_services_tell_once(section: Section, tray: tuple[Tray, int]) -> None:
    section.job()
    section.ended(RunState.FAILED, "s1")
    two_services_look_round(section)
    assert len(tray[0].mails) == 1
    assert section.states() == ["failure sent"]


def test_books_on_postgresql_tell_once_and_tell_what_is_due(
    tmp_path: Path, tray: tuple[Tray, int], postgresql_url: str
) -> None:
    database = open_database(postgresql_url)
    with database.begin() as connection:
        connection.execute(sa.text("DROP SCHEMA public CASCADE"))
        connection.execute(sa.text("CREATE SCHEMA public"))
    section = Section(tmp_path, tray[1], database=database)
    job = section.job(when={"at": "18:30", "days": "毎日"}, overlap="queue")
    section.ended(RunState.FAILED, "s1")
    two_services_look_round(section)
    assert (len(tray[0].mails), section.states()) == (1, ["failure sent"])
    section.office.runs.fire("touroku", "after-0123456789abcdef", "run")  # no moment: it does not count
    section.now = EVENING + timedelta(minutes=30)
    due = passed_slots(job, section.office, section.now).due
    assert due == Due("touroku", "2026-04-01T09:30:00+00:00", "schedule")
    section.office.pauses.pause("touroku", "sato", "保守")
    with pytest.raises(JobPaused):
        section.office.pauses.pause("touroku", "suzuki", "保守")
    section.office.pauses.resume("touroku", "sato")
    database.dispose()


def test_what_happened_while_the_service_was_down_is_told_when_it_is_back(section: Section) -> None:
    section.job()
    section.ended(RunState.FAILED, "s1")
    section.now += timedelta(days=2)
    section.notifier().enter_new()
    assert section.states() == ["failure waiting"]
    section.ended(RunState.FAILED, "s2")
    section.now += timedelta(days=4)
    section.notifier().enter_new()
    assert section.states() == ["failure waiting"]  # that is an old story


def receive(section: Section, at: datetime) -> None:
    row = {
        "department": "nouzei",
        "name": "a.pdf",
        "sha256": "0" * 64,
        "size": 1,
        "stored": "a",
        "state": "read",
    }
    with section.office.database.begin() as connection:
        connection.execute(sa.insert(received_files).values({**row, "received_at": at}))


def local(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+09:00")


@pytest.mark.parametrize(
    ("arrived", "waits", "told"),
    [
        (None, False, ["nothing_arrived waiting"]),
        ("2026-04-03T09:30", False, []),  # on Friday after the last deadline
        (
            "2026-04-02T17:00",
            False,
            ["nothing_arrived waiting"],
        ),  # before the last deadline: that was another day's
        (None, True, []),  # it lies in the inbox, not yet taken
    ],
)
def test_files_that_have_not_arrived_by_their_time_are_told(
    section: Section, arrived: str | None, waits: bool, told: list[str]
) -> None:
    section.job("yomitori", read="nouzei", expects={"by": "09:00", "days": "開庁日"})
    if arrived is not None:
        receive(section, local(arrived))
    if waits:
        section.files.add("nouzei")
    section.now = local("2026-04-06T08:59")  # Monday
    section.notifier().enter_new()
    before = list(section.states())
    section.now = local("2026-04-06T09:00")
    section.notifier().enter_new()
    section.notifier().enter_new()
    assert (before, section.states()) == ([], told)


def test_a_deadline_on_a_closed_day_is_told_on_the_next_open_day(
    section: Section, tray: tuple[Tray, int]
) -> None:
    section.job("yomitori", read="nouzei", title="異動届", expects={"by": "17:00", "days": "毎月10日"})
    section.now = local("2026-05-10T18:00")  # a Sunday
    section.notifier().look_round()
    assert tray[0].mails == []
    section.now = local("2026-05-11T17:00")
    section.notifier().look_round()
    [mail] = tray[0].mails
    assert mail["Subject"] == "[はかどり] 届いていません: 異動届"
    assert "期限: 2026-05-11 17:00\n届いたファイル: 0 件(1 件以上の予定)" in mail.get_content().replace(
        "\r\n", "\n"
    )


def test_a_mail_server_that_does_not_answer_holds_up_no_job(tmp_path: Path) -> None:
    silent = socket.create_server(("127.0.0.1", 0))
    section = Section(tmp_path / "var", silent.getsockname()[1])
    section.job()
    section.ended(RunState.FAILED, "s1")
    beside = Pulse("notices", 60, section.notifier().look_round, patience=0.1)
    beside.start()
    caller, _ = silent.accept()  # the notifier waits for a greeting that never comes
    folder = tmp_path / "jobs"
    folder.mkdir()
    write_job(folder, "other", "run: robot")
    put(section.office, "other", "")
    engine = LocalEngine(load_jobs(folder), section.office, child_of(tmp_path / "var", folder))
    [run] = engine.run_now("other")
    assert (run.state, run.counts["done"]) == (RunState.DONE, 1)
    assert section.book.list()[0].state is NoticeState.WAITING
    beside.stop()
    caller.close()
    silent.close()
    wait_for(lambda: section.book.list()[0].trouble != "")


def child_of(var: Path, jobs: Path) -> Callable[[Run], list[str]]:
    return lambda run: [sys.executable, str(CHILD), str(var), str(jobs), run.id]
