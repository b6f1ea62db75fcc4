"""The blank 予防接種予診票: what is printed round the fields (A4 portrait, two pages, no marks)."""

from __future__ import annotations

from samples.forms.geometry import Box
from samples.forms.sheet import FRAME, THICK, Sheet

LEFT, RIGHT = 15.0, 195.0
LABEL = 31.0
ANSWER, DOCTOR = 132.0, 172.0
QUESTIONS = {
    "質問1": ("今日受ける予防接種についての説明書を読み、", "効果や副反応などについて理解しましたか。"),
    "質問2": ("今日、体に具合の悪いところがありますか。", "（熱、せき、のどの痛み、下痢など）"),
    "質問3": ("現在、何かの病気で医師の診察を受けていますか。", "（病名：　　　　　　　　　　　　　　　　）"),
    "質問4": ("最近１か月以内に病気にかかりましたか。", "（病名：　　　　　　　　　　　　　　　　）"),
    "質問5": ("今までに心臓・腎臓・肝臓・血液の病気や、", "免疫の病気と診断されたことがありますか。"),
    "質問6": ("今までにけいれん（ひきつけ）を起こした", "ことがありますか。"),
    "質問7": ("薬や食品（鶏卵・鶏肉など）で、皮膚に発しん", "が出たり体の具合が悪くなったことがありますか。"),
    "質問8": ("今までに予防接種を受けて、具合が悪くなった", "ことがありますか。"),
    "質問9": ("１か月以内に、ほかの予防接種を受けましたか。", "（予防接種名：　　　　　　　　　　　　　　）"),
    "質問10": ("今日の予防接種について、", "質問がありますか。"),
}
NOTES = [
    "・　太枠の中を黒のボールペンで記入し、あてはまる答えの□にレ点をつけてください。",
    "・　この予診票は、接種の安全性を確かめるために使います。正しい情報を記入してください。",
    "・　記入された内容は、予防接種に関する事務のほかには使用しません。",
    "・　接種券を忘れずにお持ちください。接種券がないと受けられないことがあります。",
    "・　３７．５℃以上の熱があるときは、接種を受けられません。",
]


def draw_front(sheet: Sheet) -> None:
    """Draw page 1: who it is and questions 1 to 6."""
    sheet.text(LEFT, 11, "様式第７号（第９条関係）", 7)
    sheet.text(RIGHT, 11, "（１／２）", 9, anchor="right")
    sheet.title(105, 18, "予防接種予診票", 18, spread=2)
    sheet.text(105, 25, "（インフルエンザ）", 9, anchor="centre")
    sheet.text(17, 31.5, "はかどり市長　様", 11.5, font="mincho")
    sheet.text(RIGHT, 32, "数字・ひらがなは１枠に１文字ずつ記入してください。", 7.5, anchor="right")
    _person(sheet)
    _questions(sheet, 127.75, [f"質問{number}" for number in range(1, 7)])
    sheet.lines(LEFT + 1, 238, NOTES, 7.5, pitch=5.2)
    _last_line(sheet, "裏面（２／２）も必ず記入してください。")


def _row(sheet: Sheet, top: float, bottom: float, label: str, note: str = "") -> None:
    sheet.label(Box(LEFT, top, LABEL, bottom - top), label, 9, note=note)
    sheet.line(LEFT, bottom, RIGHT, bottom)


def _person(sheet: Sheet) -> None:
    field = sheet.page.fields
    top, bottom = 38.0, 125.0
    _row(sheet, top, 50, "接種券番号", "接種券の右上の１０桁")
    _row(sheet, 50, 61.5, "ふりがな", "姓と名の間は１枠あける")
    _row(sheet, 61.5, 75.5, "氏名", "接種を受ける方")
    _row(sheet, 75.5, 88, "生年月日", "元号を○で囲む")
    _row(sheet, 88, 99.5, "郵便番号")
    _row(sheet, 99.5, 113.5, "住所")
    _row(sheet, 113.5, bottom, "体温", "診察前に測定")
    sheet.cell_row(field["接種券番号"].row)
    sheet.cell_row(field["ふりがな"].row)
    sheet.label(Box(143, 61.5, 16, 14), "性別", 9)
    sheet.circle_words(field["性別"], size=11)
    sheet.text(176.5, 68.2, "・", 9, anchor="centre")
    sheet.circle_words(field["生年月日"], size=9.5)
    sheet.date(field["生年月日"])
    sheet.cell_row(field["郵便番号"].row, heavy=(3,))
    sheet.text(49.6, 93.4, "〒", 9, anchor="centre")
    sheet.label(Box(101, 88, 18, 11.5), "電話番号", 8)
    sheet.cell_row(field["電話番号"].row)
    _temperature(sheet)
    sheet.frame(Box(LEFT, top, RIGHT - LEFT, bottom - top), width=THICK)


def _temperature(sheet: Sheet) -> None:
    row = sheet.page.fields["体温"].row
    sheet.text(50, row.box.centre[1], "診察前の体温", 8.5)
    sheet.cell_row(row)
    point = row.box.cell(2, 3).x
    sheet.frame(Box(point - 0.55, row.box.bottom - 1.5, 1.1, 1.1), width=0, fill=0)
    sheet.text(row.box.right + 2, row.box.centre[1], "度（℃）", 9)
    sheet.text(118, row.box.centre[1], "※接種を受ける医療機関で測った体温を記入してください。", 6.8)


