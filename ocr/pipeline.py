"""Read a file: the stages in order, on one screen.

intake → identify → register → cut → recognise → (pages of one form together) → validate → decide
"""

import os
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, MutableMapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from backoffice.keys import join_key
from ocr.batch import FILES_AHEAD, FileEnd, PageReady, Preparation
from ocr.blank import WORK_DPI, Blank, load_blanks
from ocr.calibration import Calibration, load_calibration
from ocr.cells import PageInk
from ocr.cleanup import ink_mask, to_dpi
from ocr.decide import decide
from ocr.documents import PageRead, group_pages, missing_field
from ocr.fields import IMAGE_DPI, FieldInk, cut_fields, read_fields
from ocr.identify import identify
from ocr.intake import Limits, SourcePage, read_pages
from ocr.reading import DocumentReading, FileReading, PageReading, PageRefusal, packed
from ocr.recognisers.characters import load_networks
from ocr.record import KEY_JOINT
from ocr.register import Registered, register
from ocr.template import Form


@dataclass(frozen=True)
class PreparedPage:
    """A page laid on its blank and cut, ready for the networks; or why it cannot be read.

    Attributes:
        form: Name of the form; "" for a refused page.
        reading: How it lay on its blank.
        fields: What was cut.
        refusal: Why it cannot be read, else None.
        seconds: Seconds by stage.
    """

    form: str
    reading: PageReading | None
    fields: tuple[FieldInk, ...]
    refusal: PageRefusal | None
    seconds: Mapping[str, float]


@dataclass(frozen=True)
class FileOutcome:
    """What became of one of several files.

    Attributes:
        path: The file.
        reading: What was read, or None.
        error: Why nothing was read, or None.
    """

    path: Path
    reading: FileReading | None
    error: Exception | None

    def result(self) -> FileReading:
        """Return the reading.

        Raises:
            Exception: What reading the file raised.
        """
        if self.reading is None:
            raise self.error or RuntimeError("a file without reading must have its error")
        return self.reading


@dataclass
class _OpenFile:
    """A file of which pages are still to come."""

    path: Path
    read: list[PageRead] = field(default_factory=list)
    refused: list[PageRefusal] = field(default_factory=list)
    seconds: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    error: Exception | None = None
    ended: bool = False

    def spent(self, seconds: Mapping[str, float]) -> None:
        for stage, more in seconds.items():
            self.seconds[stage] += more


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
        self.workers = max(1, (threads or os.cpu_count() or 2) // 2)
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
        [outcome] = self.read_files([path], form=form)
        return outcome.result()

    def read_files(self, paths: Iterable[Path], *, form: str | None = None) -> Iterator[FileOutcome]:
        """Read several files as one stream of pages; the outcomes come in the order of the paths.

        While the networks read some pages, the next ones are prepared. A path is taken from `paths` when its file is
        begun, up to FILES_AHEAD before it is done.

        Args:
            paths: PDF, TIFF, JPEG or PNG.
            form: Look for this form only; any known form by default.

        Raises:
            KeyError: There is no form of this name.
        """
        blanks = [blank for blank in self.blanks if form is None or blank.form == self.forms[form].form]
        source = enumerate(paths)
        open_files: dict[int, _OpenFile] = {}
        with Preparation(
            self._pages, lambda arrived: self._prepare(*arrived, blanks), workers=self.workers
        ) as ahead:
            while True:
                for number, path in islice(source, FILES_AHEAD - len(open_files)):
                    open_files[number] = _OpenFile(path)
                    ahead.begin(number, path)
                if not open_files:
                    return
                self._take(ahead.next_batch(), open_files)
                for number in [number for number, file in open_files.items() if file.ended]:
                    yield self._close(open_files.pop(number))

    def _pages(self, path: Path) -> Iterator[tuple[SourcePage, float]]:
        """Yield the pages of a file, each with the seconds that it took to come."""
        pages = read_pages(path, self.limits)
        while True:
            start = time.perf_counter()
            page = next(pages, None)
            if page is None:
                return
            yield page, time.perf_counter() - start

    def _prepare(self, page: SourcePage, arrival: float, blanks: Sequence[Blank]) -> PreparedPage:
        seconds = {"intake": arrival}
        with _timed(seconds, "identify"):
            match = identify(page, blanks)
        if isinstance(match, PageRefusal):
            return PreparedPage("", None, (), match, seconds)
        with _timed(seconds, "register"):
            laid = register(page, match)
        if isinstance(laid, PageRefusal):
            return PreparedPage("", None, (), laid, seconds)
        with _timed(seconds, "cut"):
            fields = tuple(cut_fields(prepare_ink(laid)))
        return PreparedPage(match.blank.form, _describe(page, laid), fields, None, seconds)

    def _take(
        self, batch: Sequence[PageReady[PreparedPage] | FileEnd], files: Mapping[int, _OpenFile]
    ) -> None:
        """Let the networks read the pages of a batch together and hand the results to their files."""
        prepared: list[tuple[_OpenFile, PreparedPage]] = []
        for one in batch:
            file = files[one.file]
            if isinstance(one, FileEnd):
                file.ended, file.error = True, file.error or one.error
                continue
            try:
                page = one.future.result()
            except Exception as error:  # it is told by the file's outcome; the other files go on
                file.error = file.error or error
                continue
            file.spent(page.seconds)
            if page.refusal is not None:
                file.refused.append(page.refusal)
            elif file.error is None:
                prepared.append((file, page))
        self._read_together(prepared)

    def _read_together(self, prepared: Sequence[tuple[_OpenFile, PreparedPage]]) -> None:
        if not prepared:
            return
        seconds: dict[str, float] = {}
        try:
            with _timed(seconds, "recognise"):
                raws = iter(read_fields(self.networks, [ink for _, page in prepared for ink in page.fields]))
        except Exception as error:
            if len(prepared) == 1:
                prepared[0][0].error = error
                return
            for one in prepared:  # one page breaks the batch: let it break its own file alone
                self._read_together([one])
            return
        for file, page in prepared:
            file.spent({"recognise": seconds["recognise"] / len(prepared)})
            if page.reading is not None:
                kept = tuple(ink.after_reading() for ink in page.fields)
                file.read.append(PageRead(page.form, page.reading, kept, tuple(islice(raws, len(kept)))))

    def _close(self, file: _OpenFile) -> FileOutcome:
        if file.error is not None:
            return FileOutcome(file.path, None, file.error)
        with _timed(file.seconds, "decide"):
            documents = tuple(self._document(pages) for pages in group_pages(file.read))
        reading = FileReading(file.path.name, documents, tuple(file.refused), dict(file.seconds))
        return FileOutcome(file.path, reading, None)

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
        key = join_key([decided[name].value for name in form.key], KEY_JOINT) if certain else ""
        readings = tuple(page.reading for page in pages)
        return DocumentReading(form.form, readings, fields, key, not missing, missing, form.version)


@contextmanager
def _timed(seconds: MutableMapping[str, float], stage: str) -> Iterator[None]:
    """Add the wall seconds of the block to the stage."""
    start = time.perf_counter()
    try:
        yield
    finally:
        seconds[stage] = seconds.get(stage, 0.0) + time.perf_counter() - start


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
        picture=packed(to_dpi(laid.work, WORK_DPI, IMAGE_DPI)),
    )
