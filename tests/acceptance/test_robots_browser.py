"""Every browser action does in a real Chromium what it says, and the target has received it."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from practice_desk import PracticeDesk

from backoffice.settings import builtin_settings
from backoffice.work_items import State, WorkItem
from samples.townoffice.testing import running_townoffice
from tests.integration.robots_office import KeptBrowser

QUICK = "\n    timeout: 2"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_townoffice(tmp_path_factory.mktemp("town") / "town.db", "pw") as url:
        yield url


@pytest.fixture(scope="module")
def browser(town: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[KeptBrowser]:
    settings = builtin_settings(tmp_path_factory.mktemp("browser"))
    browser = KeptBrowser(settings.model_copy(update={"targets": {"townoffice": town}}))
    yield browser
    browser.end()


@pytest.fixture
def desk(tmp_path: Path, town: str, browser: KeptBrowser) -> PracticeDesk:
    return PracticeDesk(tmp_path, town, browser)


def at(page: str) -> str:
    return f"  - open: ${{target.townoffice}}/renshu/{page}\n"


SEND = """  - dialog: {answer: accept, says: 受付します}
  - click: {button: 受付}
  - expect: {text: 受け付けました}
"""


def done(desk: PracticeDesk, item: WorkItem) -> WorkItem:
    assert item.state is State.DONE, desk.why(item)
    return item


@pytest.mark.action(
    "open", "fill", "type", "select", "choose", "check", "uncheck", "press", "dialog", "click"
)
@pytest.mark.action("expect")
def test_fills_a_form_as_the_target_receives_it(desk: PracticeDesk) -> None:
    each = (
        at("uketsuke")
        + """  - fill: {field: 氏名, value: "${item.氏名}"}
  - fill: {field: 氏名カナ, value: ミホン　タロウ}
  - fill: {field: 住所, value: みほん市中央１−２}
  - fill: {field: 備考, value: 段差あり}
  - select: {field: 区分, option: 子育て}
  - choose: {field: 来庁方法, option: 車}
  - check: {field: 連絡方法, options: 郵便、メール}
  - check: {field: 同意する}
  - uncheck: {field: 代理人}
  - type: {field: 町名検索, value: 中央町}
  - expect: {text: 中央町一丁目}
  - press: {key: Backspace, field: 町名検索}
  - expect: {field: 町名検索, value: 中央}
  - expect: {field: 氏名, contains: 太郎}
  - fill: {field: 希望日, value: 2026-04-01}
  - click: {button: 決める}
"""
        + SEND
    )
    done(desk, desk.do(each))
    assert desk.sent()[-1]["fields"] == {
        "shimei": ["見本　太郎"], "kana": ["ミホン　タロウ"], "jusho": ["みほん市中央１−２"], "biko": ["段差あり"],
        "kubun": ["子育て"], "raicho": ["2"], "renraku": ["2", "3"], "doi": ["1"], "machi": ["中央"], "tanto": [""],
        "kibobi": ["2026-04-01"],
    }  # fmt: skip


@pytest.mark.action("dialog")
def test_answers_dialogs_as_announced(desk: PracticeDesk) -> None:
    item = desk.do(
        at("uketsuke")
        + """  - dialog: dismiss
  - click: {button: 取消}
  - expect: {text: 残した}
  - dialog: {answer: accept, says: 取り消しますか}
  - click: {button: 取消}
  - expect: {text: 取り消した}
  - dialog: {answer: accept, value: 見本の下書き}
  - click: {button: 名前を付ける}
  - expect: {text: 見本の下書き}
"""
    )
    done(desk, item)


@pytest.mark.parametrize(
    ("steps", "what"),
    [
        (
            "  - click: {button: 取消}\n",
            "confirm: 予定にない確認窓が出ました:「取り消しますか？」",
        ),
        (
            "  - dialog: {answer: accept, says: 削除}\n  - click: {button: 取消}\n",
            "confirm: 確認窓の文字が予定と違います:「取り消しますか？」",
        ),
        (
            "  - dialog: accept\n  - click: {field: 氏名}\n    timeout: 2\n",
            "dialog: 出るはずの確認窓が出ませんでした",
        ),
    ],
)
def test_fails_with_the_words_of_a_dialog_it_was_not_prepared_for(
    desk: PracticeDesk, steps: str, what: str
) -> None:
    item = desk.do(at("uketsuke") + steps)
    assert (item.state, desk.why(item).endswith(what)) == (State.SYSTEM_FAILURE, True), desk.why(item)


def test_keeps_a_persons_name_out_of_the_words_of_a_dialog(desk: PracticeDesk) -> None:
    item = desk.do(
        at("ugoki") + "  - click: {button: 点検}\n  - expect: {text: 終わった}\n" + "    timeout: 3\n"
    )
    assert desk.why(item).endswith("alert: 予定にない確認窓が出ました:「●● さんの世帯は点検中です」")


@pytest.mark.action("switch", "double_click", "close_window")
def test_works_in_a_window_that_the_page_opens(desk: PracticeDesk) -> None:
    each = (
        at("uketsuke")
        + """  - fill: {field: 氏名, value: 甲}
  - click: {button: 職員を選ぶ}
  - switch: {window: newest}
  - expect: {heading: 職員の選択}
  - close_window:
  - click: {button: 職員を選ぶ}
  - switch: {window: 職員の選択}
  - double_click: {text: 見本二郎}
  - expect: {field: 担当, value: 見本二郎}
