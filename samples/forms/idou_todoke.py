"""The blank 特別徴収に係る給与所得者異動届出書: what is printed round the fields (A4 landscape, no marks)."""

from __future__ import annotations

from samples.forms.geometry import Box
from samples.forms.sheet import THICK, Sheet

LEFT, RIGHT = 12.0, 285.0
GROUP, LABEL = 7.0, 31.0
TAX = (LEFT, 103.0, 194.0, RIGHT)
NOTES_LEFT = [
    "１　この届出書は、異動のあった月の翌月１０日までに提出してください。",
    "２　「指定番号」「受給者番号」は、特別徴収税額の決定通知書に記載された番号を記入してください。",
    "３　「個人番号」欄には、給与所得者の個人番号を記入してください。提出のときは封筒を厳封してください。",
    "４　６月１日から１２月３１日までに退職した方で、本人の申出があるときは一括徴収できます。",
    "５　１月１日から４月３０日までに退職した方は、原則として一括徴収となります。",
]
NOTES_RIGHT = [
    "６　「ウ 未徴収税額」は「ア 特別徴収税額」から「イ 徴収済額」を差し引いた額です。",
    "７　転勤先で特別徴収を継続するときは、転勤先の事業所を経由して提出してください。",
    "８　金額は右づめで記入し、余った枠は空けておいてください。",
    "９　訂正するときは二重線を引き、枠の外に正しい文字を書いてください。",
    "10　事由「その他」のときは、余白に具体的な理由を書いてください。",
]


def draw(sheet: Sheet) -> None:
    """Draw the page."""
    _head(sheet)
    _payer(sheet)
    _employee(sheet)
    _change(sheet)
    _taxes(sheet)
    _foot(sheet)


def _head(sheet: Sheet) -> None:
    sheet.text(LEFT, 10.5, "第十八号様式（第十条関係）", 7)
    sheet.title(148.5, 16, "特別徴収に係る給与所得者異動届出書", 16, spread=0.8)
    sheet.text(14, 22, "はかどり市長　様", 11.5, font="mincho")
    sheet.text(70, 23.5, "太枠の中を黒のペンで記入してください。１枠に１文字、選択肢は○で囲んでください。", 8)
    sheet.text(RIGHT, 10.5, "※市役所記入欄には何も書かないでください。", 7, anchor="right")


def _label(
    sheet: Sheet, x: float, span: tuple[float, float], text: str, note: str = "", w: float = LABEL
) -> None:
    top, bottom = span
    sheet.label(Box(x, top, w, bottom - top), text, 9, note=note)


def _payer(sheet: Sheet) -> None:
    field = sheet.page.fields
    top, bottom, right = 29.0, 67.5, 236.0
    sheet.upright(Box(LEFT, top, GROUP, bottom - top), "給与支払者", 8.5)
    for y in (41.0, 55.0):
        sheet.line(LEFT + GROUP, y, right, y)
    _label(sheet, 19, (top, 41), "指定番号", "特別徴収義務者指定番号")
    _label(sheet, 19, (41, 55), "事業者名", "名称")
    _label(sheet, 19, (55, bottom), "電話番号", "担当者の連絡先")
    _label(sheet, 112, (top, 41), "法人番号", "１３桁", 28)
    sheet.cell_row(field["指定番号"].row, dotted=True)
    sheet.cell_row(field["法人番号"].row, heavy=(1, 5, 9), dotted=True)
    sheet.cell_row(field["電話番号"].row, dotted=True)
    sheet.text(127, 61.3, "※左づめ。ハイフンは不要です。", 7.5)
    sheet.frame(Box(LEFT, top, right - LEFT, bottom - top), width=THICK)
    stamp = Box(240, 27, 45, 40.5)
    sheet.frame(stamp)
    sheet.frame(Box(240, 27, 45, 5.5), fill=0.94)
    sheet.text(262.5, 29.8, "※ 受 付 印", 8, anchor="centre")
    sheet.circle(262.5, 50, 13, dash=True)


