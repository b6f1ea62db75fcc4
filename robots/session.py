"""The robot's session at the target: opened once for a run, renewed only after the target misbehaved."""

from backoffice.errors import HakadoriError, SystemFailure
from robots.errors import DialogUnexpected, LoginRefused, PageUnfinished, TargetTrouble, TargetUnreachable
from robots.evidence import Evidence
from robots.hiding import without_personal
from robots.office import Office
from robots.targets import Spot

_PASSWORD = Spot("password", "")


class Session:
    """Opens and renews the session by the robot's `setup` steps.

    Args:
        office: The parts of this run.
    """

    def __init__(self, office: Office) -> None:
        self._office = office
        self._started = False
        self._open = False

    @property
    def is_open(self) -> bool:
        """Whether the setup steps have come to their end and nothing has gone wrong since."""
        return self._open

    def ensure(self) -> None:
        """Open the session, or a fresh one after `lose`.

        Raises:
            BrowserMissing: No browser.
            TargetUnreachable: The target does not answer.
            LoginRefused: The robot is not let in.
            SystemFailure: A setup step failed otherwise.
        """
        if self._open:
            return
        if self._started:
            self._office.browser.renew()
        else:
            self._office.browser.start()
            self._started = True
        self._set_up()
        self._office.browser.begin_item()
        self._open = True

    def lose(self) -> None:
        """Give the session up: the next `ensure` begins with an empty browser."""
        self._open = False

    def close(self) -> None:
        """End the browser."""
        self._open = False
        if self._started:
            self._office.browser.close()
        self._started = False

    def _set_up(self) -> None:
        evidence = self._office.evidence("setup")
        try:
            self._steps(evidence)
        finally:
            evidence.close()

    def _steps(self, evidence: Evidence) -> None:
        bench = self._office.bench(None, evidence)
        typed_secret = False
        for at, step in enumerate(self._office.robot.setup, start=1):
            try:
                self._office.performer.do(step, bench, f"setup {at}")
            except (TargetUnreachable, TargetTrouble, PageUnfinished, DialogUnexpected) as error:
                raise without_personal(error, ()) from error
            except SystemFailure as error:
                evidence.picture(bench.browser, "failure", bench.cover)
                evidence.page_text(bench.browser, bench.cover)
                if typed_secret and bench.browser.seen((_PASSWORD,)) is not None:
                    raise self._refused() from error
                raise
            typed_secret = typed_secret or step.secret is not None

    def _refused(self) -> HakadoriError:
        return LoginRefused("robots.login_refused", where=self._office.robot.robot, said="-")
