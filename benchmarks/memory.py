"""Read the same scans again and again in one process and watch its memory.

    python3 benchmarks/memory.py [--pages 2000] [--scans samples/scans] [--json]

Prints the resident memory after every fiftieth page and the slope over the second half (after the networks have seen
every width of crop) in MB per 1,000 pages. Flat means: no more than some MB; the rest is given back when the process
ends after `ocr.pages_per_run` pages.
"""

import argparse
import itertools
import json
import sys
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

STEP = 50


def main() -> int:
    """Read and print; exit code 0."""
    options = _options()
    import tempfile

    import numpy as np
    import psutil

    from ocr.pipeline import Reader
    from ocr.template import load_forms

    process = psutil.Process()
    pages, table = 0, []
    with tempfile.TemporaryDirectory() as models:
        reader = Reader(load_forms(Path("configs") / "forms"), Path(models))
        for outcome in reader.read_files(_again_and_again(options.scans)):
            reading = outcome.result()
            pages += sum(len(document.pages) for document in reading.documents) + len(reading.refused)
            if not table or pages >= table[-1][0] + STEP or pages >= options.pages:
                table.append((pages, round(process.memory_info().rss / 1e6, 1)))
                print(f"{table[-1][0]:6} pages {table[-1][1]:8.1f} MB", file=sys.stderr, flush=True)
            if pages >= options.pages:
                break
    later = [row for row in table if row[0] >= pages / 2]
    slope = float(np.polyfit(*np.array(later).T, 1)[0]) * 1000 if len(later) > 1 else None
    told = {"pages": pages, "rss_mb": table, "slope_mb_per_1000_pages": slope and round(slope, 1)}
    print(json.dumps(told) if options.json else f"slope {told['slope_mb_per_1000_pages']} MB per 1,000 pages")
    return 0


def _again_and_again(folder: Path) -> Iterator[Path]:
    return itertools.cycle(sorted(path for path in folder.glob("*.*") if path.is_file()))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Watch the memory of a reading process.")
    parser.add_argument("--pages", type=int, default=2000, help="pages to read (default: %(default)s)")
    parser.add_argument(
        "--scans", type=Path, default=Path("samples") / "scans", help="folder of scans (default: %(default)s)"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser.parse_args()


if __name__ == "__main__":
    from benchmarks.environment import enter_environment

    enter_environment()
    sys.exit(main())
