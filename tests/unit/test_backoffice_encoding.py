import pytest

from backoffice.japanese.encoding import EncodingFinding, Loss, check_table, check_text, encode, is_gaiji
from backoffice.japanese.errors import EncodingError


@pytest.mark.parametrize(
    ("character", "encoding", "loss", "becomes"),
    [
        ("髙", "cp932", None, ""),
        ("﨑", "cp932", None, ""),
        ("神", "cp932", None, ""),
        ("①", "cp932", None, ""),
        ("㈱", "cp932", None, ""),
        ("\u5fb4", "cp932", None, ""),
        ("𠮷", "cp932", Loss.NOT_ENCODABLE, ""),
        ("\u5fb5", "cp932", Loss.NOT_ENCODABLE, ""),
        ("é", "cp932", Loss.NOT_ENCODABLE, ""),
        ("●", "cp932", None, ""),
        ("〜", "cp932", Loss.CHANGES, "～"),
        ("−", "cp932", Loss.CHANGES, "－"),
        ("‖", "cp932", Loss.CHANGES, "∥"),
        ("¢", "cp932", Loss.CHANGES, "￠"),
        ("£", "cp932", Loss.CHANGES, "￡"),
        ("¬", "cp932", Loss.CHANGES, "￢"),
        ("—", "cp932", Loss.CHANGES, "―"),
        ("¥", "cp932", Loss.CHANGES, "\\"),
        ("～", "cp932", None, ""),
        ("－", "cp932", None, ""),
        ("\ue000", "cp932", Loss.GAIJI, ""),
        ("\uf8ff", "cp932", Loss.GAIJI, ""),
        ("\U000f0001", "utf-8", Loss.GAIJI, ""),
        ("\U000e0100", "cp932", Loss.VARIATION, ""),
        ("髙", "shift_jis", Loss.NOT_ENCODABLE, ""),
        ("﨑", "shift_jis", Loss.NOT_ENCODABLE, ""),
        ("〜", "shift_jis", None, ""),
        ("¥", "shift_jis", Loss.CHANGES, "\\"),
        ("𠮷", "utf-8", None, ""),
        ("〜", "MS932", Loss.CHANGES, "～"),
    ],
)
def test_tells_what_happens_to_each_character(
    character: str, encoding: str, loss: Loss | None, becomes: str
) -> None:
    found = check_text(character, encoding=encoding)
    assert [(f.loss, f.becomes) for f in found] == ([] if loss is None else [(loss, becomes)])


def test_reports_row_column_position_and_code_point() -> None:
    found = check_table([["氏名", "住所"], ["𠮷田", "1〜2番"], ["田中", "\ue123"]])
    assert [(f.row, f.column, f.position, f.code_point, f.loss) for f in found] == [
        (2, 1, 1, "U+20BB7", Loss.NOT_ENCODABLE),
        (2, 2, 2, "U+301C", Loss.CHANGES),
        (3, 2, 1, "U+E123", Loss.GAIJI),
    ]


def test_counts_lines_of_a_text() -> None:
    assert check_text("あ\r\nい𠮷\n") == (EncodingFinding(2, 1, 2, "𠮷", Loss.NOT_ENCODABLE),)
    assert check_text("") == ()


def test_a_finding_explains_itself() -> None:
    (found,) = check_text("1〜2")
    assert found.explain("ja") == "1行1列の2文字目「〜」(U+301C)は、書き出すと「～」に変わります。"
    for loss in Loss:
        for language in ("ja", "en"):
            assert EncodingFinding(1, 1, 1, "x", loss).explain(language)


def test_every_character_that_passes_cp932_really_comes_back() -> None:
    for code in (*range(0xD800), *range(0xE000, 0x30000)):
        character = chr(code)
        if not check_text(character.replace("\n", "")):
            assert character.encode("cp932").decode("cp932") == character


def test_encodes_exactly_or_not_at_all() -> None:
    assert encode("髙﨑①") == "髙﨑①".encode("cp932")
    with pytest.raises(EncodingError) as refused:
        encode("佐藤\n𠮷田〜")
    assert refused.value.values == {
        "encoding": "cp932",
        "count": 2,
        "row": 2,
        "position": 1,
        "code_point": "U+20BB7",
    }


def test_writes_gaiji_only_when_allowed_and_possible() -> None:
    with pytest.raises(EncodingError):
        encode("\ue000")
    assert encode("\ue000", allow_gaiji=True) == b"\xf0\x40"
    with pytest.raises(EncodingError):
        encode("\ue758", allow_gaiji=True)


def test_refuses_an_unknown_encoding() -> None:
    with pytest.raises(LookupError):
        check_text("", encoding="cp999")


@pytest.mark.parametrize(
    ("character", "private"), [("\ue000", True), ("\uf8ff", True), ("\uf900", False), ("髙", False)]
)
def test_knows_the_private_use_areas(character: str, private: bool) -> None:
    assert is_gaiji(character) is private
