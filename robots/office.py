"""The parts of an installation that one run of a robot works with, and the benches made from them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from backoffice.clock import TOKYO, Clock
from backoffice.errors import HakadoriError, SystemFailure
from backoffice.ledger import Ledger
from backoffice.mail import Mailer
from backoffice.settings import Settings
from backoffice.work_items import WorkItem
from robots.bench import Bench
from robots.drivers.browser import Browser, Cover
from robots.errors import LoginRefused, RefusedAfterCommit, RefusedByTarget, SessionLost
from robots.evidence import Evidence
from robots.hiding import harmless, spellings
from robots.model import Robot
from robots.performer import Performer
from robots.screen import Screen
from robots.targets import Target
from robots.trail import Trail
from robots.values import Scope


@dataclass(frozen=True)
class Office:
    """What a run works with.

    Attributes:
        robot: The script.
        ledger: The ledger of work items.
        settings: Targets, folders, browser.
        run_id: The run.
        browser: The browser.
        performer: Does steps.
        personal: Names of personal fields, the robot's own and those told by the caller.
        clock: The present moment.
        trail: What the run leaves behind.
        screen: The screen, for a robot with desktop steps.
        mailer: Sends mail.
        parameters: What the job gave to this run.
    """

    robot: Robot
    ledger: Ledger
    settings: Settings
    run_id: str
    browser: Browser
    performer: Performer
    personal: frozenset[str]
    clock: Clock
    trail: Trail
    screen: Screen | None = None
    mailer: Mailer | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)

    @property
    def who(self) -> str:
        """How the robot signs in the ledger."""
        return f"robot:{self.robot.robot}"

    @property
    def today(self) -> date:
        """Today in Tokyo."""
        return self.clock().astimezone(TOKYO).date()

    @property
    def folder(self) -> Path:
        """The run's folder of evidence and downloads; made when something is put into it."""
        return self.settings.folder("evidence") / self.run_id

    def bench(self, item: WorkItem | None, evidence: Evidence) -> Bench:
        """Lay out a bench for an item, or for work outside of items."""
        record: Mapping[str, str] = {} if item is None else item.record
        held = [record[name] for name in self.personal if record.get(name)]
        private = frozenset(spelling for value in held for spelling in spellings(value))
        scope = Scope(
            None if item is None else record,
            self.settings.targets,
            self.today,
            self.run_id,
            personal=self.personal,
            folders={name: str(folder) for name, folder in self.settings.folders.items()},
            parameters=self.parameters,
        )
        where = self.robot.robot if item is None else f"{item.process}/{item.key}"
        signs = [rule.fill(scope) for rule in self.robot.fails_when]
        if item is not None and self.robot.session_lost is not None:
            signs.append(self.robot.session_lost.fill(scope))
        return Bench(
            browser=self.browser,
            ledger=self.ledger,
            process=self.robot.items.process,
            outbox=self.settings.folder("outbox"),
            home=self.settings.var,
            downloads=self.folder / "downloads",
            evidence=evidence,
            scope=scope,
            refusals=tuple(sign for sign in signs if sign is not None),
            fail=lambda at: self._failure(at, scope, private, where),
            cover=Cover(self.personal, private),
            screen=self.screen,
            folders=self.settings.folders,
            mailer=self.mailer,
            routines=self.robot.routines,
            perform=self.performer.do,
            python=self.robot.source.path.parent.parent / "python",
        )

    def evidence(self, name: str) -> Evidence:
        """Open the evidence of one item (or of "setup", "teardown") in this run."""
        return self.trail.evidence(name)

    def _failure(self, at: int, scope: Scope, private: frozenset[str], where: str) -> HakadoriError:
        if at >= len(self.robot.fails_when):
            return SessionLost("robots.session_lost", where=where)
        rule = self.robot.fails_when[at]
        spot = rule.fill(scope)
        sign = rule.name or (spot.describe() if spot is not None else "")
        said = self._said(rule.messages or rule, scope, private)
        if rule.as_ == "login":
            return LoginRefused("robots.login_refused", where=where, said=said)
        if rule.as_ == "system":
            return SystemFailure("robots.target_says_trouble", where=where, sign=sign, said=said)
        kind = RefusedAfterCommit if rule.after_commit else RefusedByTarget
        return kind("robots.refused_by_target", where=where, sign=sign, said=said)

    def _said(self, target: Target, scope: Scope, private: frozenset[str]) -> str:
        """Return what the target says at a place, without personal values."""
        spot = target.fill(scope)
        try:
            told = " / ".join(" ".join(line.split()) for line in self.browser.texts(spot)) if spot else ""
        except SystemFailure:
            told = ""
        return harmless(told, private)
