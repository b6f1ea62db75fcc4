"""`hakadori workload …`: import a survey of hours, rank what is worth automating, compare with what was saved."""

import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from backoffice.clock import local_time
from backoffice.messages import text
from console.calling import call_of, put_json, put_table, say
from console.cli_reports import months_of

if TYPE_CHECKING:
    from console.workload import Imported, WorkloadOffice
    from scheduler.workload.effect import Effect, Part
    from scheduler.workload.ranking import Ranking
    from scheduler.workload.survey import Survey


def _words(name: str, /, **values: Any) -> str:
    return text(f"workload.{name}", **values)


workload_app = typer.Typer(no_args_is_help=True, help=_words("help_workload"))
AsJson = Annotated[bool, typer.Option("--json", help=text("console.help_json"))]
SurveyName = Annotated[str | None, typer.Option("--survey", help=_words("help_survey"))]
Version = Annotated[int | None, typer.Option("--version", min=1, help=_words("help_version"))]
Who = Annotated[str | None, typer.Option("--who", help=_words("help_who"))]
Xlsx = Annotated[Path | None, typer.Option("--xlsx", help=text("console.help_xlsx"))]
SHOWN_UNRANKED = 5


@workload_app.command("import", help=_words("help_import"))
def import_survey(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help=_words("help_file"))],
    survey: SurveyName = None,
    sheet: Annotated[str | None, typer.Option("--sheet", help=_words("help_sheet"))] = None,
    who: Who = None,
    as_json: AsJson = False,
) -> None:
    """Import a survey, or tell every mistake of the file at once and import nothing."""
    imported = _office(context).enter(file, survey, sheet, who or getpass.getuser())
    if as_json:
        put_json(imported.as_json())
        return
    for line in _told(imported):
        say(line)


@workload_app.command("list", help=_words("help_list"))
def list_surveys(context: typer.Context, as_json: AsJson = False) -> None:
    """Show every version of every survey."""
    from console.workload import survey_json

    office = _office(context)
    found = [office.book.get(one.name, one.version) for one in office.book.versions()]
    if as_json:
        for one in found:
            put_json(survey_json(one))
        return
    if not found:
        say(_words("no_surveys"))
        return
    zone = call_of(context).settings.timezone
    heads = [_words(f"head_{name}") for name in ("survey", "version", "lines", "hours", "file", "who", "at")]
    rows = [
        [
            s.name,
            str(s.version),
            f"{len(s.lines):,}",
            f"{s.hours:,.1f}",
            s.file,
            s.who,
            local_time(s.at, zone),
        ]
        for s in found
    ]
    put_table(heads, rows, figures=(1, 2, 3))


@workload_app.command("rank", help=_words("help_rank"))
def rank_work(
    context: typer.Context,
    survey: SurveyName = None,
    version: Version = None,
    department: Annotated[str | None, typer.Option("--department", help=_words("help_department"))] = None,
    category: Annotated[str | None, typer.Option("--category", help=_words("help_category"))] = None,
    top: Annotated[int, typer.Option("--top", min=1, help=_words("help_top"))] = 20,
    explain: Annotated[bool, typer.Option("--explain", help=_words("help_explain"))] = False,
    as_json: AsJson = False,
) -> None:
    """Rank the work; with --explain every place says why it stands there and what would move it."""
    from console.workload import ranking_json

    office = _office(context)
    found = office.book.get(survey, version)
    ranking = office.rank(found, department, category)
    if as_json:
        put_json(ranking_json(found, ranking, top))
    else:
        _show_ranking(found, ranking, top, explain=explain)


@workload_app.command("link", help=_words("help_link"))
def link_job(
    context: typer.Context,
    job: Annotated[str, typer.Argument(metavar="JOB", help=text("console.help_job_name"))],
    business: Annotated[
        str | None, typer.Argument(metavar="BUSINESS", help=_words("help_link_business"))
    ] = None,
    department: Annotated[
        str | None, typer.Option("--department", help=_words("help_link_department"))
    ] = None,
    category: Annotated[str, typer.Option("--category", help=_words("help_link_category"))] = "",
    remove: Annotated[bool, typer.Option("--remove", help=_words("help_remove"))] = False,
    survey: SurveyName = None,
    who: Who = None,
    as_json: AsJson = False,
) -> None:
    """Link a job to a business of the newest version, or take it off."""
    from scheduler.workload.survey import LinkWrong

    office, by = _office(context), who or getpass.getuser()
    found = office.book.get(survey)
    if remove is (business is not None):
        raise LinkWrong("workload.link_unclear", where=job)
    if business is None:
        office.unlink(found, job, by)
        told = {"job": job, "survey": found.name, "business": None}
        message = _words("link_removed", job=job)
    else:
        line = office.link(found, job, business, department, category, by)
        place = {"department": line.department, "category": line.category, "business": line.business}
        told = {"job": job, "survey": found.name, **place}
        message = _words("linked", job=job, **place)
    if as_json:
        put_json(told)
    else:
        say(message)


