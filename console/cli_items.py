"""`hakadori items …`: look at the ledger, and settle what is in doubt."""

from typing import Annotated, Any

import typer

from backoffice.clock import local_time
from backoffice.work_items import State, WorkItem
from console.calling import call_of, put_json, put_table, say, told

items_app = typer.Typer(no_args_is_help=True)
AsJson = Annotated[bool, typer.Option("--json", help=told("help_json"))]


@items_app.command("list", help=told("help_items_list"))
def list_items(
    context: typer.Context,
    process: Annotated[str | None, typer.Option("--process", help=told("help_process"))] = None,
    state: Annotated[list[str] | None, typer.Option("--state", help=told("help_state"))] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help=told("help_limit"))] = 100,
    as_json: AsJson = False,
) -> None:
    """Show items without their records, which may be personal."""
    office = call_of(context).office
    items = office.ledger.items(process, _states(state or []) or None, limit)
    if as_json:
        for item in items:
            put_json(_facts(item))
        return
    headings = [told("number"), told("process"), told("key"), told("state"), told("attempts"), told("at")]
    rows = [
        [
            str(item.id),
            item.process,
            item.key,
            told(f"item_{item.state}"),
            str(item.attempts),
            local_time(item.updated_at, office.settings.timezone),
        ]
        for item in items
    ]
    put_table(headings, rows)


@items_app.command("show", help=told("help_items_show"))
def show(
    context: typer.Context,
    item_id: Annotated[int, typer.Argument(metavar="ITEM", help=told("help_item"))],
    record: Annotated[bool, typer.Option("--record", help=told("help_record"))] = False,
    as_json: AsJson = False,
) -> None:
    """Show one item and every move it made."""
    office = call_of(context).office
    item = office.ledger.get(item_id)
    events = office.ledger.events(item_id)
    if record:
        office.audit.note("command line", "item.view", f"item/{item_id}")
    if as_json:
        moves = [
            {"at": e.at, "from": e.from_state, "to": e.to_state, "who": e.who, "why": e.why, "run": e.run}
            for e in events
        ]
        shown = {"record": dict(item.record)} if record else {}
        put_json(_facts(item) | shown | {"events": moves})
        return
    zone = call_of(context).office.settings.timezone
    say(f"{item.id}  {item.process}/{item.key}  {told(f'item_{item.state}')}")
    rows = [[local_time(e.at, zone), told(f"item_{e.to_state}"), e.who, e.why] for e in events]
    put_table([told("at"), told("state"), told("who"), told("reason")], rows)
    if record:
        put_table([told("field"), told("value")], [[name, value] for name, value in item.record.items()])


@items_app.command("settle", help=told("help_items_settle"))
def settle(
    context: typer.Context,
    item_id: Annotated[int, typer.Argument(metavar="ITEM", help=told("help_item"))],
    to: Annotated[str, typer.Option("--as", help=told("help_settle_as"))],
    why: Annotated[str, typer.Option("--why", help=told("help_settle_why"))],
    who: Annotated[str, typer.Option("--who", help=told("help_settle_who"))],
    as_json: AsJson = False,
) -> None:
    """Decide an item in doubt after looking it up in the target system."""
    from console.item_office import check_decision
    from console.item_office import settle as decide

    check_decision(to, why)
    office = call_of(context).office
    item = decide(office.ledger, office.audit, office.ledger.get(item_id), to, who=who, why=why)
    if as_json:
        put_json(_facts(item))
    else:
        say(told("item_settled", item=item_id, state=told(f"item_{item.state}")))


def _states(names: list[str]) -> list[State]:
    from backoffice.suggest import did_you_mean
    from console.errors import ArgumentWrong

    known = {state.value: state for state in State}
    for name in names:
        if name not in known:
            raise ArgumentWrong(
                "console.choice_unknown", where="--state", name=name, hint=did_you_mean(name, known)
            )
    return [known[name] for name in names]


def _facts(item: WorkItem) -> dict[str, Any]:
    return {
        "id": item.id,
        "process": item.process,
        "key": item.key,
        "state": item.state,
        "attempts": item.attempts,
        "run": item.run,
        "document": item.document,
        "result": dict(item.result),
        "updated_at": item.updated_at,
    }
