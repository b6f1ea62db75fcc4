"""`hakadori ocr text`: read pages that belong to no form, as plain text or as a searchable PDF."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from console.calling import Call, call_of, progress_console, put_json, say, told
from console.errors import ArgumentWrong

if TYPE_CHECKING:
    from ocr.textpage.document import TextPage

PAGE_BREAK = "\n\f\n"


def text(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help=told("help_ocr_files"))],
    out: Annotated[Path | None, typer.Option("--out", help=told("help_ocr_text_out"))] = None,
    as_json: Annotated[bool, typer.Option("--json", help=told("help_json"))] = False,
) -> None:
    """Find the lines of every page, read them, and put them into reading order."""
    call = call_of(context)
    if not file.is_file():
        raise ArgumentWrong("backoffice.file_missing", where=str(file), name=file.name)
    if out is not None and (out.suffix.lower() not in (".txt", ".pdf") or out.resolve() == file.resolve()):
        raise ArgumentWrong("console.text_out_wrong", where="--out", name=out.name)
    count = lines = 0
    texts: list[str] = []
    for page in _pages(call, file, out):
        count, lines = count + 1, lines + len(page.lines)
        if as_json:
            put_json(page.as_json(file.name))
        elif out is None:
            say(page.text if count == 1 else f"\f{page.text}")
        if out is not None and out.suffix.lower() == ".txt":
            texts.append(page.text)
    if out is not None and out.suffix.lower() == ".txt":
        out.write_text(PAGE_BREAK.join(texts) + "\n", encoding="utf-8")
    if out is not None and not as_json:
        say(told("text_written", path=out, pages=count, lines=lines))


def _pages(call: Call, file: Path, out: Path | None) -> "Iterator[TextPage]":
    """Yield the pages, read; a searchable PDF is written on the way."""
    from console.reading import limits_of
    from ocr.textpage.document import read_text
    from ocr.textpage.lines import LineFinder
    from ocr.textpage.searchable import write_searchable

    settings = call.settings
    finder = LineFinder(settings.folder("models"), settings.ocr.threads)
    pages = read_text(file, finder, limits_of(settings))
    if out is not None and out.suffix.lower() == ".pdf":
        pages = write_searchable(file, out, pages)
    with progress_console().status(told("reading_file", file=file.name)):
        yield from pages