def _questions(sheet: Sheet, top: float, names: list[str]) -> None:
    head, pitch = 7.0, 16.0
    bottom = top + head + pitch * len(names)
    titles = (("質　問　事　項", LEFT, ANSWER), ("回　答　欄", ANSWER, DOCTOR), ("医師記入欄", DOCTOR, RIGHT))
    for title, x0, x1 in titles:
        sheet.frame(Box(x0, top, x1 - x0, head), fill=0.94)
        sheet.text((x0 + x1) / 2, top + head / 2, title, 8.5, anchor="centre")
        sheet.line(x0, top, x0, bottom)
    for index, name in enumerate(names):
        y = top + head + pitch * index
        sheet.text(LEFT + 5, y + pitch / 2, name.removeprefix("質問"), 10, anchor="centre")
        sheet.lines(LEFT + 11, y + 5.6, list(QUESTIONS[name]), 9, pitch=5.2)
        sheet.tick_boxes(sheet.page.fields[name], size=9.5)
        sheet.line(LEFT, y + pitch, RIGHT, y + pitch)
    sheet.line(LEFT + 10, top + head, LEFT + 10, bottom)
    sheet.frame(Box(LEFT, top, RIGHT - LEFT, bottom - top), width=THICK)


def draw_back(sheet: Sheet) -> None:
    """Draw page 2: questions 7 to 10, the doctor's decision, consent and the record of the injection."""
    sheet.text(LEFT, 13, "予防接種予診票（つづき）", 12, font="mincho", bold=True)
    sheet.text(RIGHT, 11, "（２／２）", 9, anchor="right")
    sheet.text(LEFT, 24, "引き続き、あてはまる答えの□にレ点をつけてください。", 8.5)
    _questions(sheet, 31.75, [f"質問{number}" for number in range(7, 11)])
    _decision(sheet)
    _consent(sheet)
    _record(sheet)
    lines = [
        "・　ワクチンの接種後３０分間は、医療機関で様子を見るか、すぐ医師と連絡が取れるようにしてください。",
        "・　接種した日の入浴は差し支えありませんが、激しい運動や大量の飲酒は避けてください。",
        "・　この予診票は、接種した医療機関から、はかどり市 健康課へ提出されます。",
    ]
    sheet.lines(LEFT + 1, 246, lines, 7.5, pitch=5.4)
    _last_line(sheet, "はかどり市 保健福祉部 健康課 予防接種係")


def _decision(sheet: Sheet) -> None:
    top = 108.0
    sheet.frame(Box(LEFT, top, RIGHT - LEFT, 7), fill=0.94)
    sheet.text(LEFT + 3, top + 3.5, "医師記入欄", 9)
    sheet.text(LEFT + 4, 122.5, "以上の問診及び診察の結果、今日の予防接種は", 9.5)
    sheet.circle_words(sheet.page.fields["医師判定"], size=11)
    sheet.text(132, 122.5, "・", 10, anchor="centre")
    sheet.text(169, 122.5, "と判断します。", 9.5)
    told = "本人に対して、予防接種の効果、副反応及び予防接種健康被害救済制度について説明しました。"
    sheet.text(LEFT + 4, 132, told, 8.5)
    sheet.text(LEFT + 4, 138.3, "医療機関コード・医師名はゴム印で差し支えありません。", 6.5)
    sheet.frame(Box(LEFT, top, RIGHT - LEFT, 34), width=FRAME)


def _consent(sheet: Sheet) -> None:
    top = 147.0
    sheet.frame(Box(LEFT, top, RIGHT - LEFT, 7), fill=0.94)
    sheet.text(LEFT + 3, top + 3.5, "本人記入欄", 9)
    consent = "医師の診察・説明を受け、予防接種の効果や目的、重い副反応の可能性などを理解した上で、接種を"
    sheet.text(LEFT + 4, 158.8, consent, 8.5)
    sheet.tick_boxes(sheet.page.fields["接種希望"], size=10.5)
    box = sheet.page.fields["署名"].row.box
    sheet.text(box.x - 2, box.centre[1], "被接種者自署（代筆のときは代筆者名）", 8, anchor="right")
    sheet.frame(box)
    sheet.text(130, 165.8, "（どちらか１つにレ点）", 7)
    sheet.frame(Box(LEFT, top, RIGHT - LEFT, 44), width=THICK)


def _record(sheet: Sheet) -> None:
    field = sheet.page.fields
    top, bottom = 197.5, 235.5
    sheet.text(LEFT, 194.5, "【接種の記録】", 8.5)
    for y0, y1, word in ((197.5, 209.5, "接種日"), (209.5, 221.5, "ロット番号"), (221.5, bottom, "実施場所")):
        sheet.label(Box(LEFT, y0, LABEL, y1 - y0), word, 9)
        sheet.line(LEFT, y1, RIGHT, y1)
    sheet.date(field["接種日"])
    sheet.cell_row(field["ロット番号"].row)
    sheet.text(114, 215.5, "※英大文字と数字（シールの番号のとおり）", 7)
    sheet.text(132, 203.5, "接種量　　０．５ mL（皮下）", 9)
    sheet.text(50, 228.5, "実施医療機関のゴム印を押してください。", 7, grey=0.35)
    sheet.frame(Box(LEFT, top, RIGHT - LEFT, bottom - top), width=THICK)


def _last_line(sheet: Sheet, text: str) -> None:
    sheet.line(LEFT, 275, RIGHT, 275, dash=True)
    sheet.footer(105, 279, text)
