"""One key out of several values, so that different values never make the same key.

Joined bare, ("1-2", "3") and ("1", "2-3") would both be `1-2-3`, and the second record would be taken for a copy of the
first. A joint inside of a value is therefore marked with a backslash. Dates keep theirs: their shape alone tells them.
"""

import re
from collections.abc import Sequence

_DATE = re.compile(r"\d{4}-\d\d-\d\d")


def join_key(values: Sequence[str], joint: str) -> str:
    """Join the values of a key.

    Args:
        values: Always as many, in the same order; a single one stays as it is.
        joint: One character between them.
    """
    if len(values) == 1:
        return values[0]
    return joint.join(value if _DATE.fullmatch(value) else _marked(value, joint) for value in values)


def _marked(value: str, joint: str) -> str:
    return value.replace("\\", "\\\\").replace(joint, f"\\{joint}")
