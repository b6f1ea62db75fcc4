"""Who may do what: roles give rights, departments limit whose documents are seen.

| role     | in the office                                   |
|----------|-------------------------------------------------|
| operator | runs jobs and looks after failures              |
| author   | writes forms, robots and jobs, enters baselines |
| verifier | looks at doubtful readings and makes records    |
| approver | as a verifier, approves robots, settles items in doubt |
| auditor  | reads the audit trail                           |
| admin    | keeps users and tokens; sees no document by this role |

Which route needs which right stands in one table, `console/web/access.py`.
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
    """See how the office stands and what was saved; keep one's own password."""
    SUBMIT = "submit"
    """Hand in scans, and see the receipts of what was handed in."""
    WORK = "work"
    """See items without their records, runs and jobs."""
    REVIEW = "review"
    """See documents and records, and make records of documents."""
    JOBS = "jobs"
    """Run, pause and resume jobs."""
    SETTLE = "settle"
    """Decide items in doubt."""
    FORMS = "forms"
    """Write forms."""
    ROBOTS = "robots"
    """Write robots and jobs."""
    APPROVE = "approve"
    """Approve robots."""
    AUDIT = "audit"
    """Read the audit trail."""
    USERS = "users"
    """Keep users and tokens."""
    MEASURE = "measure"
    """Say what work cost by hand: enter baselines and surveys of working hours."""


_EVERYONE = frozenset({Right.OVERVIEW})
_HANDS = _EVERYONE | {Right.SUBMIT, Right.WORK}

RIGHTS: Mapping[Role, frozenset[Right]] = MappingProxyType(
    {
        Role.OPERATOR: _HANDS | {Right.JOBS},
        Role.AUTHOR: _HANDS | {Right.FORMS, Right.ROBOTS, Right.MEASURE},
        Role.VERIFIER: _HANDS | {Right.REVIEW},
        Role.APPROVER: _HANDS | {Right.REVIEW, Right.SETTLE, Right.APPROVE},
        Role.AUDITOR: _EVERYONE | {Right.AUDIT},
        Role.ADMIN: _EVERYONE | {Right.USERS, Right.AUDIT, Right.MEASURE},
    }
)
"""The rights of each role."""


def rights_of(roles: Collection[Role]) -> frozenset[Right]:
    """Return the union of the rights of some roles."""
    return frozenset(right for role in roles for right in RIGHTS[role])