def _employee(sheet: Sheet) -> None:
    field = sheet.page.fields
    top, bottom = 71.0, 108.8
    sheet.upright(Box(LEFT, top, GROUP, bottom - top), "給与所得者", 8.5)
    for y in (83.0, 95.0):
        sheet.line(LEFT + GROUP, y, RIGHT, y)
    _label(sheet, 19, (top, 83), "受給者番号", "１０桁")
    _label(sheet, 19, (83, 95), "フリガナ", "姓と名の間は１枠あける")
    _label(sheet, 19, (95, bottom), "氏名")
    _label(sheet, 126, (top, 83), "個人番号", "マイナンバー", 28)
    _label(sheet, 147, (95, bottom), "生年月日", "元号を○で囲む", 25)
    sheet.cell_row(field["受給者番号"].row, dotted=True)
    sheet.cell_row(field["個人番号"].row, heavy=(4, 8), dotted=True)
    sheet.cell_row(field["氏名カナ"].row, dotted=True)
    sheet.text(168, 89, "※濁点・半濁点は同じ枠に書いてください。", 7.5)
    sheet.circle_words(field["生年月日"])
    sheet.text(189, 102, "・", 9, anchor="centre")
    sheet.date(field["生年月日"], dotted=True)
    sheet.frame(Box(LEFT, top, RIGHT - LEFT, bottom - top), width=THICK)


def _change(sheet: Sheet) -> None:
    field = sheet.page.fields
    top, bottom = 108.8, 121.5
    sheet.label(Box(LEFT, top, 38, bottom - top), "異動年月日", 9, note="退職等のあった日")
    sheet.date(field["異動年月日"], dotted=True)
    _label(sheet, 128, (top, bottom), "異動事由", "１つを○で囲む", 25)
    words = {name: f"{number} {name}" for number, name in enumerate(field["異動事由"].options, start=1)}
    sheet.circle_words(field["異動事由"], words)
    sheet.frame(Box(LEFT, top, RIGHT - LEFT, bottom - top), width=THICK)


def _taxes(sheet: Sheet) -> None:
    field = sheet.page.fields
    top, head, money, bottom = 124.5, 131.0, 143.5, 158.5
    names = ("特別徴収税額", "徴収済額", "未徴収税額")
    words = ("ア　特別徴収税額（年税額）", "イ　徴収済額", "ウ　未徴収税額（ア − イ）")
    for name, word, x0, x1 in zip(names, words, TAX, TAX[1:], strict=False):
        sheet.frame(Box(x0, top, x1 - x0, head - top), fill=0.94)
        sheet.text((x0 + x1) / 2, (top + head) / 2, word, 9, anchor="centre")
        row = field[name].row
        sheet.cell_row(row, heavy=(2, 5), dotted=True)
        sheet.text(row.box.right + 3.2, row.box.centre[1] + 1.2, "円", 9, anchor="centre")
        sheet.line(x0, head, x0, money)
    sheet.line(LEFT, money, RIGHT, money)
    sheet.label(Box(LEFT, money, 38, bottom - money), "未徴収税額の徴収方法", 8, note="１つを○で囲む")
    labels = {"特別徴収継続": "１ 特別徴収継続", "一括徴収": "２ 一括徴収", "普通徴収": "３ 普通徴収"}
    sheet.circle_words(field["徴収方法"], labels)
    sheet.text(98, 151.5, "（転勤先で継続）", 7)
    sheet.text(166, 151.5, "（退職手当等から徴収）", 7)
    sheet.text(244, 151.5, "（本人が納付書で納付）", 7)
    sheet.frame(Box(LEFT, top, RIGHT - LEFT, bottom - top), width=THICK)


def _foot(sheet: Sheet) -> None:
    sheet.text(LEFT, 163.5, "【記入上の注意】", 8.5, bold=True)
    sheet.lines(LEFT + 1, 168.8, NOTES_LEFT, 7.2, pitch=4.7)
    sheet.lines(152, 168.8, NOTES_RIGHT, 7.2, pitch=4.7)
    sheet.text(214, 163.5, "※市役所記入欄", 7.5)
    for x, word in zip((236.0, 248.25, 260.5, 272.75), ("入力", "照合", "通知", "整理"), strict=True):
        sheet.frame(Box(x, 160.8, 12.25, 4.6), fill=0.94)
        sheet.text(x + 6.1, 163.1, word, 6.5, anchor="centre")
    sheet.line(LEFT, 193.5, RIGHT, 193.5, dash=True)
    sheet.footer(148.5, 197, "提出先　はかどり市 税務部 市民税課 特別徴収係")
