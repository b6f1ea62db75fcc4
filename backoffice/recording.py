"""Turn a confirmed document into a work item: both books change in one transaction, or neither does.

Were the item entered first and the document closed later, a crash between the two would leave a document that a
person could still correct while the robot already types the uncorrected record.
"""

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass

import sqlalchemy as sa

from backoffice.document import Document
from backoffice.documents import DocumentStore
from backoffice.ledger import Ledger
from backoffice.work_items import WorkItem


@dataclass(frozen=True)
class Recorded:
    """What came of it.

    Attributes:
        item: The document's own work item; None when its key was taken.
        twin: The item of another document that already has this process and key; the document still waits.
        document: The document as it stands now.
    """

    item: WorkItem | None
    twin: WorkItem | None
    document: Document


def record_document(
    documents: DocumentStore,
    ledger: Ledger,
    document: Document,
    *,
    process: str,
    key: str,
    record: Mapping[str, str],
    who: str,
    why: str,
    connection: sa.Connection | None = None,
) -> Recorded:
    """Enter a waiting document's record in the ledger and close the document as recorded.

    Args:
        documents: The documents.
        ledger: The work items, in the same database.
        document: The document as the caller knows it.
        process: Ledger process of the record.
        key: Its dedupe key, without personal data.
        record: Field name → value.
        who: The reader or the person who confirmed it.
        why: Why, for the item's first event.
        connection: A transaction to be part of; one of its own by default.

    Raises:
        StaleRevision: The document was changed or closed meanwhile; nothing was entered.
    """
    with documents.transaction() if connection is None else nullcontext(connection) as writing:
        item, created = ledger.put(
            process, key, record, who=who, why=why, document=document.id, connection=writing
        )
        if not created:
            return Recorded(None, item, document)
        closed = documents.mark_recorded(writing, document, item.id, who)
    return Recorded(item, None, closed)
