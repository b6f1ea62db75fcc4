"""What the recorder was told of: one thing a person did, or one page that came."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Spotted:
    """What a person acted on, by the words a robot would point at it with.

    Attributes:
        kind: "field", "button", "link", "css".
        name: Its words, or the CSS expression.
        nth: The n-th of several, None when there is one.
    """

    kind: str
    name: str
    nth: int | None = None


@dataclass(frozen=True)
class Done:
    """One thing a person did.

    Attributes:
        action: "fill", "select", "choose", "check", "uncheck", "click", "upload", "dialog".
        url: The page it was done on.
        target: On what; None for a dialog.
        secret: A password was typed; its content was never told.
        options: Several options of a field were ticked.
    """

    action: str
    url: str
    target: Spotted | None = None
    secret: bool = False
    options: bool = False


@dataclass(frozen=True)
class Came:
    """A page that came.

    Attributes:
        url: Its address.
        headings: Its headings, those that hold nothing that was typed.
        done: Words that tell of a registration, such as 登録しました; empty when there are none.
        login: Whether it asks for a password.
    """

    url: str
    headings: tuple[str, ...]
    done: str
    login: bool


Event = Done | Came


def read_event(told: dict[str, Any], typed: set[str]) -> Event:
    """Read what a page told.

    Args:
        told: The event as the page tells it.
        typed: Everything typed so far, in memory only; headings that hold any of it are left out. What this event
            tells is added.
    """
    if told["do"] == "page":
        headings = tuple(one for one in told["headings"] if not any(value in one for value in typed))
        return Came(told["url"], headings, told["done"], told["login"])
    value = told.get("value")
    if value and len(value) > 1:
        typed.add(value)
    spec = told["target"]
    target = Spotted(spec["kind"], spec["name"], spec.get("nth"))
    return Done(told["do"], told["url"], target, bool(told.get("secret")), bool(told.get("options")))
