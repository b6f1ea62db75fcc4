"""Documents for the tests of group review: 口座番号 in doubt, each character in its cell."""

from __future__ import annotations

from console_desk import FONT, VALUES, Office
from PIL import Image, ImageDraw, ImageFont

from backoffice.document import Field, NewDocument

ACCOUNT, METHOD = "口座番号", "振替方法"
SURE, UNSURE = 0.99999, 0.9


def add_cells(
    office: Office,
    number: int,
    value: str,
    *,
    doubtful: tuple[int, ...] = (),
    method: str = "",
    department: str = "nouzei",
    reason: str = "",
) -> int:
    """Enter a document whose 口座番号 was read as `value`, unsurely at the places in `doubtful`.

    Args:
        office: Where.
        number: A fresh one; the key of its record.
        value: What was read, seven characters.
        doubtful: Places that were read unsurely; none: the field is in doubt as a whole.
        method: What was read for 振替方法, a mark that is in doubt too; empty: it is not.
        department: Whose it is.
        reason: Why the document as a whole is in doubt.
    """
    form = office.desk.forms["kouza_furikae"]
    values = VALUES | {"通知書番号": f"{number:010d}", ACCOUNT: value}
    values |= {METHOD: method} if method else {}
    open_ = {ACCOUNT, METHOD} if method else {ACCOUNT}
    crop = _drawn(office, number, value)
    fields = tuple(
        Field(
            name=one.name,
            kind=one.kind,
            page=page,
            value=values[one.name],
            read_value=values[one.name],
            probability=0.8 if one.name in open_ else 1.0,
            accepted=one.name not in open_,
            reason="",
            candidates=(),
            crop=crop if one.name in open_ else "",
            box=(0, 0, 9, 9),
            personal=one.personal,
            cells=tuple((place, UNSURE if place in doubtful else SURE) for place in range(len(value)))
            if one.name == ACCOUNT
            else (),
        )
        for page, one in form.fields()
    )
    file = office.desk.documents.claim_file(department, f"g{number}.pdf", f"g{number}".rjust(64, "0"), 1, "o")
    return office.desk.documents.add_document(
        NewDocument(file.id, 0, department, form.form, form.version, (), fields, reason)
    )


def _drawn(office: Office, number: int, value: str) -> str:
    """Draw the field as the reader keeps it: 300 dpi, 3 mm of paper around, one character in each cell of 7 mm."""
    scale = 300 / 25.4
    picture = Image.new("L", (round((49 + 6) * scale), round((8 + 6) * scale)), 250)
    pen, font = ImageDraw.Draw(picture), ImageFont.truetype(FONT, 70)
    for place, letter in enumerate(value):
        left = (3 + place * 7) * scale
        pen.rectangle((left, 3 * scale, left + 7 * scale, 11 * scale), outline=160)
        pen.text((left + 20, 3 * scale - 5), letter, fill=30, font=font)
    path = office.desk.settings.folder("crops") / f"account-{number}.png"
    picture.save(path)
    return path.relative_to(office.desk.settings.var).as_posix()
