"""Which records a robot works on, and where they come from.

items: {from: queue, process: kouza_furikae}                       what waits in the ledger
items: {from: form, form: kouza_furikae}                           what was read from a form
items: {from: done, of: kouza_furikae, process: tsuchi}            what another robot has finished
items: {from: excel, file: …, key: [通知書番号], process: tsuchi}    the rows of a sheet
items: {from: csv, file: …, encoding: cp932, key: […], process: …} the records of a file
"""

import re
from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from backoffice.declarations import Part, refuse
from backoffice.keys import join_key
from robots.columns import Column
from robots.values import Template
from robots.workbooks.csv_text import Delimiter, Encoding

Id = Annotated[str, StringConstraints(pattern=r"^\w[\w-]*$", max_length=100)]

_NEEDS = {"queue": (), "form": ("form",), "done": ("of",), "excel": ("file", "key"), "csv": ("file", "key")}
_MAY = {
    "queue": (),
    "form": (),
    "done": (),
    "excel": ("sheet", "heading_row", "ends_at", "columns"),
    "csv": ("encoding", "delimiter", "heading_row", "ends_at", "columns"),
}
_EVERYWHERE = {"from_", "process", "personal"}


class Items(Part):
    """Which records the robot works on."""

    from_: Literal["queue", "form", "done", "excel", "csv"] = Field(
        "queue",
        alias="from",
        description="queue: 台帳で待っている案件。form: 様式から読み取った記録。"
        "done: 他のロボットが処理を終えた案件。"
        "excel: シートの行。csv: CSV の行。Where the records come from.",
    )
    process: Id = Field(
        "", validate_default=False, description="業務の名前(台帳・様式の process)。The process of the items."
    )
    personal: tuple[str, ...] = Field(
        (), description="個人情報の項目名。記録に残さず、画面の写しでは塗りつぶす。Fields that are personal."
    )
    form: Id = Field("", description="様式の名前。The form (from: form).")
    of: Id = Field("", description="もとの業務の名前。The process whose done items are taken (from: done).")
    file: Template | None = Field(
        None, description="ファイル。${folder.名前}/名簿.xlsx のように書く。The file (from: excel, csv)."
    )
    sheet: str = Field(
        "", description="シートの名前。省けば最初のシート。The sheet; the first one by default."
    )
    heading_row: int = Field(1, ge=1, le=1000, description="見出しの行番号。The row of the headings.")
    encoding: Encoding = Field("utf-8", description="CSV の文字コード。The encoding of the CSV file.")
    delimiter: Delimiter = Field(",", description="CSV の区切り。Between the values of the CSV file.")
    key: tuple[str, ...] = Field(
        (),
        description="同じ記録を二度処理しないための列(一つまたは複数)。個人情報は使えない。The dedupe key.",
    )
    ends_at: str = Field(
        "",
        description="キーの列にこの文字(合計 など)があれば、表はその上で終わり。The table ends above this word.",
    )
    columns: dict[str, Column] = Field(
        default_factory=dict,
        description="項目名と列の種類。省けば全部の列を text として取り込む。Name of the value and its column.",
    )

    @model_validator(mode="before")
    @classmethod
    def _fill_in(cls, written: Any) -> Any:
        """Take one key column written bare, and the form's name as the name of its process."""
        if not isinstance(written, dict):
            return written
        filled = dict(written)
        if isinstance(filled.get("key"), str):
            filled["key"] = [filled["key"]]
        if filled.get("from") == "form" and "form" in filled:
            filled.setdefault("process", filled["form"])
        return filled

    @model_validator(mode="after")
    def _fits_its_source(self) -> Self:
        written = self.model_fields_set - _EVERYWHERE
        needed = [name for name in ("process", *_NEEDS[self.from_]) if name not in self.model_fields_set]
        if needed:
            raise refuse("robots.items_need", source=self.from_, keys=", ".join(needed))
        strange = sorted(written - {*_NEEDS[self.from_], *_MAY[self.from_]})
        if strange:
            raise refuse("robots.items_strange", source=self.from_, keys=", ".join(strange))
        if self.columns and set(self.key) - set(self.columns):
            missing = ", ".join(sorted(set(self.key) - set(self.columns)))
            raise refuse("robots.items_key_undeclared", keys=missing)
        secret = sorted(set(self.key) & set(self.personal))
        if secret:
            raise refuse("robots.items_key_personal", keys=", ".join(secret))
        if self.from_ == "done" and self.of == self.process:
            raise refuse("robots.items_of_itself", process=self.process)
        return self

    def compared(self, key: str) -> str:
        """Return the form in which a key is compared with those of the ledger."""
        return compared_key(key, self.key)

    @property
    def is_table(self) -> bool:
        """Whether the records are rows of a file."""
        return self.from_ in ("excel", "csv")


_BAR = re.compile(r"(?<!\\)\|")
"""A bar between two values; one inside of a value is marked (`backoffice.keys`)."""


def key_of(record: dict[str, str], columns: tuple[str, ...]) -> str:
    """Return the dedupe key of a record: its key columns joined by a bar; a bar in a value is marked.

    Spaces around a value do not count: many programs pad their columns, some days and not on others.
    """
    return join_key([record[name].strip() for name in columns], "|")


def compared_key(key: str, columns: tuple[str, ...]) -> str:
    """Return the form in which a key is compared with those of the ledger: no spaces around any of its values.

    Items that were entered when spaces still counted keep theirs; their rows are theirs all the same.
    """
    if len(columns) < 2:
        return key.strip()
    return "|".join(value.strip() for value in _BAR.split(key))
