"""The measurement of review speed runs against the real service, and nothing typed is lost on the way."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from backoffice.bootstrap.browsers import find_browser

ROOT = Path(__file__).parents[2]


@pytest.mark.skipif(find_browser(os.environ) is None, reason="no Edge, Chrome or Chromium on this machine")
def test_a_few_documents_and_two_verifiers_lose_nothing() -> None:
    words = ["--documents", "2", "--verifiers", "2", "--each", "1", "--think", "0", "--burst", "1", "--json"]
    ended = subprocess.run(
        [sys.executable, "benchmarks/review_speed.py", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    told = json.loads(ended.stdout)
    assert (told["lost_characters"], told["errors_5xx"], told["records_wrong"]) == (0, 0, 0)
    assert told["unexpected"] == told["burst_unexpected"] == []
    assert (told["burst_saves"], told["burst_errors_5xx"]) == (2, 0)
    assert told["typed_characters"] == 54
    assert set(told["targets"]) <= set(told)
