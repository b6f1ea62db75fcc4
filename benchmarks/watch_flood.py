"""Flood watched folders, kill the service with -9 while it works, and count what was dropped, doubled, failed wrongly.

    python3 benchmarks/watch_flood.py [--files 2000] [--kills 5] [--engine sqlite|postgresql] [--json]

2,000 files come in bursts into two inboxes: written at once, in pieces over seconds (with pauses longer than a file
must be still), and under another name first; one in ten is the same content again, one in twelve is broken. A child
process runs the real watcher, claims, structural checks, intake, document books, ledger and receipts; it is killed with
SIGKILL five times and started again. Only recognition is replaced by a reader that decodes the pages and reads nothing.

In the end every file must lie in the books once: whole ones read once, doubles refused, broken ones in failed/ with a
reason. Files are compared by their content, on the disk and in the books. The exit code is 1 when one is not. With
`--engine postgresql` a server of our own is started for it; `--database` names an empty database of another.
"""

import argparse
import json
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))


def main() -> int:
    """Run the flood and print its figures."""
    options = _options()
    from benchmarks.queue_measures import running
    from benchmarks.watch_trial import run_flood

    with ExitStack() as stack:
        url = options.database
        if not url and options.engine == "postgresql":
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="flood-postgresql-")))
            folder.chmod(0o755)  # the server may belong to another user
            url = stack.enter_context(running("postgresql", folder))
        told = run_flood(
            options.files,
            options.kills,
            url,
            seed=options.seed,
            limit_seconds=options.limit,
            give_up_seconds=options.give_up,
        )
    if options.json:
        print(json.dumps(told, ensure_ascii=False))
    else:
        print("\n".join(f"{name}: {value}" for name, value in told.items()))
    return int(any(told[name] for name in ("dropped", "double", "wrongly_failed")))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Flood watched folders and kill the service while it works.")
    parser.add_argument("--files", type=int, default=2000, help="files to drop (default: %(default)s)")
    parser.add_argument("--kills", type=int, default=5, help="how often to kill (default: %(default)s)")
    parser.add_argument(
        "--engine", choices=["sqlite", "postgresql"], default="sqlite", help="default: sqlite"
    )
    parser.add_argument("--database", default="", help="URL of an empty database, in place of --engine")
    parser.add_argument("--seed", type=int, default=20261121, help="of the random numbers")
    parser.add_argument(
        "--give-up",
        type=float,
        default=20.0,
        help="seconds until a broken file is given up (default: %(default)s)",
    )
    parser.add_argument("--limit", type=float, default=600, help="seconds; the rest counts as dropped")
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    return parser.parse_args()


if __name__ == "__main__":
    from benchmarks.environment import enter_environment

    enter_environment()
    sys.exit(main())
