"""Workbook, sheets, shared texts with furigana, number formats, and the lists of what belongs to what."""

from __future__ import annotations

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
KIND = "application/vnd.openxmlformats-officedocument"
X14 = "http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"

PEOPLE = (
    ("0012301", "見本　太郎", "ミホン　タロウ", 25_294, "12500", 0, 46_113),
    ("0012302", "試作　花子", "シサク　ハナコ", 33_001, "8300", 1, 0),
    ("0012303", "架空　次郎", "カクウ　ジロウ", 18_264, "40100", 0, 0),
    ("0012304", "例示　みどり", "レイジ　ミドリ", 29_952, "0", 2, 0),
)
"""Number, name, its reading, birthday, amount of tax, state (0 未処理, 1 処理済, 2 保留), day it was done."""
STATES = ("未処理", "処理済", "保留")
HEADINGS = ("通知書番号", "氏名", "生年月日", "税額", "状況", "処理日")


def _strings() -> str:
    plain = [*HEADINGS, *STATES, *(person[0] for person in PEOPLE), "合計", "月分 収納報告", "作成日", "備考"]
    entries = [f"<si><t>{text}</t></si>" for text in plain]
    for _, name, reading, *_ in PEOPLE:
        family, given = name.split("　")
        kana, own = reading.split("　")
        at = len(family) + 1
        entries.append(
            f'<si><t>{name}</t><rPh sb="0" eb="{len(family)}"><t>{kana}</t></rPh>'
            f'<rPh sb="{at}" eb="{at + len(given)}"><t>{own}</t></rPh><phoneticPr fontId="1"/></si>'
        )
    return f'<sst xmlns="{MAIN}" count="{len(entries)}" uniqueCount="{len(entries)}">{"".join(entries)}</sst>'


_TEXTS = [*HEADINGS, *STATES, *(person[0] for person in PEOPLE), "合計", "月分 収納報告", "作成日", "備考"]
_TEXTS += [person[1] for person in PEOPLE]


def _text(place: str, text: str, style: int = 0) -> str:
    return f'<c r="{place}" s="{style}" t="s"><v>{_TEXTS.index(text)}</v></c>'


def _people() -> str:
    rows = []
    for row, (number, name, _, born, tax, state, day) in enumerate(PEOPLE, start=2):
        done = f"<v>{day}</v>" if day else ""
        rows.append(
            f'<row r="{row}" spans="1:6">{_text(f"A{row}", number, 3)}{_text(f"B{row}", name)}'
            f'<c r="C{row}" s="1"><v>{born}</v></c><c r="D{row}" s="2"><v>{tax}</v></c>'
            f'{_text(f"E{row}", STATES[state])}<c r="F{row}" s="1">{done}</c></row>'
        )
    return "".join(rows)


def _roll() -> str:
    heads = "".join(_text(f"{'ABCDEF'[at]}1", heading, 4) for at, heading in enumerate(HEADINGS))
    total = sum(int(person[4]) for person in PEOPLE)
    return f"""<worksheet xmlns="{MAIN}" xmlns:r="{OFFICE}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"
        mc:Ignorable="x14ac" xmlns:x14ac="http://schemas.microsoft.com/office/spreadsheetml/2009/9/ac">
        <dimension ref="A1:F6"/>
        <sheetViews><sheetView tabSelected="1" workbookViewId="0"><pane ySplit="1" topLeftCell="A2"
        activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>
        <sheetFormatPr defaultRowHeight="18.75" x14ac:dyDescent="0.4"/>
        <cols><col min="1" max="6" width="14" customWidth="1"/></cols>
        <sheetData><row r="1" spans="1:6" x14ac:dyDescent="0.4">{heads}</row>{_people()}
        <row r="6" spans="1:6">{_text("A6", "合計")}<c r="D6" s="2"><f>SUM(D2:D5)</f><v>{total}</v></c></row>
        </sheetData>
        <phoneticPr fontId="1"/>
        <conditionalFormatting sqref="E2:E5"><cfRule type="cellIs" dxfId="0" priority="1" operator="equal">
        <formula>"保留"</formula></cfRule></conditionalFormatting>
        <pageMargins left="0.7" right="0.7" top="0.75" bottom="0.75" header="0.3" footer="0.3"/>
        <drawing r:id="rId1"/>
        <extLst><ext uri="{{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}}" xmlns:x14="{X14}"><x14:dataValidations count="1"
        xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main"><x14:dataValidation type="list" allowBlank="1"
        showInputMessage="1" showErrorMessage="1"><x14:formula1><xm:f>選択肢!$A$1:$A$3</xm:f></x14:formula1>
        <xm:sqref>E2:E5</xm:sqref></x14:dataValidation></x14:dataValidations></ext></extLst></worksheet>"""


