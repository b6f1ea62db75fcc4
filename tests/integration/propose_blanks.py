"""Two blank forms in other styles than the shipped ones, drawn as pictures, with what a person would find on them.

`grant` is a subsidy application of the plain kind: no tints, names on underlines, dates without cells, a postal code
and a telephone number in groups. `family` is a table with column headings, labels inside the cells, and eras in rows.
"""

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from ocr.intake import SourcePage

GOTHIC = "/usr/share/fonts/opentype/ipaexfont-gothic/ipaexg.ttf"
MINCHO = "/usr/share/fonts/opentype/ipaexfont-mincho/ipaexm.ttf"
DPI = 300
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Wanted:
    """A field that a person would find: kind, its boxes in mm, cells by group."""

    name: str
    kind: str
    boxes: tuple[Box, ...]
    cells: tuple[int, ...] = ()


class Drawing:
    """An A4 sheet drawn in millimetres."""

    def __init__(self, *, font: str = GOTHIC) -> None:
        self.image = Image.new("L", (px(210), px(297)), 255)
        self._pen = ImageDraw.Draw(self.image)
        self._font = font

    def text(self, x: float, y: float, words: str, points: float = 9, *, spread: float = 0) -> None:
        """Write from x on; y is the middle."""
        font = ImageFont.truetype(self._font, round(points / 72 * DPI))
        if not spread:
            self._pen.text((px(x), px(y)), words, font=font, fill=0, anchor="lm")
            return
        for letter in words:
            self._pen.text((px(x), px(y)), letter, font=font, fill=0, anchor="lm")
            x += points / 72 * 25.4 + spread

    def line(self, x0: float, y0: float, x1: float, y1: float, width: float = 0.2) -> None:
        """Rule a line."""
        self._pen.line((px(x0), px(y0), px(x1), px(y1)), fill=0, width=max(1, px(width)))

    def frame(self, box: Box, width: float = 0.2) -> None:
        """Draw a rectangle."""
        x, y, w, h = box
        for x0, y0, x1, y1 in (
            (x, y, x + w, y),
            (x, y + h, x + w, y + h),
            (x, y, x, y + h),
            (x + w, y, x + w, y + h),
        ):
            self.line(x0, y0, x1, y1, width)

    def cells(self, x: float, y: float, count: int, side: float, height: float) -> Box:
        """Draw character cells; returns their box."""
        for index in range(count):
            self.frame((x + index * side, y, side, height))
        return x, y, side * count, height

    def grid(self, xs: list[float], ys: list[float]) -> None:
        """Draw a table."""
        for x in xs:
            self.line(x, ys[0], x, ys[-1], 0.3)
        for y in ys:
            self.line(xs[0], y, xs[-1], y, 0.3)

    def page(self) -> SourcePage:
        """Return the sheet as a page that was taken in."""
        return SourcePage(1, np.array(self.image, dtype=np.uint8), DPI)


def px(mm: float) -> int:
    """Return a length in pixels."""
    return round(mm / 25.4 * DPI)


def grant() -> tuple[Drawing, list[Wanted]]:
    """A subsidy application: underlines, groups of cells, inline boxes."""
    d = Drawing(font=MINCHO)
    d.text(25, 20, "様式第１号（第５条関係）", 9)
    d.text(62, 34, "結婚新生活支援補助金交付申請書", 15)
    d.text(128, 48, "令和", 11)
    for x, unit in ((150, "年"), (166, "月"), (182, "日")):
        d.text(x, 48, unit, 11)
    d.text(25, 60, "みどり町長　　様", 11)
    d.text(95, 74, "申請者", 10)
    d.text(112, 74, "住所", 10)
    d.line(124, 77, 188, 77)
    d.text(112, 86, "氏名", 10)
    d.line(124, 89, 188, 89)
    d.text(184, 86, "印", 10)
    d.text(112, 98, "電話", 10)
    d.line(124, 101, 188, 101)
    d.text(25, 113, "次のとおり補助金の交付を受けたいので、関係書類を添えて申請します。", 10)
    d.grid([25, 65, 188], [120, 132, 144, 156, 170, 184, 204])
    for y, word in (
        (126, "申請区分"),
        (138, "郵便番号"),
        (150, "連絡先電話"),
        (163, "交付申請額"),
        (177, "振込先口座番号"),
        (194, "申請の理由"),
    ):
        d.text(28, y, word, 10)
    ticks = []
    for x, word in ((70, "新規"), (100, "変更"), (130, "廃止")):
        ticks.append((float(x), 124.2, 3.6, 3.6))
        d.frame(ticks[-1], 0.25)
        d.text(x + 5, 126, word, 10)
    postal = d.cells(70, 134.5, 3, 6, 7)
    d.text(89.3, 138, "－", 9)
    rest = d.cells(94, 134.5, 4, 6, 7)
    first = d.cells(70, 146.5, 4, 6, 7)
    d.text(95.3, 150, "－", 9)
    d.cells(100, 146.5, 4, 6, 7)
    d.text(125.3, 150, "－", 9)
    last = d.cells(130, 146.5, 4, 6, 7)
    amount = d.cells(70, 158.5, 7, 7, 9)
    d.text(121, 163, "円", 11)
    account = d.cells(70, 172.5, 7, 7, 9)
    wanted = [
        Wanted("申請日", "date", ((137, 44, 13, 8), (154, 44, 12, 8), (170, 44, 12, 8))),
        Wanted("住所", "address", ((124, 68, 64, 9),)),
        Wanted("氏名", "kanji", ((124, 80, 59, 9),)),
        Wanted("印", "seal", ((178, 78.5, 15, 15),)),
        Wanted("電話", "phone", ((124, 92, 64, 9),)),
        Wanted("申請区分", "choice", tuple(ticks)),
        Wanted("郵便番号", "postal", ((postal[0], 134.5, rest[0] + rest[2] - postal[0], 7),), (3, 4)),
        Wanted("連絡先電話", "phone", ((first[0], 146.5, last[0] + last[2] - first[0], 7),), (4, 4, 4)),
        Wanted("交付申請額", "amount", (amount,), (7,)),
        Wanted("口座番号", "account", (account,), (7,)),
        Wanted("申請の理由", "text", ((66, 185, 121, 18),)),
    ]
    return d, wanted


