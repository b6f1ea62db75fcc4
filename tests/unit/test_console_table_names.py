"""A cell of a table keeps its name from the form through the record to the robot and the review page."""

from datetime import date
from pathlib import Path

from ocr.record import make_record
from ocr.template import load_form
from robots.values import Scope, read_template

FORM = """\
form: card
title: 見本
process: card
key: [番号]
pages:
  - blank: card.png
    size_mm: [100, 148]
    fields:
      - {name: 番号, kind: digits, box: [10, 10, 40, 8], cells: 5}
      - name: 明細
        kind: table
        rows: 2
        pitch: 9
        columns:
          - {name: 品名, kind: text, box: [10, 30, 30, 8], personal: true}
          - {name: 金額, kind: amount, box: [50, 30, 35, 8], cells: 5}
"""


def test_a_cell_of_a_table_is_known_everywhere_by_its_row_and_column(tmp_path: Path) -> None:
    (tmp_path / "card.png").write_bytes(b"x")
    (tmp_path / "card.yaml").write_text(FORM, encoding="utf-8")
    form = load_form(tmp_path / "card.yaml")
    names = [field.name for _, field in form.fields()]
    assert names == ["番号", "明細1.品名", "明細1.金額", "明細2.品名", "明細2.金額"]
    values = dict(zip(names, ("00421", "机", "1800", "", ""), strict=True))
    key, record = make_record(form, values)
    assert (key, record) == ("00421", values)
    personal = frozenset(field.name for _, field in form.fields() if field.personal)
    scope = Scope(item=record, targets={}, today=date(2026, 11, 21), personal=personal)
    amount, name = read_template("${item.明細1.金額}円"), read_template("${item.明細1.品名}")
    assert amount.fill(scope) == "1800円"
    assert (amount.is_private(scope), name.is_private(scope)) == (False, True)
    assert read_template("${item.明細2.金額}").fill(scope) == ""
