"""The workload report as an Excel workbook: categories, departments, the ranking with its reasons, the jobs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from backoffice.messages import text
from scheduler.sheet import COUNT, HEAD_ROW, HOURS, RATE, Column, Sheet, save_book
from scheduler.workload.effect import Effect, Part
from scheduler.workload.ranking import Ranking
from scheduler.workload.reasons import changes, missing_word, reasons, way_word

SHARE = '0.00"%"'
MOST_BARS = 30
"""So many categories or departments are drawn; the table has all."""


@dataclass(frozen=True)
class WorkloadWorkbook:
    """Writes one report.

    Attributes:
        effect: Saved against surveyed.
        ranking: What is worth automating.
        town: Name of the town for the title.
        first: First day of the savings.
        last: Their last day.
        language: "ja" or "en".
        made_on: The day it is made.
    """

    effect: Effect
    ranking: Ranking
    town: str
    first: date
    last: date
    language: str
    made_on: date

    def save(self, path: Path) -> None:
        """Write the workbook; an older one at the same place is replaced as a whole.

        Raises:
            OSError: The place cannot be written, for example because Excel holds the file open.
        """
        book = Workbook()
        self._parts(book.active, "category", self.effect.categories)
        self._parts(book.create_sheet(), "department", self.effect.departments)
        self._ranking(book.create_sheet())
        self._unranked(book.create_sheet())
        self._jobs(book.create_sheet())
        save_book(book, path)

    def _parts(self, sheet: Any, name: str, parts: Sequence[Part]) -> None:
        heads = [self._column(name, 34), self._column("hours", 14), self._column("share", 11, SHARE)]
        more = [self._column("covered", 16), self._column("saved", 13), self._rate("saved_rate")]
        page = self._begin(sheet, f"sheet_{name}", [*heads, *more])
        for part in parts:
            page.add(self._figures(part))
        last = page.row
        groups = self.effect.groups if name == "category" and len(self.effect.groups) < len(parts) else ()
        for group in groups:
            page.add([self._text("group_total", group=group.name), *self._figures(group)[1:]], bold=True)
        page.add([self._text("total"), *self._figures(self.effect.total)[1:]], bold=True)
        page.say(
            self._text(
                "report_note", unlinked=f"{self.effect.unlinked:,.2f}", saved=f"{self.effect.saved:,.2f}"
            )
        )
        shown = min(last, HEAD_ROW + MOST_BARS)
        page.bars(
            self._text(f"chart_{name}"), self._text("axis_hours"), (2,), (HEAD_ROW + 1, shown), lying=True
        )

    def _ranking(self, sheet: Any) -> None:
        widths = {
            "rank": 7,
            "business": 30,
            "task_kind": 12,
            "category": 22,
            "hours": 13,
            "routine": 9,
            "volume": 11,
        }
        columns = [self._column(name, width, {"routine": "0.00", "volume": COUNT, "rank": "0"}.get(name, ""))
                   for name, width in widths.items()]  # fmt: skip
        more = [self._column("volume_factor", 10, "0.00"), self._column("score", 12), self._column("way", 12)]
        words = [self._column("reasons", 80), self._column("changes", 60)]
        page = self._begin(sheet, "sheet_ranking", [*columns, *more, *words], long=True)
        for one in self.ranking.candidates:
            work = one.work
            named = [one.rank, work.business, work.task_kind, work.category, float(work.hours), one.routine]
            told = [
                "\n".join(reasons(one, self.ranking, self.language)),
                "\n".join(changes(one, self.language)),
            ]
            page.add(
                [*named, work.volume, one.volume_factor, one.score, way_word(work, self.language), *told]
            )

    def _unranked(self, sheet: Any) -> None:
        heads = [
            self._column(name, width)
            for name, width in (("business", 30), ("task_kind", 14), ("category", 24))
        ]
        page = self._begin(
            sheet, "sheet_unranked", [*heads, self._column("hours", 14), self._column("missing", 60)]
        )
        for work, why in self.ranking.unranked:
            named = [work.business, work.task_kind, work.category, float(work.hours)]
            page.add([*named, missing_word(why, work, self.language)])

    def _jobs(self, sheet: Any) -> None:
        widths = {"job": 26, "business": 30, "department": 18, "saved": 13, "tie": 34, "target": 40}
        page = self._begin(sheet, "sheet_jobs", [self._column(name, width) for name, width in widths.items()])
        for job in self.effect.jobs:
            line = job.target
            target = f"{line.department} {line.category} {line.business}" if line else "―"
            tie = self._text(f"tie_{job.tie.value}")
            page.add([job.job, job.business, job.department, job.saved, tie, target])

    def _begin(self, sheet: Any, name: str, columns: Sequence[Column], *, long: bool = False) -> Sheet:
        survey = self.effect.survey
        above = [
            self._text("report_title", town=self.town, survey=survey.name, version=survey.version),
            self._text("report_span", first=self.first.isoformat(), last=self.last.isoformat()),
            self._text("report_made_on", day=self.made_on.isoformat(), file=survey.file),
        ]
        return Sheet(sheet, self._text(name), above, columns, long=long)

    def _figures(self, part: Part) -> list[object]:
        rate: object = "―" if part.rate is None else part.rate
        return [part.name, float(part.hours), float(part.share), float(part.covered), part.saved, rate]

    def _column(self, name: str, width: float, format_: str = "") -> Column:
        return Column(self._text(f"head_{name}"), width, format_ or HOURS[self.language])

    def _rate(self, name: str) -> Column:
        return Column(self._text(f"head_{name}"), 12, RATE[self.language].replace("0.0%", "0.00%"))

    def _text(self, name: str, **values: object) -> str:
        return text(f"workload.{name}", language=self.language, **values)
