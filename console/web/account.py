"""アカウント: a person's own password and second factor."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from markupsafe import Markup

from backoffice.errors import HakadoriError
from backoffice.messages import text
from console.errors import LoginRefused
from console.web.callers import address_of
from console.web.doors import Entered, Visitor, desk_of
from console.web.entrance import begin_session
from console.web.rendering import page

router = APIRouter()
Password = Annotated[str, Form(max_length=400)]


@router.get("/account")
def account_page(request: Request, visitor: Entered, done: str = "") -> Response:
    """Show what the person may change of the own account."""
    message = text("people.password_changed_now") if done == "password" else ""
    return _page(request, visitor, good=message)


@router.post("/account/password")
def change_password(request: Request, visitor: Entered, old: Password = "", new: Password = "") -> Response:
    """Change the own password; every other session of the person ends."""
    desk = desk_of(request)
    try:
        _demand_password(request, visitor, old)
        user = desk.users.set_password(visitor.user.name, new)
    except HakadoriError as error:
        return _page(request, visitor, bad=error.parts().what, status=403)
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
    except HakadoriError as error:
        return _page(request, visitor, bad=error.parts().what, status=403)
    return _page(request, visitor, secret=enrolment.secret, picture=Markup(enrolment.picture))


@router.post("/account/factor/confirm")
def confirm_factor(
    request: Request, visitor: Entered, code: Annotated[str, Form(max_length=40)] = ""
) -> Response:
    """Put the second factor in force, and show the recovery codes, once."""
    desk = desk_of(request)
    try:
        codes = desk.sign_in.factors.confirm(visitor.user.name, code)
    except LoginRefused as error:
        return _page(request, visitor, bad=error.parts().what, status=403)
    desk.audit.note(visitor.user.name, "user.factor_on", f"user/{visitor.user.name}")
    return _page(request, visitor, codes=codes, good=text("people.factor_in_force"))


@router.post("/account/factor/drop")
def drop_factor(request: Request, visitor: Entered, password: Password = "") -> Response:
    """Take the own second factor away."""
    desk = desk_of(request)
    try:
        _demand_password(request, visitor, password)
    except LoginRefused as error:
        return _page(request, visitor, bad=error.parts().what, status=403)
    desk.sign_in.factors.drop(visitor.user.name)
    desk.audit.note(visitor.user.name, "user.factor_off", f"user/{visitor.user.name}")
    return RedirectResponse("/account", 303)


def _demand_password(request: Request, visitor: Visitor, password: str) -> None:
    """Make sure that the person sits there, not somebody at a PC that was left open.

    Raises:
        LoginRefused: The password is wrong, or there were too many wrong tries.
    """
    desk = desk_of(request)
    desk.sign_in.confirm_password(visitor.user.name, password, address_of(request, desk.settings.web))


def _page(
    request: Request,
    visitor: Visitor,
    *,
    good: str = "",
    bad: str = "",
    status: int = 200,
    secret: str = "",
    picture: str = "",
    codes: list[str] | None = None,
) -> Response:
    desk = desk_of(request)
    return page(
        request,
        "account.html",
        status=status,
        visitor=visitor,
        good=good,
        bad=bad,
        secret=secret,
        picture=picture,
        codes=codes or [],
        by_proxy=desk.settings.web.sign_in == "proxy",
        factor_on=desk.sign_in.factors.is_on(visitor.user.name),
    )
