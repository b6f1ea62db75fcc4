"""Who may do what: roles give rights, departments limit whose documents are seen.

| role     | in the office                                   |
|----------|-------------------------------------------------|
| operator | runs jobs and looks after failures              |
| author   | writes forms, robots and jobs                   |
| verifier | looks at doubtful readings and makes records    |
| approver | as a verifier, and settles items in doubt       |
| auditor  | reads the audit trail                           |
| admin    | keeps users; sees no document by this role      |
"""

from collections.abc import Collection, Mapping
from enum import StrEnum
from types import MappingProxyType

ALL_DEPARTMENTS = "*"
"""Stands among a user's departments for every department."""


class Role(StrEnum):
    """What a person is in the office."""

    OPERATOR = "operator"
    AUTHOR = "author"
    VERIFIER = "verifier"
    APPROVER = "approver"
    AUDITOR = "auditor"
    ADMIN = "admin"


class Right(StrEnum):
    """What a page or an action needs."""

    OVERVIEW = "overview"
    REVIEW = "review"
    AUDIT = "audit"
    USERS = "users"


_EVERYONE = frozenset({Right.OVERVIEW})

RIGHTS: Mapping[Role, frozenset[Right]] = MappingProxyType(
    {
        Role.OPERATOR: _EVERYONE,
        Role.AUTHOR: _EVERYONE,
        Role.VERIFIER: _EVERYONE | {Right.REVIEW},
        Role.APPROVER: _EVERYONE | {Right.REVIEW},
        Role.AUDITOR: _EVERYONE | {Right.AUDIT},
        Role.ADMIN: _EVERYONE | {Right.USERS, Right.AUDIT},
    }
)
"""The rights of each role."""


def rights_of(roles: Collection[Role]) -> frozenset[Right]:
    """Return the union of the rights of some roles."""
    return frozenset(right for role in roles for right in RIGHTS[role])
