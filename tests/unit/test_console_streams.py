"""Open pages that are told how a run goes: how many there may be, and when a place is free again."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress

import pytest
from starlette.requests import ClientDisconnect

from console.errors import TooManyRequests
from console.web.streams import Beat, OpenPage, Streams


def over() -> Beat:
    return Beat("progress", "{}", last=True)


async def answered(page: OpenPage, broken: bool = False) -> list[str]:
    """Send a page's answer to a browser, or to one that went away at its first byte, and return what it was sent."""
    sent: list[str] = []

    async def receive() -> dict[str, str]:
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: dict[str, object]) -> None:
        if broken:
            raise OSError
        sent.append(bytes(message.get("body", b"")).decode())

    await page({"type": "http", "asgi": {"spec_version": "2.4"}}, receive, send)
    return sent


def test_many_pages_opened_at_once_share_no_place() -> None:
    streams = Streams(per_person=3)
    together, opened = threading.Barrier(24), []

    def ask() -> None:
        together.wait()
        with suppress(TooManyRequests):
            opened.append(streams.open("sato", over))

    threads = [threading.Thread(target=ask) for _ in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(opened) == streams.count == 3


def test_a_person_beyond_the_limit_leaves_the_others_theirs() -> None:
    streams = Streams(per_person=1, altogether=2)
    streams.open("sato", over)
    with pytest.raises(TooManyRequests):
        streams.open("sato", over)
    streams.open("suzuki", over)
    with pytest.raises(TooManyRequests):
        streams.open("tanaka", over)


def test_a_place_is_free_again_when_the_answer_is_over() -> None:
    streams = Streams(per_person=1)
    sent = asyncio.run(answered(streams.open("sato", over)))
    assert sent[1:3] == ["retry: 2000\n\n", "event: progress\ndata: {}\n\n"]
    assert streams.count == 0


def test_a_place_is_free_again_when_the_browser_did_not_wait_for_the_first_byte() -> None:
    streams = Streams(per_person=1)
    with pytest.raises(ClientDisconnect):
        asyncio.run(answered(streams.open("sato", over), broken=True))
    assert streams.count == 0
