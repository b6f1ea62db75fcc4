"""The robots' branch of the error tree.

    HakadoriError
    └── ListNotWritten       an Excel list could not be written
    UserError
    ├── BrowserMissing       no Edge, Chrome or Chromium on this machine, or it does not start
    ├── LoginRefused         the target did not let the robot in
    └── TargetUnknown        the settings name no such target system
    SystemFailure
    ├── TargetUnreachable    the target's machine does not answer
    ├── TargetTrouble        the target answered with an error page
    ├── NotFoundOnPage       what a step waited for did not appear
    └── StepFailed           the page did not let the step be done
    BusinessFailure
    ├── RefusedByTarget      the target refused this record, by a rule of the robot
    │   └── RefusedAfterCommit   the same, and the rule says it proves that nothing was registered
    └── ValueUnfit           a value of this record cannot be written as the step asks

Where each one leads (retry, next item, a person) is decided in `attempt.py`.
"""

from backoffice.errors import BusinessFailure, HakadoriError, SystemFailure, UserError


class ListNotWritten(HakadoriError):
    """An Excel list could not be written; the items themselves are not touched by that."""

    exit_code = 3


class BrowserMissing(UserError):
    """No browser that a robot can drive."""


class LoginRefused(UserError):
    """The target did not let the robot in: its name, its password, or its right to enter is wrong."""


class TargetUnknown(UserError):
    """A robot names a target system that the settings do not have."""


class TargetUnreachable(SystemFailure):
    """The target's machine does not answer at all."""


class TargetTrouble(SystemFailure):
    """The target answered with an error page (HTTP 4xx or 5xx)."""


class NotFoundOnPage(SystemFailure):
    """What a step waited for did not appear in time."""


class StepFailed(SystemFailure):
    """The page did not let the step be done."""


class RefusedByTarget(BusinessFailure):
    """The target refused this record; the robot's own rule says so."""


class RefusedAfterCommit(RefusedByTarget):
    """The target refused this record; the rule says that this holds even after the commit step."""


class ValueUnfit(BusinessFailure):
    """A value of this record is missing or cannot be written as the step asks."""
