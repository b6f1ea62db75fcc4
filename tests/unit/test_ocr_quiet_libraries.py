"""The libraries that read tell nobody: they keep no number of this machine and prepare nothing to send."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOAD = """
from ocr.recognisers.cell import CellReader
import os
CellReader(threads=1)
assert os.environ["ORT_DISABLE_TELEMETRY"] == "1"
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the library keeps nothing in the home folder")
def test_opening_a_network_leaves_nothing_in_the_home_folder(tmp_path: Path) -> None:
    environ = {
        name: value for name, value in os.environ.items() if name not in ("ORT_DISABLE_TELEMETRY", "CI")
    }
    environ |= {
        "HOME": str(tmp_path),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    subprocess.run([sys.executable, "-c", LOAD], cwd=ROOT, env=environ, check=True)
    assert not list(tmp_path.rglob("*icrosoft*"))
