"""Free lines of numbers, dates and times: which characters may stand on them, and what they say in record form."""

import re
from dataclasses import replace

from ocr.alphabets import DIGITS, alphabet_of
from ocr.reading import ILLEGIBLE, RawReading
from ocr.template_fields import AnyField, BoxField
from ocr.template_times import DateField, TimeField
from ocr.value_times import line_value

_ALSO = {
    "amount": ",、¥円金-",
    "decimal": ".",
    "phone": "-()",
    "postal": "-〒",
    "account": "-",
    "date": "明治大正昭和平成令西暦元年月日./-MTSHR",
    "time": "午前後時分半:.",
}
"""What people write beside the digits on a free line, by kind."""

_SEPARATORS = str.maketrans("", "", " 　,、-ー()（）〒")


def line_alphabet(spec: AnyField) -> str:
    """Return the characters that may stand on a free line of this field."""
    own = spec.alphabet if isinstance(spec, BoxField) else None
    return own or alphabet_of(spec.kind) + _ALSO.get(spec.kind, "")


def shape_line(raw: RawReading, spec: AnyField) -> RawReading:
    """Return the reading of a free line in the record form of its kind."""
    if isinstance(spec, DateField | TimeField):
        return line_value(raw, spec)
    if not isinstance(spec, BoxField) or spec.kind not in (
        *_ALSO,
        "digits",
        "mynumber",
        "corporate_number",
        "bank",
        "branch",
    ):
        return raw
    candidates = tuple((_number_line(text, spec.kind), score) for text, score in raw.candidates)
    return replace(raw, value=_number_line(raw.value, spec.kind), candidates=candidates)


def _number_line(text: str, kind: str) -> str:
    """Return a number without what was written around it: ¥1,800- is 1800, 03(1234)5678 is 0312345678."""
    if ILLEGIBLE in text:
        return text
    if kind == "amount":
        found = re.fullmatch(
            r"[¥金]?([0-9]{1,3}(?:[,、][0-9]{3})+|[0-9]+)(?:円?-?|-円?)", text.replace(" ", "")
        )
        return str(int(re.sub(r"\D", "", found[1]))) if found else text
    if kind == "decimal":
        return text.replace(" ", "")
    bare = text.translate(_SEPARATORS)
    return bare if all(c in DIGITS for c in bare) else text
