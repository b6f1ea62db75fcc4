"""Parameters of a job: values that it gives to its robot, or that a person gives for one run."""

from collections.abc import Mapping

from backoffice.suggest import did_you_mean
from scheduler.errors import ParameterUnknown
from scheduler.job import Job


def given_parameters(job: Job, given: Mapping[str, str]) -> dict[str, str]:
    """Return the parameters of one run: those the job declares, with the values given for this run laid over.

    Raises:
        ParameterUnknown: The job declares no parameter of a given name; the nearest names are told.
    """
    for name in given:
        if name not in job.parameters:
            hint = did_you_mean(name, job.parameters)
            raise ParameterUnknown(
                "scheduler.parameter_unknown", where=job.job, name=name, job=job.job, hint=hint
            )
    return {**job.parameters, **given}
