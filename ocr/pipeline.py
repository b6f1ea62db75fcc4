"""Read a file: the stages in order, on one screen.

intake → identify → register → cut → recognise → (pages of one form together) → validate → decide
"""

import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ocr.blank import WORK_DPI, Blank, load_blanks
from ocr.calibration import Calibration, load_calibration
from ocr.cells import PageInk
from ocr.cleanup import ink_mask, to_dpi
from ocr.decide import decide
from ocr.documents import PageRead, group_pages, missing_field
from ocr.fields import IMAGE_DPI, cut_fields, read_fields
from ocr.identify import identify
from ocr.intake import Limits, SourcePage, read_pages
from ocr.reading import DocumentReading, FileReading, PageReading, PageRefusal
from ocr.recognisers.characters import load_networks
from ocr.record import KEY_JOINT
from ocr.register import Registered, register
from ocr.template import Form


@dataclass
class Stopwatch:
    """Wall seconds by stage of one file."""

    seconds: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Add the time of the block to the stage."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] += time.perf_counter() - start

    def timed(self, name: str, pages: Iterator[SourcePage]) -> Iterator[SourcePage]:
        """Yield the pages and add the time that each took to come to the stage."""
        while True:
            with self.stage(name):
                page = next(pages, None)
            if page is None:
                return
            yield page


class Reader:
    """Reads filled forms. Holds the blanks and the networks; make one and keep it.

    Args:
        forms: The forms to know, by name.
        models: Folder for the prepared weights (settings.folder("models")).
        limit: Largest expected error of an accepted field that names no own limit.
        threads: CPU threads of the network; 0 for all.
        limits: What is too large to take in.
        calibration: Curves from score to probability; the shipped ones by default.
    """

    def __init__(
        self,
        forms: Mapping[str, Form],
        models: Path,
        *,
        limit: float = 0.001,
        threads: int = 0,
        limits: Limits | None = None,
        calibration: Calibration | None = None,
    ) -> None:
        self.forms = forms
        self.limits = limits or Limits()
        self.limit = limit
        self.calibration = calibration or load_calibration()
        self.networks = load_networks(models, threads)
        self.blanks: Sequence[Blank] = load_blanks(forms.values())

    def read_file(self, path: Path, *, form: str | None = None) -> FileReading:
        """Read every form of a file.

        Args:
            path: PDF, TIFF, JPEG or PNG.
            form: Look for this form only; any known form by default.

        Raises:
            FileRefused: The file cannot be taken in.
            KeyError: There is no form of this name.
        """
        blanks = [blank for blank in self.blanks if form is None or blank.form == self.forms[form].form]
        watch = Stopwatch()
        read: list[PageRead] = []
        refused: list[PageRefusal] = []
        for page in watch.timed("intake", read_pages(path, self.limits)):
            result = self._read_page(page, blanks, watch)
            if isinstance(result, PageRefusal):
                refused.append(result)
            else:
                read.append(result)
        with watch.stage("decide"):
            documents = [self._document(pages_of) for pages_of in group_pages(read)]
        return FileReading(path.name, tuple(documents), tuple(refused), dict(watch.seconds))

    def _read_page(
        self, page: SourcePage, blanks: Sequence[Blank], watch: Stopwatch
    ) -> PageRead | PageRefusal:
        with watch.stage("identify"):
            match = identify(page, blanks)
        if isinstance(match, PageRefusal):
            return match
        with watch.stage("register"):
            laid = register(page, match)
        if isinstance(laid, PageRefusal):
            return laid
        with watch.stage("cut"):
            fields = cut_fields(prepare_ink(laid))
        with watch.stage("recognise"):
            raws = read_fields(self.networks, fields)
        kept = tuple(ink.after_reading() for ink in fields)
        return PageRead(match.blank.form, _describe(page, laid), kept, tuple(raws), match.blank.version)

    def _document(self, pages: Sequence[PageRead]) -> DocumentReading:
        form = next(
            form
            for form in self.forms.values()
            if (form.form, form.version) == (pages[0].form, pages[0].version)
        )
        inks = [ink for page in pages for ink in page.fields]
        raws = [raw for page in pages for raw in page.raws]
        decided = {
            reading.name: reading for reading in decide(form, inks, raws, self.calibration, self.limit)
        }
        fields = tuple(
            decided.get(spec.name) or missing_field(spec, number) for number, spec in form.fields()
        )
        found = {page.reading.form_page for page in pages}
        missing = tuple(n for n in range(1, len(form.pages) + 1) if n not in found)
        certain = all(decided[name].accepted for name in form.key if name in decided) and not missing
        key = KEY_JOINT.join(decided[name].value for name in form.key) if certain else ""
        readings = tuple(page.reading for page in pages)
        return DocumentReading(form.form, readings, fields, key, not missing, missing, form.version)


def prepare_ink(laid: Registered) -> PageInk:
    """Return a registered page ready for cutting."""
    return PageInk(laid.match.blank, laid.work, ink_mask(laid.work))


def _describe(page: SourcePage, laid: Registered) -> PageReading:
    return PageReading(
        source_page=page.number,
        form_page=laid.match.blank.page,
        rotation=laid.match.rotation,
        residual_mm=laid.residual_mm,
        inliers=laid.inliers,
        score=laid.match.score,
        dpi=IMAGE_DPI,
        image=to_dpi(laid.work, WORK_DPI, IMAGE_DPI),
    )
