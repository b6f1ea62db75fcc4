"""What a survey of working hours (業務棚卸) is: lines of department, category, business, kind of task, hours a year.

Hours are exact decimals to the thousandth (3.6 seconds). Sums and shares of them therefore add up, always.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from backoffice.errors import DeclarationError, UserError
from backoffice.messages import text

THOUSANDTH = Decimal("0.001")
GROUP_MARK = "/"
"""Between the group and the name of a category: 共通業務/窓口."""


class Medium(StrEnum):
    """On what the work is done."""

    PAPER = "paper"
    SYSTEM = "system"
    BOTH = "both"
    NONE = "none"


class SurveyWrong(DeclarationError):
    """A survey file has mistakes; all of them are told at once, each with its row and column."""


class SurveyMissing(UserError):
    """No survey of this name or version was imported."""


class LinkWrong(UserError):
    """A job cannot be linked to a business as it was asked."""


@dataclass(frozen=True)
class SurveyLine:
    """One line of a survey.

    Attributes:
        row: Its row in the file, from 1.
        department: As the survey writes it, e.g. 納税課.
        category: Kind of work, perhaps with its group: 共通業務/窓口.
        business: 業務名.
        task_kind: What is done: 入力, 照合, 審査 …
        hours: Hours a year, exact to the thousandth.
        volume: Items a year; None when the survey does not say.
        medium: On what the work is done.
        routine: Share of the work that follows fixed rules, 0 to 1, as surveyed; None when the survey does not say.
    """

    row: int
    department: str
    category: str
    business: str
    task_kind: str
    hours: Decimal
    volume: int | None
    medium: Medium
    routine: float | None = None

    @property
    def group(self) -> str:
        """The group of its category; the category itself when it has none."""
        return group_of(self.category)


@dataclass(frozen=True)
class Survey:
    """One version of a survey.

    Attributes:
        id: Number in the database.
        name: e.g. 令和8年度.
        version: 1 for the first import; every further import adds one.
        file: Name of the file it was imported from.
        sha256: Of that file.
        who: Who imported it.
        at: When.
        lines: Its lines, in the order of the file.
    """

    id: int
    name: str
    version: int
    file: str
    sha256: str
    who: str
    at: datetime
    lines: tuple[SurveyLine, ...]

    @property
    def hours(self) -> Decimal:
        """All hours together."""
        return total_hours(self.lines)


def total_hours(lines: Iterable[SurveyLine]) -> Decimal:
    """Add up the hours of some lines, exactly."""
    return sum((line.hours for line in lines), Decimal(0))


def group_of(category: str) -> str:
    """Return the group of a category: 共通業務 of 共通業務/窓口, the category itself without a group."""
    return category.partition(GROUP_MARK)[0]


def medium_word(medium: Medium, language: str | None = None) -> str:
    """Return a medium as people say it."""
    return text(f"workload.medium_{medium.value}", language=language)
