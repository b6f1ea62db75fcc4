"""Makes the folder of a new installation: declarations to start from, and the working folders."""

import shutil
from pathlib import Path

from backoffice.settings import load_settings
from console.errors import ArgumentWrong
from ocr.template import load_forms


def make_installation(folder: Path, examples: Path) -> list[Path]:
    """Copy the example declarations into a new folder and make the inboxes.

    Args:
        folder: The installation's folder; made when it is missing.
        examples: The `configs` folder to start from.

    Returns:
        The files written. A file that is there already is never overwritten.

    Raises:
        ArgumentWrong: The folder is a file, or there are no examples to start from.
    """
    if folder.exists() and not folder.is_dir():
        raise ArgumentWrong("console.not_a_folder", where=str(folder))
    if not (examples / "hakadori.yaml").is_file():
        raise ArgumentWrong("console.no_examples", where=str(examples))
    written = []
    for source in sorted(examples.rglob("*.yaml")):
        target = folder / "configs" / source.relative_to(examples)
        if target.exists():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
        written.append(target)
    written += _copy_blanks(folder / "configs" / "forms", examples / "forms")
    settings = load_settings(folder / "configs", environ={})
    for department in settings.departments:
        (settings.folder("inbox") / department).mkdir(exist_ok=True)
    return written


def _copy_blanks(forms: Path, examples: Path) -> list[Path]:
    """Copy the blank forms that the templates name, to the same place as seen from the templates."""
    written = []
    for form in load_forms(examples).values():
        for number, page in enumerate(form.pages, start=1):
            target = (forms / page.blank).resolve()
            if not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(form.blank_path(number), target)
                written.append(target)
    return written