def family() -> tuple[Drawing, list[Wanted]]:
    """A household sheet: headings above columns, labels inside cells, ringed words."""
    d = Drawing()
    d.text(70, 18, "世　帯　状　況　届", 16)
    wanted = []
    d.grid([15, 90, 140, 195], [28, 44, 60])
    for x, y, word, kind in (
        (15, 28, "世帯主氏名", "kanji"), (90, 28, "フリガナ", "katakana"), (140, 28, "電話番号", "phone"),
        (15, 44, "住所", "address"), (90, 44, "勤務先名称", "text"), (140, 44, "備考", "text"),
    ):  # fmt: skip
        d.text(x + 1.5, y + 2.6, word, 7)
        right = {15: 90, 90: 140, 140: 195}[x]
        wanted.append(Wanted(word, kind, ((x + 1, y + 5, right - x - 2, 10),)))
    d.text(15, 68, "１　世帯員の状況", 10)
    xs, ys = [15.0, 27, 77, 97, 117, 151, 195], [72.0, 81, 92, 103, 114]
    d.grid(xs, ys)
    for x, word in (
        (17, "番号"),
        (46, "氏名"),
        (82, "続柄"),
        (102, "性別"),
        (127, "職業"),
        (166, "生年月日"),
    ):
        d.text(x, 76.5, word, 8)
    for row, y in enumerate(ys[1:-1], start=1):
        d.text(20, y + 5.5, str(row), 9)
        d.text(101, y + 5.5, "男", 9)
        d.text(106.2, y + 5.5, "・", 9)
        d.text(110, y + 5.5, "女", 9)
        for x, unit in ((163, "年"), (176, "月"), (189, "日")):
            d.text(x, y + 5.5, unit, 8)
        wanted += [
            Wanted(f"氏名{row}", "kanji", ((28, y + 1, 48, 9),)),
            Wanted(f"続柄{row}", "text", ((78, y + 1, 18, 9),)),
            Wanted(f"性別{row}", "choice", ((98, y + 1.5, 9, 8), (108, y + 1.5, 9, 8))),
            Wanted(f"職業{row}", "text", ((118, y + 1, 32, 9),)),
            Wanted(f"生年月日{row}", "date", ((152, y + 2, 11, 7), (166, y + 2, 10, 7), (179, y + 2, 10, 7))),
        ]
    d.text(15, 124, "２　住居（あてはまるものに○をつけてください。）", 10)
    options = []
    for x, word in ((20, "１ 持家"), (55, "２ 借家"), (90, "３ 公営住宅"), (135, "４ その他")):
        d.text(x, 133, word, 10)
        options.append((x - 1.0, 128.5, 22.0 if len(word) > 5 else 16.0, 9.0))
    d.frame((15, 127, 180, 12))
    wanted.append(Wanted("住居", "choice", tuple(options)))
    d.text(15, 150, "３　個人番号", 10)
    wanted.append(Wanted("個人番号", "mynumber", (d.cells(50, 146, 12, 6.5, 8),), (12,)))
    d.text(15, 164, "４　受給者証番号", 10)
    singles = [d.cells(60 + 8.0 * index, 160, 1, 6.5, 8) for index in range(8)]
    wanted.append(Wanted("受給者証番号", "digits", ((60, 160, singles[-1][0] + 6.5 - 60, 8),), (8,)))
    return d, wanted
