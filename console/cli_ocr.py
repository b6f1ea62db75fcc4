"""`hakadori ocr …`: read files outside of any inbox, and measure how well reading goes."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from backoffice.errors import ItemFailure
from backoffice.suggest import did_you_mean
from console.calling import Call, call_of, progress_console, put_json, put_table, say, told
from console.errors import ArgumentWrong
from console.measured import put_measured

if TYPE_CHECKING:
    from ocr.reading import FileReading
    from ocr.template import Form

ocr_app = typer.Typer(no_args_is_help=True)
AsJson = Annotated[bool, typer.Option("--json", help=told("help_json"))]
AUTO = "auto"


@ocr_app.command("read", help=told("help_ocr_read"))
def read(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help=told("help_ocr_files"))],
    form: Annotated[str, typer.Option("--form", help=told("help_ocr_form"))] = AUTO,
    as_json: AsJson = False,
) -> int:
    """Read files and print what stands in them; nothing is entered in the books."""
    call = call_of(context)
    _check_files(files)
    forms = _forms(call, form)
    failed = 0
    for lines in _read_all(call, forms, files):
        failed += sum(line.get("form") is None for line in lines)
        for line in lines:
            put_json(line) if as_json else _show(line, forms)
    return ItemFailure.exit_code if failed else 0


@ocr_app.command("eval", help=told("help_ocr_eval"))
def evaluate(
    context: typer.Context,
    labels: Annotated[Path | None, typer.Argument(metavar="LABELS.csv", help=told("help_ocr_labels"))] = None,
    kind: Annotated[str | None, typer.Option("--kind", help=told("help_ocr_kind"))] = None,
    cells: Annotated[int | None, typer.Option("--cells", min=1, help=told("help_ocr_cells"))] = None,
    alphabet: Annotated[str | None, typer.Option("--alphabet", help=told("help_ocr_alphabet"))] = None,
    samples: Annotated[Path | None, typer.Option("--samples", help=told("help_ocr_samples"))] = None,
    svg: Annotated[Path | None, typer.Option("--svg", help=told("help_ocr_svg"))] = None,
    as_json: AsJson = False,
) -> None:
    """Measure reading against known truth: labelled crops, or whole scans."""
    call = call_of(context)
    if (labels is None) == (samples is None):
        raise ArgumentWrong("console.eval_what", where="ocr eval")
    if samples is not None:
        found = _evaluate_samples(call, samples)
    elif kind is None or labels is None:
        raise ArgumentWrong("console.eval_kind_missing", where="--kind")
    else:
        found = _evaluate_labels(call, labels, kind, cells, alphabet)
    if svg is not None:
        _write_picture(svg, (labels or samples or svg).name, found)
    put_json(found) if as_json else put_measured(found)


def _write_picture(path: Path, name: str, found: Mapping[str, Any]) -> None:
    """Write the risk–coverage curve as SVG."""
    from ocr.risk_svg import picture_of

    try:
        path.write_text(picture_of(name, found), encoding="utf-8", newline="\n")
    except OSError as error:
        raise ArgumentWrong(
            "console.svg_not_written", where="--svg", name=str(path), detail=type(error).__name__
        ) from error


def _evaluate_labels(
    call: Call, labels: Path, kind: str, cells: int | None, alphabet: str | None
) -> dict[str, Any]:
    from ocr.evaluate import evaluate_labels

    ocr = call.settings.ocr
    with progress_console().status(told("measuring", name=labels.name)):
        return evaluate_labels(
            labels,
            kind,
            models=call.settings.folder("models"),
            cells=cells,
            alphabet=alphabet,
            limit=ocr.limit,
            threads=ocr.threads,
        )


def _evaluate_samples(call: Call, samples: Path) -> dict[str, Any]:
    from console.reading import make_reader
    from ocr.evaluate_samples import evaluate_samples

    if not samples.is_dir():
        raise ArgumentWrong("console.no_samples", where=str(samples))
    with progress_console().status(told("measuring", name=samples.name)) as status:
        reader = make_reader(call.settings, _forms(call, AUTO))
        return evaluate_samples(samples, reader, lambda name: status.update(told("measuring", name=name)))


def _read_all(
    call: Call, forms: "Mapping[str, Form]", files: Sequence[Path]
) -> Iterator[list[dict[str, Any]]]:
    """Read one file after the other; a file that cannot be read becomes a line with its reason."""
    from rich.progress import Progress

    from console.reading import make_reader
    from ocr.errors import FileRefused

    reader = make_reader(call.settings, forms)
    with Progress(console=progress_console(), transient=True) as bar:
        task = bar.add_task(told("reading"), total=len(files))
        for path in files:
            bar.update(task, description=told("reading_file", file=path.name))
            try:
                reading: FileReading = reader.read_file(path)
                yield reading.as_json_lines()
            except FileRefused as error:
                refused = {"file": path.name, "page": None, "form": None, "reason": error.key}
                yield [refused | {"message": error.explain()}]
            bar.advance(task)


def _check_files(files: Sequence[Path]) -> None:
    for path in files:
        if not path.is_file():
            raise ArgumentWrong("backoffice.file_missing", where=str(path), name=path.name)


def _forms(call: Call, name: str) -> "Mapping[str, Form]":
    from ocr.template import load_forms

    forms = load_forms(call.configs / "forms")
    if name == AUTO:
        return forms
    if name not in forms:
        hint = did_you_mean(name, [*forms, AUTO])
        raise ArgumentWrong("console.form_missing", where="--form", name=name, hint=hint)
    return {name: forms[name]}


def _show(line: Mapping[str, Any], forms: "Mapping[str, Form]") -> None:
    from ocr.template import form_of

    if line["form"] is None:
        say(told("not_read", file=line["file"], message=line["message"]))
        return
    form = form_of(forms, line["form"], line["version"])
    title = told("was_read", file=line["file"], form=form.title if form else "", page=line["page"])
    rows = [
        [
            name,
            field["value"],
            told("state_accepted") if field["accepted"] else told("doubtful"),
            f"{field['probability']:.3f}",
        ]
        for name, field in line["fields"].items()
    ]
    put_table([told("field"), told("value"), told("state"), told("probability")], rows, title=title)
