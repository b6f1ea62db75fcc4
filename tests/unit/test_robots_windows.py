"""What a session remembers between items, on stand-ins for windows and dialogs: nothing here needs a browser."""

from __future__ import annotations

from typing import Any

import pytest

from robots.drivers.browser import Answer, Notice
from robots.drivers.dialogs import Dialogs, Seen
from robots.drivers.windows import Windows


class Window:
    def __init__(self, context: Context) -> None:
        self.context, self.closed = context, False
        self.frames: list[Any] = [self]
        context.pages.append(self)

    def is_closed(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True
        self.context.pages.remove(self)


class Context:
    def __init__(self) -> None:
        self.pages: list[Window] = []


class Dialog:
    def __init__(self, kind: str, message: str) -> None:
        self.type, self.message = kind, message
        self.answer: tuple[str, ...] = ()

    def accept(self, *value: str) -> None:
        self.answer = ("accept", *value)

    def dismiss(self) -> None:
        self.answer = ("dismiss",)


def test_an_item_begins_where_the_login_ended_without_the_windows_of_the_item_before() -> None:
    windows, context = Windows([]), Context()
    login, menu = Window(context), Window(context)
    windows.begin(context, menu)  # type: ignore[arg-type]
    windows.go_home()
    popup = Window(context)
    windows._page = popup  # type: ignore[assignment]
    windows.go_home()
    assert (windows.page, context.pages, popup.closed) == (menu, [login, menu], True)


def test_goes_back_to_a_window_that_is_left_when_its_own_closes_by_itself() -> None:
    notices: list[Notice] = []
    windows, context = Windows(notices), Context()
    first, popup = Window(context), Window(context)
    windows.begin(context, popup)  # type: ignore[arg-type]
    popup.close()
    assert (windows.page, [notice.key for notice in notices]) == (first, ["robots.window_closed"])


@pytest.mark.parametrize(
    ("kind", "announced", "answer", "unexpected", "other"),
    [
        ("confirm", Answer(says="受付 します"), ("accept",), None, None),
        ("confirm", Answer(accept=False), ("dismiss",), None, None),
        ("prompt", Answer(value="見本"), ("accept", "見本"), None, None),
        ("confirm", Answer(says="削除"), ("dismiss",), None, Seen("confirm", "受付します。 よいですか")),
        ("confirm", None, ("dismiss",), Seen("confirm", "受付します。 よいですか"), None),
        ("beforeunload", None, ("accept",), None, None),
    ],
)
def test_answers_a_dialog_only_as_announced(
    kind: str, announced: Answer | None, answer: tuple[str, ...], unexpected: Seen | None, other: Seen | None
) -> None:
    dialogs = Dialogs([])
    if announced is not None:
        dialogs.announced.append(announced)
    dialog = Dialog(kind, "受付します。\nよいですか")
    dialogs.on_dialog(dialog)  # type: ignore[arg-type]
    assert (dialog.answer, dialogs.take(), dialogs.announced) == (answer, (unexpected, other), [])
    assert dialogs.take() == (None, None)
