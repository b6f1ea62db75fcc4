"""Why a piece of Japanese text was refused, in a form that a page, a log and a program can all use.

A reason names a catalogue entry (`japanese.<name>`) and the values of its placeholders. It never quotes the text
itself: birth dates, 個人番号 and names pass through here, and messages end up in logs.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from backoffice.errors import BusinessFailure
from backoffice.messages import ErrorText, error_text


@dataclass(frozen=True)
class Reason:
    """One reason why a text is not what it should be.

    Attributes:
        key: Catalogue key of an error entry, "japanese.<name>".
        values: Values of its placeholders; never personal data.
    """

    key: str
    values: Mapping[str, object] = field(default_factory=dict)

    def explain(self, language: str | None = None) -> ErrorText:
        """Return what is wrong, why, and what to do, in the language given or in force."""
        return error_text(self.key, language=language, **self.values)


class JapaneseTextError(BusinessFailure, ValueError):
    """A text is not a valid date, number or code. Also a ValueError, so that pydantic validators may raise it."""

    @classmethod
    def of(cls, reason: Reason) -> Self:
        """Build the error of a reason."""
        return cls(reason.key, where="", **reason.values)

    @property
    def reason(self) -> Reason:
        """The same refusal as plain data, for a list of findings."""
        return Reason(self.key, self.values)


class DigitsError(JapaneseTextError):
    """A text is not a number as Japanese offices write them."""


class WarekiError(JapaneseTextError):
    """A text or a set of parts is not a day of the Japanese calendar."""


class EncodingError(JapaneseTextError):
    """A text holds characters that the file's encoding would lose or change."""
