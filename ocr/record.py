"""Turn the values of a form into a record: the thing that the ledger keeps and robots type."""

from collections.abc import Mapping

from backoffice.keys import join_key
from ocr.template import Form

KEY_JOINT = "-"


def make_record(form: Form, values: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """Return the dedupe key and the record, its fields in printed order.

    Args:
        form: The form.
        values: Every field's value in record form.

    Raises:
        KeyError: A field of the form has no value (not even an empty one).
    """
    record = {field.name: values[field.name] for _, field in form.fields()}
    return join_key([record[name] for name in form.key], KEY_JOINT), record
