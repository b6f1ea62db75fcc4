"""利用者: who may sign in, with which roles and departments; for administrators."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from backoffice.errors import HakadoriError
from backoffice.suggest import did_you_mean
from console.errors import ArgumentWrong
from console.rights import ALL_DEPARTMENTS, Role
from console.web.desk import Desk
from console.web.doors import Entered, Visitor, desk_of
from console.web.rendering import page

router = APIRouter()
Name = Annotated[str, Form(max_length=200)]
Names = Annotated[list[str], Form(max_length=100)]
Password = Annotated[str, Form(max_length=400)]


@router.get("/users")
def users_page(request: Request, visitor: Entered) -> Response:
    """Show everybody, and how to enter somebody new."""
    return _page(request, visitor)


@router.post("/users/add")
def add_user(
    request: Request,
    visitor: Entered,
    name: Name = "",
    password: Password = "",
    roles: Names = [],  # noqa: B006  FastAPI copies it
    departments: Names = [],  # noqa: B006
) -> Response:
    """Enter a person."""
    desk = desk_of(request)
    try:
        desk.users.add(name, password, roles=roles, departments=_known(desk, departments))
    except HakadoriError as error:
        return _page(request, visitor, error)
    return _done(desk, visitor, "user.add", name, roles=sorted(roles), departments=sorted(departments))


@router.post("/users/change")
def change_user(
    request: Request,
    visitor: Entered,
    name: Name = "",
    roles: Names = [],  # noqa: B006
    departments: Names = [],  # noqa: B006
) -> Response:
    """Give a person other roles and departments; open sessions end."""
    desk = desk_of(request)
    try:
        if name == visitor.user.name and Role.ADMIN not in roles:
            raise ArgumentWrong("people.not_oneself", where=name)
        desk.users.change(name, roles=roles, departments=_known(desk, departments))
    except HakadoriError as error:
        return _page(request, visitor, error)
    return _done(desk, visitor, "user.change", name, roles=sorted(roles), departments=sorted(departments))


@router.post("/users/password")
def give_password(request: Request, visitor: Entered, name: Name = "", password: Password = "") -> Response:
    """Give a person a new password; locks are lifted and open sessions end."""
    desk = desk_of(request)
    try:
        desk.users.set_password(name, password)
    except HakadoriError as error:
        return _page(request, visitor, error)
    return _done(desk, visitor, "user.password", name)


@router.post("/users/disable")
def disable_user(request: Request, visitor: Entered, name: Name = "") -> Response:
    """Keep a person out from this moment on."""
    desk = desk_of(request)
    try:
        if name == visitor.user.name:
            raise ArgumentWrong("people.not_oneself", where=name)
        desk.users.set_active(name, False)
    except HakadoriError as error:
        return _page(request, visitor, error)
    return _done(desk, visitor, "user.disable", name)


@router.post("/users/enable")
def enable_user(request: Request, visitor: Entered, name: Name = "") -> Response:
    """Let a person in again."""
    desk = desk_of(request)
    try:
        desk.users.set_active(name, True)
    except HakadoriError as error:
        return _page(request, visitor, error)
    return _done(desk, visitor, "user.enable", name)


@router.post("/users/factor")
def drop_factor(request: Request, visitor: Entered, name: Name = "") -> Response:
    """Take away the second factor of a person who lost the telephone."""
    desk = desk_of(request)
    try:
        desk.users.get(name)
    except HakadoriError as error:
        return _page(request, visitor, error)
    desk.sign_in.factors.drop(name)
    return _done(desk, visitor, "user.factor_off", name)


def _done(desk: Desk, visitor: Visitor, what: str, name: str, **details: object) -> Response:
    desk.audit.note(visitor.user.name, what, f"user/{name}", **details)
    return RedirectResponse("/users", 303)


def _known(desk: Desk, departments: list[str]) -> list[str]:
    known = {*desk.settings.departments, ALL_DEPARTMENTS}
    for name in departments:
        if name not in known:
            hint = did_you_mean(name, known)
            raise ArgumentWrong("console.department_unknown", where=name[:100], name=name[:100], hint=hint)
    return departments


def _page(request: Request, visitor: Visitor, error: HakadoriError | None = None) -> Response:
    desk = desk_of(request)
    parts = error.parts() if error else None
    return page(
        request,
        "users.html",
        status=400 if parts else 200,
        visitor=visitor,
        bad=f"{parts.what} {parts.do}" if parts else "",
        users=desk.users.all(),
        on={user.name for user in desk.users.all() if desk.sign_in.factors.is_on(user.name)},
        roles=list(Role),
        departments={**desk.settings.departments, ALL_DEPARTMENTS: ""},
    )
