"""Patience with slow senders has an end: a body of which nothing more comes counts as given up.

Without this, somebody who sends one byte a minute could hold as many connections open as the machine has. Only silence
within a body is counted: a page that listens to live progress has sent its (empty) body and may wait for ever.
"""

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

SILENCE_SECONDS = 60.0
"""Longer than a switch that changes over or a laptop that looks for its network."""


class Patience:
    """Middleware that ends requests whose body stops coming.

    Args:
        app: The application.
        silence: Seconds without a byte.
    """

    def __init__(self, app: ASGIApp, silence: float = SILENCE_SECONDS) -> None:
        self._app = app
        self._silence = silence

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        whole = False

        async def patiently() -> Message:
            nonlocal whole
            if whole:
                return await receive()
            try:
                message = await asyncio.wait_for(receive(), self._silence)
            except TimeoutError:
                message = {"type": "http.disconnect"}
            whole = message["type"] != "http.request" or not message.get("more_body", False)
            return message

        await self._app(scope, patiently, send)
