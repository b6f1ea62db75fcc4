"""Work items through the API: list, show, and settle what is in doubt."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from backoffice.department_work import Page
from backoffice.work_items import State
from console.item_office import settle
from console.rights import Right
from console.web.access import API
from console.web.api.shapes import ItemFacts, ItemShown, Listing, MoveFacts, Number, Settle, Word, page_of
from console.web.doors import Entered, desk_of
from console.web.problems import answers

router = APIRouter(prefix=API, tags=["items"])


@router.get("/items", responses=answers())
def list_items(
    request: Request,
    visitor: Entered,
    page: Annotated[Page, Depends(page_of)],
    process: Word | None = None,
    state: State | None = None,
) -> Listing[ItemFacts]:
    """List items without their records, in the order of their entry."""
    states = None if state is None else [state]
    items, total = desk_of(request).work.items(visitor.user.scope, page, process=process, states=states)
    return Listing[ItemFacts].of([ItemFacts.of(item) for item in items], total, page)


@router.get("/items/{item_id}", responses=answers(404))
def show_item(request: Request, visitor: Entered, item_id: Number) -> ItemShown:
    """Show an item and its moves; who may review also sees the record, which goes into the audit trail."""
    desk = desk_of(request)
    item = desk.ledger.get(item_id)
    record = None
    if visitor.user.may(Right.REVIEW):
        desk.audit.note(visitor.user.name, "item.view", f"item/{item_id}")
        record = dict(item.record)
    moves = [MoveFacts.of(event) for event in desk.ledger.events(item_id)]
    facts = ItemFacts.of(item).model_dump()
    return ItemShown(**facts, result=dict(item.result), record=record, moves=moves)


@router.post("/items/{item_id}/settle", responses=answers(404, 409))
def settle_item(request: Request, visitor: Entered, item_id: Number, given: Settle) -> ItemFacts:
    """Decide an item in doubt."""
    desk = desk_of(request)
    item = desk.ledger.get(item_id)
    settled = settle(desk.ledger, desk.audit, item, given.to, who=visitor.user.name, why=given.why)
    return ItemFacts.of(settled)
