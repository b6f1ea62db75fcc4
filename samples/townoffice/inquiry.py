"""Looking registrations up: 検索 by key field, 一覧 with paging, 詳細."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from samples.townoffice.office import business_of, office_of, staff_of
from samples.townoffice.rendering import page, trouble

PAGE_SIZE = 20
NO_CRITERIA = "検索する番号を入力してください。"

router = APIRouter()


@router.get("/{code}/kensaku")
async def search_page(request: Request, code: str) -> Response:
    """Search by the key fields; an empty search is answered with a message, not with everything."""
    business = business_of(code)
    staff_of(request)
    asked = {
        field.label: request.query_params[field.name].strip()
        for field in business.key_fields
        if field.name in request.query_params
    }
    wanted = {label: value for label, value in asked.items() if value}
    return page(
        request,
        "search.html",
        heading=f"{business.title} 検索",
        business=business,
        screen=f"{business.screen}110",
        wanted=wanted,
        found=office_of(request).store.search(business, wanted) if wanted else None,
        message=NO_CRITERIA if asked and not wanted else "",
    )


@router.get("/{code}/ichiran")
async def list_page(request: Request, code: str, page_number: str = "1") -> Response:
    """All registrations, newest first, 20 to a page."""
    business, store = business_of(code), office_of(request).store
    staff_of(request)
    rows = store.count(business).rows
    last = max(1, -(-rows // PAGE_SIZE))
    number = min(max(int(page_number), 1), last) if page_number.isascii() and page_number.isdigit() else 1
    return page(
        request,
        "list.html",
        heading=f"{business.title} 一覧",
        business=business,
        screen=f"{business.screen}120",
        registrations=store.page(business, number, PAGE_SIZE),
        rows=rows,
        number=number,
        last=last,
        first_row=(number - 1) * PAGE_SIZE + 1,
    )


@router.get("/{code}/shousai/{no}")
async def detail_page(request: Request, code: str, no: str) -> Response:
    """One registration in full."""
    business = business_of(code)
    staff_of(request)
    registration = office_of(request).store.find(business, no)
    if registration is None:
        return trouble(request, 404, "該当なし", "該当する登録はありません。")
    return page(
        request,
        "detail.html",
        heading="登録内容の詳細",
        business=business,
        screen=f"{business.screen}130",
        registration=registration,
    )
