"""The blank 市税等口座振替依頼書: what is printed round the fields (A4 portrait, corner marks)."""

from __future__ import annotations

from samples.forms.geometry import Box
from samples.forms.sheet import THICK, Sheet

LEFT, RIGHT = 18.0, 194.0
GROUP, LABEL = 6.0, 32.0
TAXES = {
    "市県民税": "市県民税（普通徴収）",
    "固定資産税": "固定資産税・都市計画税",
    "軽自動車税": "軽自動車税（種別割）",
}
NOTES = [
    "１　市税等は、納期限の日に指定の預金口座から振り替えます。",
    "　　残高の不足により振替ができなかったときは、納付書により納付してください。再度の振替は行いません。",
    "２　この依頼書は、振替を始めようとする月の前々月の末日までに提出してください。",
    "３　通知書番号が変わったときも振替を続けます。納税義務者が変わったときは、新たに依頼書が必要です。",
    "４　振替口座を変更し、又は振替をやめるときは、届出印を押した変更（廃止）届を提出してください。",
    "５　国民健康保険税の納税義務者は世帯主です。世帯主の通知書番号を記入してください。",
    "６　この依頼書に記入された個人情報は、市税等の口座振替に関する事務以外には使用しません。",
]


def draw(sheet: Sheet) -> None:
    """Draw the page."""
    sheet.corner_marks()
    _head(sheet)
    _taxpayer(sheet)
    _account(sheet)
    _office(sheet)
    _foot(sheet)


def _head(sheet: Sheet) -> None:
    sheet.text(18, 14, "様式第３号（第４条関係）", 7.5)
    sheet.text(192, 14, "収納課控・金融機関控（２枚複写）", 7, anchor="right")
    sheet.title(105, 21, "市税等口座振替依頼書", 17, spread=1.4)
    sheet.text(20, 32, "はかどり市長　様", 12, font="mincho")
    date = sheet.page.fields["届出日"]
    sheet.text(121, 32, "届出日", 9, anchor="right")
    sheet.date(date)
    request = "私は、次の市税等を下記の預金口座から口座振替の方法により納付することを依頼します。"
    sheet.text(20, 41.5, request, 9.5, font="mincho")
    sheet.text(20, 48, "太枠の中を黒のボールペンではっきりと記入してください。１枠に１文字です。", 8)
    _examples(sheet)


def _examples(sheet: Sheet) -> None:
    sheet.text(128, 48, "（記入例）", 7)
    for index, letter in enumerate("0123456789アガ"):
        box = Box(139.5 + index * 4.3, 45.4, 4.3, 5.2)
        sheet.frame(box, width=0.12)
        sheet.text(*box.centre, letter, 9, anchor="centre", grey=0.15)


def _row(sheet: Sheet, top: float, bottom: float, label: str, note: str = "") -> None:
    x = LEFT + GROUP
    sheet.label(Box(x, top, LABEL, bottom - top), label, 9, note=note)
    sheet.line(x, bottom, RIGHT, bottom)


def _taxpayer(sheet: Sheet) -> None:
    field = sheet.page.fields
    top, bottom = 58.0, 121.5
    sheet.text(LEFT, 55.2, "１　納税義務者（納税通知書のとおりに記入してください。）", 8.5)
    sheet.upright(Box(LEFT, top, GROUP, bottom - top), "納税義務者")
    _row(sheet, top, 70, "通知書番号", "納税通知書の右上の１０桁")
    _row(sheet, 70, 82, "フリガナ", "姓と名の間は１枠あける")
    _row(sheet, 82, 96, "氏名")
    _row(sheet, 96, 108, "郵便番号")
    _row(sheet, 108, bottom, "住所", "方書・部屋番号まで")
    sheet.cell_row(field["通知書番号"].row)
    sheet.cell_row(field["納税者氏名カナ"].row)
    sheet.cell_row(field["郵便番号"].row, heavy=(3,))
    sheet.text(59.8, 102, "〒", 9, anchor="centre")
    sheet.label(Box(109.5, 96, 14.5, 12), "電話", 8, note="市外局番から")
    sheet.cell_row(field["電話番号"].row)
    sheet.text(132, 64, "※先頭の０も記入してください。", 7)
    sheet.text(174, 89, "（自署）", 7.5)
    sheet.frame(Box(LEFT, top, RIGHT - LEFT, bottom - top), width=THICK)


