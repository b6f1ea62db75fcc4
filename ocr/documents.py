"""Put the pages of one form together: pages that follow each other in the file and in the form."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from ocr.fields import FieldInk
from ocr.reading import FieldReading, PageReading, RawReading
from ocr.template import AnyField


@dataclass(frozen=True)
class PageRead:
    """One page with its fields read but not yet decided."""

    form: str
    reading: PageReading
    fields: tuple[FieldInk, ...] = field(repr=False)
    raws: tuple[RawReading, ...] = field(repr=False)
    version: int = 1


def group_pages(pages: Sequence[PageRead]) -> list[list[PageRead]]:
    """Return the pages of each document.

    A page belongs to the document before it when that is the same form and has no such page yet, and nothing else
    lies between; so 1 2 1 2 is two documents, 2 1 is one (put in order), and 1 1 is two incomplete ones.
    """
    groups: list[list[PageRead]] = []
    for page in pages:
        last = groups[-1] if groups else []
        fits = (
            bool(last)
            and (last[0].form, last[0].version) == (page.form, page.version)
            and page.reading.form_page not in {other.reading.form_page for other in last}
            and page.reading.source_page == last[-1].reading.source_page + 1
        )
        if fits:
            last.append(page)
        else:
            groups.append([page])
    return [sorted(group, key=lambda page: page.reading.form_page) for group in groups]


def missing_field(spec: AnyField, page: int) -> FieldReading:
    """Return the reading of a field whose page is not in the file: empty, for a person."""
    return FieldReading(
        name=spec.name,
        kind=spec.kind,
        page=page,
        value="",
        probability=0.0,
        accepted=False,
        reason="ocr.page_missing",
        reason_values={"page": page},
        candidates=(),
        box_px=(0, 0, 0, 0),
        crop=np.full((8, 8), 255, dtype=np.uint8),
        personal=spec.personal,
    )
