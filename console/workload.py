"""業務棚卸 for the command line: the book of surveys, the ranking and the report of one installation."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from backoffice.department_work import Scope
from backoffice.japanese.fiscal_year import fiscal_year, fiscal_year_name
from backoffice.messages import current_language
from backoffice.suggest import did_you_mean
from console.wiring import Office
from scheduler.reports import period
from scheduler.workload.book import SurveyBook
from scheduler.workload.effect import Effect, Part, effect, find_target
from scheduler.workload.intake import Intake, read_survey
from scheduler.workload.ranking import Candidate, Ranking, Work, rank
from scheduler.workload.reasons import changes, missing_word, reasons
from scheduler.workload.rules import load_rules
from scheduler.workload.source import Grid, read_grid
from scheduler.workload.survey import LinkWrong, Survey, SurveyLine
from scheduler.workload.workbook import WorkloadWorkbook


@dataclass(frozen=True)
class Imported:
    """What an import did.

    Attributes:
        survey: The survey as it now stands.
        added: Whether a version was added; the same file twice adds nothing.
        grid: The file.
        intake: What it held.
    """

    survey: Survey
    added: bool
    grid: Grid
    intake: Intake

    def as_json(self) -> dict[str, Any]:
        """Return it for programs."""
        return survey_json(self.survey) | {
            "added": self.added,
            "encoding": self.grid.encoding,
            "rounded": self.intake.rounded,
            "totals_checked": self.intake.checked,
            "unused_columns": list(self.intake.unused),
        }


class WorkloadOffice:
    """The surveys of one installation."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self.book = SurveyBook(office.engine, office.clock)

    @property
    def today(self) -> date:
        """The present day of the office."""
        return self._office.clock().astimezone(ZoneInfo(self._office.settings.timezone)).date()

    def enter(self, path: Path, name: str | None, sheet: str | None, who: str) -> Imported:
        """Import a survey file under a name, the present fiscal year by default.

        Raises:
            SurveyWrong: With every mistake of the file.
        """
        grid = read_grid(path, sheet)
        intake = read_survey(grid)
        called = name or fiscal_year_name(fiscal_year(self.today))
        survey, added = self.book.enter(called, intake.lines, file=grid.file, sha256=grid.sha256, who=who)
        if added:
            self._office.audit.note(who, "workload.import", f"survey/{survey.name}", version=survey.version)
        return Imported(survey, added, grid, intake)

    def rank(self, survey: Survey, department: str | None = None, category: str | None = None) -> Ranking:
        """Rank the work of a survey, of one department or category or of all.

        Raises:
            LinkWrong: The survey has no line of them.
        """
        lines = survey.lines
        for word, names in ((department, _departments), (category, _categories)):
            if word is not None:
                known = {name for line in lines for name in names(line)}
                lines = tuple(line for line in lines if word in names(line))
                if not lines:
                    hint = did_you_mean(word, known)
                    raise LinkWrong("workload.nothing_of", where=word, name=word, hint=hint)
        return rank(lines, load_rules(self._office.configs))

    def link(
        self, survey: Survey, job: str, business: str, department: str | None, category: str, who: str
    ) -> SurveyLine:
        """Link a job to a surveyed business and return a line of it.

        Raises:
            JobMissing: There is no such job.
            LinkWrong: The department has no such business, or has it in several categories.
        """
        self._demand_job(job)
        settings, own = self._office.settings, self._office.jobs[job].department
        place = department or settings.departments.get(own, own)
        found = find_target(survey, business, place, category)
        if not found:
            known = [line.business for line in survey.lines if line.department == place]
            hint = did_you_mean(business, known)
            raise LinkWrong(
                "workload.business_missing", where=job, business=business, department=place, hint=hint
            )
        if len(found) > 1:
            names = "、".join(line.category for line in found)
            raise LinkWrong("workload.business_several", where=job, business=business, categories=names)
        self._note_link(survey, job, found[0], who)
        return found[0]

    def unlink(self, survey: Survey, job: str, who: str) -> None:
        """Take a job off: it counts for no business of the survey.

        Raises:
            JobMissing: There is no such job.
        """
        self._demand_job(job)
        self._note_link(survey, job, None, who)

    def effect(self, survey: Survey, first: str, last: str, departments: Scope = None) -> Effect:
        """Set the savings of some months, of some departments or all, against a survey.

        Raises:
            MonthUnreadable: Either is no month, or they are in the wrong order.
        """
        entries = self._office.books.savings.entries(*period(first, last), departments)
        return effect(survey, entries, self.book.links(survey.name), self._office.settings.departments)

    def workbook(self, found: Effect, first: str, last: str, path: Path) -> Path:
        """Write the report as .xlsx with native charts."""
        begin, end = period(first, last)
        town, language = self._office.settings.town, current_language()
        WorkloadWorkbook(found, self.rank(found.survey), town, begin, end, language, self.today).save(path)
        return path

    def _demand_job(self, job: str) -> None:
        from scheduler.errors import JobMissing

        if job not in self._office.jobs:
            hint = did_you_mean(job, self._office.jobs)
            raise JobMissing("scheduler.job_missing", where=job, name=job, hint=hint)

    def _note_link(self, survey: Survey, job: str, target: SurveyLine | None, who: str) -> None:
        self.book.link(survey.name, job, target, who=who)
        business = target.business if target else ""
        self._office.audit.note(who, "workload.link", f"job/{job}", survey=survey.name, business=business)


