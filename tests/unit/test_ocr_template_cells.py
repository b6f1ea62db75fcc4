"""Where cells lie: touching, in groups, apart, in rows; and what cannot be is refused with its reason."""

from typing import Any

import pytest
from pydantic import ValidationError

from ocr.template_fields import BoxField, ChoiceField, TableField
from ocr.template_times import DateField, TimeField


def field(**more: Any) -> BoxField:
    return BoxField.model_validate({"name": "x", "kind": "digits", "box": [10, 20, 49, 8], **more})


def test_equal_cells_fill_the_box() -> None:
    spec = field(cells=7)
    assert (spec.cell_count, spec.cell_width) == (7, 7.0)
    assert spec.spans()[0] == (0.0, 7.0)
    assert spec.spans()[-1] == (42.0, 49.0)


def test_groups_leave_the_printed_gap_out() -> None:
    assert field(cells=[3, 4], gap=7).spans() == [
        (0, 6), (6, 12), (12, 18), (25, 31), (31, 37), (37, 43), (43, 49),
    ]  # fmt: skip
    assert field(cells=[1, 1, 1], gap=[10, 9]).spans() == [(0, 10), (20, 30), (39, 49)]


def test_separate_cells_stand_at_their_pitch() -> None:
    assert field(cells=5, pitch=11).spans() == [(0, 5), (11, 16), (22, 27), (33, 38), (44, 49)]


def test_two_rows_share_the_height() -> None:
    spec = field(cells=7, rows=2, row_gap=2)
    assert spec.row_boxes() == [(10, 20, 49, 3), (10, 25, 49, 3)]
    assert spec.cell_count == 14


def test_a_box_without_cells_is_a_free_line() -> None:
    assert (field().cell_count, field().spans()) == (0, [])


@pytest.mark.parametrize(
    ("more", "key"),
    [
        ({"cells": 0}, "ocr.cells_wrong"),
        ({"cells": [3, 0]}, "ocr.cells_wrong"),
        ({"cells": [3, 4], "pitch": 7}, "ocr.pitch_needs_cells"),
        ({"pitch": 7}, "ocr.pitch_needs_cells"),
        ({"cells": [3, 4], "gap": [2, 2]}, "ocr.gaps_wrong"),
        ({"cells": 7, "pitch": 9}, "ocr.cells_do_not_fit"),
        ({"cells": 7, "rows": 3, "row_gap": 4}, "ocr.cells_do_not_fit"),
        ({"box": [-1, 0, 5, 5]}, "ocr.box_wrong"),
        ({"name": "a.b"}, "ocr.name_wrong"),
        ({"yen": True}, "ocr.key_not_for_kind"),
        ({"decimals": 1}, "ocr.key_not_for_kind"),
        ({"kind": "katakana", "min": 3}, "ocr.key_not_for_kind"),
        ({"kind": "decimal"}, "ocr.decimal_without_decimals"),
        ({"min": 5, "max": 4}, "ocr.range_empty"),
        ({"pattern": "["}, "ocr.pattern_wrong"),
    ],
)
def test_what_cannot_be_is_refused(more: dict[str, Any], key: str) -> None:
    with pytest.raises(ValidationError) as caught:
        field(**more)
    assert key in {error["type"] for error in caught.value.errors()}


def test_a_date_and_a_time_are_said_once_and_whole() -> None:
    row = {"box": [10, 10, 12, 8]}
    good: dict[str, Any] = {"name": "d", "kind": "date", "era": "令和", "year": row, "month": row, "day": row}
    assert list(DateField.model_validate(good).parts()) == ["year", "month", "day"]
    assert DateField.model_validate({"name": "d", "kind": "date", "box": [1, 1, 50, 8]}).parts() == {}
    for wrong in ({**good, "day": None}, {**good, "box": [1, 1, 50, 8]}):
        with pytest.raises(ValidationError, match="see catalogue"):
            DateField.model_validate(wrong)
    with pytest.raises(ValidationError, match="see catalogue"):
        TimeField.model_validate({"name": "t", "kind": "time"})


def test_an_option_with_a_comma_could_not_be_told_from_two() -> None:
    with pytest.raises(ValidationError, match="see catalogue"):
        ChoiceField.model_validate(
            {"name": "c", "kind": "choices", "style": "tick", "options": {"東、西": [1, 1, 4, 4]}}
        )


def test_rows_of_a_table_follow_at_the_pitch_under_names_of_their_own() -> None:
    row = {"box": [30, 50, 12, 8]}
    table = TableField.model_validate(
        {
            "name": "明細", "kind": "table", "rows": 3, "pitch": 9.5,
            "columns": [
                {"name": "金額", "kind": "amount", "box": [10, 50, 20, 8], "cells": 5},
                {"name": "日", "kind": "date", "era": "令和", "year": row, "month": row, "day": row},
                {"name": "済", "kind": "choice", "style": "tick", "options": {"はい": [60, 50, 4, 4]}},
            ],
        }
    )  # fmt: skip
    flat = table.flat()
    assert [one.name for one in flat][:4] == ["明細1.金額", "明細1.日", "明細1.済", "明細2.金額"]
    assert [one.boxes()[0][1] for one in flat] == [50, 50, 50, 59.5, 59.5, 59.5, 69, 69, 69]
    assert len(table.boxes()) == 15
