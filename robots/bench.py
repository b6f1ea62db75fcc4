"""The bench: everything an action may lay its hands on while it does one step."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from backoffice.errors import HakadoriError
from backoffice.ledger import Ledger
from backoffice.mail import Mailer
from backoffice.suggest import did_you_mean
from robots.drivers.browser import Browser, Cover
from robots.errors import ValueUnfit
from robots.evidence import Evidence
from robots.lease import Lease
from robots.places import Places
from robots.screen import Screen
from robots.targets import Spot
from robots.values import Scope

if TYPE_CHECKING:
    from robots.routine import Routine
    from robots.step import Step


@dataclass
class Bench:
    """What the present step works with; one bench serves one item (or setup, resolve, teardown).

    Attributes:
        browser: The browser, logged in by `setup`.
        ledger: The ledger; actions only read it.
        process: The business whose items the robot works on.
        outbox: Folder for files made for people.
        home: The working folder; relative file names of a robot count from it.
        downloads: Folder of this run for files that the target sends.
        evidence: Where pictures and steps are kept.
        scope: What the places in texts stand for.
        refusals: Signs on the page that the robot knows as failures, in order.
        fail: Makes the error for the refusal that was seen.
        result: What was read from the target for this item.
        variables: What `set` steps remembered.
        timeout: How long the present step may wait, in seconds.
        secret: Whether the present step types a secret.
        typed_secret: Whether any step at this bench typed a secret.
        commit: Whether it is the commit step; then the confirm step does the waiting.
        cover: What pictures must not show.
        screen: The screen of a robot with desktop steps.
        folders: Name → folder that robots may read and write, from the settings.
        tables: What `read_rows` and `read_csv` read, by the name given there.
        mailer: Sends mail; None where nothing may be sent.
        routines: Steps that `call` may do, by name.
        perform: Does one step at this bench; `call` goes through its routine with it.
        python: Folder of the town's own functions.
        lease: Says during the commit step whether the button may still be pressed.
    """

    browser: Browser
    ledger: Ledger
    process: str
    outbox: Path
    home: Path
    downloads: Path
    evidence: Evidence
    scope: Scope
    refusals: tuple[Spot, ...]
    fail: Callable[[int], HakadoriError]
    result: dict[str, str] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    timeout: float = 15.0
    secret: bool = False
    typed_secret: bool = False
    commit: bool = False
    cover: Cover = field(default_factory=Cover)
    screen: Screen | None = None
    folders: Mapping[str, Path] = field(default_factory=dict)
    tables: dict[str, tuple[Mapping[str, str], ...]] = field(default_factory=dict)
    mailer: Mailer | None = None
    routines: Mapping[str, "Routine"] = field(default_factory=dict)
    perform: Callable[["Step", "Bench", str], None] | None = None
    python: Path | None = None
    lease: Lease | None = None

    def hold(self, lease: Lease | None) -> None:
        """Have the lease asked directly before the next press, on the page or the screen; None: no more."""
        self.lease = lease
        self.browser.guard_press(self.about_to_press if lease is not None else None)

    def about_to_press(self) -> None:
        """Ask for the last time whether the button may be pressed.

        Raises:
            NotPressed: Too much time has gone by since `committing`.
            LedgerConflict: Somebody else has moved the item.
        """
        if self.lease is not None:
            self.lease.press()

    @property
    def places(self) -> Places:
        """Where this robot may read and write files."""
        return Places(self.home, (self.outbox, self.downloads), self.folders)

    def table(self, name: str) -> tuple[Mapping[str, str], ...]:
        """Return the rows that an earlier step read under a name.

        Raises:
            ValueUnfit: No step did.
        """
        if name not in self.tables:
            hint = did_you_mean(name, self.tables)
            raise ValueUnfit("robots.table_missing", where=name, name=name, hint=hint)
        return self.tables[name]
