"""What every field of a form template has: a name, and what people say about it whatever its kind."""

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field

from backoffice.declarations import Part, refuse
from ocr.template_cells import Box, proper

_NOT_IN_NAMES = re.compile(r"[.|{}\x00-\x1f]|^\s|\s$")


def _plain_name(name: str) -> str:
    """A name goes into `${item.NAME | filter}` and into headings of lists."""
    if not name or len(name) > 60 or _NOT_IN_NAMES.search(name):
        raise refuse("ocr.name_wrong", name=name)
    return name


Name = Annotated[str, AfterValidator(_plain_name)]
ProperBox = Annotated[Box, AfterValidator(proper)]


class FieldBase(Part):
    """What every field may say."""

    name: Name = Field(description="Name of the field; the name of the column in the record.")
    required: bool = Field(True, description="An empty required field goes to a person.")
    personal: bool = Field(False, description="Personal data: masked in logs, never part of a key.")
    verify: Literal["none", "check", "double", "manual"] = Field(
        "check",
        description="none: take the best reading unless it is illegible or invalid; check: ask when in doubt; double: "
        "two different people type it; manual: always ask.",
    )
    limit: float | None = Field(
        None,
        gt=0,
        lt=1,
        description="Largest expected error at which a reading is accepted without a person.",
    )

    def boxes(self) -> list[Box]:
        """Return every box of the field in mm."""
        raise NotImplementedError

    def placed(self, name: str, dy: float) -> Self:
        """Return the same field under another name, `dy` mm lower on the page."""
        raise NotImplementedError
