"""A pivot table on the sheet 集計: how many entries of the roll stand in which state."""

from __future__ import annotations

from samples.workbooks.parts.sheets import HEADINGS, MAIN, OFFICE, PEOPLE, RELATIONS, STATES

_STATE = HEADINGS.index("状況")


def _cache() -> str:
    plain = '<cacheField name="{}" numFmtId="0"><sharedItems/></cacheField>'
    states = "".join(f'<s v="{state}"/>' for state in STATES)
    shared = f'<sharedItems count="{len(STATES)}">{states}</sharedItems>'
    state = f'<cacheField name="状況" numFmtId="0">{shared}</cacheField>'
    fields = "".join(state if name == "状況" else plain.format(name) for name in HEADINGS)
    return f"""<pivotCacheDefinition xmlns="{MAIN}" xmlns:r="{OFFICE}" r:id="rId1" refreshOnLoad="1"
        recordCount="{len(PEOPLE)}" createdVersion="6" refreshedVersion="6" minRefreshableVersion="3">
        <cacheSource type="worksheet"><worksheetSource ref="A1:F5" sheet="名簿"/></cacheSource>
        <cacheFields count="{len(HEADINGS)}">{fields}</cacheFields></pivotCacheDefinition>"""


def _records() -> str:
    made = "".join(
        f'<r><s v="{number}"/><s v="{name}"/><n v="{born}"/><n v="{tax}"/><x v="{state}"/>'
        f'{f"""<n v="{day}"/>""" if day else "<m/>"}</r>'
        for number, name, _, born, tax, state, day in PEOPLE
    )
    return f'<pivotCacheRecords xmlns="{MAIN}" count="{len(PEOPLE)}">{made}</pivotCacheRecords>'


def _table() -> str:
    items = "".join(f'<item x="{at}"/>' for at in range(len(STATES))) + '<item t="default"/>'
    axis = f'<pivotField axis="axisRow" showAll="0"><items count="{len(STATES) + 1}">{items}</items></pivotField>'
    first = '<pivotField dataField="1" showAll="0"/>'
    fields = first + '<pivotField showAll="0"/>' * (_STATE - 1) + axis + '<pivotField showAll="0"/>'
    rows = "".join(f'<i><x v="{at}"/></i>' if at else "<i><x/></i>" for at in range(len(STATES)))
    return f"""<pivotTableDefinition xmlns="{MAIN}" name="集計表" cacheId="1" applyNumberFormats="0"
        applyBorderFormats="0" applyFontFormats="0" applyPatternFormats="0" applyAlignmentFormats="0"
        applyWidthHeightFormats="1" dataCaption="値" updatedVersion="6" minRefreshableVersion="3" createdVersion="6"
        useAutoFormatting="1" itemPrintTitles="1" indent="0" outline="1" outlineData="1">
        <location ref="A3:B7" firstHeaderRow="1" firstDataRow="1" firstDataCol="1"/>
        <pivotFields count="{len(HEADINGS)}">{fields}</pivotFields>
        <rowFields count="1"><field x="{_STATE}"/></rowFields>
        <rowItems count="{len(STATES) + 1}">{rows}<i t="grand"><x/></i></rowItems><colItems count="1"><i/></colItems>
        <dataFields count="1"><dataField name="件数" fld="0" subtotal="count" baseField="0" baseItem="0"/></dataFields>
        <pivotTableStyleInfo name="PivotStyleLight16" showRowHeaders="1" showColHeaders="1"/></pivotTableDefinition>"""


def _sheet() -> str:
    counts = [sum(person[5] == at for person in PEOPLE) for at in range(len(STATES))]
    lines = [("行ラベル", "件数"), *zip(STATES, counts, strict=True), ("総計", len(PEOPLE))]
    rows = []
    for row, (label, count) in enumerate(lines, start=3):
        left = f'<c r="A{row}" t="inlineStr"><is><t>{label}</t></is></c>'
        right = (
            f'<c r="B{row}" t="inlineStr"><is><t>{count}</t></is></c>'
            if isinstance(count, str)
            else f'<c r="B{row}"><v>{count}</v></c>'
        )
        rows.append(f'<row r="{row}">{left}{right}</row>')
    return f'<worksheet xmlns="{MAIN}"><dimension ref="A3:B7"/><sheetData>{"".join(rows)}</sheetData></worksheet>'


def _relation(kind: str, target: str) -> str:
    entry = f'<Relationship Id="rId1" Type="{OFFICE}/{kind}" Target="{target}"/>'
    return f'<Relationships xmlns="{RELATIONS}">{entry}</Relationships>'


PARTS = {
    "xl/worksheets/sheet2.xml": _sheet(),
    "xl/pivotTables/pivotTable1.xml": _table(),
    "xl/pivotTables/_rels/pivotTable1.xml.rels": _relation(
        "pivotCacheDefinition", "../pivotCache/pivotCacheDefinition1.xml"
    ),
    "xl/pivotCache/pivotCacheDefinition1.xml": _cache(),
    "xl/pivotCache/_rels/pivotCacheDefinition1.xml.rels": _relation(
        "pivotCacheRecords", "pivotCacheRecords1.xml"
    ),
    "xl/pivotCache/pivotCacheRecords1.xml": _records(),
}
"""Part name → its XML, without the declaration."""
