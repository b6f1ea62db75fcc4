"""Signing in and out: as pages, and in place for a person whose session ended in mid-edit."""

import re
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from pydantic import BaseModel, Field

from backoffice.messages import text
from console.errors import CodeNeeded, LoginRefused
from console.users import User
from console.web.callers import address_of, is_encrypted, named_by_proxy
from console.web.doors import (
    Entered,
    ForgedWrite,
    NotSignedIn,
    check_write,
    desk_of,
    session_of,
    visitor_of,
)
from console.web.rendering import page
from console.web.sessions import COOKIE, Session

router = APIRouter()
_OWN_PAGE = re.compile(r"/(?![/\\]|login\b|logout\b)[^\\\x00-\x20\x7f]{0,2000}")
"""A path on this server: no other host (`//host`, `/\\host`), nothing that would break the header."""


class SignIn(BaseModel):
    """A name and a password, sent in place."""

    name: str = Field(max_length=200)
    password: str = Field(max_length=400)
    code: str = Field("", max_length=40)


@router.get("/login")
def login_page(request: Request, reason: str = "", next: str = "") -> Response:
    """Ask for name and password; whom a trusted proxy has signed in goes straight on."""
    named = named_by_proxy(request, desk_of(request).settings.web)
    if named is None and _is_in(request):  # a link to this page must not sign anybody out
        return RedirectResponse(_onward(next), 303)
    if named is not None:
        response = RedirectResponse(_onward(next), 303)
        begin_session(request, response, _admit(request, named))
        return response
    return _login_page(request, text("console.signed_out") if reason == "ended" else "", onward=next)


@router.post("/login")
def log_in(
    request: Request,
    name: Annotated[str, Form(max_length=200)] = "",
    password: Annotated[str, Form(max_length=400)] = "",
    code: Annotated[str, Form(max_length=40)] = "",
    csrf: Annotated[str, Form(max_length=200)] = "",
    next: Annotated[str, Form()] = "",
) -> Response:
    """Open a session and lead on to the page that was asked for, or say why not."""
    try:
        check_write(request, session_of(request), csrf)
        user = _sign_in(request, name, password, code)
    except ForgedWrite:
        return _login_page(request, text("console.login_again"), name, 403, onward=next)
    except CodeNeeded as error:
        return _login_page(request, error.parts().what, name, 403, asks_code=True, onward=next)
    except LoginRefused as error:
        return _login_page(request, error.parts().what, name, 403, asks_code=bool(code), onward=next)
    response = RedirectResponse(_onward(next), 303)
    begin_session(request, response, user)
    return response


@router.get("/session")
def session_token(request: Request) -> Response:
    """Give a page whose session ended the token with which it may sign in again.

    Who is signed in gets the token of that session: another tab signed in again, or somebody followed a link to here,
    which must not sign anybody out.
    """
    session = session_of(request)
    if session is not None and session.user is not None and _is_in(request):
        told = {"csrf": desk_of(request).signer.csrf(session), "user": session.user}
        return JSONResponse(told, headers={"Cache-Control": "no-store"})
    return _with_token(request, session if session and session.user is None else None)


@router.post("/session")
def sign_in_again(request: Request, given: SignIn) -> Response:
    """Sign in without leaving the page; what was typed stays."""
    check_write(request, session_of(request), request.headers.get("x-csrf-token", ""))
    response = JSONResponse({})
    session = begin_session(request, response, _sign_in(request, given.name, given.password, given.code))
    told = JSONResponse({"csrf": desk_of(request).signer.csrf(session)})
    told.headers.append("set-cookie", response.headers["set-cookie"])
    return told


@router.post("/logout")
def log_out(request: Request, visitor: Entered) -> Response:
    """End this session, for good; the person's others stay (`/account` ends them)."""
    desk = desk_of(request)
    if visitor.session is not None:
        desk.users.sessions.end(visitor.session.id)
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
        secure=is_encrypted(request, desk.settings.web),
    )


def _is_in(request: Request) -> bool:
    try:
        visitor_of(request)
    except NotSignedIn:
        return False
    return True


def _onward(asked: str) -> str:
    """Return the page that was asked for before the sign-in; the first page when it is none of this server's."""
    return asked if _OWN_PAGE.fullmatch(asked) else "/"


def _sign_in(request: Request, name: str, password: str, code: str) -> User:
    desk = desk_of(request)
    address = address_of(request, desk.settings.web)
    desk.limits.spend(f"address {address}", desk.clock())
    try:
        if desk.settings.web.sign_in == "proxy":
            raise LoginRefused("people.proxy_signs_in")
        if desk.users.find(name) is None:
            name = name.strip()  # tablets put a blank behind a word
        user = desk.sign_in.enter(name, password, code, address)
    except CodeNeeded:
        raise
    except LoginRefused as error:
        known = desk.users.find(name) is not None
        desk.audit.note(name if known else "?", "user.refused", "user", reason=error.key)
        raise
    desk.audit.note(user.name, "user.sign_in", f"user/{user.name}")
    return user


def _admit(request: Request, name: str) -> User:
    """Let in whom the proxy names, if that is a person of ours.

    Raises:
        LoginRefused: It is not, or not any more.
    """
    desk = desk_of(request)
    user = desk.users.find(name)
    if user is None or not user.active:
        desk.audit.note(name if user else "?", "user.refused", "user", reason="people.proxy_stranger")
        raise LoginRefused("people.proxy_stranger")
    desk.audit.note(user.name, "user.sign_in", f"user/{user.name}", by="proxy")
    return user


def begin_session(request: Request, response: Response, user: User) -> Session:
    """Open a session for a person and write its cookie into the answer; the one that this browser had ends."""
    desk, before = desk_of(request), session_of(request)
    if before is not None and before.user is not None:
        desk.users.sessions.end(before.id)
    session = desk.signer.begin(desk.clock(), user.name, user.session_epoch)
    address, agent = address_of(request, desk.settings.web), request.headers.get("user-agent", "")
    desk.users.sessions.enter(session.id, user.name, user.session_epoch, address=address, agent=agent)
    set_cookie(request, response, session)
    return session


def _login_page(
    request: Request,
    message: str,
    name: str = "",
    status: int = 200,
    *,
    asks_code: bool = False,
    onward: str = "",
) -> Response:
    desk = desk_of(request)
    session = desk.signer.begin(desk.clock())
    response = page(
        request,
        "login.html",
        status=status,
        message=message,
        name=name,
        asks_code=asks_code,
        by_proxy=desk.settings.web.sign_in == "proxy",
        csrf=desk.signer.csrf(session),
        onward="" if _onward(onward) == "/" else onward,
    )
    set_cookie(request, response, session)
    return response


def _with_token(request: Request, session: Session | None) -> Response:
    desk = desk_of(request)
    session = session or desk.signer.begin(desk.clock())
    response = JSONResponse({"csrf": desk.signer.csrf(session)}, headers={"Cache-Control": "no-store"})
    set_cookie(request, response, session)
    return response
