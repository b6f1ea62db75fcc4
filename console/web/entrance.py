"""Signing in and out: as pages, and in place for a person whose session ended in mid-edit."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from pydantic import BaseModel, Field

from backoffice.messages import text
from console.errors import LoginRefused
from console.users import User
from console.web.doors import Entered, ForgedWrite, check_write, desk_of, session_of
from console.web.rendering import page
from console.web.sessions import COOKIE, Session

router = APIRouter()


class SignIn(BaseModel):
    """A name and a password, sent in place."""

    name: str = Field(max_length=200)
    password: str = Field(max_length=400)


@router.get("/login")
def login_page(request: Request, reason: str = "") -> Response:
    """Ask for name and password."""
    return _login_page(request, text("console.signed_out") if reason == "ended" else "")


@router.post("/login")
def log_in(
    request: Request,
    name: Annotated[str, Form(max_length=200)] = "",
    password: Annotated[str, Form(max_length=400)] = "",
    csrf: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """Open a session, or say why not."""
    try:
        check_write(request, session_of(request), csrf)
        user = _sign_in(request, name, password)
    except ForgedWrite:
        return _login_page(request, text("console.login_again"), name, 403)
    except LoginRefused as error:
        return _login_page(request, error.parts().what, name, 403)
    response = RedirectResponse("/", 303)
    _begin(request, response, user)
    return response


@router.get("/session")
def session_token(request: Request) -> Response:
    """Give a page whose session ended the token with which it may sign in again."""
    session = session_of(request)
    return _with_token(request, session if session and session.user is None else None)


@router.post("/session")
def sign_in_again(request: Request, given: SignIn) -> Response:
    """Sign in without leaving the page; what was typed stays."""
    check_write(request, session_of(request), request.headers.get("x-csrf-token", ""))
    response = JSONResponse({})
    session = _begin(request, response, _sign_in(request, given.name, given.password))
    told = JSONResponse({"csrf": desk_of(request).signer.csrf(session)})
    told.headers.append("set-cookie", response.headers["set-cookie"])
    return told


@router.post("/logout")
def log_out(request: Request, visitor: Entered) -> Response:
    """End every open session of the person."""
    desk = desk_of(request)
    desk.users.end_sessions(visitor.user.name)
    desk.audit.note(visitor.user.name, "user.sign_out", f"user/{visitor.user.name}")
    response = RedirectResponse("/login", 303)
    response.delete_cookie(COOKIE)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


def set_cookie(request: Request, response: Response, session: Session) -> None:
    """Write the session into the answer, its idle time counted from now."""
    desk = desk_of(request)
    response.set_cookie(
        COOKIE,
        desk.signer.cookie(session, desk.clock()),
        max_age=round(desk.signer.idle.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )


def _sign_in(request: Request, name: str, password: str) -> User:
    desk = desk_of(request)
    try:
        user = desk.users.sign_in(name, password)
    except LoginRefused as error:
        known = desk.users.find(name) is not None
        desk.audit.note(name if known else "?", "user.refused", "user", reason=error.key)
        raise
    desk.audit.note(user.name, "user.sign_in", f"user/{user.name}")
    return user


def _begin(request: Request, response: Response, user: User) -> Session:
    desk = desk_of(request)
    session = desk.signer.begin(desk.clock(), user.name, user.session_epoch)
    set_cookie(request, response, session)
    return session


def _login_page(request: Request, message: str, name: str = "", status: int = 200) -> Response:
    desk = desk_of(request)
    session = desk.signer.begin(desk.clock())
    response = page(
        request,
        "login.html",
        status=status,
        message=message,
        name=name,
        csrf=desk.signer.csrf(session),
    )
    set_cookie(request, response, session)
    return response


def _with_token(request: Request, session: Session | None) -> Response:
    desk = desk_of(request)
    session = session or desk.signer.begin(desk.clock())
    response = JSONResponse({"csrf": desk.signer.csrf(session)}, headers={"Cache-Control": "no-store"})
    set_cookie(request, response, session)
    return response
