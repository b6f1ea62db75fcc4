"""What a column of a table holds, by declaration: text, digits with their leading zeros, a date, a number.

Excel decides by itself what a value is; the same date may be a number, a text or an era in three columns of one sheet.
Here the robot's author decides, and a cell that does not fit is told with its place and what to do about it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from pydantic import Field, model_validator

from backoffice.declarations import Part
from backoffice.errors import HakadoriError
from backoffice.japanese.digits import digits_only, to_ascii_digits
from backoffice.japanese.wareki import parse_date
from robots.workbooks.cells import Cell, Kind
from robots.workbooks.errors import TableFileWrong
from robots.workbooks.places import column_letters
from robots.workbooks.styles import Look


class Column(Part):
    """One column that the items take a value from."""

    type: Literal["text", "digits", "date", "number", "integer"] = Field(
        "text",
        description="text: そのまま。"
        "digits: 数字だけの番号(先頭の 0 を残す)。date: 2026-04-01 の形。number: 数。integer: 整数。",
    )
    heading: str = Field(
        "", description="表の見出し。項目名と違うときだけ書く。The heading, where it differs."
    )
    length: int | None = Field(
        None,
        ge=1,
        le=100,
        description="digits の桁数。数になって 0 が落ちた値は 0 で補う。Digits it must have.",
    )
    needed: bool = Field(False, description="true: 空のままにできない。It must not be empty.")

    @model_validator(mode="before")
    @classmethod
    def _take_short_form(cls, written: Any) -> Any:
        """Read `生年月日: date` as `生年月日: {type: date}`."""
        return {"type": written} if isinstance(written, str) else written


@dataclass(frozen=True)
class Origin:
    """How the numbers of a table are to be understood.

    Attributes:
        look: What a style number means.
        moment: The moment that a number in a date cell stands for.
        stale: Whether results of formulas are not to be believed.
        place: How a cell is named in messages.
    """

    look: Callable[[int], Look]
    moment: Callable[[float], datetime]
    stale: bool
    place: Callable[[Cell], str]


def value_of(cell: Cell, heading: str, column: Column, origin: Origin) -> str:
    """Return the value of a cell as records hold it: digits with zeros, dates as 2026-04-01, numbers without commas.

    Raises:
        TableFileWrong: The cell does not hold such a value; its place is told, never what stands in it.
    """
    try:
        return _converted(cell, column, origin)
    except _Unfit as error:
        raise TableFileWrong(
            f"workbooks.{error.key}",
            where=origin.place(cell),
            row=cell.row,
            column=column_letters(cell.column),
            heading=heading,
            **error.values,
        ) from None


class _Unfit(Exception):
    """A cell does not fit its column; the key says how."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key)
        self.key = key
        self.values = values


def _converted(cell: Cell, column: Column, origin: Origin) -> str:
    if cell.kind is Kind.ERROR:
        raise _Unfit("cell_error", error=cell.value)
    if cell.has_no_result:
        raise _Unfit("cell_without_result")
    if cell.formula and origin.stale:
        raise _Unfit("cell_stale")
    if cell.kind is Kind.EMPTY or (cell.kind is Kind.TEXT and not cell.value.strip()):
        if column.needed:
            raise _Unfit("cell_empty")
        return ""
    convert = {"text": _text, "digits": _digits, "date": _date, "number": _number, "integer": _integer}
    return convert[column.type](cell, column, origin)


def _text(cell: Cell, _column: Column, origin: Origin) -> str:
    match cell.kind:
        case Kind.TRUTH:
            return "TRUE" if cell.value == "1" else "FALSE"
        case Kind.DATE:
            return cell.value.partition("T")[0]
        case Kind.NUMBER:
            look = origin.look(cell.style)
            if look.is_date:
                return _shown_moment(cell, origin)
            return _plain(_decimal(cell.value)).zfill(look.zeros)
        case _:
            return cell.value


def _digits(cell: Cell, column: Column, origin: Origin) -> str:
    if cell.kind is Kind.NUMBER:
        look = origin.look(cell.style)
        number = _decimal(cell.value)
        if look.is_date or number != number.to_integral_value() or number < 0:
            raise _Unfit("cell_no_digits")
        found = _plain(number).zfill(look.zeros or column.length or 0)
    else:
        try:
            found = digits_only(_text(cell, column, origin))
        except HakadoriError:
            raise _Unfit("cell_no_digits") from None
    if column.length is not None and len(found) != column.length:
        raise _Unfit("cell_wrong_length", length=column.length, found=len(found))
    return found


def _date(cell: Cell, _column: Column, origin: Origin) -> str:
    if cell.kind is Kind.DATE:
        return cell.value.partition("T")[0]
    if cell.kind is Kind.NUMBER:
        number = _decimal(cell.value)
        if not origin.look(cell.style).is_date:
            if len(cell.value) == 8 and cell.value.isdigit():
                return _day_of(f"{cell.value[:4]}-{cell.value[4:6]}-{cell.value[6:]}")
            raise _Unfit("cell_number_no_date")
        if number < 1:
            raise _Unfit("cell_no_date")
        return _shown_moment(cell, origin)[:10]
    if len(cell.value) == 8 and cell.value.isascii() and cell.value.isdigit():
        return _day_of(f"{cell.value[:4]}-{cell.value[4:6]}-{cell.value[6:]}")
    return _day_of(cell.value)


def _day_of(written: str) -> str:
    try:
        return parse_date(written).isoformat()
    except HakadoriError:
        raise _Unfit("cell_no_date") from None


def _number(cell: Cell, _column: Column, origin: Origin) -> str:
    if cell.kind is Kind.NUMBER:
        if origin.look(cell.style).is_date:
            raise _Unfit("cell_no_number")
        return _plain(_decimal(cell.value))
    written = to_ascii_digits(cell.value).strip().translate(_SIGNS)
    bare = written.removeprefix("¥").removesuffix("円").replace(",", "").strip()
    return _plain(_decimal(bare))


def _integer(cell: Cell, column: Column, origin: Origin) -> str:
    found = _number(cell, column, origin)
    if "." in found:
        raise _Unfit("cell_no_integer")
    return found


_SIGNS = str.maketrans({"△": "-", "▲": "-", "−": "-", "－": "-", "，": ",", "．": ".", "￥": "¥", "\\": "¥"})
"""How offices write negative amounts and yen."""


def _decimal(written: str) -> Decimal:
    try:
        number = Decimal(written)
    except InvalidOperation:
        raise _Unfit("cell_no_number") from None
    if not number.is_finite():
        raise _Unfit("cell_no_number")
    return number


def _plain(number: Decimal) -> str:
    """Return a number without exponent and needless zeros. Excel keeps 15 digits; more are noise of the binary form."""
    digits = number.as_tuple().digits
    if len(digits) > 15:
        number = Decimal(f"{number:.14e}")
    whole = f"{number:f}"
    return (whole.rstrip("0").rstrip(".") if "." in whole else whole) or "0"


def _shown_moment(cell: Cell, origin: Origin) -> str:
    try:
        moment = origin.moment(float(cell.value))
    except (ValueError, OverflowError):
        raise _Unfit("cell_no_date") from None
    if float(cell.value) < 1:
        return f"{moment:%H:%M}"
    return f"{moment:%Y-%m-%d}" if not (moment.hour or moment.minute) else f"{moment:%Y-%m-%d %H:%M}"
