"""The reader as the settings want it. Heavy: imports the whole reading room."""

from collections.abc import Mapping

from backoffice.settings import Settings
from ocr.intake import Limits
from ocr.pipeline import Reader
from ocr.template import Form


def make_reader(settings: Settings, forms: Mapping[str, Form]) -> Reader:
    """Return a reader of some forms; it holds the network, so make one and keep it."""
    models, limits = settings.folder("models"), limits_of(settings)
    return Reader(forms, models, limit=settings.ocr.limit, threads=settings.ocr.threads, limits=limits)


def limits_of(settings: Settings) -> Limits:
    """Return what is too large to take in, as the settings say."""
    return Limits(
        max_pages=settings.inbox.max_pages,
        max_megapixels=settings.inbox.max_megapixels,
        max_megabytes=settings.inbox.max_megabytes,
    )
