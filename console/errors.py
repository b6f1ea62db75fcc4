"""What can go wrong where people meet Hakadori.

UserError
├── ArgumentWrong        an argument of the command line, a user name, a password that is too short
├── BackupWrong          a backup cannot be taken, read or put back as it was asked for
├── DesignRefused        a blank, a form's name or a template that the form designer cannot take
│   └── TemplateNotEditable  a template is laid out in a way that cannot be changed piece by piece
├── ThingMissing         what a request names does not exist, or is another department's
├── PortTaken            the console's address is in use
└── ServiceWrong         the service cannot be installed or removed as it was asked for
PermissionRefused
├── LoginRefused         name and password do not fit, or the name is locked for a while
│   └── CodeNeeded           they fit, and the code of the second factor is needed too
├── TooManyRequests      a person, a system or an address sends too many requests
├── NotAnApprover        the person may not approve robots
└── RightMissing         the signed-in person's roles do not hold the right
HakadoriError
├── TemplateChanged      somebody else changed the template in the meantime
└── DemoWrong            the demonstration counted something else than it registered
"""

from backoffice.errors import HakadoriError, PermissionRefused, UserError


class ArgumentWrong(UserError):
    """An argument is missing, unknown or out of range."""


class BackupWrong(UserError):
    """A backup cannot be taken, read or put back as it was asked for; what was there is still there."""


class DesignRefused(UserError):
    """The form designer cannot take a file, a name or a template; nothing was written."""


class TemplateNotEditable(DesignRefused):
    """The template's YAML is laid out in a way that cannot be changed piece by piece; an editor can."""


class TemplateChanged(HakadoriError):
    """The template on the disk is not the one that this design began with; nothing was written."""


class ThingMissing(UserError):
    """What a request names does not exist, or belongs to another department: both look the same."""


class PortTaken(UserError):
    """Another program listens on the console's address."""


class ServiceWrong(UserError):
    """The service cannot be installed or removed as it was asked for."""


class LoginRefused(PermissionRefused):
    """Signing in failed; the message never says which part was wrong."""


class CodeNeeded(LoginRefused):
    """Name and password fit; the person has a second factor and gave no code yet."""


class TooManyRequests(PermissionRefused):
    """Too many requests in a short time; `seconds` says when to go on."""


class NotAnApprover(PermissionRefused):
    """The person is no approver; the attempt stands in the audit trail."""


class RightMissing(PermissionRefused):
    """The person's roles do not hold the right that the page or action needs."""


class DemoWrong(HakadoriError):
    """The demonstration's own count does not come out even."""
