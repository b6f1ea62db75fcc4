"""What a clerk reads about a wrong robot, word for word, with the line and what to write instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from backoffice.errors import DeclarationError
from backoffice.messages import use_language
from robots.model import load_robot, load_robots
from robots.validate import Knowledge

ROBOTS = Path(__file__).parents[2] / "configs" / "robots"
HEAD = "robot: mihon\ntitle: 見本\nitems: {from: queue, process: p}\n"
KNOWN = Knowledge(
    fields=["氏名", "氏名カナ", "住所"], targets=["townoffice"], secrets=["townoffice_password"]
)
DONE = "  - expect: {text: 登録しました}\n    confirm: true\n"
COMMIT = "  - click: {button: 登録}\n    commit: true\n"

CASES = {
    "unknown action": (
        "each:\n  - clik: {button: 登録}\n",
        "5:5: 項目「clik」は使えません|もしかして: click",
    ),
    "unknown key of an action": (
        "each:\n  - click: {buton: 登録}\n",
        "5:13: 項目「buton」は使えません|もしかして: button",
    ),
    "unknown modifier": (
        "each:\n  - click: {button: 登録}\n    comit: true\n",
        "6:5: 項目「comit」は使えません|もしかして: commit",
    ),
    "no steps": ("each: []\n", "4:7: 1 件ごとの手順(each)が空です|each: の下に手順を書いてください。"),
    "no action": (
        "each:\n  - name: 見本\n",
        "5:5: 手順に動作が書かれていません|「click: {button: 登録}」のような動作を一つ書いてください。",
    ),
    "two actions": (
        "each:\n  - open: a\n    press: Enter\n",
        "5:5: 一つの手順に動作が二つ以上あります: open, press|行頭に「- 」を付けて、手順を分けてください。",
    ),
    "no target": (
        "each:\n  - fill: {value: a}\n",
        "5:11: 何を指すのかが書かれていません|field, button, link",
    ),
    "two targets": (
        "each:\n  - click: {button: 登録, link: 登録}\n",
        "5:12: 対象の指し方が二つ以上書かれています: button, link|一つだけ残し、他は or: の下に並べてください。",
    ),
    "unknown filter": (
        'each:\n  - fill: {field: 氏名, value: "${item.氏名 | zenkak}"}\n',
        "5:30: フィルター「zenkak」はありません|もしかして: zenkaku",
    ),
    "unknown place": (
        'each:\n  - fill: {field: 氏名, value: "${itme.氏名}"}\n',
        "5:30: 「${itme.氏名}」という差し込みはありません|もしかして: item",
    ),
    "unknown item field": (
        'each:\n  - fill: {field: 氏名カナ, value: "${item.氏名カタ}"}\n',
        "5:32: 記録に「氏名カタ」という項目はありません|もしかして: 氏名カナ, 氏名",
    ),
    "unknown target system": (
        "each:\n  - open: ${target.townofice}/menu\n",
        "5:11: 相手のシステム「townofice」は設定にありません|もしかして: townoffice",
    ),
    "item outside of each": (
        "setup:\n  - open: ${item.氏名}\neach:\n  - open: a\n",
        "5:11: 「item.氏名」は 1 件ごとの手順(each、resolve)でしか使えません|each の中に移してください。",
    ),
    "each without for_each": (
        "each:\n  - open: ${each}\n",
        "5:11: ${each} は for_each のある手順でしか使えません|for_each を書き足すか",
    ),
    "unknown secret": (
        "each:\n  - fill: {field: 氏名}\n    secret: pasword\n",
        "6:5: 秘密「pasword」は登録されていません|hakadori secret set pasword で登録してください。",
    ),
    "secret that is not typed": (
        "each:\n  - click: {button: a}\n    secret: townoffice_password\n",
        "6:5: secret: は click の手順には使えません|fill の手順に付けてください。",
    ),
    "secret and value": (
        "each:\n  - fill: {field: 氏名, value: a}\n    secret: townoffice_password\n",
        "6:5: secret: と value: の両方が書かれています|value: を消してください。",
    ),
    "commit without confirm": (
        f"each:\n{COMMIT}",
        "6:5: commit: true の後に confirm: true の手順がありません|expect)に confirm: true を付けてください。",
    ),
    "confirm without commit": (
        f"each:\n{DONE}",
        "6:5: confirm: true がありますが commit: true の手順がありません|commit: true を付けてください。",
    ),
    "two commits": (
        f"each:\n{COMMIT}{COMMIT}{DONE}",
        "8:5: commit: true の手順が二つ以上あります|どちらか一つにするか、ロボットを分けてください。",
    ),
    "two confirms": (
        f"each:\n{COMMIT}{DONE}{DONE}",
        "10:5: confirm: true の手順が二つ以上あります|最後に登録を",
    ),
    "confirm before commit": (
        f"each:\n{DONE}{COMMIT}",
        "6:5: confirm: true が commit: true より前にあります|登録の手順の後に移してください。",
    ),
    "confirm that looks at nothing": (
        f"each:\n{COMMIT}  - click: {{button: b}}\n    confirm: true\n",
        "8:5: confirm: true が、表示を待たない手順(click)に付いています|expect の手順(デスクトップなら",
    ),
    "commit that repeats": (
        f"each:\n{COMMIT}    retry: 2\n{DONE}",
        "7:5: commit / confirm の手順に retry は付けられません|retry を消してください。",
    ),
    "commit in setup": (
        f"setup:\n{COMMIT}each:\n  - open: a\n",
        "6:5: commit: true が each 以外の手順に付いています|each の中に移すか、消してください。",
    ),
    "empty condition": (
        "each:\n  - open: a\n    when: {value: a}\n",
        "6:11: 条件(when)の中身がありません|is、is_not、empty のどれかを書いてください。",
    ),
    "password in clear": (
        "each:\n  - fill: {field: a, password: abc}\n",
        "5:22: パスワードが平文で書かれています(項目「password」)|secret: 名前 と書いてください。",
    ),
}


def problems(folder: Path, body: str) -> DeclarationError:
    path = folder / "mihon.yaml"
    path.write_text(HEAD + body, encoding="utf-8")
    with pytest.raises(DeclarationError) as caught:
        load_robot(path, KNOWN)
    return caught.value


@pytest.mark.parametrize("case", CASES)
def test_tells_where_and_what_to_write_instead(tmp_path: Path, case: str) -> None:
    body, expected = CASES[case]
    what, do = expected.split("|")
    told = problems(tmp_path, body).explain("ja").splitlines()
    assert told[0].endswith(f"mihon.yaml:{what}")
    assert told[2].startswith("  対処: ") and do in told[2]


def test_tells_everything_at_once_in_the_order_of_the_lines(tmp_path: Path) -> None:
    body = (
        'each:\n  - clik: {button: 登録}\n  - fill: {field: 氏名, value: "${item.氏め}"}\n' + COMMIT + COMMIT
    )
    keys = [problem.key for problem in problems(tmp_path, body).problems]
    assert keys == [
        "backoffice.key_unknown", "robots.item_unknown", "robots.commit_without_confirm", "robots.commit_twice",
    ]  # fmt: skip


def test_speaks_english_when_asked(tmp_path: Path) -> None:
    use_language("en")
    try:
        told = problems(tmp_path, f"each:\n{COMMIT}").explain("en").splitlines()
    finally:
        use_language("ja")
    assert [told[0].rpartition("mihon.yaml:")[2], *told[1:]] == [
        "6:5: There is a commit: true but no confirm: true",
        "  Why: Without a confirmation the item can never be called done.",
        "  What to do: Put confirm: true on the expect step that waits for the target's confirmation.",
    ]


def test_the_shipped_robots_are_right() -> None:
    known = Knowledge(targets=["townoffice"], secrets=["townoffice_password"])
    assert list(load_robots(ROBOTS, known)) == ["idou_touroku", "kouza_touroku", "yobou_touroku"]


def test_refuses_two_robots_of_one_name(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.yaml").write_text(HEAD + "each:\n  - open: a\n", encoding="utf-8")
    with pytest.raises(DeclarationError) as caught:
        load_robots(tmp_path)
    assert caught.value.problems[0].key == "backoffice.name_twice"
