"""How a robot finds things on a page: by the words a person sees, in a real Chromium."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Locator

from backoffice.settings import builtin_settings
from robots.drivers.browser import Cover, Expectation
from robots.drivers.playwright_browser import PlaywrightBrowser
from robots.errors import DialogUnexpected, NotFoundOnPage, StepFailed
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


@pytest.mark.parametrize(
    "body",
    [
        "<label for=a>氏名</label><input id=a>",
        "<label>氏 名 <span>必須</span><input></label>",
        "<label>氏名：<select><option>x</select><input></label>",
        "<input aria-label='氏名（必須）'>",
        "<span id=h>氏名</span><input aria-labelledby=h>",
        "<table><tr><th>※ 氏名</th><td><span>必須</span><input></td></tr></table>",
        "<table><tr><td>氏名＊</td><td><textarea></textarea></td></tr></table>",
        "<dl><dt>氏　名</dt><dd><input></dd></dl>",
        "<input placeholder=氏名>",
        "<input title=氏名>",
        "<input name=氏名>",
        "<label for=no>氏名カナ</label><input id=no><label for=a>氏名</label><input id=a class=it>",
        "<label for=h>氏名</label><input id=h style='display:none'><table><tr><th>氏名<td><input></table>",
        "氏名：<input>",
        "<span>氏名</span> <span><input></span>",
        "<div>氏名（必須）</div><div><input></div><div>住所</div><div><input></div>",
        "<p>あて先</p><div><label>住所<input></label></div><div>氏名</div><div><input class=it></div>",
        "<iframe srcdoc='<label>氏名<input></label>'></iframe>",
        "<iframe srcdoc='<iframe srcdoc=&quot;<label>氏名<input></label>&quot;></iframe>'></iframe>",
        "<div id=host></div><script>host.attachShadow({mode:'open'}).innerHTML="
        "'<label for=s>氏名</label><input id=s>'</script>",
    ],
)
def test_finds_a_field_by_the_words_beside_it(browser: PlaywrightBrowser, body: str) -> None:
    if "<select>" in body:
        body = body.replace("<select><option>x</select>", "")
    show(browser, body)
    browser.fill(Spot("field", "氏名"), "見本", PATIENT)
    assert browser.read(Spot("field", "氏名"), PATIENT) == "見本"


@pytest.mark.parametrize(
    "body",
    [
        "<button>登　録</button>",
        "<input type=submit value='登 録'>",
        "<input type=image alt=登録 src=''>",
        "<div role=button tabindex=0>登録</div>",
        "<button aria-label=登録>✓</button>",
        "<button>登録内容の確認</button><button>登録</button>",
    ],
)
def test_finds_a_button_by_its_words_however_they_are_spaced(browser: PlaywrightBrowser, body: str) -> None:
    show(browser, body)
    browser.find(Spot("button", "登録"), PATIENT)


def test_finds_options_of_the_right_group(browser: PlaywrightBrowser) -> None:
    groups = "".join(
        f"<tr><th>{name}</th><td><label><input type=radio name={name}>はい</label>"
        f"<label><input type=radio name={name}>いいえ</label></td></tr>"
        for name in ("質問1", "質問2")
    )
    show(
        browser,
        f"<table>{groups}</table><fieldset><legend>質問3</legend><input type=radio name=q3>はい</fieldset>",
    )
    browser.check(Spot("field", "質問2").option("いいえ"), True, PATIENT)
    browser.check(Spot("field", "質問3").option("はい"), True, PATIENT)
    assert browser.options(Spot("field", "質問1")) == ["はい", "いいえ"]
    browser.wait_for(
        Expectation(Spot("css", "tr:nth-child(2) label:nth-child(2) input:checked")), (), PATIENT
    )
    browser.wait_for(Expectation(Spot("css", "fieldset input:checked")), (), PATIENT)


def test_a_button_is_looked_for_again_when_the_page_changes_before_its_state_is_read(
    browser: PlaywrightBrowser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The frame that held it goes away, then it goes from the page itself, then it stays."""
    show(browser, "<iframe srcdoc='<button>登録</button>'></iframe>")
    grip, page = browser._grip, browser._tab.page
    changes = ["'<button>登録</button>'", "''"]
    locate = grip.locate
    found: list[Locator] = []

    def locate_then_change(spot: Spot, timeout: float) -> Locator:
        if len(found) == 2:
            page.evaluate("document.body.innerHTML = '<button>登録</button>'")
        place = locate(spot, timeout)
        if len(found) < 2:
            page.evaluate(f"document.body.innerHTML = {changes[len(found)]}")
        found.append(place)
        return place

    monkeypatch.setattr(grip, "locate", locate_then_change)
    browser.find(Spot("button", "登録"), PATIENT)
    assert len(found) == 3


