"""利用者: who may sign in, with which roles and departments; for administrators.

What is wrong is told beside its field, with everything as it was typed; only passwords are asked for again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from backoffice.errors import HakadoriError
from backoffice.messages import text
from console.errors import ArgumentWrong
from console.rights import Role
from console.web.desk import Desk
from console.web.doors import Entered, Visitor, desk_of
from console.web.people_fields import chosen_roles, known_departments, offered_departments, told_beside
from console.web.rendering import page

router = APIRouter()
Name = Annotated[str, Form(max_length=200)]
Names = Annotated[list[str], Form(max_length=100)]
Password = Annotated[str, Form(max_length=400)]


@dataclass(frozen=True)
class Typed:
    """A form as it was sent, to be shown again with what is wrong.

    Attributes:
        whose: The person whose form it is; empty for the one that adds somebody.
        wrong: Words beside each field.
    """

    whose: str = ""
    name: str = ""
    roles: list[str] = field(default_factory=list)
    departments: list[str] = field(default_factory=list)
    wrong: Mapping[str, str] = field(default_factory=dict)


@router.get("/users")
def users_page(request: Request, visitor: Entered, done: str = "", added: str = "") -> Response:
    """Show everybody, and how to enter somebody new."""
    key, name = ("accounts.user_added", added) if added else ("accounts.user_done", done)
    known = bool(name) and desk_of(request).users.find(name) is not None
    return _page(request, visitor, good=text(key, name=name) if known else "")


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
        chosen = known_departments(desk, departments)
        name = desk.users.add(name, password, roles=chosen_roles(roles), departments=chosen).name
    except HakadoriError as error:
        return _page(request, visitor, Typed("", name, roles, departments, told_beside(error)))
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
        desk.users.change(name, roles=chosen_roles(roles), departments=known_departments(desk, departments))
    except HakadoriError as error:
        return _page(request, visitor, Typed(name, name, roles, departments, told_beside(error)))
    return _done(desk, visitor, "user.change", name, roles=sorted(roles), departments=sorted(departments))


@router.post("/users/password")
def give_password(request: Request, visitor: Entered, name: Name = "", password: Password = "") -> Response:
    """Give a person a new password; locks are lifted and open sessions end."""
    desk = desk_of(request)
    try:
        desk.users.set_password(name, password)
    except HakadoriError as error:
        return _page(request, visitor, _unchanged(desk, name, error))
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
        return _page(request, visitor, _unchanged(desk, name, error))
    return _done(desk, visitor, "user.disable", name)


@router.post("/users/enable")
def enable_user(request: Request, visitor: Entered, name: Name = "") -> Response:
    """Let a person in again."""
    desk = desk_of(request)
    try:
        desk.users.set_active(name, True)
    except HakadoriError as error:
        return _page(request, visitor, _unchanged(desk, name, error))
    return _done(desk, visitor, "user.enable", name)


@router.post("/users/factor")
def drop_factor(request: Request, visitor: Entered, name: Name = "") -> Response:
    """Take away the second factor of a person who lost the telephone."""
    desk = desk_of(request)
    try:
        desk.users.get(name)
    except HakadoriError as error:
        return _page(request, visitor, _unchanged(desk, name, error))
    desk.sign_in.factors.drop(name)
    return _done(desk, visitor, "user.factor_off", name)


def _done(desk: Desk, visitor: Visitor, what: str, name: str, **details: object) -> Response:
    desk.audit.note(visitor.user.name, what, f"user/{name}", **details)
    asked = {"added" if what == "user.add" else "done": name}
    return RedirectResponse(f"/users?{urlencode(asked)}", 303)


def _unchanged(desk: Desk, name: str, error: HakadoriError) -> Typed:
    """Return a person's form with what is wrong, and the roles and departments as they stand."""
    user = desk.users.find(name)
    roles, departments = (list(user.roles), list(user.departments)) if user else ([], [])
    return Typed(name, name, [role.value for role in roles], departments, told_beside(error))


def _page(request: Request, visitor: Visitor, typed: Typed | None = None, good: str = "") -> Response:
    desk, shown = desk_of(request), typed or Typed()
    users = desk.users.all()
    loose = shown.whose and shown.whose not in {user.name for user in users}
    return page(
        request,
        "users.html",
        status=400 if typed else 200,
        visitor=visitor,
        good=good,
        typed=shown,
        bad=" ".join(shown.wrong.values()) if loose else "",
        users=users,
        on={user.name for user in users if desk.sign_in.factors.is_on(user.name)},
        roles=list(Role),
        departments=offered_departments(desk),
    )
