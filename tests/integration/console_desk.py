"""A small office for the tests of the pages: a real database, real forms, documents with real pictures."""

from __future__ import annotations

import io
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from designer_desk import StillBench, make_studio
from fastapi.testclient import TestClient
from PIL import Image, ImageDraw, ImageFont
from PIL.PngImagePlugin import PngInfo
from robots_desk import make_robots

from backoffice.audit import AuditTrail
from backoffice.clock import TOKYO, utc_now
from backoffice.database import open_database, upgrade
from backoffice.department_work import DepartmentWork, Owners, Scope
from backoffice.document import Field, NewDocument
from backoffice.documents import DocumentStore
from backoffice.ledger import Ledger
from backoffice.runs import Run, RunBook
from backoffice.settings import Settings, builtin_settings
from console.baselines import BaselineOffice
from console.forms import FormChecker
from console.inspection import Inspect, inspect
from console.job_desk import JobFacts, JobStory
from console.letterbox import Letterbox
from console.second_factor import SecondFactors
from console.sign_in import Addresses, SignIn
from console.tokens import TokenStore
from console.users import UserStore
from console.web.app import create_app
from console.web.desk import Desk, SavingsView
from console.web.limits import RateLimit
from console.web.sessions import SessionSigner, session_secret
from console.wiring import Office as Installation
from console.workload import WorkloadOffice
from ocr.errors import FileRefused
from ocr.template import load_forms
from scheduler.agenda import Day
from scheduler.job import Job
from scheduler.savings import TimeLedger

PASSWORD = "ねこ-と-いぬ-2026"
PAGE = (1240, 1754)
FONT = "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"
VALUES = {
    "届出日": "2026-04-01",
    "通知書番号": "0012345678",
    "納税者氏名カナ": "ヤマダ　ハナコ",
    "納税者氏名": "山田花子",
    "郵便番号": "1000001",
    "電話番号": "0312345678",
    "住所": "東京都千代田区千代田１番",
    "金融機関コード": "0001",
    "支店コード": "001",
    "預金種別": "普通",
    "口座番号": "1234567",
    "口座名義カナ": "ヤマダ　ハナコ",
    "対象税目": "市県民税、軽自動車税",
    "振替方法": "期別",
    "届出印": "present",
}


OWNERS = Owners(
    {"nouzei_yomitori": "nouzei", "kenkou_yomitori": "kenkou"},
    {"kouza_furikae": frozenset({"nouzei"}), "kenshin": frozenset({"kenkou"})},
)


class NoSavings:
    """An office that has booked nothing yet."""

    def view(self, first: str, last: str, departments: Scope = None) -> SavingsView:
        return SavingsView(first, last, "", (), (), 0.0)

    def saved_hours(self, first: str, last: str, departments: Scope = None) -> str:
        return "0.00"

    def years(self, departments: Scope = None) -> list[int]:
        return [2026]

    def workbook(self, first: str, last: str, path: Path, departments: Scope = None) -> Path:
        path.write_bytes(b"PK")
        return path

    def facts(self, first: str, last: str, departments: Scope = None) -> dict[str, object]:
        return {"first": first, "last": last, "entries": 0}


class BookedJobs:
    """Jobs that never work: a run is only entered in the books. `test_console_api_jobs.py` has real ones."""

    def __init__(self, runs: RunBook) -> None:
        self.runs = runs
        self.calls: list[tuple[str, ...]] = []

    def jobs(self, scope: Collection[str] | None) -> list[JobFacts]:
        return [
            JobFacts(job, job, department, "read", None, (), None, None, None)
            for job, department in OWNERS.jobs.items()
            if scope is None or department in scope
        ]

    def run(self, name: str, parameters: Mapping[str, str], who: str) -> Run:
        self.calls.append(("run", name, who))
        return self.runs.enter(name, "read", f"now-{len(self.calls)}", "person", parameters=parameters)

    def story(self, name: str) -> JobStory:
        return JobStory(next(job for job in self.jobs(None) if job.job == name))

    def coming(self, scope: Collection[str] | None, days: int) -> list[Day]:
        return []

    def rehearse(self, name: str, parameters: Mapping[str, str], who: str) -> Run:
        self.calls.append(("rehearse", name, who))
        return self.runs.enter(name, "rehearsal", f"now-{len(self.calls)}", "person", parameters=parameters)

    def robot_of(self, name: str) -> None:
        """No job of the desk runs a robot."""

    def end(self, run_id: str, who: str, why: str) -> None:
        self.calls.append(("end", run_id, who, why))

    def pause(self, name: str, who: str, why: str) -> None:
        self.calls.append(("pause", name, who, why))

    def resume(self, name: str, who: str, why: str) -> None:
        self.calls.append(("resume", name, who, why))

    def stop(self) -> None:
        self.calls.append(("stop",))


