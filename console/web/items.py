"""案件: the ledger for people. What happened to an item, settle what is in doubt, send back what failed."""

from collections.abc import Callable, Sequence
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from backoffice.errors import HakadoriError
from backoffice.work_items import ItemMissing, State, WorkItem
from console.errors import ArgumentWrong, RightMissing, ThingMissing
from console.item_office import SETTLED, retry, settle
from console.rights import Right
from console.run_files import files_of
from console.web.api.shapes import Number, Word
from console.web.desk import Desk
from console.web.doors import Entered, Visitor, desk_of
from console.web.lists import PageNumber, Part, rows_of
from console.web.ownership import LARGEST_NUMBER
from console.web.rendering import page

router = APIRouter()
MOST_AT_ONCE = 200
FAILED = (State.SYSTEM_FAILURE, State.BUSINESS_FAILURE)
Items = Annotated[list[Annotated[int, Form(ge=1, le=LARGEST_NUMBER)]], Form(max_length=MOST_AT_ONCE)]
Why = Annotated[str, Form(max_length=400)]
Mark = Annotated[str, Form(max_length=20)]


@router.get("/items")
def items_page(
    request: Request,
    visitor: Entered,
    process: Word = "",
    state: Word = "",
    key: Word = "",
    run: Word = "",
    number: PageNumber = 1,
    changed: Annotated[int, Query(ge=0, le=MOST_AT_ONCE)] = 0,
) -> Response:
    """List items, newest first, without their records."""
    filters = {"process": process, "state": state if state in list(State) else "", "key": key, "run": run}
    return _list(request, visitor, filters, number, changed=changed)


@router.get("/items/{item_id}")
def item_page(
    request: Request, visitor: Entered, item_id: Number, record: Annotated[str, Query(max_length=1)] = ""
) -> Response:
    """Show an item and its moves; its record only where asked for, to who may review, and audited."""
    return _item(request, visitor, item_id, show_record=bool(record))


@router.post("/items/settle")
def settle_items(
    request: Request,
    visitor: Entered,
    item: Items = [],  # noqa: B006  FastAPI copies it
    to: Mark = "",
    why: Why = "",
) -> Response:
    """Decide items in doubt, several with one reason."""

    def decide(desk: Desk, one: WorkItem) -> None:
        if not to:
            raise ArgumentWrong("work.decision_missing", where=f"{one.process}/{one.key}")
        settle(desk.ledger, desk.audit, one, to, who=visitor.user.name, why=why)

    return _all(request, visitor, item, decide)


@router.post("/items/retry")
def retry_items(
    request: Request,
    visitor: Entered,
    item: Items = [],  # noqa: B006
    why: Why = "",
    refused_too: Mark = "",
) -> Response:
    """Send failed items back into the queue, several with one reason."""

    def send(desk: Desk, one: WorkItem) -> None:
        who, also = visitor.user.name, bool(refused_too)
        retry(desk.ledger, desk.audit, one, who=who, why=why, refused_too=also)

    return _all(request, visitor, item, send)


def _all(
    request: Request, visitor: Visitor, numbers: Sequence[int], do: Callable[[Desk, WorkItem], None]
) -> Response:
    """Do the same with some items, one after the other; what went wrong with one does not keep the others back."""
    desk = desk_of(request)
    chosen = [_own(desk, visitor, number) for number in dict.fromkeys(numbers)]
    done, wrong = 0, list[HakadoriError]()
    for one in chosen:
        try:
            do(desk, one)
            done += 1
        except HakadoriError as error:
            wrong.append(error)
    if len(numbers) == 1:
        if wrong:
            return _item(request, visitor, numbers[0], error=wrong[0])
        return RedirectResponse(f"/items/{numbers[0]}", 303)
    if wrong:
        return _list(request, visitor, {}, 1, errors=wrong, changed=done)
    return RedirectResponse(f"/items?changed={done}", 303)


def _own(desk: Desk, visitor: Visitor, number: int) -> WorkItem:
    """Return an item that the person may see; another department's does not exist."""
    try:
        item = desk.ledger.get(number)
    except ItemMissing as error:
        raise ThingMissing("console.thing_missing", where="/items") from error
    if not visitor.user.sees_any(desk.work.departments_of_item(item)):
        raise ThingMissing("console.thing_missing", where="/items")
    return item


def _list(
    request: Request,
    visitor: Visitor,
    filters: dict[str, str],
    number: int,
    *,
    errors: Sequence[HakadoriError] = (),
    changed: int = 0,
) -> Response:
    desk, scope = desk_of(request), visitor.user.scope
    wanted = {name: filters.get(name) or None for name in ("process", "key", "run")}
    state = filters.get("state")
    states = [State(state)] if state else None
    items, total = desk.work.items(scope, rows_of(number), states=states, newest_first=True, **wanted)
    return page(
        request,
        "items.html",
        status=409 if errors else 200,
        visitor=visitor,
        desk=desk,
        items=items,
        reasons=desk.work.reasons(items),
        part=Part(number, total, "/items", filters),
        filters=filters,
        processes=desk.work.processes(scope),
        states=list(State),
        errors=[f"{error.where}: {_told(error)}" for error in errors],
        changed=changed,
        title=lambda process: process_title(desk, process),
        may_retry=visitor.user.may(Right.JOBS),
        may_settle=visitor.user.may(Right.SETTLE),
        failed=FAILED,
        decisions=list(SETTLED),
    )


def _item(
    request: Request,
    visitor: Visitor,
    number: int,
    *,
    show_record: bool = False,
    error: HakadoriError | None = None,
) -> Response:
    desk = desk_of(request)
    item, moves = desk.ledger.get(number), desk.ledger.events(number)
    if show_record:
        if not visitor.user.may(Right.REVIEW):
            raise RightMissing("console.right_missing", where=request.url.path)
        desk.audit.note(visitor.user.name, "item.view", f"item/{number}")
    runs = dict.fromkeys(move.run for move in moves if move.run)
    kept = [run for run in runs if str(number) in files_of(desk.settings, run).parts]
    return page(
        request,
        "item.html",
        status=409 if error else 200,
        visitor=visitor,
        desk=desk,
        item=item,
        moves=moves,
        kept=kept,
        record=dict(item.record) if show_record else None,
        bad=error.parts() if error else None,
        title=process_title(desk, item.process),
        may_retry=visitor.user.may(Right.JOBS) and item.state in FAILED,
        may_settle=visitor.user.may(Right.SETTLE) and item.state is State.IN_DOUBT,
        decisions=list(SETTLED),
    )


def process_title(desk: Desk, process: str) -> str:
    """Return what people call a business: the title of its form, else its name."""
    titles = {form.process: form.title for form in desk.forms.values()}
    return titles.get(process, process)


def _told(error: HakadoriError) -> str:
    parts = error.parts()
    return f"{parts.what} {parts.why if isinstance(error, ArgumentWrong) else ''} {parts.do}"
