"""A child process of test_backup.py: a busy office that enters items and takes scans in, without a pause."""

import sys
from itertools import count
from pathlib import Path

from backoffice.audit import AuditTrail
from backoffice.database import open_database
from backoffice.document import FileState
from backoffice.documents import DocumentStore
from backoffice.files import sha256_of
from backoffice.ledger import Ledger
from backoffice.work_items import State


def work(var: Path, url: str) -> None:
    """Work until killed; tell on standard output what is safely in the inbox."""
    engine = open_database(url)
    ledger, trail, store = Ledger(engine), AuditTrail(engine), DocumentStore(engine)
    for number in count():
        scan = var / "inbox" / "nouzei" / f"scan-{number}.pdf"
        scan.write_bytes(b"%PDF " + str(number).encode())
        print(scan.name, flush=True)
        item, _ = ledger.put("kouza", str(number), {"n": str(number)}, who="t", why="t")
        if number % 2:
            claimed = ledger.claim("kouza", run="r", who="t", keys=[item.key])
            ledger.move(claimed, State.DONE, who="t", why="t")
        trail.note("t", "t", str(number))
        held = var / "work" / "nouzei" / f"claim{number}" / scan.name
        held.parent.mkdir(parents=True)
        scan.rename(held)
        stored = held.relative_to(var).as_posix()
        file = store.claim_file("nouzei", scan.name, sha256_of(held), 1, stored)
        kept = var / "originals" / "nouzei" / scan.name
        held.rename(kept)
        store.finish_file(file.id, FileState.READ, pages=1, stored=kept.relative_to(var).as_posix())


if __name__ == "__main__":
    work(Path(sys.argv[1]), sys.argv[2])
