"""Fields that the pages of users and of tokens share: departments, and beside which field an error is told."""

from backoffice.errors import HakadoriError
from backoffice.suggest import did_you_mean
from console.errors import ArgumentWrong
from console.rights import ALL_DEPARTMENTS
from console.web.desk import Desk

FIELDS = {
    "console.user_name_wrong": "name",
    "console.user_exists": "name",
    "console.password_length": "password",
    "console.role_unknown": "roles",
    "accounts.own_role_missing": "roles",
    "console.department_unknown": "departments",
    "people.token_name_wrong": "name",
    "people.token_exists": "name",
    "people.token_days_wrong": "days",
    "accounts.days_no_number": "days",
}
"""Key of an error → the field that it is about; the others are about the whole form."""
WHOLE = "whole"


def told_beside(error: HakadoriError) -> dict[str, str]:
    """Return the words for an error, under the name of the field that they are about."""
    parts = error.parts()
    return {FIELDS.get(error.key, WHOLE): f"{parts.what} {parts.why}"}


def offered_departments(desk: Desk) -> dict[str, str]:
    """Return the departments that can be chosen, with what stands for all of them."""
    return {**desk.settings.departments, ALL_DEPARTMENTS: ""}


def known_departments(desk: Desk, departments: list[str]) -> list[str]:
    """Return names of departments as they are.

    Raises:
        ArgumentWrong: One is unknown.
    """
    known = offered_departments(desk)
    for name in departments:
        if name not in known:
            hint = did_you_mean(name, known)
            raise ArgumentWrong("console.department_unknown", where=name[:100], name=name[:100], hint=hint)
    return departments


def chosen_roles(roles: list[str]) -> list[str]:
    """Return names of roles as they are; which ones exist is asked later.

    Raises:
        ArgumentWrong: There is none.
    """
    if not roles:
        raise ArgumentWrong("accounts.own_role_missing")
    return roles
