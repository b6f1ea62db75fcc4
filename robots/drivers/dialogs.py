"""The small windows of a page that stop everything: alert, confirm, prompt.

A robot says beforehand how the next one is to be answered (`dialog:`). One that nobody announced is closed with
"no" and remembered, so that the step at hand fails with its words: going on as if nothing had been said would be a
guess. Only "leave this page?" is answered by itself, because the robot wants to leave.
"""

from dataclasses import dataclass

from playwright.sync_api import Dialog

from robots.drivers.browser import Answer, Notice


@dataclass(frozen=True)
class Seen:
    """A dialog that was closed.

    Attributes:
        kind: "alert", "confirm", "prompt".
        said: Its words; they may hold personal values.
    """

    kind: str
    said: str


class Dialogs:
    """Answers the dialogs of all windows of one session.

    Attributes:
        announced: The answers for the next dialogs, in order.
        unexpected: The first dialog that nobody announced, until it is told.
        other: The first announced dialog that said something else than it should, until it is told.
    """

    def __init__(self, notices: list[Notice]) -> None:
        self._notices = notices
        self.announced: list[Answer] = []
        self.unexpected: Seen | None = None
        self.other: Seen | None = None

    def clear(self) -> None:
        """Begin anew, with a new session."""
        self.announced.clear()
        self.unexpected = self.other = None

    def take(self) -> tuple[Seen | None, Seen | None]:
        """Return and forget (unexpected, other)."""
        taken = self.unexpected, self.other
        self.unexpected = self.other = None
        return taken

    def on_dialog(self, dialog: Dialog) -> None:
        """Answer a dialog the moment it opens."""
        if dialog.type == "beforeunload":
            self._notices.append(Notice("robots.left_page", {}))
            dialog.accept()
            return
        seen = Seen(dialog.type, " ".join(dialog.message.split()))
        answer = self.announced.pop(0) if self.announced else None
        if answer is None:
            self.unexpected = self.unexpected or seen
            dialog.dismiss()
        elif answer.says and _plain(answer.says) not in _plain(seen.said):
            self.other = self.other or seen
            dialog.dismiss()
        elif answer.accept:
            dialog.accept(answer.value) if dialog.type == "prompt" else dialog.accept()
        else:
            dialog.dismiss()


def _plain(words: str) -> str:
    return "".join(words.split())
