"""The error tree of the whole house: each error says what, where, why, what to do, and has an exit code.

    HakadoriError             10  our own fault, or nobody's
    ├── UserError              2  the user's file or arguments are wrong
    │   ├── DeclarationError      a YAML file, with file:line:column for every problem
    │   ├── SettingsError         configs/hakadori.yaml or an environment override
    │   └── SecretMissing         a secret that a robot needs is not stored
    ├── ItemFailure            3  one record could not be processed
    │   ├── BusinessFailure       this record is wrong: no retry, next item
    │   └── SystemFailure         the target misbehaved: retry from a fresh session
    ├── InDoubt                4  a side effect may or may not have happened: a person must look
    ├── PermissionRefused      5  the signed-in person may not do this
    └── Conflict              10  somebody else changed it first; nothing was overwritten

"Your file is wrong" is never "we are broken"; "a person must look" is neither.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

from backoffice.messages import ErrorText, error_text, text


class HakadoriError(Exception):
    """Root of the tree.

    Args:
        key: Catalogue key "room.name" of an error entry.
        where: `file:line:column`, a file name, a field or an item key; empty when it has no place.
        **values: Values for the placeholders of the catalogue entry. Never personal data.
    """

    exit_code: ClassVar[int] = 10

    def __init__(self, key: str, *, where: str = "", **values: object) -> None:
        super().__init__(key)
        self.key = key
        self.where = where
        self.values: Mapping[str, object] = values

    def parts(self, language: str | None = None) -> ErrorText:
        """Return what, why and what to do, in the language given or in force."""
        return error_text(self.key, language=language, **self.values)

    def explain(self, language: str | None = None) -> str:
        """Return the error as a person reads it, over three lines."""
        return _layout(self.where, self.parts(language), language)

    def as_json(self) -> dict[str, Any]:
        """Return the error for programs: key, where, what, why, do, exit_code."""
        parts = self.parts()
        return {
            "key": self.key,
            "where": self.where,
            "what": parts.what,
            "why": parts.why,
            "do": parts.do,
            "exit_code": self.exit_code,
        }

    def __str__(self) -> str:
        return self.explain()

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.key, self.where, dict(self.values))


class UserError(HakadoriError):
    """The user's file or arguments are wrong."""

    exit_code = 2


@dataclass(frozen=True)
class Problem:
    """One thing wrong in a declaration.

    Attributes:
        where: `file:line:column`, both counted from 1.
        key: Catalogue key of the error entry.
        values: Values for its placeholders.
    """

    where: str
    key: str
    values: Mapping[str, object] = field(default_factory=dict)

    def explain(self, language: str | None = None) -> str:
        """Return this problem as a person reads it."""
        return _layout(self.where, error_text(self.key, language=language, **self.values), language)


class DeclarationError(UserError):
    """One or more problems in YAML declarations; all of them are told at once."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        first = problems[0]
        super().__init__(first.key, where=first.where, **first.values)
        self.problems = tuple(problems)

    @classmethod
    def single(cls, key: str, where: str, **values: object) -> Self:
        """Build an error of one problem."""
        return cls([Problem(where, key, values)])

    def explain(self, language: str | None = None) -> str:
        """Return every problem, one after the other."""
        return "\n".join(problem.explain(language) for problem in self.problems)

    def as_json(self) -> dict[str, Any]:
        """Return the first problem's fields and all problems under `problems`."""
        told = [{"where": p.where, "key": p.key, "message": p.explain()} for p in self.problems]
        return {**super().as_json(), "problems": told}

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.problems,)


class SettingsError(UserError):
    """A setting is wrong or missing."""


class SecretMissing(UserError):
    """A secret is named but stored nowhere."""


class ItemFailure(HakadoriError):
    """One record could not be processed."""

    exit_code = 3


class BusinessFailure(ItemFailure):
    """This record is wrong by the rules of the business: no retry, on to the next."""


class SystemFailure(ItemFailure):
    """The target or the machine misbehaved: the same record may be tried again later."""


class InDoubt(HakadoriError):
    """A side effect may or may not have happened; a person or the robot's resolve steps must look."""

    exit_code = 4


class PermissionRefused(HakadoriError):
    """The signed-in person has no right to do this."""

    exit_code = 5


class Conflict(HakadoriError):
    """A compare-and-set was lost: somebody else changed the thing first."""


def _layout(where: str, parts: ErrorText, language: str | None) -> str:
    head = f"{where}: {parts.what}" if where else parts.what
    why = text("backoffice.label_why", language=language)
    do = text("backoffice.label_do", language=language)
    return f"{head}\n  {why}: {parts.why}\n  {do}: {parts.do}"


def _rebuild(kind: type[HakadoriError], key: str, where: str, values: dict[str, object]) -> HakadoriError:
    return kind(key, where=where, **values)
