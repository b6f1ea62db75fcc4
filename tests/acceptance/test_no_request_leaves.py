"""No request leaves this machine during the demo: counted by the kernel, not by us.

The demo runs in a network namespace of its own with a way out that leads nowhere. Whatever any process of it sends to
any address but loopback, name look-ups included, is counted on that way out. A probe first shows that it counts.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WAY_OUT = """
set -e
ip link set lo up
ip link add out0 type veth peer name out1
for end in out0 out1; do
  echo 1 > /proc/sys/net/ipv6/conf/$end/disable_ipv6
  ip link set $end up
done
ip addr add 10.99.0.2/24 dev out0
ip route add default via 10.99.0.1
ip neigh add 10.99.0.1 lladdr 02:00:00:00:00:01 dev out0 nud permanent
sent() { ip -s -j link show out0; }
sent
set +e
"$@"
code=$?
sent
exit $code
"""
PROBE = (
    "import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.sendto(b'x', ('10.1.2.3', 53))"
)

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0 or not (shutil.which("ip") and shutil.which("unshare")),
    reason="counting packets in a network namespace needs Linux, root, iproute2 and unshare",
)


def packets_sent(command: list[str], environ: dict[str, str]) -> tuple[int, subprocess.CompletedProcess[str]]:
    """Run a command in its own network namespace; returns how many packets tried to leave."""
    done = subprocess.run(
        ["unshare", "--net", "bash", "-c", WAY_OUT, "way-out", *command],
        cwd=ROOT, env=environ, capture_output=True, text=True, timeout=900, check=False,
    )  # fmt: skip
    counters = [json.loads(line)[0] for line in done.stdout.splitlines() if line.startswith('[{"ifindex"')]
    assert len(counters) == 2, done.stderr
    before, after = (found["stats64"]["tx"]["packets"] for found in counters)
    return after - before, done


def test_the_counter_counts_what_leaves() -> None:
    sent, _ = packets_sent([sys.executable, "-c", PROBE], dict(os.environ))
    assert sent == 1


@pytest.mark.timeout(900)
def test_no_packet_leaves_during_the_demo(tmp_path: Path) -> None:
    scans = tmp_path / "scans"
    shutil.copytree(ROOT / "samples" / "scans" / "truth", scans / "truth")
    for path in sorted((ROOT / "samples" / "scans").glob("*.*"))[:6]:
        shutil.copy(path, scans)
    command = [
        sys.executable,
        "-m",
        "console",
        "demo",
        "--folder",
        str(tmp_path / "demo"),
        "--samples",
        str(scans),
    ]
    sent, done = packets_sent(command, dict(os.environ))
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads((tmp_path / "demo" / "summary.json").read_text(encoding="utf-8"))["documents"] > 0
    assert sent == 0