"""
        + SEND
    )
    done(desk, desk.do(each))
    assert desk.sent()[-1]["fields"]["tanto"] == ["見本二郎"]


@pytest.mark.action("switch")
def test_needs_no_word_for_an_iframe_and_can_look_into_one_alone(desk: PracticeDesk) -> None:
    each = (
        at("soto")
        + """  - fill: {field: メモ, value: 外}
  - fill: {field: 電話番号, value: "0312345678"}
  - expect: {field: 電話番号, value: "0312345678"}
  - switch: {frame: 連絡先の枠}
  - expect: {field: メモ, visible: false}
  - click: {button: 連絡先を保存}
  - switch: {frame: all}
  - expect: {text: 受け付けました}
  - expect: {field: メモ, value: 外}
  - read: {cell: 受付番号, into: 番号}
"""
    )
    item = done(desk, desk.do(each))
    assert desk.sent()[-1]["fields"] == {"denwa": ["0312345678"]}
    assert item.result["番号"].isdigit()


@pytest.mark.action("read", "read_table", "hover", "scroll", "wait_until", "go_back", "screenshot")
def test_reads_points_scrolls_and_waits(desk: PracticeDesk) -> None:
    item = desk.do(
        at("ichiran")
        + """  - read_table: {heading: 本日の相談, columns: {番号: 受付番号, 氏名: 氏名}}
  - click: {button: 完了にする, row: {has: 見本二郎}}
  - read: {cell: 状態, row: 見本二郎, into: 状態}
  - expect: {css: "#narabi li", count: 10}
  - scroll: {css: "#kako", to: bottom}
  - expect: {css: "#narabi li", count: 20}
  - hover: {text: 帳票}
  - click: {link: 受付票を作る}
  - expect: {heading: 相談受付票, url: /uketsuke}
  - go_back:
  - expect: {heading: 相談一覧}
  - screenshot: 一覧
"""
        + at("ugoki")
        + """  - wait_until: {button: 送信, state: enabled}
  - wait_until: {text: 準備中です, state: gone}
  - wait_until: {state: quiet}
  - expect: {css: .fuda, count: 3}
  - scroll: {link: 一番下のリンク}
  - scroll: {to: top}
  - click: {link: 一番下のリンク}
  - expect: {heading: 相談一覧}
"""
    )
    done(desk, item)
    assert item.result == {
        "番号": "00001、00002、00003",
        "氏名": "見本一子、見本二郎、見本三枝",
        "状態": "完了",
    }
    assert (desk.kept(item) / "一覧.jpg").read_bytes()[:2] == b"\xff\xd8"


@pytest.mark.action("upload")
def test_hands_files_over_unchanged(desk: PracticeDesk) -> None:
    outbox = desk.settings.folder("outbox")
    for name in ("申請.pdf", "写真.jpg"):
        (outbox / name).write_bytes(name.encode() * 100)
    each = (
        at("fuzoku")
        + """  - upload: {field: 申請書, file: outbox/申請.pdf}
  - upload: {button: 写真を選ぶ, file: outbox/写真.jpg}
  - expect: {text: 写真.jpg}
  - click: {button: 送信}
  - expect: {text: 受け付けました}
