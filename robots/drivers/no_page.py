"""No page: for robots that work on workbooks and files alone, so that no browser is started for them."""

from robots.drivers.browser import Cover
from robots.drivers.fake_browser import FakeBrowser
from robots.drivers.shot import Shot
from robots.errors import StepFailed


class NoPage(FakeBrowser):
    """A browser that is none: it starts at once, shows nothing, and there is nothing to take a picture of."""

    def screenshot(self, cover: Cover) -> Shot | None:
        """Say that there is no page.

        Raises:
            StepFailed: Always.
        """
        raise StepFailed("robots.no_page", where="-")
