"""The way of a registration: 新規登録 → 登録内容の確認 → 登録完了, each answered with a redirect (PRG)."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from samples.townoffice.businesses import Business
from samples.townoffice.entry import Entry, read_entry
from samples.townoffice.office import business_of, office_of, staff_of, submitted_of
from samples.townoffice.rendering import page, trouble
from samples.townoffice.sessions import Staff
from samples.townoffice.store import AlreadySubmitted, Draft

LOST_DRAFT = "確認中の内容が見つかりません。新規登録からもう一度入力してください。"
FAULT_500 = "登録処理中にエラーが発生しました。登録されたかどうかは検索画面で確認してください。"

router = APIRouter()


@router.get("/{code}/shinki")
async def form_page(request: Request, code: str, draft: str = "") -> Response:
    """The empty form, or the draft that came back for 修正."""
    if office_of(request).faults.take_logout():
        office_of(request).sessions.log_out_all()
    business, staff = business_of(code), staff_of(request)
    kept = office_of(request).store.draft(business, draft, staff.number) if draft else None
    if draft and kept is None:
        return trouble(request, 404, "確認内容なし", LOST_DRAFT)
    return _form(request, business, Entry(kept.submitted if kept else {}, {}, {}))


@router.post("/{code}/shinki")
async def check_form(request: Request, code: str) -> Response:
    """Check the page: on with the confirmation, or back with the messages."""
    business, staff, office = business_of(code), staff_of(request), office_of(request)
    entry = read_entry(business, await submitted_of(request), office.today)
    if entry.errors:
        return _form(request, business, entry)
    token = office.store.keep_draft(business, entry, staff.number)
    return RedirectResponse(f"/{code}/kakunin?token={token}", 303)


@router.get("/{code}/kakunin")
async def confirmation_page(request: Request, code: str, token: str = "") -> Response:
    """Show what will be registered, and whether the key is registered already."""
    business, staff, office = business_of(code), staff_of(request), office_of(request)
    draft = office.store.draft(business, token, staff.number)
    if draft is None:
        return trouble(request, 404, "確認内容なし", LOST_DRAFT)
    same = office.store.same_key(business, draft.fields)
    return page(
        request,
        "confirm.html",
        heading="登録内容の確認",
        business=business,
        screen=f"{business.screen}020",
        draft=draft,
        same=same,
    )


@router.post("/{code}/touroku")
async def register(request: Request, code: str) -> Response:
    """登録: store the draft once, with whatever fault is switched on."""
    business, staff, office = business_of(code), staff_of(request), office_of(request)
    token = (await submitted_of(request)).get("token", ("",))[0]
    draft = office.store.draft(business, token, staff.number)
    if draft is None:
        return trouble(request, 404, "確認内容なし", LOST_DRAFT)
    fault, seconds = office.faults.take_commit()
    if fault == "500_before":
        return trouble(request, 500, "システムエラー", FAULT_500)
    if fault == "slow":
        await office.faults.wait(seconds)
    answer = _store(request, business, draft, staff)
    if fault == "drop_after":
        await office.faults.wait(seconds)
        if request.client is not None and office.hang_up((request.client.host, request.client.port)):
            return answer
    if fault in ("500_after", "drop_after"):
        return trouble(request, 500, "システムエラー", FAULT_500)
    return answer


@router.get("/{code}/kanryou")
async def done_page(request: Request, code: str, no: str = "") -> Response:
    """登録完了 with the reception number; harmless to reload."""
    business = business_of(code)
    staff_of(request)
    registration = office_of(request).store.find(business, no)
    if registration is None:
        return trouble(request, 404, "該当なし", "該当する登録はありません。")
    return page(
        request,
        "done.html",
        heading="登録完了",
        business=business,
        screen=f"{business.screen}030",
        registration=registration,
    )


def _store(request: Request, business: Business, draft: Draft, staff: Staff) -> Response:
    try:
        number = office_of(request).store.register(business, draft, staff.number)
    except AlreadySubmitted as already:
        message = f"この確認画面の内容は既に登録されています。受付番号 {already.number}"
        return trouble(request, 409, "二重送信", message)
    return RedirectResponse(f"/{business.code}/kanryou?no={number}", 303)


def _form(request: Request, business: Business, entry: Entry) -> Response:
    return page(
        request,
        "form.html",
        heading=f"{business.title} 新規登録",
        business=business,
        screen=f"{business.screen}010",
        entry=entry,
    )
