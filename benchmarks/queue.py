"""How many items a second go through the ledger, what a large ledger costs, and how soon a run starts.

    python3 benchmarks/queue.py                      a table
    python3 benchmarks/queue.py --json               one object
    python3 benchmarks/queue.py --items 200 --large 5000

`items_per_second`: items claimed, marked `committing` and brought to done, each in three transactions, by 1 and by 3
processes that do nothing else; with the safety of real life (SQLite WAL with synchronous=FULL, PostgreSQL with fsync).
`claim_ms`: median time of a claim in a ledger of 1,000 waiting items (`small`), of 100,000 waiting items (`waiting`),
and of 100,000 items that are done with 1,000 behind them that wait (`done`); `slower`: the slowest over `small`.
`start_ms`: median time from firing a job to its child marking the run as running, by the local engine and through a
worker. The child loads no reader and no robot.
"""

import sys
from pathlib import Path


def stand_aside() -> None:
    """Let the standard library's module of this name be imported by the other scripts of this folder."""
    import importlib.util
    import sysconfig

    spec = importlib.util.spec_from_file_location("queue", Path(sysconfig.get_path("stdlib")) / "queue.py")
    assert spec is not None and spec.loader is not None
    real = importlib.util.module_from_spec(spec)
    sys.modules["queue"] = real
    spec.loader.exec_module(real)


if __name__ == "queue":
    stand_aside()
elif __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    from benchmarks.robot_town import go_on_in_checkout

    go_on_in_checkout()
    from benchmarks.queue_measures import main

    sys.exit(main(str(__doc__)))
