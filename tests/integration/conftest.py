"""What the integration tests share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from console_browser import chromium
from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for the tests of a file: other files drive browsers of their own."""
    with chromium() as launched:
        yield launched
