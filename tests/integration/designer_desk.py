"""A form designer for tests: a copy of the shipped forms in a folder of its own, so that saving harms nobody."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from backoffice.settings import Settings
from console.design.bench import Standing, Workbench
from console.design.shelf import Shelf, digest_of
from console.design.studio import Studio
from ocr.template import Form

SHIPPED = Path("configs/forms")
QUIET_FORM = "yobou_yoshin.yaml"
"""A form that no document of the tests refers to."""


class StillBench(Workbench):
    """A bench on which nothing is ever done: what is asked for is as good as done, and found nothing."""

    def begin(self, folder: Path, task: Mapping[str, Any]) -> None:
        pass

    def standing(self, folder: Path) -> Standing:
        return Standing("done", told={})


def form_text(file: str) -> str:
    """Return a shipped template as it stands in the copy."""
    return (SHIPPED / file).read_text(encoding="utf-8").replace("../../samples/forms", "blanks")


def copy_forms(folder: Path) -> Path:
    """Copy the shipped forms with their blanks into configs/forms of a folder."""
    forms = folder / "configs" / "forms"
    (forms / "blanks").mkdir(parents=True, exist_ok=True)
    for path in SHIPPED.glob("*.yaml"):
        (forms / path.name).write_text(form_text(path.name), encoding="utf-8")
    for path in Path("samples/forms").glob("*.pdf"):
        shutil.copy(path, forms / "blanks")
    return forms


def make_studio(
    folder: Path, settings: Settings, engine: sa.Engine, live: MutableMapping[str, Form], bench: Workbench
) -> Studio:
    """Return a designer over a copy of the shipped forms."""
    return Studio(settings, Shelf(copy_forms(folder), engine, live), bench)


def quiet_draft(studio: Studio, owner: str, now: Any) -> str:
    """Begin a draft whose blank was looked at and that has a scan to try; return its number."""
    draft = studio.begin_edit(owner, now, QUIET_FORM)
    place = studio.drafts.place(draft)
    (place / "trial").mkdir()
    (place / "trial" / "scan.json").write_text('{"scan": "scan.png", "scan_name": "scan.png"}')
    (place / "page-1.png").write_bytes(b"picture")
    return draft.id


def quiet_design() -> dict[str, Any]:
    """Return what a page sends when nothing was changed in the draft of `quiet_draft`."""
    from backoffice.yaml_source import read_yaml

    sha = digest_of(form_text(QUIET_FORM))
    return {"design": read_yaml(SHIPPED / QUIET_FORM)[0], "revision": sha, "digest": sha}
