"""Opens the made-up office: copies the declarations, lets half a year pass, and leaves work for every page."""

import shutil
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from backoffice.clock import TOKYO
from backoffice.document import DocumentState, FileState
from backoffice.settings import WebSettings
from console.wiring import Office, open_office
from console.workload import WorkloadOffice
from samples.showcase.papers import Paper, add_paper
from samples.showcase.past import HandClock, live_last_days, live_weeks
from samples.workload.make_survey import SURVEY

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 10, 20, 9, 12, tzinfo=TOKYO)
"""The present of the made-up office."""
EVERYTHING = ("operator", "author", "verifier", "approver", "auditor", "admin")
WHO = "山田 花子"
PEOPLE = {
    WHO: EVERYTHING,
    "佐藤 健": ("verifier",),
    "鈴木 美咲": ("author",),
    "田中 誠": ("approver", "operator"),
    "高橋 由美": ("auditor",),
}
PASSWORD = "はかどり-見本-2026"  # of people who do not exist, in an installation that lives for minutes
REQUESTS_PER_MINUTE = 6000
WEEKS = 28
"""From the beginning of April."""

A, B, C = "kouza_furikae", "idou_todoke", "yobou_yoshin"
PAPERS = (
    Paper(A, "nouzei", 1, ("納税者氏名カナ", "納税者氏名", "口座番号")),
    Paper(A, "nouzei", 2, ("通知書番号", "電話番号", "口座番号")),
    Paper(A, "nouzei", 3, ("住所", "口座名義カナ", "通知書番号", "電話番号", "口座番号")),
    Paper(A, "nouzei", 4, ("通知書番号", "電話番号", "納税者氏名")),
    Paper(B, "shiminzei", 5, ("法人番号",)),
    Paper(B, "shiminzei", 6, ("未徴収税額", "法人番号")),
    Paper(C, "kenkou", 7, ("体温",)),
    Paper(A, "nouzei", 8, ("口座番号",)),
)


def make_town(folder: Path, papers: int = len(PAPERS), weeks: int = WEEKS) -> Office:
    """Return the made-up office in an empty folder.

    Args:
        folder: Where its declarations and its working folder lie from now on.
        papers: How many sheets came in.
        weeks: For how long the jobs have been at work.
    """
    shutil.copytree(ROOT / "configs", folder / "configs")
    shutil.copytree(
        ROOT / "samples" / "forms", folder / "samples" / "forms", ignore=shutil.ignore_patterns("*.py")
    )
    clock = HandClock(NOW)
    opened = open_office(folder / "configs", var=folder / "var")
    web = WebSettings(requests_per_minute=REQUESTS_PER_MINUTE)
    office = replace(opened, clock=clock, settings=opened.settings.model_copy(update={"web": web}))
    _people(office)
    live_weeks(office, clock, NOW, weeks)
    live_last_days(office, clock, NOW)
    _papers(office, clock, papers)
    _bad_files(office, clock)
    clock.now = NOW
    WorkloadOffice(office).enter(SURVEY, None, None, WHO)
    office.tokens.add(
        "住民情報システム", roles=["operator"], departments=["nouzei"], days=365, who="山田 花子"
    )
    office.tokens.add("庁内ポータル", roles=["verifier"], departments=["*"], days=90, who=WHO)
    return office


def _people(office: Office) -> None:
    for name, roles in PEOPLE.items():
        office.users.add(name, PASSWORD, roles=roles, departments=["*"])
        office.audit.note(WHO, "user.add", name)


def _papers(office: Office, clock: HandClock, count: int) -> None:
    for number, paper in enumerate(PAPERS[:count]):
        clock.now = NOW - timedelta(hours=30 - 4 * number)
        document = add_paper(office, paper)
        if number == 0:
            office.documents.comments.add(
                document, "佐藤 健", "口座番号の 5 文字目が読みにくいです。原本を確かめます。"
            )
        if number == len(PAPERS) - 1:
            reason = "届出印がありません。押印のうえ、もう一度提出してください。"
            office.documents.close(document, 0, DocumentState.RETURNED, reason=reason, who="佐藤 健")


def _bad_files(office: Office, clock: HandClock) -> None:
    told = (
        (
            "nouzei",
            "名簿.docx",
            FileState.FAILED,
            "画像でも PDF でもありません。スキャンを PDF か TIFF で保存してください。",
        ),
        (
            "kenkou",
            "scan_0031.pdf",
            FileState.FAILED,
            "パスワードがかかっています。外してから、もう一度入れてください。",
        ),
        ("shiminzei", "20261019_白紙.jpg", FileState.QUARANTINED, "どの様式とも合いません。"),
    )
    for number, (department, name, state, reason) in enumerate(told):
        clock.now = NOW - timedelta(hours=15 - number)
        file = office.documents.claim_file(
            department, name, f"{number:064x}", 81_000, f"failed/{department}/{name}"
        )
        office.documents.finish_file(file.id, state, reason=reason)