@workload_app.command("report", help=_words("help_report"))
def report_workload(
    context: typer.Context,
    survey: SurveyName = None,
    version: Version = None,
    first: Annotated[str | None, typer.Option("--from", help=text("console.help_from"))] = None,
    last: Annotated[str | None, typer.Option("--to", help=text("console.help_to"))] = None,
    xlsx: Xlsx = None,
    as_json: AsJson = False,
) -> None:
    """Compare surveyed and saved hours by category and department; write the workbook when one is asked for."""
    from console.workload import effect_json

    office = _office(context)
    first, last = months_of(first, last, office.today)
    found = office.effect(office.book.get(survey, version), first, last)
    written = office.workbook(found, first, last, xlsx) if xlsx else None
    if as_json:
        span = {"from": first, "to": last, "xlsx": str(written) if written else None}
        put_json(effect_json(found) | span)
        return
    _show_effect(found, f"{first} – {last}")
    if written:
        say(text("console.workbook_written", path=written))


def _office(context: typer.Context) -> "WorkloadOffice":
    from console.workload import WorkloadOffice

    return WorkloadOffice(call_of(context).office)


def _told(imported: "Imported") -> list[str]:
    survey, intake = imported.survey, imported.intake
    place = {"survey": survey.name, "version": survey.version}
    if not imported.added:
        return [_words("imported_already", **place)]
    sums = {"lines": f"{len(survey.lines):,}", "hours": f"{survey.hours.normalize():,f}"}
    told = [_words("imported", encoding=imported.grid.encoding, **sums, **place)]
    if survey.version > 1:
        told.append(_words("imported_before", version=survey.version - 1))
    if intake.checked:
        told.append(_words("imported_checked", count=intake.checked))
    if intake.rounded:
        told.append(_words("imported_rounded", count=intake.rounded))
    if intake.unused:
        told.append(_words("imported_unused", columns="、".join(intake.unused)))
    return told


def _show_ranking(survey: "Survey", ranking: "Ranking", top: int, *, explain: bool) -> None:
    from scheduler.workload.reasons import changes, missing_word, reasons, way_word

    shown = ranking.candidates[:top]
    names = ("rank", "business", "hours", "routine", "volume", "score", "way")
    rows = [
        [
            str(one.rank), _words("work_and_kind", business=one.work.business, kind=one.work.task_kind),
            f"{one.work.hours:,.0f}", f"{one.routine:.2f}", f"{one.work.volume or 0:,}", f"{one.score:,.0f}",
            way_word(one.work),
        ]
        for one in shown
    ]  # fmt: skip
    counted = {"survey": survey.name, "version": survey.version, "shown": len(shown)}
    title = _words("ranked_title", count=len(ranking.candidates), **counted)
    if not shown:
        say(_words("nothing_ranked"))
    elif not explain:
        put_table([_words(f"head_{name}") for name in names], rows, title=title, figures=(0, 2, 3, 4, 5))
        say(_words("way_legend"))
    else:
        say(title)
        for one in shown:
            say(f"\n{one.rank}. {one.work.business}({one.work.task_kind})  {one.work.category}")
            for line in (*reasons(one, ranking), *changes(one)):
                say(f"   {line}")
        say("")
    say(_words("ranked_formula", half=ranking.half_volume))
    if ranking.unranked:
        hours = sum(work.hours for work, _ in ranking.unranked)
        say(_words("ranked_unranked", count=len(ranking.unranked), hours=f"{hours:,.1f}"))
    for work, why in ranking.unranked[:SHOWN_UNRANKED]:
        known = {"business": work.business, "kind": work.task_kind, "hours": f"{work.hours:,.1f}"}
        say(_words("unranked_line", why=missing_word(why, work), **known))
    if len(ranking.unranked) > SHOWN_UNRANKED:
        say(_words("unranked_more", count=len(ranking.unranked) - SHOWN_UNRANKED))


def _show_effect(found: "Effect", span: str) -> None:
    from console.savings import hours_text

    survey = found.survey
    groups = found.groups if len(found.groups) < len(found.categories) else ()
    for name, parts, more in (("category", found.categories, groups), ("department", found.departments, ())):
        rows = [_part_row(part.name, part) for part in parts]
        rows += [_part_row(_words("group_total", group=part.name), part) for part in more]
        rows.append(_part_row(_words("total"), found.total))
        heads = [
            _words(f"head_{head}") for head in (name, "hours", "share", "covered", "saved", "saved_rate")
        ]
        title = f"{survey.name} {survey.version}  {_words(f'sheet_{name}')}  {span}"
        put_table(heads, rows, title=title, figures=range(1, 6))
    if found.jobs:
        heads = [_words(f"head_{head}") for head in ("job", "saved", "tie", "target")]
        jobs = [
            [
                job.job,
                hours_text(job.saved),
                _words(f"tie_{job.tie.value}"),
                f"{job.target.category} {job.target.business}" if job.target else "―",
            ]
            for job in found.jobs
        ]
        put_table(heads, jobs, title=_words("jobs_title"), figures=(1,))
    else:
        say(_words("no_jobs"))
    say(_words("report_note", saved=hours_text(found.saved), unlinked=hours_text(found.unlinked)))


def _part_row(name: str, part: "Part") -> list[str]:
    from console.savings import hours_text, signed

    told = [name, f"{part.hours:,.1f}", f"{part.share}%"]
    if not part.covered and not part.saved:
        return [*told, "―", "―", "―"]
    rate = "―" if part.rate is None else signed(f"{part.rate * 100:.2f}%")
    return [*told, f"{part.covered:,.1f}", hours_text(part.saved), rate]
