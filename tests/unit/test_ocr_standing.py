"""In which cell each character of a value stands: what group review shows as tiles rests on it."""

from __future__ import annotations

import pytest

from ocr.template_fields import BoxField
from ocr.values import Row


def value(kind: str, text: str, **more: object) -> tuple[str, tuple[tuple[int, str], ...]]:
    spec = BoxField(name="欄", kind=kind, box=(0, 0, 50, 8), cells=len(text), **more)  # type: ignore[arg-type]
    raw = Row(((text, 1.0),), tuple(("digit", 0.9) for _ in text)).as_kind(spec)
    return raw.value, raw.cells


@pytest.mark.parametrize(
    ("kind", "text", "read", "first"),
    [
        ("digits", "0123", "0123", 0),
        ("digits", "□□12□", "12", 2),
        ("digits", "1□3", "1●3", 0),
        ("amount", "□¥012", "12", 3),
        ("amount", "□□120", "120", 2),
        ("katakana", "□ヤマ□タ□", "ヤマ　タ", 1),
    ],
)
def test_each_character_keeps_its_cell(kind: str, text: str, read: str, first: int) -> None:
    assert value(kind, text) == (read, tuple(enumerate(read, start=first)))


def test_a_value_that_lies_otherwise_than_its_cells_names_none() -> None:
    assert value("decimal", "□12", decimals=1) == ("1.2", ())
    two_rows = BoxField(name="欄", kind="text", box=(0, 0, 50, 16), cells=2, rows=2)  # type: ignore[arg-type]
    assert Row((("あいうえ", 1.0),), ()).as_kind(two_rows).cells == ()


def test_an_empty_row_has_no_cells() -> None:
    assert value("digits", "□□□") == ("", ())
