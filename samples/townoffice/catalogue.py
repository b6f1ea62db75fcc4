"""The businesses the stand-in offers: 口座振替, 異動届, 予診票."""

from __future__ import annotations

from samples.townoffice.businesses import Business, Field, Kind, Section, SumRule, Widget

YES_NO = ("はい", "いいえ")

_QUESTIONS = tuple(
    Field(f"質問{n}", f"shitsumon{n}", Kind.CHOICE, Widget.RADIO, options=YES_NO) for n in range(1, 11)
)

KOUZA_FURIKAE = Business(
    code="kouza_furikae",
    title="口座振替",
    department="納税課",
    screen="KZF",
    key=("通知書番号",),
    person="納税者氏名",
    sections=(
        Section(
            "届出情報",
            (
                Field("通知書番号", "tsuchisho_no", Kind.DIGITS, length=10, size=14, hint="半角数字10桁"),
                Field("届出日", "todokede_bi", Kind.DATE, size=14, hint="例 2026-04-01"),
                Field(
                    "対象税目",
                    "zeimoku",
                    Kind.CHOICES,
                    Widget.CHECKBOXES,
                    options=("市県民税", "固定資産税", "軽自動車税", "国民健康保険税"),
                    wide=True,
                ),
                Field(
                    "振替方法",
                    "furikae_houhou",
                    Kind.CHOICE,
                    Widget.RADIO,
                    options=("期別", "全期前納"),
                    labelled=False,
                ),
                Field(
                    "届出印",
                    "todokede_in",
                    Kind.PRESENCE,
                    Widget.CHECKBOX,
                    required=False,
                    mark="押印あり",
                ),
            ),
        ),
        Section(
            "納税者",
            (
                Field("納税者氏名カナ", "shimei_kana", Kind.KATAKANA, length=40, size=30, hint="全角カナ"),
                Field("納税者氏名", "shimei", Kind.TEXT, length=40, size=30, labelled=False),
                Field("郵便番号", "yuubin", Kind.POSTAL, size=10, labelled=False, hint="半角数字7桁"),
                Field("電話番号", "denwa", Kind.PHONE, size=16, hint="半角数字"),
                Field("住所", "juusho", Kind.TEXT, length=80, size=80, labelled=False, wide=True),
            ),
        ),
        Section(
            "振替口座",
            (
                Field("金融機関コード", "kinyuu_code", Kind.DIGITS, length=4, size=6, hint="半角数字4桁"),
                Field("支店コード", "shiten_code", Kind.DIGITS, length=3, size=6, hint="半角数字3桁"),
                Field("預金種別", "yokin_shubetsu", Kind.CHOICE, Widget.SELECT, options=("普通", "当座")),
                Field("口座番号", "kouza_no", Kind.DIGITS, length=7, size=10, labelled=False, hint="数字7桁"),
                Field(
                    "口座名義カナ",
                    "meigi_kana",
                    Kind.KATAKANA,
                    length=40,
                    size=40,
                    wide=True,
                    hint="全角カナ",
                ),
            ),
        ),
    ),
)

