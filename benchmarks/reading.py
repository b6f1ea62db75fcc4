"""Compare form readers on the same pages in one run: ours, the plain PaddleOCR pipeline, and Tesseract.

    python3 benchmarks/reading.py [--pages 8] [--rounds 3] [--scans samples/scans] [--json]

What is fair about it: every contender runs in a child process of its own, has all cores, gets the same pages, and is
loaded and warmed up with one page before anything is measured. Rounds alternate (ours, plain, Tesseract, ours, …); the
median round counts. *Ours* reads the files themselves: decoding, finding the form, laying, cutting, reading, checking.
*Plain* is PaddleOCR's own pipeline as it comes (detection, then recognition) with the same weights and the same
runtime; *Tesseract* is `tesseract -l jpn` as it comes. Both get pages already decoded and turned upright, and their
texts are given to the fields by overlap with the true place of each box: help that no office would have.

Accuracy is counted over fields of text that all of them could read (digits, kana, names, addresses; no marks, dates or
seals), spaces removed and widths unified; in fields of digits everything but digits is removed. *Limit* is our networks
alone: every input that they got in one round is given to them again with nothing else around it.

Seconds depend on what else the machine does; only the ratios of one run mean something. Where other work runs beside
it, the ratios of processor time (`cpu_…`, all processes of a contender together) say more than the clock.
"""

import argparse
import json
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

NAMES = ("ours", "plain_paddleocr", "tesseract_jpn")


def main() -> int:
    """Run the comparison and print it; exit code 0."""
    options = _options()
    from benchmarks.reading_contenders import Contender
    from benchmarks.reading_pages import prepare_pages

    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        pages = prepare_pages(options.scans, options.pages, folder)
        contenders = [Contender(name, folder) for name in NAMES]
        running = [contender for contender in contenders if contender.start()]
        rounds: dict[str, list[dict[str, Any]]] = {contender.name: [] for contender in running}
        for number in range(options.rounds):
            for contender in running:
                print(f"round {number + 1}/{options.rounds} {contender.name} …", file=sys.stderr, flush=True)
                rounds[contender.name].append(contender.ask("read"))
        limit = running[0].ask("limit")
        result = summarise(rounds, limit, pages)
        for contender in running:
            contender.stop()
        result["skipped"] = {one.name: one.skipped for one in contenders if one.skipped}
    print(json.dumps(result, ensure_ascii=False, indent=1) if options.json else table(result))
    return 0


def summarise(rounds: dict[str, list[dict[str, Any]]], limit: dict[str, Any], pages: int) -> dict[str, Any]:
    """Return the figures of every contender, and ours against plain PaddleOCR and against the networks alone."""
    seconds = {
        name: statistics.median(one["seconds"] for one in told) / pages for name, told in rounds.items()
    }
    contenders = {
        name: {
            "seconds_per_page": round(seconds[name], 3),
            "pages_per_minute": round(60 / seconds[name], 1),
            "field_accuracy": round(told[-1]["right"] / max(1, told[-1]["fields"]), 4),
            "fields": told[-1]["fields"],
            "cpu_seconds_per_page": round(_cpu(told) / pages, 3),
            "peak_memory_mb": round(max(one["peak_mb"] for one in told)),
        }
        for name, told in rounds.items()
    }
    ours = seconds["ours"]
    times = {
        f"ours_times_{name}": round(value / ours, 2) for name, value in seconds.items() if name != "ours"
    }
    cpu = {
        f"ours_cpu_times_{name}": round(_cpu(told) / _cpu(rounds["ours"]), 2) for name, told in rounds.items()
    }
    cpu.pop("ours_cpu_times_ours")
    alone = limit["seconds"] / pages
    network = {
        "limit_seconds_per_page": round(alone, 3),
        "limit_share_of_ours": round(alone / ours, 3),
        "limit_cpu_share_of_ours": round(limit["cpu_seconds"] / _cpu(rounds["ours"]), 3),
        "busy_share_of_ours": round(statistics.median(one["network_share"] for one in rounds["ours"]), 3),
    }
    return {
        "pages": pages,
        "rounds": len(rounds["ours"]),
        "readers": contenders,
        **times,
        **cpu,
        "network": network,
    }


def _cpu(told: list[dict[str, Any]]) -> float:
    return statistics.median(one["cpu_seconds"] for one in told)


def table(result: dict[str, Any]) -> str:
    """Return the result as a person reads it."""
    head = f"{'reader':<18}{'s/page':>9}{'pages/min':>11}{'fields right':>14}{'peak MB':>9}"
    lines = [f"{result['pages']} pages, median of {result['rounds']} rounds", head]
    for name, told in result["readers"].items():
        lines.append(
            f"{name:<18}{told['seconds_per_page']:>9.2f}{told['pages_per_minute']:>11.1f}"
            f"{told['field_accuracy']:>13.1%} {told['peak_memory_mb']:>8}"
        )
    lines += [f"{name} is skipped: {why}" for name, why in result["skipped"].items()]
    lines += [
        f"ours is {result[key]} times as fast as {key[11:]}"
        for key in result
        if key.startswith("ours_times_")
    ]
    network = result["network"]
    lines.append(
        f"networks alone: {network['limit_seconds_per_page']:.2f} s/page, {network['limit_share_of_ours']:.0%} of ours "
        f"(of processor time {network['limit_cpu_share_of_ours']:.0%})"
    )
    lines.append(f"in our runs a network is at work {network['busy_share_of_ours']:.0%} of the time")
    return "\n".join(lines)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Compare form readers on the same pages.")
    parser.add_argument("--pages", type=int, default=8, help="pages to read (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of every reader (default: %(default)s)")
    parser.add_argument(
        "--scans",
        type=Path,
        default=Path("samples") / "scans",
        help="folder made by samples.scans.make_scans",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser.parse_args()


if __name__ == "__main__":
    from benchmarks.environment import enter_environment

    enter_environment()
    sys.exit(main())
