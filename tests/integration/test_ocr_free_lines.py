"""The real text reader with the real dictionary on lines written in a handwriting font."""

import unicodedata
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from ocr.alphabets import alphabet_of
from ocr.crops import line_of_crop
from ocr.language import AnyText
from ocr.languages import language_of
from ocr.recognisers.characters import Networks, load_networks
from ocr.recognisers.lines import read_lines

FONT = Path("/usr/share/fonts/truetype/seto/setofont.ttf")
pytestmark = pytest.mark.skipif(not FONT.is_file(), reason="the package fonts-seto is not installed")
LINES = {
    "text": "窓口の受付時間を午後7時まで延ばしてほしい。",
    "address": "北海道札幌市白石区東札幌二条3-5",
    "kanji": "佐藤裕美",
}


@pytest.fixture(scope="module")
def networks(tmp_path_factory: pytest.TempPathFactory) -> Networks:
    """The networks with one thread."""
    return load_networks(tmp_path_factory.mktemp("models"), 1)


def _drawn(text: str) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    image = Image.new("L", (56 * len(text) + 60, 90), 255)
    ImageDraw.Draw(image).text((20, 16), text, 30, ImageFont.truetype(str(FONT), 52))
    return np.asarray(image, dtype=np.uint8)


def test_lines_are_read_with_the_language_of_their_kind(networks: Networks) -> None:
    cells = [line_of_crop(_drawn(text), alphabet_of(kind)) for kind, text in LINES.items()]
    readings = read_lines(networks, cells, languages=[language_of(kind) for kind in LINES])
    read = [unicodedata.normalize("NFKC", reading.value) for reading in readings]
    assert read == list(LINES.values())
    assert all(0 < reading.score <= 1 for reading in readings)


def test_an_address_that_ends_in_mid_air_is_not_made_whole(networks: Networks) -> None:
    cell = line_of_crop(_drawn("北海道札幌市白石区"), alphabet_of("address"))
    [reading] = read_lines(networks, [cell], languages=[language_of("address")])
    assert reading.value == "北海道札幌市白石区"


def test_a_line_without_ink_is_illegible_and_not_invented(networks: Networks) -> None:
    cell = line_of_crop(np.full((80, 600), 255, np.uint8), alphabet_of("text"))
    [reading] = read_lines(networks, [cell], languages=[AnyText()])
    assert (reading.value, reading.reason) == ("●", "ocr.illegible")
