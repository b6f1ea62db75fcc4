"""A town hall at work for the 30 days of April 2026: twelve jobs, by the real timetable, ledger, runs and bookings.

Only the clock is ours, and the robots: each takes its items from the real ledger and brings them to done, 30 seconds
an item. Twenty-one of the days are open (the 29th is a holiday). What comes in, and what people spend on it, is PLAN.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from backoffice.clock import TOKYO
from backoffice.database import open_database, upgrade
from backoffice.document import NewDocument
from backoffice.documents import DocumentStore
from backoffice.runs import Run, RunState
from backoffice.settings import builtin_settings
from backoffice.work_items import State
from scheduler.child import Outcome, Stop, perform
from scheduler.due import Due, declare, due_now, passed_slots
from scheduler.job import Job
from scheduler.job_check import load_jobs
from scheduler.office import Office
from scheduler.triggers import timetable

BEGIN = datetime(2026, 3, 31, 23, 0, tzinfo=TOKYO)
END = datetime(2026, 4, 30, 23, 59, tzinfo=TOKYO)
SECONDS_PER_ITEM = 30


@dataclass
class HandClock:
    """A clock that stands still until somebody moves it."""

    now: datetime = BEGIN

    def __call__(self) -> datetime:
        return self.now


@dataclass(frozen=True)
class Work:
    """One job: when, what comes in for each of its slots, and what it cost before.

    `review` is in seconds per item that comes in, `minutes` and `preparation` are the declared baseline.
    """

    department: str
    business: str
    when: str
    minutes: float
    items: int
    review: float = 0
    preparation: float = 0
    measured: bool = True


PLAN = {
    "kouza": Work("nouzei", "口座振替", '{at: "18:00", days: 開庁日}', 4, 2, 45),
    "idou": Work("shiminzei", "異動届", '{at: "12:30", days: 月・水・金}', 5, 3, 30, 2),
    "shuunou": Work("nouzei", "収納消込", '{at: "18:00", days: 木}', 0.96, 5, 583.2),
    "onestop": Work("shiminzei", "ワンストップ特例", '{cron: "0 6 10 * *"}', 3, 10, 60),
    "yobou": Work("kenkou", "予診票", '{at: ["08:30", "12:30"], days: 月・水・金}', 3, 1, 0, 1),
    "hoiku": Work("hoiku", "保育所入所", '{at: "17:00", days: 月末開庁日}', 12, 8, 90),
    "kaigo": Work("kaigo", "要介護認定", '{at: "09:00", days: 第3開庁日}', 10, 6, 120, 5),
    "jukyuu": Work("kaigo", "受給者証", "{after: kaigo}", 2.5, 6),
    "kyuuyo": Work("shiminzei", "給与支払報告書", '{at: "18:00", days: 火}', 6, 2, 15),
    "juumin": Work("shimin", "住民異動", '{at: "12:30", days: 月}', 7, 3, 20),
    "tensai": Work("shimin", "証明書交付", '{at: "06:00", days: 金}', 8, 2),
    "shoukai": Work("soumu", "庁内照会", '{at: "17:00", days: 第10開庁日}', 20, 15, 180, 30, measured=False),
}


class Month:
    """The month: declares the jobs, lets it become time, serves what is due."""

    def __init__(self, folder: Path) -> None:
        settings = builtin_settings(folder / "var")
        database = open_database(settings.database_url)
        upgrade(database)
        self.clock = HandClock()
        self.office = Office.of(settings, database, self.clock)
        self.store = DocumentStore(database, self.clock)
        self.jobs_folder = folder / "jobs"
        self.jobs_folder.mkdir()
        for name in PLAN:
            self.write(name)
        self.jobs: Mapping[str, Job] = load_jobs(self.jobs_folder)
        self.ended: list[Run] = []

    def write(self, name: str, minutes: float | None = None, measured_on: str = "2026-03-02") -> None:
        """Write the file of a job, with its baseline or a new one."""
        work = PLAN[name]
        known = (
            f"measured_by: {work.department}, measured_on: {measured_on}, sample_size: 20"
            if work.measured
            else "assumption: true"
        )
        text = (
            f"job: {name}\ntitle: {work.business}の登録\ndepartment: {work.department}\nrun: {name}\n"
            f"when: {work.when}\nretries: 1\nretry_minutes: 10\n"
            f"time_saved: {{business: {work.business}, process: {name}, "
            f"manual_minutes_per_item: {minutes or work.minutes}, "
            f"preparation_minutes_per_run: {work.preparation}, {known}}}\n"
        )
        (self.jobs_folder / f"{name}.yaml").write_text(text, encoding="utf-8")

    def pass_by(self) -> None:
        """Let the month pass, from one moment at which something is due to the next."""
        for job in self.jobs.values():
            declare(job, self.office)
        while (moment := self._next_moment()) <= END:
            self.clock.now = max(moment, self.clock.now)
            if self.clock.now >= datetime(2026, 4, 15, tzinfo=TOKYO) and "4.5" not in self._kyuuyo():
                self.write("kyuuyo", 4.5, "2026-04-14")  # measured anew; the service starts with the new file
                self.jobs = load_jobs(self.jobs_folder)
            self._serve_what_is_due()
        self.clock.now = END
        mended = datetime(2026, 4, 30, tzinfo=TOKYO).date()
        self.office.savings.note_rework(
            self.jobs["hoiku"], seconds=1800, day=mended, who="hoiku", why="入所日の訂正"
        )

    def _kyuuyo(self) -> str:
        return (self.jobs_folder / "kyuuyo.yaml").read_text(encoding="utf-8")

    def _next_moment(self) -> datetime:
        tables = [timetable(job, self.office.calendar, self.office.zone) for job in self.jobs.values()]
        moments = [slot for table in tables if (slot := table.next_slot(self.clock.now))]
        failed = [run for run in self.ended[-1:] if run.state is RunState.FAILED and run.finished_at]
        return min(
            [*moments, *(run.finished_at + timedelta(minutes=10) for run in failed if run.finished_at)]
        )

    def _serve_what_is_due(self) -> None:
        """Serve the timetable, then what follows another job or is tried again."""
        for job in self.jobs.values():
            if due := passed_slots(job, self.office, self.clock.now).due:
                self._serve(due)
        failed = {run.job for run in self.ended if run.state is RunState.FAILED}
        for job in self.jobs.values():
            if (job.follows or job.job in failed) and (due := due_now(job, self.office, self.clock.now)):
                self._serve(due)

    def _serve(self, due: Due) -> None:
        job = self.jobs[due.job]
        if due.trigger != "retry":
            self._bring_in(job)
        run = self.office.runs.enter_fired(job.job, job.kind, due.slot, due.trigger)
        assert run is not None
        perform(run.id, tasks={"run": self._robot()}, jobs=self.jobs, office=self.office, stop=Stop())
        self.ended.append(self.office.runs.get(run.id))

    def _bring_in(self, job: Job) -> None:
        """Put in the ledger what waits for this slot, after people have looked at it."""
        work, now = PLAN[job.job], self.clock.now.astimezone(TOKYO)
        if job.job == "yobou" and now.hour < 12:
            return  # nothing has come in the early morning
        for number in range(work.items):
            wrong = job.job == "juumin" and number == 2
            record = {"do": "refuse" if wrong else "register"}
            self.office.ledger.put(job.job, f"{now:%m%d}-{number}", record, who="test", why="read")
        if work.review:
            name = f"{job.job}-{now:%m%d}.pdf"
            file = self.store.claim_file(work.department, name, f"{name:0>64}", 10, name)
            document = self.store.add_document(NewDocument(file.id, 0, work.department, job.job, 1, (), ()))
            self.store.book_review(document, job.job, who="verifier", seconds=work.review * work.items)

    def _robot(self) -> Callable[[Run, Job, Stop], Outcome]:
        def work(run: Run, job: Job, stop: Stop) -> Outcome:
            night = self.clock.now.astimezone(TOKYO)
            if job.job == "tensai" and night.day == 17 and run.trigger != "retry":
                return Outcome(failed=True, reason="the target was away")
            while item := self.office.ledger.claim(job.job, run=run.id, who="robot"):
                self.clock.now += timedelta(seconds=SECONDS_PER_ITEM)
                if item.record["do"] == "refuse":
                    self.office.ledger.move(item, State.BUSINESS_FAILURE, who="robot", why="refused")
                    continue
                item = self.office.ledger.move(item, State.COMMITTING, who="robot", why="typed")
                self.office.ledger.move(item, State.DONE, who="robot", why="seen")
            return Outcome({})

        return work
