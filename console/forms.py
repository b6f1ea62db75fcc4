"""How the console checks values and makes records: the reading room's own rules, so that both agree."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from ocr.reading import Finding
from ocr.template import Form


class FormChecker:
    """Checks with `ocr.validate` and makes records with `ocr.record`."""

    def findings(self, form: Form, values: Mapping[str, str]) -> Sequence[Finding]:
        """Return what is wrong with the values of a document."""
        from ocr.validate import validate_values

        return list(validate_values(form, values))

    def record(self, form: Form, values: Mapping[str, str]) -> tuple[str, dict[str, str]]:
        """Return the key and the record that the values make."""
        from ocr.record import make_record

        key, record = make_record(form, values)
        return key, dict(record)


def known_lexicons(template: Path) -> frozenset[str]:
    """Return the names that `lexicon:` may have in a template: shipped lists and columns of CSV files in `masters/`.

    Raises:
        MasterWrong: A file there cannot be understood.
    """
    from ocr.masters import load_lexicons, masters_folder

    return frozenset(load_lexicons(masters_folder(template)))