"""
    )
    done(desk, desk.do(each))
    hashes = {
        name: hashlib.sha256((outbox / name).read_bytes()).hexdigest() for name in ("申請.pdf", "写真.jpg")
    }
    assert desk.sent()[-1]["files"] == hashes
    missing = desk.do(at("fuzoku") + "  - upload: {field: 申請書, file: outbox/ない.pdf}\n")
    assert desk.why(missing).endswith("渡すファイル「ない.pdf」がありません")


@pytest.mark.action("download")
def test_takes_a_file_whole_and_under_a_safe_name(desk: PracticeDesk) -> None:
    item = desk.do(at("fuzoku") + "  - download: {link: 一覧を受け取る, into: 一覧}\n")
    done(desk, item)
    file = Path(item.result["一覧"])
    assert file.parent == desk.settings.folder("evidence") / desk.run_id / "downloads"
    assert "/" not in file.name and "\\" not in file.name and file.suffix == ".csv", file.name
    assert file.read_text(encoding="cp932").split() == ["番号,氏名", "0001,見本一子"]


@pytest.mark.parametrize(
    ("link", "what"),
    [
        ("遅い一覧", "ファイルを最後まで受け取れませんでした(timeout)"),
        ("切れる一覧", "ファイルを最後まで受け取れませんでした"),
        ("受付票へ", "押してもファイルが送られてきません"),
    ],
)
def test_never_takes_half_a_file_for_a_file(desk: PracticeDesk, link: str, what: str) -> None:
    item = desk.do(at("fuzoku") + f"  - download: {{link: {link}, into: f}}{QUICK}\n")
    assert item.state is State.SYSTEM_FAILURE and what in desk.why(item), desk.why(item)
    folder = desk.settings.folder("evidence") / desk.run_id / "downloads"
    assert not folder.exists() or list(folder.iterdir()) == []


def test_tells_a_changed_label_by_the_labels_that_are_there(desk: PracticeDesk) -> None:
    item = desk.do(at("uketsuke?labels=new") + f"  - fill: {{field: 氏名, value: 甲}}{QUICK}\n")
    assert desk.why(item).endswith(
        "入力欄「氏名」は見つかりません。画面には「氏名（漢字）」「氏名カナ」があります。"
    )
    words = (desk.kept(item) / "failure.txt").read_text(encoding="utf-8")
    assert "氏名（漢字）" in words


def test_goes_on_by_another_way_and_warns_that_the_label_changed(desk: PracticeDesk) -> None:
    steps = "  - fill:\n      field: 氏名\n      value: 甲\n      or: [{field: 氏名（漢字）}]\n"
    item = done(desk, desk.do(at("uketsuke?labels=new") + steps))
    warnings = [line["message"] for line in desk.steps(item, desk.run_id) if "warning" in line]
    assert warnings == [
        "入力欄「氏名」が見つからず、代わりに入力欄「氏名（漢字）」を使いました。"
        "画面の表示が変わった可能性があります。"
    ]


@pytest.mark.parametrize(
    ("steps", "what"),
    [
        (at("ugoki?wait=60").rstrip() + QUICK, "画面の読み込みが終わりません"),
        (at("ugoki") + f"  - click: {{link: 終わらない画面}}{QUICK}", "画面の読み込みが終わりません"),
        (at("ugoki") + f"  - click: {{button: 閉じられない釦}}{QUICK}", "操作できません: 別のものが上に重なっています"),
        (at("uketsuke") + f"  - fill: {{field: 担当, value: 甲}}{QUICK}", "操作できません: 書き込めない欄です"),
        (at("uketsuke") + f"  - select: {{field: 区分, option: 介后}}{QUICK}", "その選択肢はありません"),
        (at("ichiran") + f"  - expect: {{heading: 本日の相談, visible: false}}{QUICK}", "が消えません"),
        (at("ichiran") + "  - go_back:\n  - go_back:\n  - go_back:", "戻る画面がありません"),
        (at("ichiran") + "  - close_window:", "最後の窓は閉じられません"),
        (at("ichiran") + f"  - switch: {{window: 無い窓}}{QUICK}", "窓「無い窓」が開きません"),
        (at("soto") + f"  - switch: {{frame: 無い枠}}{QUICK}", "枠「無い枠」がありません"),
        (at("ichiran") + "  - read_table: {heading: 本日の相談, columns: {x: 電話}}", "表にその見出しがありません"),
    ],
)  # fmt: skip
def test_says_why_a_step_could_not_be_done(desk: PracticeDesk, steps: str, what: str) -> None:
    item = desk.do(steps + "\n")
    assert item.state is State.SYSTEM_FAILURE and what in desk.why(item), desk.why(item)


def test_keeps_a_trace_when_asked_without_personal_values_and_bodies(desk: PracticeDesk) -> None:
    evidence = desk.settings.evidence.model_copy(update={"trace": "always"})
    desk.settings = desk.settings.model_copy(update={"evidence": evidence})
    each = at("uketsuke") + '  - fill: {field: 氏名, value: "${item.氏名}"}\n' + SEND
    item = done(desk, desk.do(each))
    with zipfile.ZipFile(desk.kept(item) / "trace.zip") as trace:
        names = trace.namelist()
        told = "".join(trace.read(name).decode("utf-8") for name in names)
    assert '"fill"' in told and "●●" in told and "/renshu/uketsuke" in told
    assert "見本" not in told.replace("見本の", "") and "shimei=" not in told
    assert not [name for name in names if name.startswith("resources/")]
    assert list(desk.kept(item).glob(".raw*")) == []
