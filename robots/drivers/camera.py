"""Pictures of a page that the browser takes while the robot writes its books.

Chromium needs 40–50 ms for a picture, most of it waiting for its own next frames. Playwright's `send` would sit through
that; a session of the older kind (`Target.sendMessageToTarget`, Chrome DevTools Protocol) takes the wish at once and
sends the picture as an event, which is collected before the page is touched again (`Tab.page`).
"""

import base64
import json
import time
from collections.abc import Callable
from itertools import count
from typing import Any

from playwright.sync_api import Browser as Program
from playwright.sync_api import CDPSession, Error, Page
from playwright.sync_api import TimeoutError as TookTooLong

from robots.drivers.shot import QUALITY

LONGEST_WAIT_SECONDS = 30.0
"""A picture that has not come by then is given up; Playwright waits as long for its own pictures."""
_LOOK_MS = 2
_WISH = "Page.captureScreenshot"
_ASKED = {"format": "jpeg", "quality": QUALITY, "optimizeForSpeed": True}

Negative = Callable[[], bytes]
"""Waits for a picture that is being taken and returns it, a JPEG; raises Playwright's Error when none comes."""


class Camera:
    """Takes pictures of the pages of one browser program.

    Args:
        program: The browser.
    """

    def __init__(self, program: Program) -> None:
        self._line: CDPSession = program.new_browser_cdp_session()
        self._line.on("Target.receivedMessageFromTarget", self._hear)
        self._line.on("Target.detachedFromTarget", lambda told: self._gone.add(told["sessionId"]))
        self._sessions: dict[Page, str] = {}
        self._answers: dict[int, dict[str, Any]] = {}
        self._gone: set[str] = set()
        self._numbers = count(1)

    def press(self, page: Page, wire: CDPSession) -> Negative:
        """Begin a picture of what a page shows now.

        Args:
            page: The page; it must not be touched before the picture has come.
            wire: The line to it.

        Raises:
            Error: Playwright's; the page is gone.
        """
        try:
            return self._ask(page, wire)
        except (
            Error
        ):  # a browser that no longer knows such sessions is waited for; a page that is gone says so again
            picture = base64.b64decode(wire.send(_WISH, _ASKED)["data"])
            return lambda: picture

    def _ask(self, page: Page, wire: CDPSession) -> Negative:
        if page not in self._sessions:
            target = wire.send("Target.getTargetInfo")["targetInfo"]["targetId"]
            asked = {"targetId": target, "flatten": False}
            self._sessions[page] = self._line.send("Target.attachToTarget", asked)["sessionId"]
        session, number = self._sessions[page], next(self._numbers)
        wish = json.dumps({"id": number, "method": _WISH, "params": _ASKED})
        self._line.send("Target.sendMessageToTarget", {"sessionId": session, "message": wish})
        return lambda: self._wait(page, session, number)

    def clear(self) -> None:
        """Forget the pages of a session that has ended."""
        self._sessions.clear()
        self._answers.clear()
        self._gone.clear()

    def _wait(self, page: Page, session: str, number: int) -> bytes:
        end = time.monotonic() + LONGEST_WAIT_SECONDS
        while number not in self._answers:
            if session in self._gone:
                raise Error("the page was closed before its picture came")
            if time.monotonic() > end:
                raise TookTooLong("picture")
            page.wait_for_timeout(_LOOK_MS)
        answer = self._answers.pop(number)
        if "result" not in answer:
            raise Error("the browser took no picture")
        return base64.b64decode(answer["result"]["data"])

    def _hear(self, told: dict[str, Any]) -> None:
        answer = json.loads(told["message"])
        if "id" in answer:
            self._answers[answer["id"]] = answer
