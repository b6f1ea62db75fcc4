"""The bench: everything an action may lay its hands on while it does one step."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from backoffice.errors import HakadoriError
from backoffice.ledger import Ledger
from robots.drivers.browser import Browser, Cover
from robots.evidence import Evidence
from robots.screen import Screen
from robots.targets import Spot
from robots.values import Scope


@dataclass
class Bench:
    """What the present step works with; one bench serves one item (or setup, resolve, teardown).

    Attributes:
        browser: The browser, logged in by `setup`.
        ledger: The ledger; actions only read it.
        process: The business whose items the robot works on.
        outbox: Folder for files made for people.
        evidence: Where pictures and steps are kept.
        scope: What the places in texts stand for.
        refusals: Signs on the page that the robot knows as failures, in order.
        fail: Makes the error for the refusal that was seen.
        result: What was read from the target for this item.
        variables: What `set` steps remembered.
        timeout: How long the present step may wait, in seconds.
        secret: Whether the present step types a secret.
        commit: Whether it is the commit step; then the confirm step does the waiting.
        cover: What pictures must not show.
        screen: The screen of a robot with desktop steps.
    """

    browser: Browser
    ledger: Ledger
    process: str
    outbox: Path
    evidence: Evidence
    scope: Scope
    refusals: tuple[Spot, ...]
    fail: Callable[[int], HakadoriError]
    result: dict[str, str] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    timeout: float = 15.0
    secret: bool = False
    commit: bool = False
    cover: Cover = field(default_factory=Cover)
    screen: Screen | None = None
