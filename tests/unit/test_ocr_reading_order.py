"""In which order the lines of a page are read, and how a vertical line is cut into its characters."""

import numpy as np

from ocr.textpage.lines import TextLine, japanese
from ocr.textpage.order import is_vertical_page, page_text, reading_order
from ocr.textpage.strips import character_spans


def line(
    text: str, x: float, y: float, width: float, height: float = 10, *, vertical: bool = False
) -> TextLine:
    corners = np.array([[x, y], [x + width, y], [x + width, y + height], [x, y + height]], dtype=np.float32)
    return TextLine(text, corners, vertical, 1.0, ())


def texts(lines: list[TextLine]) -> list[str]:
    return [each.text for block in reading_order(lines) for row in block for each in row]


def test_reads_a_heading_then_column_after_column() -> None:
    left = [line(f"左の段の文章{n}", 0, 30 + 15 * n, 100) for n in range(4)]
    right = [line(f"右の段の文章{n}", 130, 37 + 15 * n, 100) for n in range(4)]
    heading, foot = line("見出しは段をまたぐ", 40, 0, 150), line("末尾の文も段をまたぐ", 0, 120, 230)
    expected = [heading, *left, *right, foot]
    assert texts([foot, *right, heading, *left]) == [each.text for each in expected]


def test_reads_a_table_of_labels_and_values_row_by_row() -> None:
    rows = [(line("氏名", 0, 20 * n, 30), line(f"第{n}行の値はこれです", 80, 20 * n, 120)) for n in range(4)]
    assert texts([b for _, b in rows] + [a for a, _ in rows]) == [w.text for row in rows for w in row]
    assert (
        page_text([each for row in rows for each in row]).splitlines()[0] == "氏名\u3000第0行の値はこれです"
    )


def test_reads_vertical_lines_from_right_to_left() -> None:
    lines = [line(f"縦書きの行{n}", 200 - 20 * n, 0, 12, 150, vertical=True) for n in range(3)]
    assert is_vertical_page(lines)
    assert texts([lines[1], lines[2], lines[0]]) == [each.text for each in lines]


def test_reads_an_empty_page_as_nothing() -> None:
    assert reading_order([]) == []
    assert page_text([]) == ""


def test_cuts_a_vertical_line_into_characters_of_one_or_several_parts() -> None:
    ink = np.zeros((220, 50), np.uint8)
    for top, bottom in ((5, 45), (55, 65), (80, 92), (105, 145), (155, 162)):  # 口 二 口 、
        ink[top:bottom, 5:45] = 255
    assert character_spans(ink, 50) == [(5, 45), (55, 92), (105, 145), (155, 162)]


def test_gives_the_japanese_form_of_a_chinese_character() -> None:
    assert japanese("徵") == "徴"
    assert japanese("徴") == "徴"
