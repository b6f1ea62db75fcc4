"""The lease of a press: between writing `committing` and pressing the button nobody may have taken the item away.

A PC that freezes or sleeps just then may wake up hours later with its finger on the button. Meanwhile its run was
thought dead, another looked the record up, did not find it, and registered it. So directly before the press the ledger
is asked once more, and whoever comes too late does not press. That costs one look into the database.

The time is measured by a clock that nobody sets and that goes on while the PC sleeps, where the system has one.
"""

from collections.abc import Callable

from backoffice.errors import ItemFailure
from backoffice.ledger import Ledger
from backoffice.outages import through_outages
from backoffice.steady import steady
from backoffice.work_items import LedgerConflict, WorkItem

MARGIN_SECONDS = 5.0
"""So much longer than the commit step itself may wait, the way from `committing` to the press may take."""
Steady = Callable[[], float]


class NotPressed(ItemFailure):
    """The commit step was not begun, although the ledger says `committing`: certainly nothing was registered."""


class Lease:
    """Says whether an item may still be pressed.

    Args:
        ledger: Where the item stands.
        item: The item as it was moved to `committing`.
        begun: When that move began, in steady seconds.
        seconds: How long the commit step may wait for its target.
        clock: Steady seconds.
    """

    def __init__(
        self, ledger: Ledger, item: WorkItem, begun: float, seconds: float, clock: Steady = steady
    ) -> None:
        self._ledger = ledger
        self._item = item
        self._begun = begun
        self._seconds = seconds + MARGIN_SECONDS
        self._clock = clock
        self._pressed = False

    def check(self) -> None:
        """Look whether the step may begin.

        Raises:
            NotPressed: Too much time has gone by.
            LedgerConflict: Somebody else has moved the item.
        """
        if self._pressed:
            return  # what follows the first press belongs to it
        where = f"{self._item.process}/{self._item.key}"
        now = through_outages(lambda: self._ledger.get(self._item.id))
        if (now.state, now.revision) != (self._item.state, self._item.revision):
            raise LedgerConflict("backoffice.ledger_conflict", where=where)
        gone = self._clock() - self._begun
        if gone > self._seconds:
            raise NotPressed("robots.not_pressed", where=where, seconds=f"{gone:.0f}")

    def press(self) -> None:
        """Look for the last time, directly before the button goes down.

        Raises:
            NotPressed: Too much time has gone by.
            LedgerConflict: Somebody else has moved the item.
        """
        self.check()
        self._pressed = True
