"""How one person writes: pen, size, slant, carelessness, favourite shapes of digits.

A style is drawn from a seed, so the same seed is the same person on every sheet.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

FONTS = {
    "klee": Path("/usr/share/fonts/truetype/klee/KleeOne-Regular.ttf"),
    "kiloji": Path("/usr/share/fonts/truetype/kiloji/kiloji.ttf"),
    "seto": Path("/usr/share/fonts/truetype/seto/setofont.ttf"),
    "yoz": Path("/usr/share/fonts/truetype/yozvox-yozfont/YOzRN_.ttf"),
    "yoz-quick": Path("/usr/share/fonts/truetype/yozvox-yozfont/YOzRS_.ttf"),
    "yusei": Path("/usr/share/fonts/truetype/yusei-magic/YuseiMagic-Regular.ttf"),
}
SEAL_FONT = Path("/usr/share/fonts/opentype/ipaexfont-mincho/ipaexm.ttf")
PACKAGES = "fonts-klee fonts-kiloji fonts-seto fonts-yozvox-yozfont fonts-yusei-magic fonts-ipaexfont"
INKS = {
    "black": (0.10, 0.10, 0.12),
    "blue": (0.13, 0.20, 0.55),
    "blue-black": (0.12, 0.15, 0.30),
    "pencil": (0.30, 0.30, 0.32),
}
PENS = ("black", "black", "black", "blue", "blue-black", "pencil")


@dataclass(frozen=True)
class Writer:
    """One person's hand.

    Lengths marked mm are on paper; ``size`` is the share of a cell's height that a character fills; ``slant`` is
    the shift of the top to the right per unit of height; ``wobble`` is the spread of points in a box of 100.
    """

    ink: str
    pen_mm: float
    font: str
    size: float
    aspect: float
    slant: float
    tilt_deg: float
    wobble: float
    careless: float
    drift: tuple[float, float]
    link: float
    pressure: float
    round_corners: float
    kana_in_lines: bool
    zero_fill: bool
    day_left: bool
    tick: str
    variants: Mapping[str, int]
    family: int

    @property
    def colour(self) -> tuple[float, float, float]:
        """Ink colour as red, green, blue from 0 to 1."""
        return INKS[self.ink]


def invent_writer(seed: int) -> Writer:
    """Draw a writing style from a seed: two in five write carelessly."""
    rng = np.random.default_rng([seed, 7])
    ink = str(rng.choice(PENS))
    careless = float(rng.choice([0.6, 0.8, 1.0, 1.3, 1.8]))
    return Writer(
        ink=ink,
        pen_mm=float(rng.uniform(0.45, 0.6) if ink == "pencil" else rng.uniform(0.32, 0.62)),
        font=str(rng.choice(list(FONTS), p=[0.2, 0.26, 0.2, 0.14, 0.1, 0.1])),
        size=float(rng.uniform(0.56, 0.82)),
        aspect=float(rng.uniform(0.78, 1.08)),
        slant=float(rng.normal(0.03, 0.09)),
        tilt_deg=float(rng.normal(-1.0, 2.0)),
        wobble=float(rng.uniform(0.8, 1.8)) * careless,
        careless=careless,
        drift=(float(rng.normal(0, 0.05)), float(rng.normal(0.02, 0.05))),
        link=float(rng.choice([0.0, 0.02, 0.15])),
        pressure=float(rng.uniform(0.15, 0.5)),
        round_corners=float(rng.uniform(0.0, 0.5)),
        kana_in_lines=bool(rng.random() < 0.5),
        zero_fill=bool(rng.random() < 0.4),
        day_left=bool(rng.random() < 0.15),
        tick=str(rng.choice(["check", "hook", "cross", "fill"], p=[0.52, 0.26, 0.14, 0.08])),
        variants={digit: int(rng.integers(0, 6)) for digit in "0123456789"},
        family=int(rng.integers(0, 2**31)),
    )


def missing_fonts() -> list[Path]:
    """Return the fonts that this machine lacks."""
    return [path for path in (*FONTS.values(), SEAL_FONT) if not path.exists()]
