"""The measurement of the ledger runs, and its name does not get into the way of others."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_scripts_beside_it_still_find_the_standard_library_s_queue() -> None:
    find = "sys.path.insert(0, 'benchmarks'); sys.modules.pop('queue', None); import queue"
    script = f"import sys; {find}; print(queue.SimpleQueue)"
    ended = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert "SimpleQueue" in ended.stdout


def test_it_measures_a_small_ledger() -> None:
    words = ["--items", "6", "--large", "40", "--starts", "1", "--backend", "sqlite", "--json"]
    ended = subprocess.run(
        [sys.executable, "benchmarks/queue.py", *words], cwd=ROOT, capture_output=True, text=True, check=True
    )
    figures = json.loads(ended.stdout)["sqlite"]
    assert set(figures["items_per_second"]) == {"1", "3"}
    assert set(figures["claim_ms"]) == {"small", "waiting", "done"}
    assert figures["start_ms"] > 0
