"""Read barcodes and QR codes in a registered box with zxing-cpp.

A code carries its own proof: QR, Data Matrix, Aztec and PDF417 an error correction, most bars a check character. A code
that fails it is never told as a value.
"""

from collections.abc import Sequence
from types import MappingProxyType
from typing import Any

import numpy as np

from ocr.cells import Cut, written_amount
from ocr.reading import ILLEGIBLE, Gray, RawReading

FORMATS = MappingProxyType(
    {
        "qr": "QRCode", "micro_qr": "MicroQRCode", "data_matrix": "DataMatrix", "aztec": "Aztec", "pdf417": "PDF417",
        "code128": "Code128", "code39": "Code39", "code93": "Code93", "codabar": "Codabar", "itf": "ITF",
        "ean13": "EAN13", "ean8": "EAN8", "upc_a": "UPCA", "upc_e": "UPCE",
    }
)  # fmt: skip
"""Names of the formats in zxing-cpp."""

BELIEF = 1 - 1 / 394_000
"""Belief in a decoded code: at worst one wrong code in 394,000 was found for UPC, the weakest of the symbologies that
Ohio University measured in the early 1990s (1 in 1.7 million for Code 39)."""

EMPTY = RawReading("", 1.0, parts=(("empty", 1.0),))


def read_barcode(look: Cut, formats: Sequence[str] = ()) -> RawReading:
    """Return the text of the one code in a box.

    Args:
        look: The box with its margin; a code needs its white margin to be found.
        formats: Keys of FORMATS to look for; all of them by default.

    Returns:
        The text as encoded; "" for an empty box; `●` with a reason when there is a code that cannot be decoded
        (barcode_check), something that is no code (barcode_none), or more than one (barcode_several).
    """
    found = _decoded(look.gray, formats or tuple(FORMATS))
    good = {str(code.text): code for code in found if code.valid}
    if len(good) == 1:
        text = next(iter(good))
        return RawReading(text, BELIEF, ((text, BELIEF),))
    if good:
        return RawReading(ILLEGIBLE, 0.0, tuple((t, 0.5) for t in good), "ocr.barcode_several")
    if found:
        return RawReading(ILLEGIBLE, 0.0, (), "ocr.barcode_check")
    x, y, width, height = look.box
    inside = look.strokes[max(0, y) : y + height, max(0, x) : x + width]
    if written_amount(np.ascontiguousarray(inside)) == 0:
        return EMPTY
    return RawReading(ILLEGIBLE, 0.0, (), "ocr.barcode_none")


def _decoded(gray: Gray, formats: Sequence[str]) -> list[Any]:
    """Return the codes found, those with a wrong check included; zxing-cpp is loaded only where a form has a code."""
    import zxingcpp

    wanted = [getattr(zxingcpp.BarcodeFormat, FORMATS[name]) for name in formats]
    return list(
        zxingcpp.read_barcodes(
            np.ascontiguousarray(gray),
            formats=zxingcpp.BarcodeFormats(wanted),
            text_mode=zxingcpp.TextMode.Plain,
            return_errors=True,
        )
    )
