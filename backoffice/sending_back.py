"""Send a file that was put aside back to be read: the same number, the same row, a new claim.

The file is moved into `work/` in the transaction that changes its row. Killed in between, it lies there without its
row, and the next reader enters it as a new file: nothing is lost.
"""

from pathlib import Path
from uuid import uuid4

from backoffice.document import FileMissing, ReceivedFile
from backoffice.documents import DocumentStore
from backoffice.files import move_file, safe_name
from backoffice.retention import REASON_ENDING
from backoffice.settings import Settings


def send_back(
    settings: Settings, documents: DocumentStore, file_id: int, *, who: str, department: str | None = None
) -> ReceivedFile:
    """Let a file from failed/ or quarantine/ be read again, whatever was wrong with it.

    Args:
        settings: Where the folders are.
        documents: The books.
        file_id: Its number.
        who: The person who decided it.
        department: Another department whose file it is; its own by default.

    Raises:
        FileMissing: There is no such file, or it was erased or taken away from its place.
        FileNotPutAside: It is being read, or was read.
        OSError: It cannot be moved; nothing was changed.
    """
    file = documents.file(file_id)
    path = settings.var / file.stored
    if not file.stored or not path.is_file():
        raise FileMissing("backoffice.received_file_missing", where=str(file_id), file=file_id)
    to, claim = department or file.department, uuid4().hex
    target = settings.folder("work") / to / claim / safe_name(Path(file.name).name)
    stored = target.relative_to(settings.var).as_posix()
    with documents.transaction() as connection:
        documents.take_back(connection, file_id, department=to, claim=claim, stored=stored, who=who)
        move_file(path, target)
    path.with_name(f"{path.name}{REASON_ENDING}").unlink(missing_ok=True)
    return documents.file(file_id)
