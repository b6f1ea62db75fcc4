"""Counts what leaves this machine: by the kernel, not by us.

A command runs in a network namespace of its own with a way out that leads nowhere. Whatever any process of it sends to
any address but loopback, name look-ups included, is counted on that way out.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
_WAY_OUT = """
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
CAN_COUNT = (
    sys.platform == "linux" and os.geteuid() == 0 and bool(shutil.which("ip") and shutil.which("unshare"))
)
"""Counting packets in a network namespace needs Linux, root, iproute2 and unshare."""


def packets_sent(command: Sequence[str]) -> tuple[int, subprocess.CompletedProcess[str]]:
    """Run a command in its own network namespace; returns how many packets tried to leave, and how it ended."""
    done = subprocess.run(
        ["unshare", "--net", "bash", "-c", _WAY_OUT, "way-out", *command],
        cwd=ROOT, capture_output=True, text=True, encoding="utf-8", timeout=1200, check=False,
    )  # fmt: skip
    counters = [json.loads(line)[0] for line in done.stdout.splitlines() if line.startswith('[{"ifindex"')]
    assert len(counters) == 2, done.stderr
    before, after = (found["stats64"]["tx"]["packets"] for found in counters)
    return after - before, done
