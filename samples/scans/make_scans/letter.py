"""A page that is not a form: a printed invitation with something like a photograph on it."""

from __future__ import annotations

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from samples.scans.compose.sheet import PX, Pixels
from samples.scans.compose.writer import SEAL_FONT

LINES = [
    "令和８年６月吉日",
    "",
    "はかどり商店街振興組合",
    "",
    "　　　　夏まつり　ご協賛のお願い",
    "",
    "拝啓　初夏の候、皆様にはますますご清栄のこととお喜び申し上げます。",
    "　さて、今年も恒例の夏まつりを下記のとおり開催いたします。つきましては、",
    "何かとご多用のところ誠に恐れ入りますが、ご協賛を賜りますようお願い",
    "申し上げます。",
    "　皆様お誘い合わせのうえ、ぜひお越しください。　　　　　　　　敬具",
    "",
    "　　　日時　令和８年８月８日（土）午後４時から",
    "　　　場所　はかどり駅前広場",
]


def letter_page(seed: int) -> Pixels:
    """Return an A4 page at 300 dpi, (h, w, 3), from 0 to 1: a letter above, a blurred landscape below."""
    rng = np.random.default_rng([seed, 77])
    width, height = round(210 * PX), round(297 * PX)
    image = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(image)
    font = ImageFont.truetype(str(SEAL_FONT), round(4.4 * PX))
    for index, line in enumerate(LINES):
        draw.text((22 * PX, (24 + index * 9.5) * PX), line, "black", font)
    page = np.array(image, np.float32) / np.float32(255)
    photo = _landscape(rng, round(150 * PX), round(95 * PX))
    top, left = round(172 * PX), round(30 * PX)
    page[top : top + photo.shape[0], left : left + photo.shape[1]] = photo
    return np.asarray(page, np.float32)


def _landscape(rng: np.random.Generator, width: int, height: int) -> Pixels:
    ys = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    sky = np.stack([0.55 + 0.3 * ys, 0.7 + 0.2 * ys, 0.95 - 0.1 * ys], axis=-1) * np.ones(
        (1, width, 1), np.float32
    )
    for base, colour in ((0.55, (0.35, 0.45, 0.5)), (0.68, (0.25, 0.4, 0.25)), (0.82, (0.2, 0.3, 0.15))):
        bumps = cv2.resize(
            rng.normal(0, 0.06, (1, 9)).astype(np.float32), (width, 1), interpolation=cv2.INTER_CUBIC
        )
        sky[ys[:, 0][:, None] > base + bumps] = colour
    rough = cv2.GaussianBlur(rng.normal(0, 1, (height, width)).astype(np.float32), (0, 0), 4) * 0.6
    return np.asarray(np.clip(cv2.GaussianBlur(sky, (0, 0), 3) + rough[..., None], 0, 1), np.float32)
