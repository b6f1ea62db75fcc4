"""A worker of the scheduler's tests, as one PC has it: its own folder, the shared database.

python scheduler_worker.py VAR JOBS SILENT_SECONDS QUEUE…
"""

import sys
from collections.abc import Sequence
from pathlib import Path

from scheduler_child import office_of
from scheduler_parts import CHILD

from backoffice.run_queue import RunQueue
from backoffice.runs import Run
from console.engines import stop_on_signals
from scheduler.carrying import Carrier
from scheduler.job_check import load_jobs
from scheduler.worker import Worker

if __name__ == "__main__":
    var, jobs, silent, queues = Path(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3]), sys.argv[4:]
    office = office_of(var)

    def command(run: Run) -> Sequence[str]:
        return [sys.executable, str(CHILD), str(var), str(jobs), run.id]

    worker = Worker(
        office,
        RunQueue(office.database, office.runs),
        load_jobs(jobs),
        Carrier(office, command, grace_seconds=30),
        queues=queues,
        lanes=3,
        silent_seconds=silent,
    )
    stop_on_signals(worker.stop)
    print("up", flush=True)
    worker.run()
