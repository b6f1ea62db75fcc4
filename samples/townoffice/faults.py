"""Switches that make the stand-in misbehave, for tests of robots: set by ``POST /__faults``."""

from __future__ import annotations

import asyncio
import time
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

LOOK_SECONDS = 0.1
"""How often one who waits looks whether the switches were set anew."""
CommitFault = Literal["500_before", "500_after", "slow", "drop_after"]


class Faults(BaseModel):
    """How the stand-in misbehaves; the default is not at all."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    commit: CommitFault | None = Field(
        None,
        description="At 登録: 500 unstored; store, then 500; wait, then store; store, wait and hang up.",
    )
    seconds: Annotated[float, Field(ge=0, le=600)] = Field(
        0,
        description="How long slow waits before storing, and drop_after before hanging up, in s; at most until the "
        "switches are set anew.",
    )
    times: Annotated[int, Field(ge=1)] | None = Field(
        None, description="How many 登録 the commit fault spoils before it heals by itself; null for all."
    )
    login: Literal["refuse"] | None = Field(None, description="Refuse every login, the right password too.")
    logout_after: Annotated[int, Field(ge=1)] | None = Field(
        None, description="End every session when so many 新規登録 pages were opened, once."
    )
    all: Literal["503"] | None = Field(None, description="Answer 503 on every page.")


class FaultSwitch:
    """Holds the faults in force; one per server."""

    def __init__(self) -> None:
        """Start without faults."""
        self.now = Faults()
        self._settings = 0

    def replace(self, wanted: Faults) -> None:
        """Put other faults in force; what waits by an earlier one goes on."""
        self.now = wanted
        self._settings += 1

    async def wait(self, seconds: float) -> None:
        """Wait so long, or until other faults are put in force."""
        begun, end = self._settings, time.monotonic() + seconds
        while self._settings == begun and (left := end - time.monotonic()) > 0:
            await asyncio.sleep(min(left, LOOK_SECONDS))

    def take_logout(self) -> bool:
        """Whether the sessions end now, counting down ``logout_after``."""
        left = self.now.logout_after
        if left is not None:
            self.now = self.now.model_copy(update={"logout_after": left - 1 if left > 1 else None})
        return left == 1

    def take_commit(self) -> tuple[CommitFault | None, float]:
        """The fault for this 登録 and its seconds, counting down ``times``."""
        taken = self.now
        if taken.commit is not None and taken.times is not None:
            left = {"times": taken.times - 1} if taken.times > 1 else {"times": None, "commit": None}
            self.now = taken.model_copy(update=left)
        return taken.commit, taken.seconds
