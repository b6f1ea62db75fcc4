"""Targets on pages as offices have them: tables in tables, headers over several columns, inputs without labels."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

import pytest

from backoffice.settings import builtin_settings
from robots.drivers.browser import Cover
from robots.drivers.playwright_browser import PlaywrightBrowser
from robots.errors import NotFoundOnPage, StepFailed
from robots.targets import Spot

PATIENT = 60
"""Seconds for what must be found: every wait ends as soon as it can."""
QUICK = 0.6
"""Seconds for what must not be found."""


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PlaywrightBrowser]:
    browser = PlaywrightBrowser(builtin_settings(tmp_path_factory.mktemp("var")))
    browser.start()
    yield browser
    browser.close()


def show(browser: PlaywrightBrowser, body: str) -> None:
    browser.open("data:text/html;charset=utf-8," + quote(f"<!DOCTYPE html><body>{body}"), PATIENT)
    browser._tab.traffic.settle(browser._tab.page, PATIENT)


GRID = (
    "<table><tr><td></td><th>品名</th><th colspan=2>数量と単位</th><th>備考</th></tr>"
    "<tr><td>1</td><td>机</td><td><input class=a></td><td>台</td><td><input></td></tr>"
    "<tr><td>2</td><td>椅子</td><td><input class=b></td><td>脚</td><td><input class=it></td></tr></table>"
)


@pytest.mark.parametrize(
    ("body", "spot"),
    [
        ("<table><tr><th>氏名<th>住所<tr><td><input class=it><td><input></table>", Spot("field", "氏名")),
        (
            "<table><thead><tr><th>住所<th>氏　名（必須）<tbody><tr><td><input><td><input class=it></table>",
            Spot("field", "氏名"),
        ),
        (
            "<table><tr><th rowspan=2>番号<th colspan=2>届出人<tr><th>氏名<th>住所"
            "<tr><td><input><td><input class=it><td><input></table>",
            Spot("field", "氏名"),
        ),
        (GRID, Spot("field", "備考", row="椅子")),
        (GRID, Spot("field", "備考", nth=2)),
    ],
)
def test_finds_an_input_below_its_header(browser: PlaywrightBrowser, body: str, spot: Spot) -> None:
    show(browser, body)
    browser.fill(spot, "見本", PATIENT)
    assert browser.read(Spot("css", ".it"), PATIENT) == "見本"


@pytest.mark.parametrize(
    "body",
    [
        "<table><tr><th>氏名<td>甲<tr><td colspan=2><textarea></textarea></table>",
        "<table><tr><td>氏名<td>甲<tr><td><input><td>乙</table>",
        "<table><tr><td><dl><dt>氏名<dd>甲</dl><td><input></table>",
        "<table><tr><th>氏名<th>住所<tr><td colspan=2><textarea></textarea></table>",
    ],
)
def test_an_input_in_another_line_of_a_form_is_not_below_a_header(
    browser: PlaywrightBrowser, body: str
) -> None:
    show(browser, body)
    with pytest.raises(NotFoundOnPage):
        browser.fill(Spot("field", "氏名"), "見本", QUICK)


def test_two_inputs_below_one_header_are_two(browser: PlaywrightBrowser) -> None:
    show(browser, GRID)
    with pytest.raises(StepFailed) as caught:
        browser.fill(Spot("field", "備考"), "見本", PATIENT)
    assert caught.value.key == "robots.target_ambiguous"


def test_reads_the_right_column_below_headers_that_span_several(browser: PlaywrightBrowser) -> None:
    show(
        browser,
        "<table><tr><th rowspan=2>番号<th colspan=2>届出人<th rowspan=2>状態<tr><th>氏名<th>住所"
        "<tr><td>001<td>甲<td>一丁目<td>済<tr><td>002<td>乙<td>二丁目<td>未</table>",
    )
    read = [browser.read(Spot("cell", name, row="002"), PATIENT) for name in ("氏名", "住所", "状態")]
    assert read == ["乙", "二丁目", "未"]


def test_a_cell_that_several_rows_share_belongs_to_each(browser: PlaywrightBrowser) -> None:
    show(
        browser,
        "<table><tr><th>世帯<th>番号<tr><td rowspan=2>甲家<td>001<tr><td>002<tr><td>乙家<td>003</table>",
    )
    read = [browser.read(Spot("cell", "世帯", row=row), PATIENT) for row in ("001", "002", "003")]
    assert read == ["甲家", "甲家", "乙家"]


def test_a_row_is_not_the_layout_table_around_it(browser: PlaywrightBrowser) -> None:
    link = "<a href='#' onclick='this.textContent += 1'>詳細</a>"
    inner = "".join(f"<tr><td>{row}<td>{link}" for row in ("001", "002"))
    show(browser, f"<table><tr><td>左の枠<td><table>{inner}</table></table>")
    browser.click(Spot("link", "詳細", row="002"), PATIENT)
    assert browser.texts(Spot("css", "a")) == ["詳細", "詳細1"]


@pytest.mark.parametrize(
    ("body", "key"),
    [
        ("<button>登録</button><button>登 録</button>", "robots.target_ambiguous"),
        ("<button disabled>登録</button>", "robots.not_usable"),
        ("<fieldset disabled><input type=submit value=登録></fieldset>", "robots.not_usable"),
    ],
)
def test_a_button_that_could_not_be_pressed_is_told_before_the_commit(
    browser: PlaywrightBrowser, body: str, key: str
) -> None:
    """`find` is asked before `committing` is written: what fails here leaves nothing in doubt."""
    show(browser, body)
    with pytest.raises(StepFailed) as caught:
        browser.find(Spot("button", "登録"), QUICK)
    assert caught.value.key == key


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("1234567", "〒123-4567"),
        ("1234567", "￥1,234,567"),
        ("1234567", "１２３－４５６７"),
        ("03-1234-5678", "0312345678"),
    ],
)
def test_a_personal_number_is_covered_however_it_is_set_apart(
    browser: PlaywrightBrowser, value: str, shown: str
) -> None:
    show(browser, f"<p>{shown}</p><p>受付 12345678</p>")
    assert browser.page_text(Cover(values=frozenset({value}))).split() == ["●●", "受付", "12345678"]


@pytest.mark.parametrize(
    "body",
    [
        "<div>氏名（漢字）</div><div><input></div>",
        "氏名（漢字）：<input><div id=h></div><script>h.attachShadow({mode:'open'}).innerHTML = '<input>'</script>",
        "<table><tr><th>氏名（漢字）<th>住所<tr><td><input><td><input></table>",
    ],
)
def test_names_the_words_that_stand_near_inputs_without_labels(browser: PlaywrightBrowser, body: str) -> None:
    show(browser, body)
    with pytest.raises(NotFoundOnPage) as caught:
        browser.fill(Spot("field", "氏名"), "見本", QUICK)
    assert "「氏名（漢字）」" in caught.value.explain("ja").splitlines()[0]


def test_words_near_a_loose_input_go_before_a_column_of_that_name(browser: PlaywrightBrowser) -> None:
    show(
        browser,
        "<table><tr><th>番号<th>備考<tr><td>001<td><input></table><div>備考</div><div><input class=it></div>",
    )
    browser.fill(Spot("field", "備考"), "見本", PATIENT)
    assert browser.read(Spot("css", ".it"), PATIENT) == "見本"


@pytest.mark.parametrize("span", [0, 3])
def test_a_cell_does_not_reach_out_of_its_part_of_a_table(browser: PlaywrightBrowser, span: int) -> None:
    show(
        browser,
        f"<table><thead><tr><th rowspan={span}>番号<th>氏名<tbody><tr><td>001<td>甲<tr><td>002<td>乙</table>",
    )
    read = [browser.read(Spot("cell", "氏名", row=row), PATIENT) for row in ("001", "002")]
    assert read == ["甲", "乙"]


@pytest.mark.parametrize("spot", [Spot("link", "詳細", row="001"), Spot("cell", "状態", row="001")])
def test_what_is_not_in_the_row_itself_is_looked_for_in_the_row_around_it(
    browser: PlaywrightBrowser, spot: Spot
) -> None:
    card = "<tr><td><table><tr><td>受付<td>{}</table><td><a href='#'>詳細</a><td>{}"
    show(
        browser,
        f"<table><tr><th>番号<th>操作<th>状態{card.format('001', '済')}{card.format('002', '未')}</table>",
    )
    assert browser.read(spot, PATIENT) == ("詳細" if spot.kind == "link" else "済")


@pytest.mark.parametrize("filtering", ["<input>", "<select><option>すべて</select>"])
def test_a_personal_column_is_covered_when_its_header_holds_a_filter(
    browser: PlaywrightBrowser, filtering: str
) -> None:
    show(browser, f"<table><tr><th>番号<th>氏名{filtering}<tr><td>001<td>甲野<tr><td>002<td>乙野</table>")
    told = browser.page_text(Cover(labels=frozenset({"氏名"})))
    assert "002" in told and "甲野" not in told and "乙野" not in told


@pytest.mark.parametrize(
    "body",
    [
        "<table><tr><th>番号<th>数量<tr><th scope=row>山田太郎<td><input></table>",
        "<table><tr><th>番号<th>数量<tr><td>山田太郎<td><input></table>",
        "<table><tr><th colspan=2>山田太郎<tr><th>番号<th>数量<tr><td>1<td><input></table>",
        "<label>数量<input></label><div>山田太郎</div><div><input></div>",
        "<label>数量<input></label>山田太郎<input>",
    ],
)
def test_no_data_is_told_when_no_words_are_near(browser: PlaywrightBrowser, body: str) -> None:
    show(browser, body)
    with pytest.raises(NotFoundOnPage) as caught:
        browser.fill(Spot("field", "口座名義"), "見本", QUICK)
    assert "「数量」" in caught.value.explain("ja") and "山田" not in caught.value.explain("ja")
