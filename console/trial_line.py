"""The one line in which robots are tried from pages: a job rehearsed, or a text tried from the editor.

One set of rules holds for both. One trial works at a time, because a browser takes much of a small PC; the others wait
their turn in the order in which they came. A person has one trial at a time. None may take longer or more memory than
LIMITS. None outlives the server that began it: the server holds the lock `leash` from the beginning to the end, the
kernel lets it go when the server dies, and the child, which looks at it, ends with everything that it had started.
None starts anything on the PC of the service but a browser, unless its very content may run there anyway.
"""

import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
from loguru import logger

from backoffice.locks import held, is_held
from console.authoring.errors import AuthoringRefused
from console.faults import describe
from scheduler.process import Limits

if TYPE_CHECKING:
    from robots.model import Robot

LIMITS = Limits(seconds=1800.0, grace_seconds=15.0, memory_bytes=4096 * 1024 * 1024)
"""A trial that takes longer, or far more memory, is killed; so is one that does not end soon when it is asked to."""
ON_THE_PC = frozenset({"start_program", "run_python"})
"""Actions that start something on the PC of the service."""
LOOK_SECONDS = 1.0
"""How often a child looks whether its server still lives, and one who waits whether he was asked to go."""
LEASH_PATIENCE = 10.0
PATIENCE = 1.0
"""So long somebody waits whose trial before has just ended and is still being put away."""


class Turn:
    """One person's place in the line.

    Args:
        who: Whose it is.

    Attributes:
        asked: Set when somebody wants the trial to end.
    """

    def __init__(self, who: str) -> None:
        self.who = who
        self.asked = threading.Event()
        self._come = threading.Event()
        self._over = threading.Event()

    @property
    def over(self) -> bool:
        """Whether it has left the line."""
        return self._over.is_set()

    def end(self) -> None:
        """Tell that it has left the line."""
        self._over.set()

    @property
    def waits(self) -> bool:
        """Whether its turn has not come yet."""
        return not self._come.is_set()

    def call(self) -> None:
        """Let its turn come."""
        self._come.set()

    def wait(self) -> bool:
        """Wait until its turn has come; False when it was asked to end before that."""
        while not self._come.wait(LOOK_SECONDS / 10):
            if self.asked.is_set():
                return False
        return not self.asked.is_set()


class TrialLine:
    """The line of one console."""

    def __init__(self) -> None:
        self._line: list[Turn] = []
        self._threads: list[threading.Thread] = []
        self._guard = threading.Condition()

    def stand(self, who: str) -> Turn:
        """Take a place at the end of the line; `go` or `leave` must follow.

        Raises:
            AuthoringRefused: The person has a place already.
        """
        with self._guard:
            if not self._guard.wait_for(lambda: all(turn.who != who for turn in self._line), PATIENCE):
                raise AuthoringRefused("authoring.trial_at_work", where=who)
            turn = Turn(who)
            self._line.append(turn)
            self._line[0].call()
        return turn

    def go(self, turn: Turn, leash: Path, work: Callable[[Turn], None]) -> None:
        """Do the work of a turn on a thread of its own; it calls `turn.wait()` before it begins in earnest.

        Args:
            turn: The place.
            leash: Lock file that is held until the work is over; the child looks at it.
            work: What to do; whatever it raises is logged.
        """
        thread = threading.Thread(
            target=self._carry, args=(turn, leash, work), name=f"trial of {turn.who}", daemon=True
        )
        with self._guard:
            self._threads = [one for one in self._threads if one.is_alive()] + [thread]
            thread.start()

    def leave(self, turn: Turn) -> None:
        """Give a place up, so that the next one's turn comes."""
        with self._guard:
            if turn in self._line:
                self._line.remove(turn)
                turn.end()
            if self._line:
                self._line[0].call()
            self._guard.notify_all()

    def close(self) -> None:
        """Ask every trial to end, and wait for those at work; the service is about to end too."""
        with self._guard:
            line, threads = list(self._line), list(self._threads)
        for turn in line:
            turn.asked.set()
        for thread in threads:
            thread.join(LIMITS.grace_seconds + LEASH_PATIENCE)

    def _carry(self, turn: Turn, leash: Path, work: Callable[[Turn], None]) -> None:
        try:
            with held(leash, patience=LEASH_PATIENCE):
                work(turn)
        except Exception as error:  # those that wait must still have their turn
            logger.error("the trial {} broke: {}", leash.stem, describe(error))
        finally:
            try:
                leash.unlink(missing_ok=True)
            except OSError as error:  # on Windows while another program has it open; nobody holds it any more
                logger.warning("{} stays: {}", leash.name, describe(error))
            finally:
                self.leave(turn)


def demand_harmless(robot: "Robot", name: str) -> None:
    """Make sure that trying a robot starts nothing on the PC of the service but a browser.

    Raises:
        AuthoringRefused: It works on a screen, starts programs or calls the town's own functions.
    """
    from robots.stage import uses_screen

    used = {step.action.name for step in robot.all_steps()} & ON_THE_PC
    if used or uses_screen(robot):
        actions = ", ".join(sorted(used)) or "screen"
        raise AuthoringRefused("authoring.trial_on_pc", where=name, name=name, actions=actions)


def end_with_the_server(leash: Path) -> None:
    """Let this process end, with everything that it has started, when the server that began the trial has died."""
    threading.Thread(target=_watch, args=(leash,), name="leash", daemon=True).start()


def _watch(leash: Path) -> None:
    while is_held(leash):
        time.sleep(LOOK_SECONDS)
    family = psutil.Process().children(recursive=True)
    for member in family:
        with suppress(psutil.NoSuchProcess):
            member.kill()
    os._exit(1)
