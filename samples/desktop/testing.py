"""A real screen for tests: an X server that needs no monitor (Xvfb), on a display number of its own."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def virtual_screen(width: int = 800, height: int = 600, *, lit: bool = True) -> Iterator[str]:
    """Run Xvfb and end it by its own process id afterwards.

    Args:
        width: Pixels.
        height: Pixels.
        lit: False leaves the empty screen black, as a locked screen looks.

    Yields:
        The display, such as ``:57``.

    Raises:
        RuntimeError: It did not start.
    """
    reading, writing = os.pipe()
    colour = "-wr" if lit else "-br"
    command = [
        "Xvfb",
        "-displayfd",
        str(writing),
        "-screen",
        "0",
        f"{width}x{height}x24",
        colour,
        "-nolisten",
        "tcp",
    ]
    with subprocess.Popen(
        command, pass_fds=[writing], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        os.close(writing)
        try:
            with os.fdopen(reading) as announced:
                number = announced.readline().strip()
            if not number:
                raise RuntimeError(f"Xvfb did not start: exit code {server.wait(10)}")
            yield f":{number}"
        finally:
            server.terminate()
            server.wait(60)
