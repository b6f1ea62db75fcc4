"""What names exist in an installation, so that a robot's text can be checked against them before it is saved."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from backoffice.settings import Settings
from backoffice.vault import Vault
from ocr.template import Form
from robots.model import Robot
from robots.validate import Knowledge


class Known:
    """The names of one installation, as they are at each question.

    Args:
        settings: For the target systems and the folders.
        vault: For the secrets.
        forms: The forms that the console works with; a live mapping.
    """

    def __init__(self, settings: Settings, vault: Vault, forms: Mapping[str, Form]) -> None:
        self.settings = settings
        self.forms = forms
        self._vault = vault

    def for_text(self, data: Any) -> Knowledge:
        """Return what a robot's text is checked against; `data` is its content as read, right or wrong."""
        items = data.get("items") if isinstance(data, dict) else None
        items = items if isinstance(items, dict) else {}
        process = str(items.get("process") or (items.get("form") if items.get("from") == "form" else ""))
        targets, folders = self.settings.targets, self.settings.folders
        return Knowledge(fields=self.fields(process) or None, targets=targets, folders=folders)

    def fields(self, process: str) -> set[str]:
        """Return the names of the fields of a process's records; none when no form makes them."""
        return fields_of(self.forms, process)

    def missing_secrets(self, robot: Robot) -> list[str]:
        """Return the secrets that a robot types and that are not stored."""
        return [name for name in robot.secrets() if not self._vault.has(name)]

    def stamp(self, folder: Path) -> tuple[object, ...]:
        """Return what a check depends on beside the text: routines, pictures and forms, by their last change."""
        beside = sorted(
            (path.as_posix(), path.stat().st_mtime_ns)
            for part in ("routines", "images")
            for path in (folder / part).rglob("*")
        )
        return (*beside, *sorted((name, form.source.sha256) for name, form in self.forms.items()))


def fields_of(forms: Mapping[str, Form], process: str) -> set[str]:
    """Return the names of the fields of the forms that a process's records are read from."""
    return {field.name for form in forms.values() if form.process == process for _, field in form.fields()}
