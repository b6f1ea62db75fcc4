"""The robots' branch of the error tree.

    HakadoriError
    ├── ListNotWritten       an Excel list could not be written
    └── StoppedByPerson      a person pushed the mouse into a corner of the screen
    UserError
    ├── BrowserMissing       no Edge, Chrome or Chromium on this machine, or it does not start
    ├── LoginRefused         the target did not let the robot in
    ├── ScreenMissing        no screen that a desktop robot can work on
    ├── ImageUnfit           a picture to look for is missing, unreadable or too plain
    ├── IeModeRefused        the target is opened in Edge's IE mode, which nobody can drive
    └── TargetUnknown        the settings name no such target system
    SystemFailure
    ├── TargetUnreachable    the target's machine does not answer
    ├── TargetTrouble        the target answered with an error page
    ├── ScreenUnfit          the screen is locked, too small, or taken by another robot
    ├── NotFoundOnPage       what a step waited for did not appear
    ├── PageUnfinished       a page was asked for and never came to its end
    ├── SessionLost          the target has logged the robot out
    └── StepFailed           the page did not let the step be done
        └── DialogUnexpected     the page asked something that the robot was not prepared for
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


class ScreenMissing(UserError):
    """There is no screen that a desktop robot can work on."""


class ImageUnfit(UserError):
    """A picture that a robot looks for on the screen is missing, unreadable or too plain."""


class ScreenUnfit(SystemFailure):
    """The screen is locked, black, too small, or another robot is at work on it."""


class StoppedByPerson(HakadoriError):
    """A person pushed the mouse into a corner of the screen; the robot stays stopped."""

    exit_code = 3


class IeModeRefused(UserError):
    """The target is opened in Internet Explorer mode, which no program can drive."""


class TargetUnknown(UserError):
    """A robot names a target system that the settings do not have."""


class TargetUnreachable(SystemFailure):
    """The target's machine does not answer at all."""


class TargetTrouble(SystemFailure):
    """The target answered with an error page (HTTP 4xx or 5xx)."""


class NotFoundOnPage(SystemFailure):
    """What a step waited for did not appear in time."""


class PageUnfinished(SystemFailure):
    """A page was asked for and never came to its end."""


class SessionLost(SystemFailure):
    """The target has logged the robot out; the run logs in again."""


class StepFailed(SystemFailure):
    """The page did not let the step be done."""


class DialogUnexpected(StepFailed):
    """The page opened a dialog that the robot was not prepared for; it was closed with "no"."""


class RefusedByTarget(BusinessFailure):
    """The target refused this record; the robot's own rule says so."""


class RefusedAfterCommit(RefusedByTarget):
    """The target refused this record; the rule says that this holds even after the commit step."""


class PlaceRefused(UserError):
    """A file lies outside of the folders that robots may use."""


class FileTrouble(SystemFailure):
    """A file is not there, is not finished, or cannot be moved, copied, packed or read now."""


class ArchiveRefused(UserError):
    """A zip file would write outside of its folder, is far larger than it looks, or is protected."""


class PythonFailed(SystemFailure):
    """A function of the town stopped with an error of its own."""


class PythonMissing(UserError):
    """There is no such function in the town's folder, or its file cannot be loaded."""


class RefusedByFunction(BusinessFailure):
    """A function of the town said that this record is wrong (it raised ValueError)."""


class ActionsUnfit(UserError):
    """Actions that another package brings cannot be used."""


class ValueUnfit(BusinessFailure):
    """A value of this record is missing or cannot be written as the step asks."""
