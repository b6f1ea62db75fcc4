"""アカウント: a person's own password, second factor, and the browsers that the person is signed in with.

What is wrong is told beside its field, with the page as it was; only passwords are asked for again.
"""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from markupsafe import Markup

from backoffice.errors import HakadoriError
from backoffice.messages import text
from console.errors import ArgumentWrong, LoginRefused
from console.open_sessions import handle_of
from console.second_factor import Enrolment
from console.web.callers import address_of
from console.web.doors import Entered, Visitor, desk_of
from console.web.entrance import begin_session
from console.web.rendering import page

router = APIRouter()
Password = Annotated[str, Form(max_length=400)]
DONE = {
    "password": "people.password_changed_now",
    "session": "accounts.session_ended",
    "others": "accounts.others_ended",
    "factor": "accounts.factor_gone",
}
"""What was done, as the address says it → the words for it."""


@router.get("/account")
def account_page(request: Request, visitor: Entered, done: str = "") -> Response:
    """Show what the person may change of the own account."""
    return _page(request, visitor, good=text(DONE[done]) if done in DONE else "")


@router.post("/account/password")
def change_password(request: Request, visitor: Entered, old: Password = "", new: Password = "") -> Response:
    """Change the own password; every other session of the person ends."""
    desk = desk_of(request)
    try:
        _demand_password(request, visitor, old)
        user = desk.users.set_password(visitor.user.name, new)
    except LoginRefused as error:
        return _page(request, visitor, wrong={"old": _own_password(error)}, status=403)
    except ArgumentWrong as error:
        return _page(request, visitor, wrong={"new": _told(error)}, status=400)
    desk.audit.note(user.name, "user.password", f"user/{user.name}")
    response = RedirectResponse("/account?done=password", 303)
    begin_session(request, response, user)
    return response


@router.post("/account/factor")
def begin_factor(request: Request, visitor: Entered, password: Password = "") -> Response:
    """Show the secret for the telephone, once."""
    desk = desk_of(request)
    try:
        _demand_password(request, visitor, password)
        enrolment = desk.sign_in.factors.begin(visitor.user.name, desk.settings.town)
    except LoginRefused as error:
        return _page(request, visitor, wrong={"password": _own_password(error)}, status=403)
    except ArgumentWrong as error:
        return _page(request, visitor, wrong={"password": _told(error)}, status=400)
    return _page(request, visitor, enrolment=enrolment)


@router.post("/account/factor/confirm")
def confirm_factor(
    request: Request, visitor: Entered, code: Annotated[str, Form(max_length=40)] = ""
) -> Response:
    """Put the second factor in force, and show the recovery codes, once."""
    desk = desk_of(request)
    factors = desk.sign_in.factors
    try:
        codes = factors.confirm(visitor.user.name, code)
    except LoginRefused as error:
        begun = factors.begun(visitor.user.name, desk.settings.town)
        return _page(request, visitor, wrong={"code": _told(error)}, status=403, enrolment=begun)
    desk.audit.note(visitor.user.name, "user.factor_on", f"user/{visitor.user.name}")
    return _page(request, visitor, codes=codes, good=text("people.factor_in_force"))


@router.post("/account/factor/drop")
def drop_factor(request: Request, visitor: Entered, password: Password = "") -> Response:
    """Take the own second factor away."""
    desk = desk_of(request)
    try:
        _demand_password(request, visitor, password)
    except LoginRefused as error:
        return _page(request, visitor, wrong={"password": _own_password(error)}, status=403)
    desk.sign_in.factors.drop(visitor.user.name)
    desk.audit.note(visitor.user.name, "user.factor_off", f"user/{visitor.user.name}")
    return RedirectResponse("/account?done=factor", 303)


@router.post("/account/sessions/end")
def end_session(
    request: Request, visitor: Entered, handle: Annotated[str, Form(max_length=64)] = ""
) -> Response:
    """End one of the own sessions."""
    return _ended(request, visitor, [handle], "session")


@router.post("/account/sessions/others")
def end_others(request: Request, visitor: Entered) -> Response:
    """End all the own sessions but this one."""
    desk = desk_of(request)
    mine = desk.users.sessions.of(visitor.user.name, visitor.user.session_epoch, idle=desk.signer.idle)
    return _ended(request, visitor, [one.handle for one in mine if one.handle != _here(visitor)], "others")


def _ended(request: Request, visitor: Visitor, handles: list[str], done: str) -> Response:
    desk = desk_of(request)
    count = desk.users.sessions.end_of(visitor.user.name, handles)
    desk.audit.note(visitor.user.name, "user.sessions_end", f"user/{visitor.user.name}", count=count)
    return RedirectResponse(f"/account?done={done}", 303)


def _here(visitor: Visitor) -> str:
    return handle_of(visitor.session.id) if visitor.session is not None else ""


def _demand_password(request: Request, visitor: Visitor, password: str) -> None:
    """Make sure that the person sits there, not somebody at a PC that was left open.

    Raises:
        LoginRefused: The password is wrong, or there were too many wrong tries.
    """
    desk = desk_of(request)
    desk.sign_in.confirm_password(visitor.user.name, password, address_of(request, desk.settings.web))


def _told(error: HakadoriError) -> str:
    parts = error.parts()
    return f"{parts.what} {parts.why} {parts.do}"


def _own_password(error: LoginRefused) -> str:
    """Return why the own password was not taken: here the name is known, so it can be said plainly."""
    return text("accounts.password_wrong") if error.key == "console.login_wrong" else _told(error)


def _page(
    request: Request,
    visitor: Visitor,
    *,
    good: str = "",
    wrong: Mapping[str, str] | None = None,
    status: int = 200,
    enrolment: Enrolment | None = None,
    codes: list[str] | None = None,
) -> Response:
    desk, user = desk_of(request), visitor.user
    return page(
        request,
        "account.html",
        status=status,
        visitor=visitor,
        good=good,
        wrong=wrong or {},
        secret=enrolment.secret if enrolment else "",
        picture=Markup(enrolment.picture) if enrolment else "",
        codes=codes or [],
        by_proxy=desk.settings.web.sign_in == "proxy",
        factor_on=desk.sign_in.factors.is_on(user.name),
        sessions=desk.users.sessions.of(user.name, user.session_epoch, idle=desk.signer.idle),
        here=_here(visitor),
    )
