"""What the integration tests share. What drives browsers is imported by who asks for one: the others begin at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from samples.townoffice.testing import empty, running_townoffice

if TYPE_CHECKING:
    from playwright.sync_api import Browser
    from robots_office import KeptBrowser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for the tests of a file: other files drive browsers of their own."""
    from console_browser import chromium

    with chromium() as launched:
        yield launched


@pytest.fixture(scope="module")
def running_standin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """One stand-in for the tests of a file: its address, and its database."""
    from robots_office import PASSWORD

    database = tmp_path_factory.mktemp("standin") / "town.db"
    with running_townoffice(database, PASSWORD) as url:
        yield url, database


@pytest.fixture
def standin(running_standin: tuple[str, Path]) -> tuple[str, Path]:
    """The stand-in as it was before its first registration, without faults."""
    empty(*running_standin)
    return running_standin


@pytest.fixture(scope="module")
def kept_browser(
    running_standin: tuple[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[KeptBrowser]:
    """One robot's browser for the tests of a file; each run begins with an empty session in it."""
    from robots_office import KeptBrowser, RobotOffice

    kept = KeptBrowser(RobotOffice(tmp_path_factory.mktemp("browser"), running_standin[0]).settings)
    yield kept
    kept.end()
