"""The designer's child process: `python -m console.design.child FOLDER` does what FOLDER/task.json says, and ends.

Exit code 0 with `result.json` or `refused.json` written; anything else is a fault of ours, told in the server's log.
"""

import os
import sys
import threading
from pathlib import Path

from backoffice.errors import HakadoriError
from console.design.bench import PROGRESS, REFUSED, RESULT, TASK
from console.design.drafts import read_json, write_json


def main(folder: Path) -> int:
    """Do the task of a draft's folder."""
    threading.Thread(target=_go_with_the_server, daemon=True).start()
    write_json(folder / PROGRESS, {"page": 0})
    from console.design.looking import perform

    try:
        told = perform(
            folder,
            read_json(folder / TASK) or {},
            lambda page: write_json(folder / PROGRESS, {"page": page}),
        )
    except HakadoriError as error:
        parts = error.parts()
        write_json(folder / REFUSED, {"what": parts.what, "why": parts.why, "do": parts.do})
        return 0
    write_json(folder / RESULT, told)
    return 0


def _go_with_the_server() -> None:
    """End when the server's end of our standard input is closed: it has ended, however that came about."""
    while os.read(0, 1024):  # not sys.stdin: Python could not end while a thread waits in it
        pass
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