class MovableClock:
    """The present, plus what a test adds."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return utc_now() + self.ahead


@dataclass
class Office:
    desk: Desk
    clock: MovableClock

    def add_document(
        self, doubtful: dict[str, str], department: str = "nouzei", number: int = 0, crop_of=None
    ) -> int:
        """Enter a 口座振替依頼書 whose `doubtful` fields (name → value read) wait for a person."""
        values = VALUES | {"通知書番号": f"{12345678 + number:010d}"} | doubtful
        store, form = self.desk.documents, self.desk.forms["kouza_furikae"]
        name = f"{department}-{number}.pdf"
        file = store.claim_file(
            department, name, f"{department}{number}".rjust(64, "0"), 1, f"originals/{name}"
        )
        crops = self.desk.settings.folder("crops")
        fields = []
        for position, (page, declared) in enumerate(form.fields()):
            scale = PAGE[0] / 210
            x, y, width, height = declared.boxes()[0]
            box = (round(x * scale), round(y * scale), round(width * scale), round(height * scale))
            crop = crops / f"{name}-{position}.png"
            _picture(crop, (box[2] * 2, box[3] * 2), values[declared.name])
            fields.append(
                Field(
                    name=declared.name,
                    kind=declared.kind,
                    page=page,
                    value=values[declared.name],
                    read_value=values[declared.name],
                    probability=0.61 if declared.name in doubtful else 0.9995,
                    accepted=declared.name not in doubtful,
                    reason="",
                    candidates=((values[declared.name], 0.61), (VALUES[declared.name], 0.3)),
                    crop=(crop_of or {}).get(
                        declared.name, crop.relative_to(self.desk.settings.var).as_posix()
                    ),
                    box=box,
                    personal=declared.personal,
                )
            )
        leaf = crops / f"{name}-page.png"
        _page(leaf, [(field.box, field.value) for field in fields])
        place = leaf.relative_to(self.desk.settings.var).as_posix()
        page_row = {"source_page": 1, "form_page": 1, "rotation": 0, "residual_mm": 0.2, "picture": place}
        return store.add_document(
            NewDocument(file.id, 0, department, form.form, form.version, (page_row,), tuple(fields))
        )

    def client(
        self, name: str = "", roles: tuple[str, ...] = ("verifier",), departments=("nouzei",)
    ) -> TestClient:
        """Return a browserless client, signed in as a new person when a name is given."""
        client = TestClient(create_app(self.desk), base_url="http://127.0.0.1", raise_server_exceptions=False)
        client.follow_redirects = False
        if name:
            self.desk.users.add(name, PASSWORD, roles=roles, departments=departments)
            assert sign_in(client, name).status_code == 303
        return client


def small_scan(number: int = 0) -> bytes:
    """Return a picture (PNG) of one page; each number gives another content."""
    told, stored = PngInfo(), io.BytesIO()
    told.add_text("number", str(number))
    Image.new("L", (120, 170), 250).save(stored, "PNG", pnginfo=told)
    return stored.getvalue()


def inspected(settings: Settings) -> Inspect:
    """Look at files in this process: the child that really does so is tested in `test_console_submit.py`."""
    limits = {"max_pages": 500, "max_megapixels": 160.0, "max_megabytes": settings.inbox.max_megabytes}

    def look(path: Path, name: str) -> int:
        told = inspect(path, limits)
        if "refused" in told:
            raise FileRefused(told["refused"], where=name, **{**told["values"], "name": name})
        return told["pages"]

    return look


def make_office(folder: Path, database_url: str = "") -> Office:
    """Return an office in an empty folder, over an SQLite file there or over another empty database."""
    clock = MovableClock()
    settings = builtin_settings(folder / "var").model_copy(
        update={"departments": {"nouzei": "納税課", "kenkou": "健康課"}}
    )
    engine = open_database(database_url or settings.database_url)
    upgrade(engine)
    forms = load_forms(Path("configs") / "forms")
    desk = Desk(
        settings=settings,
        documents=DocumentStore(engine, clock),
        ledger=Ledger(engine, clock),
        runs=RunBook(engine, settings.folder("locks"), clock),
        audit=AuditTrail(engine, clock),
        users=UserStore(engine, clock),
        forms=forms,
        jobs={},
        checker=FormChecker(),
        savings=NoSavings(),
        work=DepartmentWork(engine, OWNERS),
        tokens=TokenStore(engine, clock),
        letterbox=Letterbox(settings, DocumentStore(engine, clock), inspected(settings)),
        job_desk=BookedJobs(RunBook(engine, settings.folder("locks"), clock)),
        limits=RateLimit(settings.web.requests_per_minute),
        sign_in=SignIn(
            UserStore(engine, clock),
            SecondFactors(engine, session_secret(settings.var / "web.key"), clock),
            Addresses(engine, clock),
        ),
        signer=SessionSigner(
            session_secret(settings.var / "web.key"), timedelta(minutes=settings.web.session_minutes)
        ),
        clock=clock,
        studio=make_studio(folder, settings, engine, forms, StillBench()),
        robots=make_robots(
            folder, settings, engine, forms, RunBook(engine, settings.folder("locks"), clock), clock
        ),
        baselines=BaselineOffice(
            {
                name: Job(job=name, title=name, department=department, run="a")
                for name, department in OWNERS.jobs.items()
            },
            dict.fromkeys(OWNERS.jobs, "kouza_furikae"),
            TimeLedger(engine, clock=clock),
            DocumentStore(engine, clock),
            TOKYO,
            clock,
        ),
        workload=WorkloadOffice(Installation(Path("configs"), settings, engine, clock)),
    )
    return Office(desk, clock)


def sign_in(client: TestClient, name: str, password: str = PASSWORD):
    """Sign in as a person would: open the page, send its form."""
    page = client.get("/login")
    if page.is_redirect:  # somebody is signed in with this browser: begin with another one
        client.cookies.clear()
        page = client.get("/login")
    csrf = page.text.split('name="csrf" value="')[1].split('"')[0]
    return client.post("/login", data={"name": name, "password": password, "csrf": csrf})


def opened(client: TestClient, document: int) -> dict:
    """Open a document and return what the page was given: revision, view, csrf, …"""
    import json

    page = client.get(f"/documents/{document}")
    assert page.status_code == 200, page.text
    return json.loads(page.text.split('id="given">')[1].split("</script>")[0])


def write(client: TestClient, given: dict, verb: str, **body: object):
    """Send a write as the page's script does."""
    body = {"revision": given["revision"], "view": given["view"], **body}
    return client.post(
        f"/documents/{given['document']}/{verb}",
        json=body,
        headers={"X-CSRF-Token": given["csrf"], "Accept": "application/json"},
    )


def _picture(path: Path, size: tuple[int, int], words: str) -> None:
    image = Image.new("L", size, 250)
    font = ImageFont.truetype(FONT, max(12, round(size[1] * 0.6)))
    ImageDraw.Draw(image).text((8, size[1] * 0.1), words, fill=40, font=font)
    image.save(path)


def _page(path: Path, fields: list[tuple[tuple[int, int, int, int], str]]) -> None:
    image = Image.new("L", PAGE, 252)
    draw = ImageDraw.Draw(image)
    for (x, y, width, height), words in fields:
        draw.rectangle((x, y, x + width, y + height), outline=150)
        draw.text((x + 5, y + 3), words, fill=40, font=ImageFont.truetype(FONT, max(12, round(height * 0.6))))
    image.save(path)
