"""The files of the watch flood: small real scans of every kind, doubles, and files that are broken in ten ways."""

import io
import random
from dataclasses import dataclass

from PIL import Image
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

KINDS = ("png", "jpeg", "tiff", "pdf")
WAYS = ("at once", "in pieces", "renamed")
BROKEN = ("half", "empty", "not a scan", "only says PDF", "locked", "damaged")
DOUBLE_SHARE, BROKEN_SHARE = 0.1, 0.08


@dataclass(frozen=True)
class Scan:
    """One file that somebody drops.

    Attributes:
        department: Whose inbox.
        name: Its name there.
        content: Its bytes.
        way: How it is written: at once, in pieces over seconds, or under another name first.
        good: It can be read; the others must end in failed/.
        twin: The same content comes under another name too.
    """

    department: str
    name: str
    content: bytes
    way: str
    good: bool
    twin: bool = False


def make_scans(count: int, departments: list[str], seed: int) -> list[Scan]:
    """Return files in the order in which they are dropped; the same for the same seed.

    Args:
        count: How many.
        departments: Dealt out in turn.
        seed: Of the random numbers.
    """
    chance = random.Random(seed)
    scans: list[Scan] = []
    while len(scans) < count:
        number = len(scans)
        department = departments[number % len(departments)]
        draw = chance.random()
        if draw < BROKEN_SHARE:
            kind = BROKEN[number % len(BROKEN)]
            content = _broken(kind, chance)
            suffix = "pdf" if kind in ("only says PDF", "locked") else "png"
            name = f"{number:05}-{kind}.{suffix}"
            scans.append(Scan(department, name, content, "at once", False))
        elif draw < BROKEN_SHARE + DOUBLE_SHARE and len(scans) > 20:
            twin = scans[chance.randrange(len(scans) - 10)]
            if twin.good:
                name = f"{number:05}-again.{twin.name.rpartition('.')[2]}"
                scans.append(Scan(department, name, twin.content, chance.choice(WAYS), True, True))
        else:
            kind = chance.choice(KINDS)
            name = f"{number:05}-申請書.{kind}"
            scans.append(Scan(department, name, _scan(kind, chance), chance.choice(WAYS), True))
    return scans


def _scan(kind: str, chance: random.Random) -> bytes:
    image = Image.frombytes("L", (60, 80), chance.randbytes(4800))
    stream = io.BytesIO()
    if kind == "tiff":
        image.save(stream, kind, save_all=True, append_images=[image], dpi=(100, 100))
    elif kind == "pdf":
        image.save(stream, kind, resolution=100)
    else:
        image.save(stream, kind, dpi=(100, 100))
    return stream.getvalue()


def _broken(kind: str, chance: random.Random) -> bytes:
    if kind == "half":
        whole = _scan(chance.choice(KINDS), chance)
        return whole[: len(whole) * chance.randint(1, 9) // 10]
    if kind == "empty":
        return b""
    if kind == "not a scan":
        return b"PK\x03\x04" + chance.randbytes(400)
    if kind == "only says PDF":
        return b"%PDF-1.7\n" + chance.randbytes(200).hex().encode() + b"\nstartxref\n9\n%%EOF\n"
    if kind == "locked":
        stream = io.BytesIO()
        page = Canvas(stream, encrypt=StandardEncryption("secret", canPrint=0))
        page.drawString(100, 100, str(chance.random()))
        page.save()
        return stream.getvalue()
    png = _scan("png", chance)
    return png[:16] + bytes(8) + png[24:]  # width and height gone, structure whole
