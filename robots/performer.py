"""Doing one step: its condition, its loop, its tries, its secret, and the trace it leaves."""

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from backoffice.errors import HakadoriError, SystemFailure
from backoffice.messages import text
from backoffice.vault import Vault
from robots.bench import Bench
from robots.errors import FileTrouble, ValueUnfit
from robots.evidence import StepRecord
from robots.step import Step
from robots.stepping import Ask, let_a_person_decide
from robots.targets import Spot
from robots.values import Scope

SEPARATOR = "、"
"""Stands between the values of `for_each`."""


class Performer:
    """Does steps.

    Args:
        vault: Gives the secrets that steps type.
        timeout: How long a step waits when it does not say so itself, in seconds.
        ask: Asked before every step (step mode).
        rehearsing: Steps that leave something behind are passed over (dry run).
    """

    def __init__(
        self, vault: Vault, timeout: float, *, ask: Ask | None = None, rehearsing: bool = False
    ) -> None:
        self._vault = vault
        self._timeout = timeout
        self._ask = ask
        self._rehearsing = rehearsing

    def ask_before_commit(self, step: Step, place: str) -> None:
        """In step mode, ask about a commit step while nothing is written of it yet.

        Raises:
            StoppedByPerson: A person said no.
        """
        let_a_person_decide(self._ask, step, step.name or place)

    def do(self, step: Step, bench: Bench, place: str) -> None:
        """Do a step with all its modifiers.

        Args:
            step: The step.
            bench: What it works with.
            place: Where it stands, for the evidence ("each 3").

        Raises:
            HakadoriError: What went wrong; a failure sign of the robot that is on the page wins over a time-out.
        """
        label = step.name or place
        if step.when is not None and not step.when.holds(_present(bench)):
            bench.evidence.note(StepRecord(label, step.action.name, "", "", 0.0, "skipped"))
            return
        if self._rehearsing and (step.action.lasting or step.commit):
            bench.evidence.note(StepRecord(label, step.action.name, "", "", 0.0, "rehearsed"))
            return
        if not step.commit:
            let_a_person_decide(self._ask, step, label)
        if step.for_each_row is not None:
            self._for_rows(step, bench, label)
            return
        if step.for_each is None:
            self._try(step, bench, label)
            return
        values = step.for_each.fill(_present(bench))
        whole = bench.scope
        for value in filter(None, values.split(SEPARATOR)):
            bench.scope = whole.with_each(value)
            self._try(step, bench, label)
        bench.scope = whole

    def _for_rows(self, step: Step, bench: Bench, label: str) -> None:
        whole = bench.scope
        for row in bench.table(step.for_each_row or ""):
            bench.scope = whole.with_row(row)
            self._try(step, bench, label)
        bench.scope = whole

    def _try(self, step: Step, bench: Bench, label: str) -> None:
        for left in range(step.retry, -1, -1):
            try:
                self._once(step, bench, label)
                return
            except SystemFailure:
                if not left:
                    raise

    def _once(self, step: Step, bench: Bench, label: str) -> None:
        bench.scope = _present(bench)
        started = time.perf_counter()
        outcome = "done"
        try:
            self._act(step, bench)
        except HakadoriError as error:
            outcome = error.key
            raise
        finally:
            seconds = time.perf_counter() - started
            bench.evidence.warn(bench.browser.take_notices() if step.action.on_page else [])
            target, value = _shown(step, bench.scope)
            bench.evidence.note(StepRecord(label, step.action.name, target, value, seconds, outcome))

    def _act(self, step: Step, bench: Bench) -> None:
        arguments = step.arguments.bind(bench.scope)
        bench.timeout = step.timeout or self._timeout
        bench.secret, bench.commit = step.secret is not None, step.commit
        _cover(step, bench)
        if step.secret is not None:
            bench.typed_secret = True
            arguments["value"] = self._vault.get(step.secret).reveal()
        if step.commit and bench.lease is not None:
            bench.lease.check()
        try:
            _call(step, bench, arguments)
        except SystemFailure as error:
            sign = bench.browser.seen(bench.refusals)
            if sign is None:
                raise
            raise bench.fail(sign) from error


def _call(step: Step, bench: Bench, arguments: Mapping[str, Any]) -> None:
    """Do the action; a disk or a folder that refuses is this item's trouble and does not end the run."""
    try:
        step.action.function(bench, **arguments)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise FileTrouble("robots.file_trouble", where=step.action.name, reason=reason) from error


def _present(bench: Bench) -> Scope:
    return replace(bench.scope, result=bench.result, variables=bench.variables)


def _cover(step: Step, bench: Bench) -> None:
    """Remember what the step types from personal fields, so that later pictures have it covered."""
    private = (template for template in step.arguments.typed() if template.is_private(bench.scope))
    typed = {template.fill(bench.scope) for template in private}
    if typed - bench.cover.values:
        bench.cover = replace(bench.cover, values=bench.cover.values | typed)


def _shown(step: Step, scope: Scope) -> tuple[str, str]:
    """Return the target and the typed value as evidence may show them."""
    try:
        spot = step.arguments.bind(scope).get("target")
        typed = [template.show(scope) for template in step.arguments.typed() if template.text]
    except ValueUnfit:
        return "", ""
    value = text("robots.secret_typed") if step.secret is not None else " ".join(typed)
    return (spot.describe() if isinstance(spot, Spot) else ""), value
