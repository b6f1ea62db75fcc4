"""One field that was found on a blank, before it is written down."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ocr.propose.labels import Label
from ocr.propose.rect import Rect


@dataclass(frozen=True)
class Found:
    """A field of a blank.

    Attributes:
        kind: One of the template's kinds.
        rect: All of its boxes together, mm.
        label: The words that name it.
        keys: What the template says of it besides name and kind.
        unsure: Keys of texts that tell a person what to look at (`ocr.propose_…`).
        personal: It holds personal data.
    """

    kind: str
    rect: Rect
    label: Label
    keys: Mapping[str, Any] = field(default_factory=dict)
    unsure: tuple[str, ...] = ()
    personal: bool = False
