"""Pages at the entrance: ログイン, 業務メニュー, ログアウト."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from samples.townoffice.catalogue import BUSINESSES
from samples.townoffice.office import office_of, staff_of, submitted_of
from samples.townoffice.rendering import page
from samples.townoffice.sessions import COOKIE

EXPIRED = "30分間操作がなかったため、ログアウトしました。もう一度ログインしてください。"
WRONG_LOGIN = "職員番号またはパスワードが正しくありません。"
REFUSED = "この職員番号は利用が停止されています。情報システム課へ連絡してください。"

router = APIRouter()


@router.get("/")
async def entrance() -> Response:
    """Lead to the menu, which leads to the login where needed."""
    return RedirectResponse("/menu", 303)


@router.get("/login")
async def login_page(request: Request, reason: str = "") -> Response:
    """Ask for 職員番号 and パスワード."""
    return _login_page(request, EXPIRED if reason == "expired" else "")


@router.post("/login")
async def log_in(request: Request) -> Response:
    """Open a session, or say why not."""
    office = office_of(request)
    sent = await submitted_of(request)
    number, password = sent.get("shokuin_no", ("",))[0], sent.get("password", ("",))[0]
    if office.faults.now.login == "refuse":
        return _login_page(request, REFUSED, number)
    cookie = office.sessions.log_in(number, password)
    if cookie is None:
        return _login_page(request, WRONG_LOGIN, number)
    answer = RedirectResponse("/menu", 303)
    answer.set_cookie(COOKIE, cookie, httponly=True, samesite="strict")
    return answer


@router.post("/logout")
async def log_out(request: Request) -> Response:
    """Close the session."""
    office_of(request).sessions.log_out(request.cookies.get(COOKIE))
    answer = RedirectResponse("/login", 303)
    answer.delete_cookie(COOKIE)
    return answer


@router.get("/menu")
async def menu(request: Request) -> Response:
    """Show the businesses with what can be done in each."""
    staff_of(request)
    counts = {code: office_of(request).store.count(business).rows for code, business in BUSINESSES.items()}
    return page(
        request, "menu.html", heading="業務メニュー", screen="MNU010", businesses=BUSINESSES, counts=counts
    )


def _login_page(request: Request, message: str, number: str = "") -> Response:
    return page(request, "login.html", heading="ログイン", screen="LGN010", message=message, number=number)
