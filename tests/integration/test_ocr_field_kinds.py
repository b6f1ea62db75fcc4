"""Every kind of field, written on a composed sheet and read by the whole reader: real networks, no database."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from ocr.blank import load_blanks
from ocr.identify import Match, identify
from ocr.intake import read_pages
from ocr.pipeline import Reader
from ocr.reading import DocumentReading, FieldReading
from ocr.template import Form
from tests.integration.card_paper import fill, make_form, scan

GOOD = {
    "整理番号": "40217",
    "郵便番号": "0600042",
    "銀行": "0001",
    "支店": "001",
    "よみ": "さとうへい",
    "品名": "ハコネ   サイクル",
    "開始": "午後|2/30",
    "受付日": "2026/4/ 1",
    "申込額": "  ¥1800",
    "体温": "365",
    "判定": "circle",
    "同意": "x",
    "券": "HK-2026-0042",
    "希望": "窓口",
    "備考": "特になし",
    "明細1.数量": " 3",
    "明細1.単価": " 120",
    "明細1.金額": "  360",
    "明細2.数量": " 2",
    "明細2.単価": "1500",
    "明細2.金額": " 3000",
    "合計": " 3360",
}
READ = {
    "整理番号": "40217",
    "郵便番号": "0600042",
    "銀行": "0001",
    "支店": "001",
    "よみ": "さとうへい",
    "品名": "ハコネサイクル",
    "開始": "14:30",
    "受付日": "2026-04-01",
    "申込額": "1800",
    "体温": "36.5",
    "判定": "可",
    "同意": "checked",
    "券": "HK-2026-0042",
    "希望": "窓口",
    "備考": "特になし",
    "明細1.数量": "3",
    "明細1.単価": "120",
    "明細1.金額": "360",
    "明細2.数量": "2",
    "明細2.単価": "1500",
    "明細2.金額": "3000",
    "合計": "3360",
}
FAULTY = GOOD | {
    "受付日": "2099/4/ 1",
    "申込額": "     50",
    "体温": "36 ",
    "判定": "check",
    "開始": "",
    "希望": "郵送、窓口",
    "備考": "",
    "明細2.数量": "",
    "明細2.単価": "",
    "明細2.金額": "",
    "明細3.数量": " 2",
    "明細3.単価": "1500",
    "明細3.金額": " 3100",
    "券": "",
}


@dataclass(frozen=True)
class Desk:
    """The form, and the sheets that were read in one go."""

    form: Form
    good: DocumentReading
    faulty: DocumentReading


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("card")
    form = make_form(folder)
    reader = Reader({"card": form}, folder / "models", threads=1)
    sheets = [scan(fill(form, values), folder / f"{n}.png") for n, values in enumerate((GOOD, FAULTY))]
    good, faulty = (reader.read_file(sheet).documents[0] for sheet in sheets)
    yield Desk(form, good, faulty)


def _fields(document: DocumentReading) -> dict[str, FieldReading]:
    return {field.name: field for field in document.fields}


@pytest.mark.parametrize("name", READ)
def test_a_value_is_read_in_the_record_form_of_its_kind(desk: Desk, name: str) -> None:
    assert _fields(desk.good)[name].value == READ[name]


def test_empty_trailing_rows_of_a_table_need_nobody(desk: Desk) -> None:
    rows = [field for field in desk.good.fields if field.name.startswith(("明細3", "明細4"))]
    assert [(field.value, field.accepted, field.reason) for field in rows] == [("", True, "")] * 6


def test_a_code_is_accepted_and_read_from_its_own_box(desk: Desk) -> None:
    code = _fields(desk.good)["券"]
    assert code.accepted
    assert code.candidates[0][0] == "HK-2026-0042"


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("受付日", "2099-04-01", "ocr.in_the_future"),
        ("申込額", "50", "ocr.below_range"),
        ("体温", "36.●", "ocr.illegible"),
        ("判定", "●", "ocr.mark_foreign"),
        ("希望", "郵送、窓口", "ocr.two_marks"),
        ("明細2.数量", "", "ocr.row_left_out"),
        ("明細3.金額", "3100", "ocr.product_wrong"),
        ("合計", "3360", "ocr.sum_wrong"),
    ],
)
def test_what_cannot_be_goes_to_a_person_with_its_reason(
    desk: Desk, name: str, value: str, reason: str
) -> None:
    field = _fields(desk.faulty)[name]
    if name in ("明細3.金額", "合計"):  # told by whichever rule finds it first
        assert field.reason in ("ocr.product_wrong", "ocr.sum_wrong")
    else:
        assert field.reason == reason
    assert (field.value, field.accepted) == (value, False)


def test_fields_left_empty_that_may_be_are_results(desk: Desk) -> None:
    fields = _fields(desk.faulty)
    assert [(fields[name].value, fields[name].accepted) for name in ("券", "備考", "開始")] == [
        ("", True)
    ] * 3


def test_the_version_of_the_paper_is_told_though_both_are_known(tmp_path: Path) -> None:
    mail = "      - {name: 電子メール, kind: alnum, box: [30, 178, 60, 8], required: false}\n"
    old, new = make_form(tmp_path, "old", 1), make_form(tmp_path, "new", 2, mail)
    blanks = load_blanks([old, new])
    for form in (old, new):
        page = next(iter(read_pages(scan(fill(form, GOOD), tmp_path / "sheet.png"))))
        match = identify(page, blanks)
        assert isinstance(match, Match)
        assert match.blank.version == form.version
