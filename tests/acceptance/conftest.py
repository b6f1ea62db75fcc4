"""What the acceptance tests share: the watch over tests that say which actions they exercise (actions.py)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from robots.bench import Bench
from robots.performer import Performer
from robots.step import Step


@pytest.fixture(autouse=True)
def performed(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[set[str]]:
    """Collect the actions that robots perform in this test; fail it when one that it names was never performed.

    A test that runs its robot in a child process asks for this fixture and adds what the child's evidence shows.
    """
    named = {action for mark in request.node.iter_markers("action") for action in mark.args}
    done: set[str] = set()
    act = Performer._act

    def watched(self: Performer, step: Step, bench: Bench) -> None:
        act(self, step, bench)
        done.add(step.action.name)

    if named:
        monkeypatch.setattr(Performer, "_act", watched)
    yield done
    assert named <= done, f"named by @pytest.mark.action but never performed: {sorted(named - done)}"
