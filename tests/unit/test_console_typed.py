"""What a person typed becomes what a record keeps: only spelling is mended."""

from __future__ import annotations

import pytest

from console.web.typed import to_record_form


@pytest.mark.parametrize(
    ("kind", "typed", "kept"),
    [
        ("digits", "００１２", "0012"),
        ("postal", "〒100-0001", "〒1000001"),
        ("postal", "100-0001", "1000001"),
        ("phone", "03-1234-5678", "0312345678"),
        ("phone", "０３（１２３４）５６７８", "0312345678"),
        ("amount", "1,234,000円", "1234000"),
        ("decimal", "３６．５", "36.5"),
        ("date", "令和8年4月1日", "2026-04-01"),
        ("date", "2026-04-01", "2026-04-01"),
        ("date", "昭和64年1月8日", "昭和64年1月8日"),
        ("date", "", ""),
        ("katakana", "ﾔﾏﾀﾞ ﾊﾅｺ", "ヤマダ　ハナコ"),
        ("katakana", "やまだ　はなこ", "ヤマダ　ハナコ"),
        ("hiragana", "ヤマダ ハナコ", "やまだ　はなこ"),
        ("alnum", "ａｂ１２", "AB12"),
        ("kanji", "髙橋　濵子", "髙橋　濵子"),
        ("kanji", "﨑", "﨑"),
        ("choice", "普通", "普通"),
        ("text", "a\x00b\x1b", "ab"),
    ],
)
def test_keeps_what_was_meant(kind: str, typed: str, kept: str) -> None:
    assert to_record_form(kind, typed) == kept
