"""The book of surveys: imported once each, old versions kept, and which job serves which surveyed business."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from backoffice.clock import Clock, utc_now
from backoffice.suggest import did_you_mean
from backoffice.workload_tables import workload_lines, workload_links, workload_surveys
from scheduler.workload.survey import Medium, Survey, SurveyLine, SurveyMissing

_TRIES = 3


@dataclass(frozen=True)
class Link:
    """Which surveyed business a job serves.

    Attributes:
        survey: Name of the survey; a link holds for all its versions.
        job: The job.
        department: As the survey writes it.
        category: As the survey writes it, with its group.
        business: 業務名.
        who: Who linked it.
        at: When.
    """

    survey: str
    job: str
    department: str
    category: str
    business: str
    who: str
    at: datetime


class SurveyBook:
    """Surveys and links over one database.

    Args:
        engine: The migrated database.
        clock: The present moment.
    """

    def __init__(self, engine: sa.Engine, clock: Clock = utc_now) -> None:
        self._engine = engine
        self._clock = clock

    def enter(
        self, name: str, lines: Sequence[SurveyLine], *, file: str, sha256: str, who: str
    ) -> tuple[Survey, bool]:
        """Enter a survey: version 1, or the next version when the name is known; older versions stay.

        Returns:
            The survey as it stands in the book, and whether it was added: the same file twice in a row adds nothing.
        """
        for _ in range(_TRIES):
            known = self._newest(name)
            if known is not None and known.sha256 == sha256:
                return self.get(name), False
            try:
                self._add(name, 1 if known is None else known.version + 1, lines, file, sha256, who)
            except IntegrityError:  # somebody else entered this version at the same moment
                continue
            return self.get(name), True
        return self.get(name), False

    def get(self, name: str | None = None, version: int | None = None) -> Survey:
        """Return a survey with its lines: the newest version unless another is named, of the newest name.

        Raises:
            SurveyMissing: There is none.
        """
        query = sa.select(workload_surveys).order_by(workload_surveys.c.id.desc()).limit(1)
        if name is not None:
            query = query.where(workload_surveys.c.name == name)
        if version is not None:
            query = query.where(workload_surveys.c.version == version)
        with self._reading() as connection:
            row = connection.execute(query).first()
            if row is None:
                raise self._missing(name, version)
            lines = sa.select(workload_lines).where(workload_lines.c.survey_id == row.id)
            found = connection.execute(lines.order_by(workload_lines.c.row))
            return Survey(**row._mapping, lines=tuple(_line(line) for line in found))

    def versions(self) -> list[Survey]:
        """Return every version of every survey without its lines, oldest first."""
        query = sa.select(workload_surveys).order_by(workload_surveys.c.id)
        with self._reading() as connection:
            return [Survey(**row._mapping, lines=()) for row in connection.execute(query)]

    def link(self, survey: str, job: str, target: SurveyLine | None, *, who: str) -> None:
        """Note which business a job serves from now on; None takes the job off. Older notes stay in the book."""
        place = ("", "", "") if target is None else (target.department, target.category, target.business)
        names = ("department", "category", "business")
        row = {
            "survey": survey,
            "job": job,
            "who": who,
            "at": self._clock(),
            **dict(zip(names, place, strict=True)),
        }
        with self._engine.begin() as connection:
            connection.execute(sa.insert(workload_links).values(row))

    def links(self, survey: str) -> dict[str, Link]:
        """Return the links in force of a survey by job; a job that was taken off has an empty business."""
        query = (
            sa.select(workload_links).where(workload_links.c.survey == survey).order_by(workload_links.c.id)
        )
        with self._reading() as connection:
            rows = [dict(row._mapping) for row in connection.execute(query)]
        return {row["job"]: Link(**{name: row[name] for name in Link.__dataclass_fields__}) for row in rows}

    def _add(
        self, name: str, version: int, lines: Sequence[SurveyLine], file: str, sha256: str, who: str
    ) -> None:
        head = {
            "name": name,
            "version": version,
            "file": file,
            "sha256": sha256,
            "who": who,
            "at": self._clock(),
        }
        with self._engine.begin() as connection:
            insert = sa.insert(workload_surveys).values(head).returning(workload_surveys.c.id)
            survey_id = connection.execute(insert).scalar_one()
            connection.execute(sa.insert(workload_lines), [_row(survey_id, line) for line in lines])

    def _newest(self, name: str) -> sa.Row[Any] | None:
        newest = sa.select(workload_surveys).where(workload_surveys.c.name == name)
        with self._reading() as connection:
            return connection.execute(newest.order_by(workload_surveys.c.version.desc()).limit(1)).first()

    def _missing(self, name: str | None, version: int | None) -> SurveyMissing:
        known = [f"{one.name}" if version is None else f"{one.name} {one.version}" for one in self.versions()]
        if not known:
            return SurveyMissing("workload.no_survey", where=name or "")
        word = " ".join(str(part) for part in (name, version) if part is not None)
        return SurveyMissing("workload.survey_missing", where=word, name=word, hint=did_you_mean(word, known))

    def _reading(self) -> sa.Connection:
        return self._engine.connect().execution_options(read_only=True)


def _row(survey_id: int, line: SurveyLine) -> dict[str, Any]:
    return {
        "survey_id": survey_id,
        "row": line.row,
        "department": line.department,
        "category": line.category,
        "business": line.business,
        "task_kind": line.task_kind,
        "hours": line.hours,
        "volume": line.volume,
        "medium": line.medium.value,
        "routine": line.routine,
    }


def _line(row: sa.Row[Any]) -> SurveyLine:
    values = {name: row._mapping[name] for name in SurveyLine.__dataclass_fields__}
    return SurveyLine(**{**values, "medium": Medium(values["medium"])})
