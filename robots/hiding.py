"""Taking personal values out of texts that come from a target: its messages, its pages, its dialogs."""

import re
from collections.abc import Collection
from copy import copy

from backoffice.errors import HakadoriError
from backoffice.logs import mask
from robots.errors import DialogUnexpected

HIDDEN = "●●"
"""Takes the place of a personal value in what the target says."""


def hide(told: str, private: Collection[str]) -> str:
    """Return a text with personal values taken out, however they are spaced; single characters stay."""
    for value in sorted(private, key=len, reverse=True):
        letters = [re.escape(letter) for letter in value if not letter.isspace()]
        if len(letters) > 1:
            told = re.sub(r"\s*".join(letters), HIDDEN, told)
    return told


def without_personal(error: HakadoriError, private: Collection[str]) -> HakadoriError:
    """Return an error with personal values taken out of what it quotes: a dialog, the name of a file.

    A number of less than four digits stays: it stands in lines, rows and times as well.
    """
    told = [value for value in private if len(value) > 3 or not value.isdigit()]
    values = {name: hide(one, told) if isinstance(one, str) else one for name, one in error.values.items()}
    if isinstance(error, DialogUnexpected):
        values["said"] = harmless(str(error.values.get("said", "")), private)
    clean = copy(error)
    clean.where, clean.values = hide(error.where, told), values
    return clean


def harmless(told: str, private: Collection[str], *, longest: int = 500) -> str:
    """Return what a target said as it may be told and kept: no personal value, no long number, not too long."""
    return mask(hide(told, private))[:longest] or "-"
