"""What one department's watched folder may look like: where it lies, which forms may come, who gets the receipts."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from backoffice.declarations import Part, refuse
from backoffice.suggest import did_you_mean

Address = Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$")]
RECEIPTS_FOLDER = "受付票"
"""Receipts lie beside the scans of an inbox that has a folder of its own; never read, whatever lies there."""

MARKER = ".hakadori-inbox"
"""Written into an inbox that has a folder of its own: an empty mount point does not have it."""


class DepartmentInbox(Part):
    """One department's watched folder, where it differs from the rule."""

    folder: Path | None = Field(
        None,
        description="受信フォルダーの場所(共有フォルダーでもよい)。空なら var/inbox/<名前>。"
        " Where the scans come, a share for instance; empty: in the working folder.",
    )
    forms: tuple[str, ...] = Field(
        (),
        description="この部署が送ってよい様式。空ならすべて。ほかの様式は quarantine へ。"
        " Forms that this department may send; others are put in quarantine. Empty: all.",
    )
    duplicates: Literal["refuse", "accept"] | None = Field(
        None,
        description="同じ中身のファイルが再び来たとき。空なら inbox.duplicates のとおり。"
        " The same content again; empty: as inbox.duplicates says.",
    )
    receipts: Literal["file", "mail", "both", "none"] = Field(
        "file",
        description="受付票の渡し方。file は受付票フォルダー、mail は下の宛先へ。How receipts are given.",
    )
    mail: tuple[Address, ...] = Field(
        (), description="受付票を送るメールアドレス。Addresses that get the receipts."
    )


def check_departments(inboxes: Mapping[str, DepartmentInbox], departments: Iterable[str]) -> None:
    """Refuse an inbox of a department that the settings do not name, and receipts by mail to nobody.

    Raises:
        PydanticCustomError: With the catalogue's words.
    """
    known = list(departments)
    for name, inbox in inboxes.items():
        if known and name not in known:
            hint = did_you_mean(name, known)
            raise refuse("backoffice.inbox_department_unknown", department=name, hint=hint)
        if inbox.receipts in ("mail", "both") and not inbox.mail:
            raise refuse("backoffice.receipts_without_address", department=name)


def check_places(places: Mapping[str, Path], ours: Iterable[Path]) -> None:
    """Refuse inboxes that lie in each other or in a folder that we write: what we write would be read again.

    Args:
        places: Inbox of each department.
        ours: Folders that we write: work, failed, originals and so on.

    Raises:
        PydanticCustomError: With the catalogue's words.
    """
    seen: list[tuple[str, Path]] = []
    kept = [_plain(path) for path in ours]
    for name, place in places.items():
        place = _plain(place)
        for other, path in [*seen, *((path.name, path) for path in kept)]:
            if place == path or path in place.parents or place in path.parents:
                raise refuse("backoffice.inbox_inside", department=name, other=other)
        seen.append((name, place))


def _plain(path: Path) -> Path:
    """Return an absolute path without `..`, and without asking the file system: a share may not answer."""
    return Path(os.path.abspath(path))  # noqa: PTH100  resolve() would ask the share
