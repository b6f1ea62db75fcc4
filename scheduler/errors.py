"""Errors of the scheduler; a declaration that is wrong is a `DeclarationError`.

    UserError
    ├── JobMissing       no job of this name
    ├── JobBusy          the job runs already
    ├── JobPaused        a person paused the job
    ├── NotPaused        the job to be resumed is not paused
    ├── ScriptDiffers    another PC fired the job with other declarations than this one has
    ├── MemoryTooSmall   a run needs more memory than the job allows before it has done anything
    ├── ParameterUnknown the job declares no parameter of this name
    └── ServiceRunning   another service works on this database
    HakadoriError
    ├── StartFailed      the child process could not be started
    └── PostUnreachable  the database through which workers are told is away

Each says what happened, why, and what to do (catalogue `scheduler.toml`).
"""

from backoffice.errors import HakadoriError, UserError


class JobMissing(UserError):
    """No job has this name."""


class JobBusy(UserError):
    """The job is running at this moment."""


class JobPaused(UserError):
    """A person paused the job."""


class NotPaused(UserError):
    """The job is not paused."""


class MemoryTooSmall(UserError):
    """`memory_mb` is less than a run needs to begin: it would stop and go on for ever without doing anything."""


class ParameterUnknown(UserError):
    """The job declares no parameter of this name."""


class ServiceRunning(UserError):
    """Another service works on this database."""


class StartFailed(HakadoriError):
    """The child process of a run could not be started."""


class ScriptDiffers(UserError):
    """The job was fired with another version of its script than this PC has."""


class PostUnreachable(HakadoriError):
    """The database through which workers are told of runs is away."""
