"""`hakadori report …`: what was saved, on what baselines, and time that people spent beside the machine."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from console.calling import call_of, put_json, put_table, say, told

if TYPE_CHECKING:
    from console.wiring import Office

reports_app = typer.Typer(no_args_is_help=True)
AsJson = Annotated[bool, typer.Option("--json", help=told("help_json"))]
Axis = Literal["business", "job", "department", "form", "month", "year"]
CsvEncoding = Literal["utf-8-sig", "cp932"]


@reports_app.command("time-saved", help=told("help_time_saved"))
def time_saved(
    context: typer.Context,
    first: Annotated[str | None, typer.Option("--from", help=told("help_from"))] = None,
    last: Annotated[str | None, typer.Option("--to", help=told("help_to"))] = None,
    by: Annotated[Axis, typer.Option("--by", help=told("help_by"))] = "business",
    department: Annotated[str | None, typer.Option("--department", help=told("help_one_department"))] = None,
    xlsx: Annotated[Path | None, typer.Option("--xlsx", help=told("help_xlsx"))] = None,
    csv: Annotated[Path | None, typer.Option("--csv", help=told("help_csv"))] = None,
    encoding: Annotated[
        CsvEncoding, typer.Option("--encoding", help=told("help_csv_encoding"))
    ] = "utf-8-sig",
    as_json: AsJson = False,
) -> None:
    """Add up the account from month to month; write the workbook and the CSV file when they are asked for."""
    from console.savings import SavingsOffice, hours_text
    from scheduler.forecast import forecast_in_words
    from scheduler.reports import as_json as report_json

    office = call_of(context).office
    savings = SavingsOffice(office)
    first, last = months_of(first, last, savings.today)
    named = department_of(office, department)
    chosen = None if named is None else [named]
    found = savings.report(first, last, chosen)
    book = savings.workbook(first, last, xlsx, chosen) if xlsx else None
    table = savings.csv(found, by, csv, encoding) if csv else None
    ahead = savings.forecast(found) if found.entries else None
    if as_json:
        written = {"xlsx": str(book) if book else None, "csv": str(table) if table else None}
        put_json(report_json(found) | {"forecast": ahead.as_json() if ahead else None} | written)
        return
    if found.entries:
        heads, rows = savings.short_table(found, by)
        put_table(heads, rows, title=f"{told('savings')} {first} – {last}", figures=range(1, len(heads)))
        say(told("saved_hours", hours=hours_text(found.total.saved)))
        for line in savings.bases(found) if by == "business" else ():
            say(line)
    else:
        say(told("nothing_booked"))
    for line in forecast_in_words(ahead):
        say(line)
    if book:
        say(told("workbook_written", path=book))
    if table:
        say(told("csv_written", path=table))


@reports_app.command("baselines", help=told("help_baselines"))
def show_baselines(context: typer.Context, as_json: AsJson = False) -> None:
    """Show every baseline, in force and before, and for which runs it counted."""
    from console.savings import SavingsOffice

    savings = SavingsOffice(call_of(context).office)
    if as_json:
        for one in savings.baselines():
            put_json(one.as_json())
        return
    heads, rows = savings.baseline_table()
    if not rows:
        say(told("no_baselines"))
        return
    put_table(heads, rows, title=told("baselines"), figures=(3, 4))


@reports_app.command("rework", help=told("help_rework"))
def rework(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="JOB", help=told("help_job_name"))],
    minutes: Annotated[float, typer.Option("--minutes", min=0.1, help=told("help_rework_minutes"))],
    why: Annotated[str, typer.Option("--why", help=told("help_rework_why"))],
    who: Annotated[str, typer.Option("--who", help=told("help_rework_who"))],
    day: Annotated[str | None, typer.Option("--day", help=told("help_rework_day"))] = None,
    as_json: AsJson = False,
) -> None:
    """Note people's time as an entry of its own; what was booked stays as it is."""
    from backoffice.suggest import did_you_mean
    from console.errors import ArgumentWrong
    from console.savings import SavingsOffice
    from scheduler.errors import JobMissing

    office = call_of(context).office
    if name not in office.jobs:
        hint = did_you_mean(name, office.jobs)
        raise JobMissing("scheduler.job_missing", where=name, name=name, hint=hint)
    spent_on = _day(day) if day else SavingsOffice(office).today
    noted = office.books.savings.note_rework(
        office.jobs[name], seconds=minutes * 60, day=spent_on, who=who, why=why
    )
    if noted is None:
        raise ArgumentWrong("console.job_without_basis", where=name, name=name)
    office.audit.note(who, "time.rework", f"job/{name}", minutes=minutes)
    if as_json:
        put_json(
            {"job": name, "day": noted.worked_on, "saved_minutes": noted.saved_minutes, "entry": noted.run}
        )
    else:
        say(told("rework_noted", job=name, minutes=f"{minutes:g}"))


def department_of(office: "Office", word: str | None) -> str | None:
    """Return a department by its folder's name or by the name people say.

    Raises:
        ArgumentWrong: There is no such department.
    """
    from backoffice.suggest import did_you_mean
    from console.errors import ArgumentWrong

    known = office.settings.departments
    if word is None or word in known:
        return word
    spoken = {shown: name for name, shown in known.items()}
    if word not in spoken:
        hint = did_you_mean(word, [*known, *spoken])
        raise ArgumentWrong("console.choice_unknown", where="--department", name=word, hint=hint)
    return spoken[word]


def months_of(first: str | None, last: str | None, today: date) -> tuple[str, str]:
    """Fill in the months that were not named: the fiscal year of the one that was, else the present one."""
    from backoffice.japanese.fiscal_year import fiscal_year, fiscal_year_days
    from scheduler.reports import period

    named = first or last
    begin, end = fiscal_year_days(fiscal_year(period(named, named)[0] if named else today))
    return first or f"{begin:%Y-%m}", last or f"{end:%Y-%m}"


def _day(word: str) -> date:
    from console.errors import ArgumentWrong

    try:
        return date.fromisoformat(word)
    except ValueError as error:
        raise ArgumentWrong("console.day_wrong", where="--day", name=word) from error