def _account(sheet: Sheet) -> None:
    field = sheet.page.fields
    top, bottom = 126.5, 195.0
    sheet.text(LEFT, 124, "２　振替口座・振替を依頼する税目", 8.5)
    sheet.upright(Box(LEFT, top, GROUP, 164 - top), "振替口座")
    _row(sheet, top, 138, "金融機関コード", "通帳等で確認")
    _row(sheet, 138, 150, "預金種別", "どちらかを○で囲む")
    _row(sheet, 150, 164, "口座名義カナ", "通帳の見開きのとおり")
    sheet.line(LEFT, 164, RIGHT, 164, width=0.35)
    sheet.cell_row(field["金融機関コード"].row)
    sheet.label(Box(90, top, 24, 138 - top), "支店コード", 8)
    sheet.cell_row(field["支店コード"].row)
    sheet.text(141, 132, "※ゆうちょ銀行は振込用の店番", 6.5)
    sheet.circle_words(field["預金種別"], {"普通": "１ 普通", "当座": "２ 当座"})
    sheet.label(Box(108, 138, 22, 12), "口座番号", 9, note="右づめ")
    sheet.cell_row(field["口座番号"].row)
    sheet.cell_row(field["口座名義カナ"].row)
    _taxes(sheet)
    sheet.frame(Box(LEFT, top, RIGHT - LEFT, bottom - top), width=THICK)


def _taxes(sheet: Sheet) -> None:
    field = sheet.page.fields
    sheet.upright(Box(LEFT, 164, GROUP, 31), "依頼内容")
    sheet.label(Box(LEFT + GROUP, 164, LABEL, 19.5), "対象税目", 9, note="□にレ点（いくつでも）")
    sheet.label(Box(LEFT + GROUP, 183.5, LABEL, 11.5), "振替方法", 9, note="□にレ点（１つ）")
    sheet.line(LEFT + GROUP, 183.5, 152, 183.5)
    sheet.tick_boxes(field["対象税目"], TAXES)
    sheet.tick_boxes(field["振替方法"], {"期別": "期別（納期ごと）", "全期前納": "全期前納（第１期）"})
    seal = field["届出印"].row.box
    sheet.line(152, 164, 152, 195)
    sheet.frame(Box(152, 164, RIGHT - 152, 5.5), fill=0.94)
    sheet.text(173, 166.8, "金融機関届出印", 8, anchor="centre")
    sheet.circle(*seal.centre, 9, dash=True)
    sheet.text(*seal.centre, "印", 9, anchor="centre", grey=0.55)


def _office(sheet: Sheet) -> None:
    sheet.text(LEFT, 199.5, "【金融機関使用欄】", 7.5)
    for x, word in zip((18.0, 40.0, 62.0, 84.0), ("受付", "検印", "印鑑照合", "係印"), strict=True):
        sheet.frame(Box(x, 202, 22, 4.6), fill=0.94)
        sheet.text(x + 11, 204.3, word, 7, anchor="centre")
        sheet.frame(Box(x, 206.6, 22, 16))
    sheet.text(112, 199.5, "【不備返却事由】（該当するものに○）", 7.5)
    sheet.frame(Box(112, 202, 82, 20.6))
    sheet.lines(115, 206, ["１　預金取引なし", "２　届出印相違", "３　記載事項の不備"], 7.5, pitch=5.8)
    sheet.lines(154, 206, ["４　口座番号相違", "５　名義人相違", "６　その他（　　　　）"], 7.5, pitch=5.8)


def _foot(sheet: Sheet) -> None:
    sheet.text(LEFT, 229, "口座振替についての約定", 8.5, font="mincho", bold=True)
    sheet.lines(LEFT + 1, 234.5, NOTES, 7.2, pitch=4.7)
    sheet.line(LEFT, 270, RIGHT, 270, dash=True)
    sheet.footer(105, 274.5, "提出先・問合せ先　はかどり市 総務部 納税課 収納係　（市役所１階 ５番窓口）")