def _choices() -> str:
    rows = "".join(
        f'<row r="{at}">{_text(f"A{at}", state)}</row>' for at, state in enumerate(STATES, start=1)
    )
    return f"""<worksheet xmlns="{MAIN}"><dimension ref="A1:A3"/><sheetData>{rows}</sheetData></worksheet>"""


def _template() -> str:
    return f"""<worksheet xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheetPr codeName="Sheet4"/><dimension ref="A1:D5"/>
        <sheetViews><sheetView workbookViewId="0"/></sheetViews>
        <sheetData><row r="1">{_text("A1", "月分 収納報告", 4)}<c r="B1" s="4"/><c r="C1" s="4"/><c r="D1" s="4"/></row>
        <row r="2">{_text("A2", "作成日")}<c r="B2" s="1"/></row>
        <row r="3">{_text("A3", "備考")}<c r="B3"/></row>
        <row r="4"><c r="A4"><f>様式!B3&amp;"件"</f><v>件</v></c></row></sheetData>
        <mergeCells count="1"><mergeCell ref="A1:D1"/></mergeCells>
        <pageMargins left="0.7" right="0.7" top="0.75" bottom="0.75" header="0.3" footer="0.3"/>
        <drawing r:id="rId1"/></worksheet>"""


def _styles() -> str:
    font = '<font><sz val="11"/><name val="游ゴシック"/><family val="2"/><charset val="128"/></font>'
    small = '<font><sz val="6"/><name val="游ゴシック"/><family val="2"/><charset val="128"/></font>'
    xf = 'fontId="0" borderId="0" xfId="0"'
    return f"""<styleSheet xmlns="{MAIN}"><numFmts count="1"><numFmt numFmtId="176"
        formatCode="[$-411]ggge&quot;年&quot;m&quot;月&quot;d&quot;日&quot;"/></numFmts>
        <fonts count="2">{font}{small}</fonts>
        <fills count="3"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>
        <fill><patternFill patternType="solid"><fgColor rgb="FFDDE6F0"/></patternFill></fill></fills>
        <borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>
        <cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>
        <cellXfs count="5"><xf numFmtId="0" fillId="0" {xf}/>
        <xf numFmtId="176" fillId="0" {xf} applyNumberFormat="1"/>
        <xf numFmtId="3" fillId="0" {xf} applyNumberFormat="1"/>
        <xf numFmtId="49" fillId="0" {xf} applyNumberFormat="1"/>
        <xf numFmtId="0" fillId="2" {xf} applyFill="1"/></cellXfs>
        <cellStyles count="1"><cellStyle name="標準" xfId="0" builtinId="0"/></cellStyles>
        <dxfs count="1"><dxf><font><color rgb="FF9C0006"/></font></dxf></dxfs></styleSheet>"""


_SHEETS = ("名簿", "集計", "選択肢", "様式")


