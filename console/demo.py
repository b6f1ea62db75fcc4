"""`hakadori demo`: the whole main job on the sample scans, in a folder of its own, against the stand-in system.

Scans are dropped in the inboxes, read by the read jobs, registered by the robots in a real browser, listed in Excel;
time saved is booked and reported. Everything runs through the real engine in child processes, as it does at night.
Run again on the same folder, the same scans are refused as duplicates and nothing is registered twice.
"""

import json
import os
import secrets
import shutil
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import FrameType
from zoneinfo import ZoneInfo

import console
from backoffice.document import FileState
from backoffice.runs import Run, RunState
from console.demo_stages import Stages
from console.demo_standin import count_rows, standing_in
from console.demo_summary import Summary, summarise
from console.demo_understudy import Played, Understudy
from console.errors import ArgumentWrong
from console.rights import ALL_DEPARTMENTS, Role
from console.savings import SavingsOffice
from console.web.savings import fiscal_months
from console.wiring import Office, make_desk, make_engine, open_office
from scheduler.job import Job

ROOT = Path(console.__file__).parents[1]
USER = "demo"
STAGE = {"read": "read", "run": "register"}
TARGET_VARIABLE = "HAKADORI_TARGETS__TOWNOFFICE"
SECRET_VARIABLE = "HAKADORI_SECRET_TOWNOFFICE_PASSWORD"
STABLE_VARIABLE = "HAKADORI_INBOX__STABLE_SECONDS"


@dataclass(frozen=True)
class Demonstration:
    """A demonstration that has ended.

    Attributes:
        folder: Its working folder.
        summary: What it came to.
        password: The new password of the user `demo`; None when the user was there before.
    """

    folder: Path
    summary: Summary
    password: str | None


def demonstrate(
    configs: Path, folder: Path, samples: Path | None = None, *, understudy: bool = True
) -> Demonstration:
    """Do the whole main job once.

    Args:
        configs: Folder of the declarations.
        folder: Working folder; made when it is missing, gone on with when it is there.
        samples: Folder of the scans; the samples of this checkout by default.
        understudy: Let an understudy confirm what a person would; without it doubtful documents stay waiting.

    Raises:
        ArgumentWrong: There are no samples.
        DemoWrong: The stand-in did not start.
        HakadoriError: A declaration is wrong, or there is no browser.
    """
    scans = _scans(samples or ROOT / "samples" / "scans")
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    database = folder / "townoffice.db"
    password = secrets.token_urlsafe(18)
    with Stages() as stages:
        with stages.stage("prepare"):
            before = count_rows(database)
        with (
            _stopped_like_ctrl_c(),
            standing_in(ROOT, database, password) as url,
            _environment(url, password),
        ):
            office = open_office(configs, var=folder)
            known, twins = len(office.documents.documents()), _duplicates(office)
            _check_browser(office)
            fresh = _make_user(office)
            _drop(office, scans)
            ended = _run_jobs(office, stages, "read")
            with stages.stage("review"):
                played = _review(office, scans[0][1].parent, known) if understudy else Played()
            ended += _run_jobs(office, stages, "run")
        with stages.stage("report"):
            report = _write_report(office)
        summary = summarise(
            office,
            files=len(scans),
            before=before,
            after=count_rows(database),
            known=known,
            played=played,
            duplicates=_duplicates(office) - twins,
            runs_failed=[_told(run) for run in ended if run.state is not RunState.DONE],
            minutes=stages.minutes,
            browser=_browser(office),
            report=report,
        )
    summary.write(folder / "summary.json")
    return Demonstration(folder, summary, fresh)


def _scans(folder: Path) -> Sequence[tuple[str, Path]]:
    """Return (department, scan) of every sample."""
    found = [path for path in sorted(folder.glob("*.*")) if path.is_file()]
    if not found:
        raise ArgumentWrong("console.no_samples", where=str(folder))
    return [(_department(folder, path), path) for path in found]


def _department(folder: Path, scan: Path) -> str:
    """Return the inbox of a scan: as its truth file says, else as its name begins."""
    truth = folder / "truth" / f"{scan.stem}.json"
    if truth.is_file():
        told: Mapping[str, str] = json.loads(truth.read_text(encoding="utf-8"))
        return told["department"]
    return scan.stem.partition("-")[0]


@contextmanager
def _stopped_like_ctrl_c() -> Iterator[None]:
    """Let SIGTERM end the block as Ctrl+C does, so that the stand-in and the running job are ended too."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _environment(url: str, password: str) -> Iterator[None]:
    """Tell the child processes where the stand-in is and with which password robots sign in."""
    ours = {TARGET_VARIABLE: url, SECRET_VARIABLE: password, STABLE_VARIABLE: "0.5"}
    saved = {name: os.environ.get(name) for name in ours}
    os.environ.update(ours)
    try:
        yield
    finally:
        for name, value in saved.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


def _drop(office: Office, scans: Sequence[tuple[str, Path]]) -> None:
    """Put copies of the scans into the inboxes, each under its final name only when it is whole."""
    for department, scan in scans:
        inbox = office.settings.folder("inbox") / department
        inbox.mkdir(exist_ok=True)
        draft = inbox / f".{scan.name}.part"
        shutil.copyfile(scan, draft)
        draft.replace(inbox / scan.name)


def _run_jobs(office: Office, stages: Stages, kind: str) -> list[Run]:
    """Run all jobs of a kind, one after the other."""
    engine = make_engine(office)
    ended = []
    for job in (job for job in office.jobs.values() if job.kind == kind):
        with stages.stage(STAGE[kind], job.title, _expected(office, job)) as task:
            ended.append(stages.follow(office, engine, job.job, task))
    return ended


def _review(office: Office, scans: Path, known: int) -> Played:
    """Let the understudy confirm what came this time."""
    desk = make_desk(office)
    return Understudy(desk, office.users.get(USER), scans / "truth").play(known)


def _expected(office: Office, job: Job) -> int | None:
    """Return how many files wait for a read job; unknown for a robot until it has started."""
    if job.read is None:
        return None
    return sum(path.is_file() for path in (office.settings.folder("inbox") / job.read).glob("*")) or None


def _duplicates(office: Office) -> int:
    return len(office.documents.files([FileState.DUPLICATE]))


def _write_report(office: Office) -> Path:
    today = datetime.now(ZoneInfo(office.settings.timezone)).date()
    first, last = fiscal_months(today)
    return SavingsOffice(office).workbook(first, last, office.settings.folder("outbox") / "time-saved.xlsx")


def _check_browser(office: Office) -> None:
    """Refuse at the start rather than after all the reading."""
    if not _browser(office):
        raise ArgumentWrong("console.no_browser")


def _browser(office: Office) -> str:
    from backoffice.bootstrap.browsers import find_browser

    if office.settings.browser.channel:
        return office.settings.browser.channel
    found = office.settings.browser.executable or find_browser(os.environ)
    return str(found) if found else ""


def _make_user(office: Office) -> str | None:
    if office.users.find(USER) is not None:
        return None
    password = secrets.token_urlsafe(12)
    office.users.add(USER, password, roles=list(Role), departments=[ALL_DEPARTMENTS])
    office.audit.note("command line", "user.add", f"user/{USER}")
    return password


def _told(run: Run) -> Mapping[str, str]:
    return {"job": run.job, "state": run.state.value, "reason": run.reason}
