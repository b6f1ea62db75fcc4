"""What waits for a person: decisions never taken, confirmations that do not fit, dead runs, doubts, refused scans."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from backoffice.clock import local_time
from backoffice.messages import text
from backoffice.spool import CONFLICT_PATTERN, NEWS_PATTERN
from backoffice.work_items import State
from console.daily import remembered
from console.doctor.finding import Finding, fine, warn, wrong
from console.notices import notice_book
from console.upkeep import legal_hold
from console.wiring import Office
from scheduler.notices import NoticeState

OLD_BACKUP = timedelta(days=2)
RECENT_FAULT = timedelta(days=7)
LONG_REFUSED = timedelta(days=7)
RECENT_NOTICE = timedelta(days=7)
LONG_UNSENT = timedelta(hours=1)
"""A notice waits a minute at most before the first try, and the mail server may be away for a while."""
AHEAD = timedelta(minutes=10)
"""A moment further ahead than this was written while the clock was wrong, and proves nothing."""
LONG_ASIDE = timedelta(days=30)


def keeping(office: Office) -> Iterator[Finding]:
    """Look whether the town has decided how long documents are kept, and whether its holds name something."""
    held = legal_hold(office)
    if not office.settings.keeping.document_days:
        yield warn("keeping", "keeping_undecided")
    else:
        days = office.settings.keeping.document_days
        names = ", ".join(office.settings.keeping.hold) or text("operations.none")
        yield fine("keeping", text("operations.keeping_decided", days=days, names=names))
    old = [path for path in _aside(office) if _age(path, office.clock()) > LONG_ASIDE]
    for path in old:
        yield warn("keeping", "aside_left", path=path)
    if held.everything:
        yield warn("keeping", "all_held")


def backup(office: Office) -> Iterator[Finding]:
    """Look when the last daily backup was written."""
    if office.settings.keeping.backup_folder is None:
        yield warn("backup", "backup_none")
        return
    told = remembered(office.settings.var).get("backup")
    last = datetime.fromisoformat(told) if told else None
    if last is None or not -AHEAD < office.clock() - last <= OLD_BACKUP:
        yield warn("backup", "backup_old", last=f"{last:%Y-%m-%d}" if last else text("operations.none"))
    else:
        yield fine("backup", f"{last:%Y-%m-%d}")


def audit(office: Office) -> Iterator[Finding]:
    """Follow the chain of the audit trail."""
    broken = office.audit.verify()
    yield wrong("audit", "audit_broken", entry=broken) if broken else fine("audit", text("operations.whole"))


def spool(office: Office) -> Iterator[Finding]:
    """Look for confirmations that the ledger did not take."""
    folder = office.settings.folder("spool")
    conflicts = sorted(path.name for path in folder.glob(CONFLICT_PATTERN))
    waiting = sum(1 for _ in folder.glob(NEWS_PATTERN))
    if conflicts:
        yield wrong("spool", "spool_conflict", names=", ".join(conflicts), folder=folder)
    if waiting:
        yield warn("spool", "spool_waiting", count=waiting)
    if not (conflicts or waiting):
        yield fine("spool", text("operations.none"))


def runs(office: Office) -> Iterator[Finding]:
    """Look for runs whose process is gone, with the locks that they left."""
    dead = office.runs.dead_runs()
    if dead:
        yield warn("runs", "runs_dead", jobs=", ".join(sorted({run.job for run in dead})), count=len(dead))
    else:
        yield fine("runs", text("operations.none"))


def notices(office: Office) -> Iterator[Finding]:
    """Look for what people were to be told and were not."""
    book, now = notice_book(office), office.clock()
    lost = [one for one in book.list((NoticeState.GIVEN_UP,)) if now - one.created_at < RECENT_NOTICE]
    stuck = [one for one in book.list((NoticeState.WAITING,)) if now - one.created_at > LONG_UNSENT]
    if lost:
        days, trouble = RECENT_NOTICE.days, lost[0].trouble
        yield warn("notices", "notices_given_up", count=len(lost), days=days, trouble=trouble)
    if stuck:
        oldest, trouble = stuck[-1], stuck[-1].trouble or text("operations.none")
        since = local_time(oldest.created_at, office.settings.timezone)
        yield warn("notices", "notices_stuck", count=len(stuck), since=since, trouble=trouble)
    if not (lost or stuck):
        yield fine("notices", text("operations.none"))


def waiting(office: Office) -> Iterator[Finding]:
    """Count what only a person can settle."""
    doubtful = office.ledger.counts()[State.IN_DOUBT]
    refused = _long_refused(office)
    if doubtful:
        yield warn("waiting", "items_in_doubt", count=doubtful)
    if refused:
        yield warn("waiting", "files_refused", count=refused, days=LONG_REFUSED.days)
    if not (doubtful or refused):
        yield fine("waiting", text("operations.none"))


def faults(office: Office) -> Iterator[Finding]:
    """Look whether the program itself broke lately."""
    path = office.settings.folder("logs") / "faults.log"
    if path.exists() and _age(path, office.clock()) < RECENT_FAULT:
        yield warn("faults", "faults_recent", path=path)
    else:
        yield fine("faults", text("operations.none"))


def _long_refused(office: Office) -> int:
    """Count the files that lie in `failed/` and in quarantine for long; their reason files do not count."""
    now, count = office.clock(), 0
    for name in ("failed", "quarantine"):
        for reason in office.settings.folder(name).rglob("*.reason.txt"):
            refused = reason.with_name(reason.name.removesuffix(".reason.txt"))
            count += refused.exists() and _age(reason, now) > LONG_REFUSED
    return count


def _aside(office: Office) -> list[Path]:
    return [path for path in office.configs.parent.glob("replaced-*") if path.is_dir()]


def _age(path: Path, now: datetime) -> timedelta:
    return now - datetime.fromtimestamp(path.stat().st_mtime, UTC)
