"""The past of the made-up office: half a year of bookings, the runs of the last days, and the items they left."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from backoffice.runs import Run, RunState
from backoffice.work_items import State
from console.wiring import Office
from scheduler.savings import ITEMS_DONE

DONE, DOUBT = State.DONE, State.IN_DOUBT


@dataclass
class HandClock:
    """A clock that stands still until somebody moves it."""

    now: datetime

    def __call__(self) -> datetime:
        """Return what it shows, in UTC as every clock of the office does."""
        return self.now.astimezone(UTC)


@dataclass(frozen=True)
class Business:
    """What a job did week by week; `review` is in seconds per item."""

    job: str
    department: str
    process: str
    items: int
    review: float


WORK = (
    Business("kouza_touroku", "nouzei", "kouza_furikae", 46, 38),
    Business("idou_touroku", "shiminzei", "idou_todoke", 31, 55),
    Business("yobou_touroku", "kenkou", "yobou_yoshin", 22, 205),
)
ENDS: Mapping[State, tuple[State, ...]] = {
    State.NEW: (),
    State.DONE: (State.COMMITTING, State.DONE),
    State.IN_DOUBT: (State.COMMITTING, State.IN_DOUBT),
    State.BUSINESS_FAILURE: (State.BUSINESS_FAILURE,),
    State.RETRY: (State.RETRY,),
}
ENDS_OF_A_RUN = (
    *[DONE] * 9, DOUBT, DONE, State.BUSINESS_FAILURE, DOUBT, State.RETRY, State.NEW, State.NEW,
)  # fmt: skip
"""What becomes of the items of the run that can be looked into: one of each end beside those that are done."""
WHY = {
    State.DONE: "登録しました",
    State.IN_DOUBT: "登録の確認画面が出る前に相手のシステムが応答しなくなりました",
    State.BUSINESS_FAILURE: "この金融機関・支店は取り扱いがありません",
    State.RETRY: "相手のシステムの応答が遅いため、あとでもう一度試します",
}


def live_weeks(office: Office, clock: HandClock, until: datetime, weeks: int) -> None:
    """Let some weeks pass, the last of them the one before last: one run a week and job, booked."""
    monday = until.replace(hour=17, minute=30) - timedelta(days=until.weekday() + 7)
    for begins in (monday - timedelta(weeks=back) for back in reversed(range(weeks))):
        for number, work in enumerate(WORK):
            items = work.items + (begins.toordinal() * (number + 3)) % 17 - 8
            run = _run(office, clock, work.job, "run", begins + timedelta(minutes=8 * number), items, 9.5)
            office.books.savings.book(
                run,
                office.jobs[work.job],
                items_done=items,
                people_seconds=items * work.review,
                machine_seconds=items * 9.5,
            )


def live_last_days(office: Office, clock: HandClock, until: datetime) -> list[Run]:
    """Let the last days pass: reading and registering every evening; returns the runs, oldest first."""
    made = []
    for back in range(6, 0, -1):
        day = until - timedelta(days=back)
        if day.weekday() >= 5:
            continue
        for number, work in enumerate(WORK):
            at = day.replace(hour=18, minute=4 * number)
            made.append(
                _run(office, clock, f"{work.department}_yomitori", "read", at, 9 + back + number, 4.0)
            )
            at = day.replace(hour=18, minute=20 + 5 * number)
            failed = back == 1 and work.job == "yobou_touroku"
            kept = back == 1 and work.job == "kouza_touroku"
            items = ENDS_OF_A_RUN.count(DONE) if kept else 7 + back
            made.append(_run(office, clock, work.job, "run", at, items, 9.5, failed=failed, with_items=kept))
    return made


def _add_items(office: Office, clock: HandClock, run: Run) -> None:
    """Enter the items of one run, one of each end beside those that are done."""
    for number, end in enumerate(ENDS_OF_A_RUN):
        _item(office, clock, run, number, end)


def _item(office: Office, clock: HandClock, run: Run, number: int, end: State) -> None:
    key = f"{4_001_230 + 7 * number:010d}"
    record = {"通知書番号": key, "納税者氏名": "見本　太郎", "金融機関コード": "0001", "支店コード": "001"}
    clock.now += timedelta(seconds=9)
    item, _ = office.ledger.put(
        "kouza_furikae", key, record, who="reader", why="読み取り結果がすべての検査に合格しました"
    )
    if ENDS[end]:
        _keep_steps(office, run, str(item.id), clock.now, key)
    held = office.ledger.claim("kouza_furikae", run=run.id, who="robot", keys=[key]) if ENDS[end] else item
    assert held is not None
    for state in ENDS[end]:
        result = {"受付番号": f"{20_260 + number:08d}"} if state is State.DONE else None
        why = WHY.get(state, "登録のボタンを押します")
        held = office.ledger.move(held, state, who="robot", why=why, result=result)


def _keep_steps(office: Office, run: Run, part: str, begun: datetime, key: str) -> None:
    """Write what a robot leaves behind of an item: its steps, values hidden."""
    folder = office.settings.folder("evidence") / run.id / part
    folder.mkdir(parents=True)
    steps = (
        ("each 1", "open", "", "http://zeimu.hakadori.example.jp/kouza/shinki"),
        ("each 2", "expect", "見出し「口座振替 新規登録」", ""),
        ("each 3", "fill", "入力欄「通知書番号」", key),
        ("each 4", "fill", "入力欄「納税者氏名」", "(5 字)"),
        ("each 5", "fill", "入力欄「金融機関コード」", "0001"),
        ("登録", "click", "ボタン「登録」", ""),
    )
    lines = [
        {
            "at": (begun + timedelta(seconds=number)).isoformat(),
            "step": step,
            "action": action,
            "target": target,
        }
        | {"value": value, "seconds": 0.09 + 0.04 * number, "outcome": "done"}
        for number, (step, action, target, value) in enumerate(steps)
    ]
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    (folder / "steps.jsonl").write_text(text, encoding="utf-8")


def _run(
    office: Office,
    clock: HandClock,
    job: str,
    kind: str,
    at: datetime,
    items: int,
    seconds: float,
    *,
    failed: bool = False,
    with_items: bool = False,
) -> Run:
    clock.now = at
    run = office.runs.enter(job, kind, at.isoformat(), "schedule")
    if with_items:
        _add_items(office, clock, run)
    clock.now = at + timedelta(seconds=items * seconds)
    counts = dict(_counts(kind, items, failed))
    reason = (
        "相手のシステムにつながりません。ネットワークと相手のシステムの稼働を確かめてください。"
        if failed
        else ""
    )
    state = RunState.FAILED if failed else RunState.DONE
    return office.runs.finish(run.id, state, counts=counts, reason=reason)


def _counts(kind: str, items: int, failed: bool) -> Iterator[tuple[str, int]]:
    if kind == "read":
        yield from (("files", items), ("documents", items), ("recorded", items // 2))
        yield ("waiting", items - items // 2)
    else:
        done = items // 3 if failed else items
        yield from (("done", done), (ITEMS_DONE, done), ("left", items - done))
