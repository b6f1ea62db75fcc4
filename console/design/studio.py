"""The designer's room: begins drafts, has their blanks looked at, checks designs, tries them on scans, saves them."""

import shutil
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from backoffice.settings import Settings
from backoffice.yaml_source import Source, read_yaml
from console.design.bench import RESULT, Standing, Workbench
from console.design.checking import Remark, check_design, write_and_check
from console.design.drafts import Draft, DraftFolder, read_json, write_json
from console.design.shelf import Shelf, Writing, digest_of
from console.design.yaml_edit import ORIGIN
from console.errors import DesignRefused, TemplateChanged

MOST_BLANK_PAGES = 20
"""A blank form has few pages; a file with more is something else."""

_MAGIC = (
    (b"%PDF-", ".pdf"), (b"II*\0", ".tif"), (b"MM\0*", ".tif"), (b"II+\0", ".tif"), (b"MM\0+", ".tif"),
    (b"\xff\xd8\xff", ".jpg"), (b"\x89PNG\r\n\x1a\n", ".png"),
)  # fmt: skip


class Studio:
    """Everything that the designer's pages ask for.

    Args:
        settings: The settings in force.
        shelf: The templates.
        bench: Does the slow work.
    """

    def __init__(self, settings: Settings, shelf: Shelf, bench: Workbench | None = None) -> None:
        self.settings = settings
        self.shelf = shelf
        self.drafts = DraftFolder(settings.var / "designer")
        self._bench = bench or Workbench()

    def begin_new(self, owner: str, now: datetime, form: str, upload: Path, name: str) -> Draft:
        """Begin a form, or its next version, with an uploaded blank, and have a template proposed.

        Args:
            owner: Who begins it.
            now: When.
            form: Short name of the form.
            upload: The blank as it was received; it moves into the draft.
            name: How the person calls the file.

        Raises:
            DesignRefused: The name is none, or the file is neither PDF nor picture.
        """
        self.shelf.demand_name(form)
        ending = ending_of(upload, name)
        draft = self.drafts.begin(
            owner,
            now,
            form=form,
            version=self.shelf.next_version(form),
            blank=f"{form}{ending}",
            blank_name=name,
        )
        shutil.move(upload, self.drafts.place(draft) / draft.blank)
        self.look(draft)
        return draft

    def begin_edit(self, owner: str, now: datetime, file: str) -> Draft:
        """Begin to change a template that is there.

        Raises:
            DesignRefused: There is none of this name.
            DeclarationError: It cannot be understood.
        """
        data, source = self.shelf.read(file)
        draft = self.drafts.begin(
            owner,
            now,
            form=str(data.get("form", "")),
            version=int(data.get("version", 1)),
            base=file,
            revision=source.sha256,
        )
        self._keep_origin(draft, source.text)
        self.look(draft)
        return draft

    def look(self, draft: Draft) -> None:
        """Have the blanks of a draft looked at, or a template proposed, in a child process."""
        place = self.drafts.place(draft)
        task: dict[str, Any] = self._task() | {"form": draft.form, "blank": draft.blank}
        task["limits"] = {**task["limits"], "max_pages": MOST_BLANK_PAGES}
        if draft.blank:
            self._bench.begin(place, {**task, "do": "propose"})
            return
        data, _ = self.shelf.read(draft.base)
        blanks = [
            [
                (self.shelf.folder / str(page.get("blank"))).resolve().as_posix(),
                int(page.get("blank_page", 1)),
            ]
            for page in data["pages"]
        ]
        self._bench.begin(place, {**task, "do": "look", "blanks": blanks})

    def standing(self, draft: Draft, *, trial: bool = False) -> Standing:
        """Say how far the look at the blank is, or the trial on a scan."""
        place = self.drafts.place(draft)
        return self._bench.standing(place / "trial" if trial else place)

    def design(self, draft: Draft) -> dict[str, Any]:
        """Return the content that the designer begins with; entries carry their place in the file.

        Raises:
            DeclarationError: The template cannot be understood.
        """
        data, _ = self._origin(draft, draft.revision)
        data["version"] = draft.version
        for page in data["pages"]:
            page["fields"] = [_marked(field, at) for at, field in enumerate(page.get("fields") or [])]
        return data

    def seen(self, draft: Draft) -> dict[str, Any]:
        """Return what was found on the blanks: sizes and rulings of the pages."""
        return read_json(self.drafts.place(draft) / RESULT) or {"pages": []}

    def check(
        self, draft: Draft, design: Mapping[str, Any], revision: str, *, blanks: bool = False
    ) -> list[Remark]:
        """Check a design as `hakadori form check` does."""
        whole = self._whole(draft, design, revision)
        path = self.drafts.place(draft) / "check.json"
        return check_design(whole, self._homes(draft), path, self.shelf.lexicons(), blanks=blanks)

    def keep_scan(self, draft: Draft, scan: Path, name: str) -> None:
        """Take a scan in to try designs on; an older one goes.

        Raises:
            DesignRefused: The file is neither PDF nor picture.
        """
        folder, ending = self.drafts.place(draft) / "trial", ending_of(scan, name)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        shutil.move(scan, folder / f"scan{ending}")
        write_json(folder / "scan.json", {"scan": f"scan{ending}", "scan_name": name})

    def try_on(self, draft: Draft, design: Mapping[str, Any], revision: str) -> None:
        """Have a design tried in a child process on the scan that was taken in.

        Raises:
            DesignRefused: The design has errors, or no scan was taken in yet.
        """
        place = self.drafts.place(draft)
        kept = read_json(place / "trial" / "scan.json")
        if kept is None:
            raise DesignRefused("designer.scan_missing", where=draft.form)
        template = (place / "trial.yaml").resolve()
        whole = self._whole(draft, design, revision)
        checked = write_and_check(whole, self._homes(draft), template, self.shelf.lexicons(), blanks=False)
        if checked.form is None:
            raise DesignRefused("designer.has_errors", where=draft.form, count=len(checked.errors))
        forms = self.shelf.folder.resolve().as_posix()
        about = {"do": "try", "template": template.as_posix(), "forms": forms}
        self._bench.begin(place / "trial", {**self._task(), **kept, **about})

    def compose(self, draft: Draft, design: Mapping[str, Any], revision: str, *, as_new: bool) -> Writing:
        """Return a design as it would be saved, for the diff that is shown first.

        Raises:
            TemplateChanged: The file is another one by now.
            DesignRefused: Documents need this version, or the name is taken.
        """
        if draft.base and not as_new and self.shelf.revision(draft.base) != revision:
            raise TemplateChanged("designer.template_changed", where=draft.base, name=draft.base)
        return self.shelf.compose(
            self._whole(draft, design, revision),
            self._origin(draft, revision),
            base=draft.base,
            home=self.drafts.place(draft),
            as_new=as_new,
        )

    def save(self, draft: Draft, writing: Writing, revision: str) -> Draft:
        """Write what `compose` returned; the draft goes on from there.

        Raises:
            TemplateChanged: The file is another one by now.
            DeclarationError: The design has errors.
        """
        fresh = self.shelf.save(writing, revision)
        shutil.rmtree(self.drafts.place(draft) / "trial", ignore_errors=True)
        self._keep_origin(draft, writing.text)
        return self.drafts.rebase(draft, writing.file, fresh, writing.version)

    def picture(self, draft: Draft, page: int, *, trial: bool) -> Path | None:
        """Return the picture of a page of the blank, or of the scan laid on it; None when there is none."""
        place = self.drafts.place(draft)
        path = place / "trial" / f"trial-{page}.png" if trial else place / f"page-{page}.png"
        return path if path.is_file() else None

    def _homes(self, draft: Draft) -> tuple[Path, Path]:
        """Return the folders that a design's blanks may be told from."""
        return self.drafts.place(draft), self.shelf.folder

    def _origin(self, draft: Draft, revision: str) -> tuple[dict[str, Any], Source]:
        """Return the text that a page began with: the proposal, or the template in that revision.

        Raises:
            TemplateChanged: This draft never knew that revision.
        """
        name = f"origin-{revision}.yaml" if revision.isalnum() else "form.yaml"
        path = self.drafts.place(draft) / name
        if not path.is_file():
            raise TemplateChanged("designer.template_changed", where=draft.base, name=draft.base)
        return read_yaml(path)

    def _keep_origin(self, draft: Draft, text: str) -> None:
        path = self.drafts.place(draft) / f"origin-{digest_of(text)}.yaml"
        path.write_text(text, encoding="utf-8", newline="")

    def _whole(self, draft: Draft, design: Mapping[str, Any], revision: str) -> dict[str, Any]:
        """Return a page's design with everything that the page may not change taken from the text that it began with.

        Raises:
            DesignRefused: It has other pages than that text.
        """
        origin, _ = self._origin(draft, revision)
        own, given = origin["pages"], design.get("pages")
        if not isinstance(given, list) or len(given) != len(own):
            raise DesignRefused("designer.design_broken", where="pages")
        pages = []
        for page, now in zip(own, given, strict=True):
            fields = now.get("fields") if isinstance(now, Mapping) else None
            if not isinstance(fields, list):
                raise DesignRefused("designer.design_broken", where="fields")
            pages.append({**page, "fields": fields})
        free = {key: design[key] for key in ("title", "process", "key", "rules") if key in design}
        return {**origin, **free, "form": draft.form, "version": draft.version, "pages": pages}

    def _task(self) -> dict[str, Any]:
        settings = self.settings
        return {
            "models": settings.folder("models").resolve().as_posix(),
            "threads": settings.ocr.threads,
            "limit": settings.ocr.limit,
            "limits": {
                "max_pages": settings.inbox.max_pages,
                "max_megapixels": settings.inbox.max_megapixels,
                "max_megabytes": settings.inbox.max_megabytes,
            },
        }


def ending_of(path: Path, name: str) -> str:
    """Return the ending that a file's content calls for.

    Raises:
        DesignRefused: It is empty, or neither PDF, TIFF, JPEG nor PNG.
    """
    with path.open("rb") as file:
        head = file.read(1024)
    if not head:
        raise DesignRefused("designer.file_empty", where=name, name=name)
    ending = next((ending for magic, ending in _MAGIC if head.startswith(magic)), "")
    ending = ending or (".pdf" if b"%PDF-" in head else "")
    if not ending:
        raise DesignRefused("designer.file_unknown", where=name, name=name)
    return ending


def _marked(field: Any, at: int) -> Any:
    """Return a field with its place in the list."""
    return {**field, ORIGIN: at} if isinstance(field, dict) else field
