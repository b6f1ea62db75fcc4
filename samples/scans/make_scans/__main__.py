"""Command line of the scan maker; run it from the project root.

::

    python -m samples.scans.make_scans                              # make samples/scans anew
    python -m samples.scans.make_scans --check                      # make them in a temporary folder and compare
    python -m samples.scans.make_scans --out DIR --count 100 --seed 5   # a further development set
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np

from samples.scans.compose.writer import PACKAGES, missing_fonts
from samples.scans.make_scans.files import read_pixels
from samples.scans.make_scans.filling import make_file
from samples.scans.make_scans.plan import SEED, ScanFile, further_files, sample_files

FOLDER = Path("samples") / "scans"
VISIBLE = 24
MOST_VISIBLE = 0.002


def main() -> int:
    """Make or check a set of scans; exit code 1 when a check finds a difference, 2 when fonts are missing."""
    options = _options()
    missing = missing_fonts()
    if missing:
        print(f"Fonts are missing: {', '.join(map(str, missing))}\nInstall: {PACKAGES}", file=sys.stderr)
        return 2
    if options.check:
        return _check()
    files = further_files(options.count, options.seed) if options.count else sample_files()
    _make(files, options.out, options.seed)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Compose filled forms and scan them in software.")
    parser.add_argument(
        "--out", type=Path, default=FOLDER, help="folder for the scans and truth/ (default: %(default)s)"
    )
    parser.add_argument("--count", type=int, default=0, help="make a development set of this many files")
    parser.add_argument(
        "--seed", type=int, default=SEED, help="seed of a development set (default: %(default)s)"
    )
    parser.add_argument("--check", action="store_true", help="compare samples/scans with a fresh run")
    options = parser.parse_args()
    if options.count and (options.seed in (0, SEED) or options.out == FOLDER):
        parser.error("a development set needs its own --out and --seed (from 1)")
    return options


def _make(files: tuple[ScanFile, ...], folder: Path, seed: int) -> None:
    for number, file in enumerate(files, start=1):
        make_file(file, folder, seed)
        print(f"{number}/{len(files)} {folder / file.name}", flush=True)


def _check() -> int:
    with tempfile.TemporaryDirectory() as temporary:
        fresh = Path(temporary)
        _make(sample_files(), fresh, SEED)
        different = [file.name for file in sample_files() if not _same(file, FOLDER, fresh)]
    print("different: " + ", ".join(different) if different else "all the same")
    return 1 if different else 0


def _same(file: ScanFile, left: Path, right: Path) -> bool:
    """Whether both folders hold the same truth and pixels; other JPEG libraries may differ invisibly."""
    truth = Path("truth") / f"{file.stem}.json"
    if not (left / file.name).exists() or (left / truth).read_bytes() != (right / truth).read_bytes():
        return False
    pages, others = read_pixels(left / file.name), read_pixels(right / file.name)
    return len(pages) == len(others) and all(
        page.shape == other.shape and np.mean(np.abs(page.astype(int) - other) > VISIBLE) <= MOST_VISIBLE
        for page, other in zip(pages, others, strict=True)
    )


if __name__ == "__main__":
    sys.exit(main())
