"""Long lists on pages: which part is shown, and the addresses of the parts before and after it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Query

from backoffice.department_work import Page

ROWS = 50
MOST_PAGES = 100_000
PageNumber = Annotated[int, Query(alias="page", ge=1, le=MOST_PAGES)]
"""The part that is asked for, `page` in the address."""


@dataclass(frozen=True)
class Part:
    """A part of a list.

    Attributes:
        number: Which, from 1.
        total: Rows of the whole list.
        path: Address of the list.
        filters: What it was narrowed by; empty values are left out.
    """

    number: int
    total: int
    path: str
    filters: Mapping[str, str]

    @property
    def pages(self) -> int:
        """How many parts there are, one or more."""
        return max(1, -(-self.total // ROWS))

    @property
    def before(self) -> str:
        """Address of the part before; empty at the first."""
        return self.address(self.number - 1) if self.number > 1 else ""

    @property
    def after(self) -> str:
        """Address of the part after; empty at the last."""
        return self.address(self.number + 1) if self.number < self.pages else ""

    def address(self, number: int = 1, path: str = "") -> str:
        """Return the address of a part, or of another page about the same rows."""
        asked = {name: value for name, value in self.filters.items() if value}
        query = urlencode(asked | ({"page": str(number)} if number > 1 else {}))
        return f"{path or self.path}?{query}" if query else path or self.path


def rows_of(number: int) -> Page:
    """Return what to ask the books for."""
    return Page(ROWS, (number - 1) * ROWS)
