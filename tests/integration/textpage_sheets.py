"""Two composed pages without a form: a heading over two columns, and vertical text, with what they say."""

from PIL import Image, ImageDraw, ImageFont

MINCHO = "/usr/share/fonts/opentype/ipaexfont-mincho/ipaexm.ttf"
DPI = 200
HEADING = "はかどり市だより　第１２号"
LEFT = [
    "市役所の窓口では、来年四月か",
    "ら新しい受付の仕組みを使いま",
    "す。番号札を取り、呼ばれるま",
    "で椅子でお待ちください。",
]
RIGHT = [
    "図書館は改修工事のため、七月",
    "一日から三か月休みます。返却",
    "は駅前の箱へお願いします。貸",
    "出しの期限は延ばしました。",
]
VERTICAL = [
    "春は日の光が山に広がり、",
    "川の水も少しずつ温かくなる。",
    "人々は森に出て働き、",
    "子どもは学校へ通う。",
]


def columns_page() -> tuple[Image.Image, list[str]]:
    """A heading across the page, under it two columns; and the lines in the order in which they are read."""
    image = Image.new("L", (px(182), px(110)), 255)
    pen = ImageDraw.Draw(image)
    pen.text((px(30), px(10)), HEADING, font=_font(18), fill=0)
    for x, lines in ((15, LEFT), (98, RIGHT)):
        for row, line in enumerate(lines):
            pen.text((px(x), px(32 + 8 * row)), line, font=_font(13), fill=0)
    return image, [HEADING, *LEFT, *RIGHT]


def vertical_page() -> tuple[Image.Image, list[str]]:
    """Lines from top to bottom, the first at the right."""
    image = Image.new("L", (px(80), px(110)), 255)
    pen = ImageDraw.Draw(image)
    size = px(13 / 72 * 25.4)
    for column, line in enumerate(VERTICAL):
        left = px(62 - 12 * column)
        for row, letter in enumerate(line):
            up_right = letter in "、。"  # as vertical text sets them
            x, y = (left + size // 2, -size // 2) if up_right else (left, 0)
            pen.text((x, px(12) + round(1.12 * size * row) + y), letter, font=_font(13), fill=0)
    return image, VERTICAL


def px(mm: float) -> int:
    """Return a length in pixels."""
    return round(mm / 25.4 * DPI)


def _font(points: float) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(MINCHO, round(points / 72 * DPI))
