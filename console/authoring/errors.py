"""What can go wrong where robots are written.

UserError
├── AuthoringRefused     a name, a text or a trial that cannot be taken; nothing was written or begun
└── RobotMissing         there is no such robot, version or trial
HakadoriError
└── RobotChanged         somebody changed the robot in the meantime; nothing was overwritten
PermissionRefused
└── OwnWork              a person may not approve a change of his own
"""

from backoffice.errors import HakadoriError, PermissionRefused, UserError
from console.errors import ThingMissing


class AuthoringRefused(UserError):
    """A name, a text or a trial that cannot be taken; nothing was written or begun."""


class RobotMissing(ThingMissing):
    """There is no such robot, version or trial."""


class RobotChanged(HakadoriError):
    """The robot on the disk is not the one that was shown; nothing was overwritten, nothing approved."""


class OwnWork(PermissionRefused):
    """A person may not approve a change of his own."""