IDOU_TODOKE = Business(
    code="idou_todoke",
    title="異動届",
    department="市民税課",
    screen="TKC",
    key=("指定番号", "受給者番号"),
    person="氏名",
    sections=(
        Section(
            "特別徴収義務者",
            (
                Field("指定番号", "shitei_no", Kind.DIGITS, length=8, size=12, hint="半角数字8桁"),
                Field("法人番号", "houjin_no", Kind.CORPORATE_NUMBER, size=18, hint="半角数字13桁"),
                Field("事業者名", "jigyousha", Kind.TEXT, length=60, size=40, labelled=False),
                Field("電話番号", "denwa", Kind.PHONE, size=16, hint="半角数字"),
            ),
        ),
        Section(
            "給与所得者",
            (
                Field("受給者番号", "jukyuusha_no", Kind.DIGITS, length=10, size=14, hint="半角数字10桁"),
                Field("個人番号", "kojin_no", Kind.MYNUMBER, size=16, hint="半角数字12桁"),
                Field("氏名カナ", "shimei_kana", Kind.KATAKANA, length=40, size=30, hint="全角カナ"),
                Field("氏名", "shimei", Kind.TEXT, length=40, size=30, labelled=False),
                Field(
                    "生年月日",
                    "seinen",
                    Kind.BIRTHDAY,
                    Widget.ERA_BOXES,
                    options=("明治", "大正", "昭和", "平成", "令和"),
                    wide=True,
                ),
            ),
        ),
        Section(
            "異動内容",
            (
                Field("異動年月日", "idou_bi", Kind.DATE, Widget.DATE),
                Field(
                    "異動事由",
                    "idou_jiyuu",
                    Kind.CHOICE,
                    Widget.SELECT,
                    options=("退職", "転勤", "休職", "死亡", "その他"),
                ),
                Field("特別徴収税額", "zeigaku", Kind.AMOUNT, length=8, size=14, hint="円"),
                Field("徴収済額", "choushuu_zumi", Kind.AMOUNT, length=8, size=14, labelled=False, hint="円"),
                Field("未徴収税額", "mi_choushuu", Kind.AMOUNT, length=8, size=14, labelled=False, hint="円"),
                Field(
                    "徴収方法",
                    "choushuu_houhou",
                    Kind.CHOICE,
                    Widget.RADIO,
                    options=("特別徴収継続", "一括徴収", "普通徴収"),
                ),
            ),
        ),
    ),
    sums=(SumRule(("徴収済額", "未徴収税額"), "特別徴収税額"),),
)

YOBOU_YOSHIN = Business(
    code="yobou_yoshin",
    title="予診票",
    department="健康課",
    screen="YBS",
    key=("接種券番号",),
    person="氏名",
    sections=(
        Section(
            "被接種者",
            (
                Field("接種券番号", "sesshuken_no", Kind.DIGITS, length=10, size=14, hint="半角数字10桁"),
                Field("生年月日", "seinen", Kind.BIRTHDAY, size=20, hint="例 昭和50年1月31日、S50.1.31"),
                Field("ふりがな", "furigana", Kind.HIRAGANA, length=40, size=30, hint="ひらがな"),
                Field("氏名", "shimei", Kind.TEXT, length=40, size=30, labelled=False),
                Field("性別", "seibetsu", Kind.CHOICE, Widget.RADIO, options=("男", "女")),
                Field("電話番号", "denwa", Kind.PHONE, required=False, size=16, hint="半角数字"),
                Field("郵便番号", "yuubin", Kind.POSTAL, size=10, hint="半角数字7桁"),
                Field("体温", "taion", Kind.TEMPERATURE, size=6, labelled=False, hint="℃ 例 36.5"),
                Field("住所", "juusho", Kind.TEXT, length=80, size=80, labelled=False, wide=True),
            ),
        ),
        Section("質問事項", _QUESTIONS),
        Section(
            "判定・接種",
            (
                Field(
                    "接種希望",
                    "kibou",
                    Kind.CHOICE,
                    Widget.RADIO,
                    options=("希望します", "希望しません"),
                    labelled=False,
                ),
                Field("医師判定", "hantei", Kind.CHOICE, Widget.SELECT, options=("可", "見合わせ")),
                Field("接種日", "sesshu_bi", Kind.DATE, size=14, hint="例 2026-04-01"),
                Field("ロット番号", "lot_no", Kind.ALNUM, length=8, size=12, hint="半角英大文字・数字8桁"),
                Field("署名", "shomei", Kind.PRESENCE, Widget.CHECKBOX, required=False, mark="署名あり"),
            ),
        ),
    ),
)

BUSINESSES = {business.code: business for business in (KOUZA_FURIKAE, IDOU_TODOKE, YOBOU_YOSHIN)}