def test_reads_the_cell_beside_a_header_or_below_it_in_a_row(browser: PlaywrightBrowser) -> None:
    show(
        browser,
        "<table><tr><th>受付番号<td> 00012 </table>"
        "<table><tr><th>番号<th>氏名<tr><td>001<td>甲<tr><td>002<td>乙</table>",
    )
    assert browser.read(Spot("cell", "受付番号"), PATIENT) == "00012"
    assert browser.read(Spot("cell", "氏名", row="002"), PATIENT) == "乙"


def test_narrows_a_link_down_to_its_row_or_its_place(browser: PlaywrightBrowser) -> None:
    link = "<a href='#' onclick='this.textContent += 1'>詳細</a>"
    show(browser, f"<table><tr><td>1<td>{link}<tr><td>2<td>{link}</table>")
    with pytest.raises(StepFailed) as caught:
        browser.click(Spot("link", "詳細"), QUICK)
    assert caught.value.explain("ja").splitlines()[0] == "リンク「詳細」: 同じものが画面に二つ以上あります"
    browser.click(Spot("link", "詳細", row="2"), PATIENT)
    assert browser.texts(Spot("css", "a")) == ["詳細", "詳細1"]
    browser.click(Spot("css", "a", nth=1), PATIENT)
    assert browser.texts(Spot("css", "a")) == ["詳細1", "詳細1"]


def test_names_the_nearest_labels_when_a_field_is_not_there(browser: PlaywrightBrowser) -> None:
    show(
        browser, "<label>氏名（漢字）<input></label><label>氏名カナ<input></label><label>住所<input></label>"
    )
    with pytest.raises(NotFoundOnPage) as caught:
        browser.fill(Spot("field", "氏名"), "見本", QUICK)
    assert caught.value.explain("ja").splitlines()[:2] == [
        "入力欄「氏名」は見つかりません。画面には「氏名（漢字）」「氏名カナ」があります。",
        "  理由: 待ち時間のうちに現れませんでした。文字が変わったか、別の画面にいます。",
    ]


def test_reports_when_another_way_had_to_be_used(browser: PlaywrightBrowser) -> None:
    show(browser, "<label>お名前<input></label>")
    spot = Spot("field", "氏名", alternatives=(Spot("field", "名前"), Spot("field", "お名前")))
    browser.fill(spot, "見本", PATIENT)
    [notice] = browser.take_notices()
    assert (notice.key, notice.values) == (
        "robots.fallback_used",
        {"wanted": "入力欄「氏名」", "used": "入力欄「お名前」"},
    )


def test_prefers_a_sign_of_failure_to_what_was_expected(browser: PlaywrightBrowser) -> None:
    show(browser, "<h1>登録内容の確認</h1><p>同じ番号の登録が既にあります</p>")
    signs = (Spot("text", "誤りがあります"), Spot("text", "登録が既にあります"))
    assert browser.wait_for(Expectation(Spot("heading", "登録内容の確認")), signs, PATIENT) == 1


def test_expects_values_counts_and_absence(browser: PlaywrightBrowser) -> None:
    show(browser, "<label>氏名<input value=見本></label><ul><li>一</li><li>二</li></ul><p hidden>誤り</p>")
    for spot in (
        Spot("field", "氏名").limited(value="見本", count=None),
        Spot("css", "li").limited(value=None, count=2),
        Spot("css", "li", nth=2, value="二"),
    ):
        assert browser.wait_for(Expectation(spot), (), PATIENT) is None
    assert browser.wait_for(Expectation(Spot("text", "誤り"), visible=False), (), PATIENT) is None
    with pytest.raises(NotFoundOnPage):
        browser.wait_for(Expectation(Spot("css", "li").limited(value=None, count=3)), (), QUICK)
    with pytest.raises(NotFoundOnPage):
        browser.wait_for(Expectation(Spot("css", "li"), visible=False), (), QUICK)


