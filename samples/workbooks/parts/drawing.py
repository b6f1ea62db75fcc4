"""Shapes and a chart: what floats above the cells of the sheets 名簿 and 様式."""

from __future__ import annotations

SHEET = "http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"
ART = "http://schemas.openxmlformats.org/drawingml/2006/main"
CHART = "http://schemas.openxmlformats.org/drawingml/2006/chart"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def _anchor(left: int, top: int, right: int, bottom: int, inside: str) -> str:
    corner = "<xdr:col>{}</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>{}</xdr:row><xdr:rowOff>0</xdr:rowOff>"
    return (
        f"<xdr:twoCellAnchor><xdr:from>{corner.format(left, top)}</xdr:from><xdr:to>{corner.format(right, bottom)}"
        f"</xdr:to>{inside}<xdr:clientData/></xdr:twoCellAnchor>"
    )


def _shape(number: int, form: str, words: str) -> str:
    return f"""<xdr:sp macro="" textlink=""><xdr:nvSpPr><xdr:cNvPr id="{number}" name="印 {number}"/><xdr:cNvSpPr/>
        </xdr:nvSpPr><xdr:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="800000" cy="800000"/></a:xfrm>
        <a:prstGeom prst="{form}"><a:avLst/></a:prstGeom><a:noFill/>
        <a:ln w="19050"><a:solidFill><a:srgbClr val="C00000"/></a:solidFill></a:ln></xdr:spPr>
        <xdr:txBody><a:bodyPr/><a:p><a:r><a:rPr lang="ja-JP"/><a:t>{words}</a:t></a:r></a:p></xdr:txBody></xdr:sp>"""


def _frame() -> str:
    return f"""<xdr:graphicFrame macro=""><xdr:nvGraphicFramePr><xdr:cNvPr id="3" name="グラフ 1"/>
        <xdr:cNvGraphicFramePr/></xdr:nvGraphicFramePr><xdr:xfrm><a:off x="0" y="0"/><a:ext cx="0" cy="0"/></xdr:xfrm>
        <a:graphic><a:graphicData uri="{CHART}"><c:chart xmlns:c="{CHART}" xmlns:r="{OFFICE}" r:id="rId1"/>
        </a:graphicData></a:graphic></xdr:graphicFrame>"""


def _drawing(*anchors: str) -> str:
    return f'<xdr:wsDr xmlns:xdr="{SHEET}" xmlns:a="{ART}">{"".join(anchors)}</xdr:wsDr>'


def _chart() -> str:
    return f"""<c:chartSpace xmlns:c="{CHART}" xmlns:a="{ART}"><c:chart><c:autoTitleDeleted val="1"/><c:plotArea>
        <c:layout/><c:barChart><c:barDir val="col"/><c:grouping val="clustered"/><c:varyColors val="0"/>
        <c:ser><c:idx val="0"/><c:order val="0"/><c:cat><c:strRef><c:f>名簿!$A$2:$A$5</c:f></c:strRef></c:cat>
        <c:val><c:numRef><c:f>名簿!$D$2:$D$5</c:f></c:numRef></c:val></c:ser>
        <c:gapWidth val="150"/><c:axId val="111"/><c:axId val="222"/></c:barChart>
        <c:catAx><c:axId val="111"/><c:scaling><c:orientation val="minMax"/></c:scaling><c:delete val="0"/>
        <c:axPos val="b"/><c:crossAx val="222"/></c:catAx>
        <c:valAx><c:axId val="222"/><c:scaling><c:orientation val="minMax"/></c:scaling><c:delete val="0"/>
        <c:axPos val="l"/><c:crossAx val="111"/></c:valAx></c:plotArea>
        <c:plotVisOnly val="1"/></c:chart></c:chartSpace>"""


PARTS = {
    "xl/drawings/drawing1.xml": _drawing(
        _anchor(7, 1, 9, 5, _shape(2, "ellipse", "確認済")), _anchor(7, 7, 14, 20, _frame())
    ),
    "xl/drawings/drawing2.xml": _drawing(_anchor(3, 1, 4, 3, _shape(2, "rect", "課長印"))),
    "xl/charts/chart1.xml": _chart(),
}
"""Part name → its XML, without the declaration."""