def survey_json(survey: Survey) -> dict[str, Any]:
    """Return the head of a survey for programs."""
    return {
        "survey": survey.name,
        "version": survey.version,
        "file": survey.file,
        "sha256": survey.sha256,
        "who": survey.who,
        "at": survey.at.isoformat(),
        "lines": len(survey.lines),
        "hours": float(survey.hours),
    }


def ranking_json(survey: Survey, ranking: Ranking, top: int | None) -> dict[str, Any]:
    """Return a ranking for programs, with all factors and reasons."""
    return {
        "survey": survey.name,
        "version": survey.version,
        "half_volume": ranking.half_volume,
        "candidates": [_candidate_json(one, ranking) for one in ranking.candidates[:top]],
        "unranked": [
            _work_json(work) | {"missing": why.value, "why": missing_word(why, work)}
            for work, why in ranking.unranked
        ],
    }


def effect_json(found: Effect) -> dict[str, Any]:
    """Return a report for programs; shares are in percent and make exactly 100."""
    return {
        "survey": found.survey.name,
        "version": found.survey.version,
        "hours": float(found.hours),
        "saved_hours": round(found.saved, 3),
        "unlinked_hours": round(found.unlinked, 3),
        "groups": [_part_json(part) for part in found.groups],
        "categories": [_part_json(part) for part in found.categories],
        "departments": [_part_json(part) for part in found.departments],
        "jobs": [
            {
                "job": job.job,
                "business": job.business,
                "department": job.department,
                "saved_hours": round(job.saved, 3),
                "tie": job.tie.value,
                "category": job.target.category if job.target else None,
                "surveyed_business": job.target.business if job.target else None,
            }
            for job in found.jobs
        ],
    }


def _part_json(part: Part) -> dict[str, Any]:
    return {
        "name": part.name,
        "hours": float(part.hours),
        "share": float(part.share),
        "covered_hours": float(part.covered),
        "saved_hours": round(part.saved, 3),
        "rate": None if part.rate is None else round(part.rate, 6),
    }


def _candidate_json(one: Candidate, ranking: Ranking) -> dict[str, Any]:
    return {
        "rank": one.rank,
        "score": round(one.score, 3),
        **_work_json(one.work),
        "routine": one.routine,
        "routine_from": "survey" if one.work.routine_surveyed else "rules",
        "volume_factor": round(one.volume_factor, 6),
        "way": one.work.way.value,
        "reasons": [*reasons(one, ranking), *changes(one)],
        "changes": [
            {"factor": c.factor, "value": c.value, "score": round(c.score, 3), "rank": c.rank}
            for c in one.changes
        ],
    }


def _work_json(work: Work) -> dict[str, Any]:
    return {
        "category": work.category,
        "business": work.business,
        "task_kind": work.task_kind,
        "departments": list(work.departments),
        "hours": float(work.hours),
        "volume": work.volume,
    }


def _departments(line: SurveyLine) -> tuple[str, ...]:
    return (line.department,)


def _categories(line: SurveyLine) -> tuple[str, ...]:
    return line.category, line.group, line.category.rpartition("/")[2]
