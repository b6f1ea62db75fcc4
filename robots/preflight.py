"""What a robot needs before it starts: checked before the browser is started and before any item is touched."""

from backoffice.settings import Settings
from backoffice.suggest import did_you_mean
from backoffice.vault import Vault
from robots.errors import TargetUnknown
from robots.model import Robot


def preflight(robot: Robot, vault: Vault, settings: Settings) -> None:
    """Check what a robot needs before it starts.

    Raises:
        SecretMissing: A secret it types is not stored.
        TargetUnknown: A target it names is not in the settings.
    """
    for name in robot.secrets():
        vault.get(name)
    for placed in robot.placed():
        for template in placed.step.texts():
            for reference in template.references:
                if reference.place == "target" and not settings.targets.get(reference.name):
                    hint = did_you_mean(reference.name, settings.targets)
                    raise TargetUnknown(
                        "robots.target_not_in_settings", where=robot.robot, name=reference.name, hint=hint
                    )