def _workbook() -> str:
    tabs = "".join(
        f'<sheet name="{name}" sheetId="{at}" r:id="rId{at}"/>' for at, name in enumerate(_SHEETS, 1)
    )
    return f"""<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><workbookPr defaultThemeVersion="166925"/>
        <bookViews><workbookView xWindow="0" yWindow="0" windowWidth="20000" windowHeight="10000"/></bookViews>
        <sheets>{tabs}</sheets>
        <definedNames><definedName name="_xlnm.Print_Area" localSheetId="3">様式!$A$1:$D$5</definedName>
        </definedNames><calcPr calcId="191029"/>
        <pivotCaches><pivotCache cacheId="1" r:id="rId8"/></pivotCaches></workbook>"""


def _relations(*entries: tuple[str, str]) -> str:
    made = "".join(
        f'<Relationship Id="rId{at}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for at, (kind, target) in enumerate(entries, start=1)
    )
    return f'<Relationships xmlns="{RELATIONS}">{made}</Relationships>'


def _content_types() -> str:
    parts = {
        "/xl/workbook.xml": f"{KIND}.spreadsheetml.sheet.main+xml",
        **{f"/xl/worksheets/sheet{n}.xml": f"{KIND}.spreadsheetml.worksheet+xml" for n in range(1, 5)},
        "/xl/styles.xml": f"{KIND}.spreadsheetml.styles+xml",
        "/xl/sharedStrings.xml": f"{KIND}.spreadsheetml.sharedStrings+xml",
        "/xl/calcChain.xml": f"{KIND}.spreadsheetml.calcChain+xml",
        "/xl/drawings/drawing1.xml": f"{KIND}.drawing+xml",
        "/xl/drawings/drawing2.xml": f"{KIND}.drawing+xml",
        "/xl/charts/chart1.xml": f"{KIND}.drawingml.chart+xml",
        "/xl/pivotTables/pivotTable1.xml": f"{KIND}.spreadsheetml.pivotTable+xml",
        "/xl/pivotCache/pivotCacheDefinition1.xml": f"{KIND}.spreadsheetml.pivotCacheDefinition+xml",
        "/xl/pivotCache/pivotCacheRecords1.xml": f"{KIND}.spreadsheetml.pivotCacheRecords+xml",
    }
    made = "".join(f'<Override PartName="{name}" ContentType="{kind}"/>' for name, kind in parts.items())
    return f"""<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
        <Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
        <Default Extension="xml" ContentType="application/xml"/>{made}</Types>"""


_FOUR = tuple(("worksheet", f"worksheets/sheet{n}.xml") for n in range(1, 5))

PARTS = {
    "[Content_Types].xml": _content_types(),
    "_rels/.rels": _relations(("officeDocument", "xl/workbook.xml")),
    "xl/workbook.xml": _workbook(),
    "xl/_rels/workbook.xml.rels": _relations(
        *_FOUR, ("styles", "styles.xml"), ("sharedStrings", "sharedStrings.xml"), ("calcChain", "calcChain.xml"),
        ("pivotCacheDefinition", "pivotCache/pivotCacheDefinition1.xml"),
    ),
    "xl/worksheets/sheet1.xml": _roll(),
    "xl/worksheets/_rels/sheet1.xml.rels": _relations(("drawing", "../drawings/drawing1.xml")),
    "xl/worksheets/_rels/sheet2.xml.rels": _relations(("pivotTable", "../pivotTables/pivotTable1.xml")),
    "xl/worksheets/sheet3.xml": _choices(),
    "xl/worksheets/sheet4.xml": _template(),
    "xl/worksheets/_rels/sheet4.xml.rels": _relations(("drawing", "../drawings/drawing2.xml")),
    "xl/drawings/_rels/drawing1.xml.rels": _relations(("chart", "../charts/chart1.xml")),
    "xl/styles.xml": _styles(),
    "xl/sharedStrings.xml": _strings(),
    "xl/calcChain.xml": f'<calcChain xmlns="{MAIN}"><c r="A4" i="4"/><c r="D6" i="1"/></calcChain>',
}  # fmt: skip
"""Part name → its XML, without the declaration."""