def test_names_the_nearest_options_of_a_list(browser: PlaywrightBrowser) -> None:
    show(browser, "<label for=a>預金種別</label><select id=a><option>普通預金<option>当座預金</select>")
    with pytest.raises(StepFailed) as caught:
        browser.select(Spot("field", "預金種別"), "普通", QUICK)
    assert "普通預金" in caught.value.explain("ja")


def test_fails_on_a_dialog_that_nobody_announced_with_its_words(browser: PlaywrightBrowser) -> None:
    show(
        browser,
        "<button onclick=\"this.textContent = confirm('登録しますか') ? 'はい' : 'いいえ'\">登録</button>",
    )
    with pytest.raises(DialogUnexpected) as caught:
        browser.click(Spot("button", "登録"), PATIENT)
    assert caught.value.explain("ja").splitlines()[0] == (
        "confirm: 予定にない確認窓が出ました:「登録しますか」"
    )
    browser.find(Spot("button", "いいえ"), PATIENT)


def test_covers_personal_values_wherever_they_stand(browser: PlaywrightBrowser, tmp_path: Path) -> None:
    from PIL import Image

    show(
        browser,
        "<style>*{margin:0;font:20px/40px sans-serif}</style><p style='height:40px;background:#fff'>見本太郎 様</p>"
        "<p style='height:40px;background:#0f0'>受付 12</p>",
    )
    shot = browser.screenshot(Cover(values=frozenset({"見本　太郎"})))
    assert shot is not None
    shot.save(tmp_path / "page.jpg")
    with Image.open(tmp_path / "page.jpg") as image:
        red, green, blue = image.convert("RGB").getpixel((900, 60))
        first_line = image.convert("RGB").crop((0, 0, 600, 40)).getcolors()
    assert green > 250 and max(red, blue) < 5, "the second line is not covered"
    assert first_line == [(600 * 40, (64, 64, 64))]


@pytest.mark.parametrize(
    ("closes_on", "act"),
    [
        ("mouseup", lambda browser: browser.double_click(Spot("button", "選ぶ"), PATIENT)),
        ("mousedown", lambda browser: browser.click(Spot("button", "選ぶ"), PATIENT)),
        ("keydown", lambda browser: browser.press("Enter", Spot("button", "選ぶ"), PATIENT)),
    ],
)
def test_a_window_that_closes_in_the_middle_of_a_press_has_been_pressed(
    browser: PlaywrightBrowser, closes_on: str, act: Callable[[PlaywrightBrowser], None]
) -> None:
    show(browser, "<button onclick=\"window.open('about:blank')\">開く</button><p>元の窓</p>")
    browser.click(Spot("button", "開く"), PATIENT)
    browser.switch_window("newest", PATIENT)
    popup = browser._tab.page
    popup.set_content(f"<button>選ぶ</button><script>on{closes_on} = () => close()</script>")
    act(browser)
    browser.find(Spot("text", "元の窓"), PATIENT)
    assert popup.is_closed()


def test_waits_on_in_the_window_that_is_left_when_its_own_closes(browser: PlaywrightBrowser) -> None:
    show(browser, "<button onclick=\"window.open('about:blank')\">開く</button><p>元の窓</p>")
    for wait in (
        lambda: browser.wait_for(Expectation(Spot("text", "元の窓")), (), PATIENT),
        lambda: browser.find(Spot("text", "元の窓"), PATIENT),
        lambda: browser.click(Spot("button", "開く"), PATIENT),
    ):
        browser.click(Spot("button", "開く"), PATIENT)
        browser.switch_window("newest", PATIENT)
        browser._tab.page.set_content("<script>setTimeout(() => close(), 300)</script>")
        wait()
    for other in browser._tab.page.context.pages[1:]:
        other.close()
