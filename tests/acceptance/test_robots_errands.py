"""Robots with files, mail, routines and the town's own functions."""

from __future__ import annotations

import errno
import socket
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from openpyxl import Workbook
from robot_town import RobotTown

from backoffice.errors import DeclarationError
from robots.model import load_robot
from robots.places import PlaceRefused, Places


@pytest.fixture
def town(tmp_path: Path) -> RobotTown:
    return RobotTown(tmp_path)


@pytest.mark.action("wait_for_file")
def test_waits_until_a_file_is_finished(town: RobotTown) -> None:
    file = town.share / "データ.csv"
    part = town.share / "データ.csv.part"

    def arrive() -> None:
        part.touch()
        file.write_text("半分", encoding="utf-8")
        time.sleep(0.5)
        file.write_text("全部", encoding="utf-8")
        part.unlink()

    writer = threading.Thread(target=arrive)
    writer.start()
    counts = town.do("""
        - wait_for_file: {file: "${folder.zeimu}/デ*.csv", into: 届いた}
          timeout: 60
        - read_text: {file: "${set.届いた}", into: 中身}
        - set: {name: x, to: "${set.中身}"}
          when: {value: "${set.中身}", is: 全部}
          name: 全部だった
    """)
    writer.join()
    assert (counts.done, town.result()["全部だった"]) == (1, "done")


def test_says_how_long_it_waited_for_a_file(town: RobotTown) -> None:
    town.do("""
        - wait_for_file: {file: "${folder.zeimu}/来ない.csv"}
          timeout: 0.3
    """)
    assert town.why().endswith("来ない.csv: ファイルがありません(0.3 秒待ちました))")


IN_THE_WAY = "outbox/一覧"
"""A file stands where the robot wants a folder: the system refuses, whoever asks."""


@pytest.mark.parametrize(
    "step",
    [
        f'write_csv: {{file: {IN_THE_WAY}/今日.csv, rows: 表, columns: {{番号: "${{each.番号}}"}}}}',
        f'move_file: {{file: "${{folder.zeimu}}/表.csv", to: {IN_THE_WAY}/今日/表.csv}}',
        f'copy_file: {{file: "${{folder.zeimu}}/表.csv", to: {IN_THE_WAY}/今日/表.csv}}',
    ],
)
def test_a_folder_that_cannot_be_made_fails_the_item_and_not_the_run(town: RobotTown, step: str) -> None:
    (town.share / "表.csv").write_text("番号\n1\n", encoding="utf-8")
    town.outbox.mkdir(parents=True, exist_ok=True)
    (town.home / "var" / IN_THE_WAY).write_text("", encoding="utf-8")
    counts = town.do(f'- read_csv: {{file: "${{folder.zeimu}}/表.csv", into: 表}}\n- {step}\n')
    assert counts.system_failures == 1
    assert "ファイルを扱えません" in town.why()


def test_a_disk_that_is_full_when_a_workbook_is_saved_leaves_it_as_it_was(
    town: RobotTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = town.share / "台帳.xlsx"
    Workbook().save(book)
    before = book.read_bytes()

    def full(_file: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("backoffice.files.os.fsync", full)
    counts = town.do('- write_cells: {file: "${folder.zeimu}/台帳.xlsx", cells: {A1: 甲}}\n')
    assert counts.system_failures == 1
    assert "ファイルを扱えません(No space left on device)" in town.why()
    assert (book.read_bytes(), [file.name for file in town.share.iterdir()]) == (before, ["台帳.xlsx"])


def test_a_persons_name_in_the_name_of_a_file_is_told_to_nobody(town: RobotTown) -> None:
    town.ledger.put("p", "k", {"氏名": "山田太郎"}, who="test", why="test")
    counts = town.run("""
        robot: mihon
        title: 見本
        items: {process: p, personal: [氏名]}
        tries: {times: 1}
        each:
          - copy_file: {file: "${folder.zeimu}/申請_${item.氏名}.pdf", to: outbox}
    """)
    assert counts.system_failures == 1
    assert town.why().endswith("申請_●●.pdf: ファイルがありません(0 秒待ちました))")
    evidence = town.settings.folder("evidence") / "run"
    written = [
        file.read_text(encoding="utf-8")
        for file in evidence.rglob("*")
        if file.suffix != ".yaml" and file.is_file()
    ]
    assert written and not any("山田" in text for text in written)


@pytest.mark.action("move_file", "copy_file", "zip_files", "unzip", "read_text")
def test_copies_packs_unpacks_moves_and_reads(town: RobotTown) -> None:
    (town.share / "a.txt").write_bytes("番号 0012\r\n".encode("cp932"))
    counts = town.do("""
        - copy_file: {file: "${folder.zeimu}/a.txt", to: "${folder.zeimu}/写し/b.txt"}
        - zip_files: {files: ["${folder.zeimu}/a.txt", "${folder.zeimu}/写し/*.txt"], to: outbox/c.zip}
        - unzip: {file: outbox/c.zip, to: outbox/展開}
        - move_file: {file: outbox/展開/b.txt, to: "outbox/${today}.txt"}
        - read_text: {file: "outbox/${today}.txt", into: 中身, encoding: cp932}
        - set: {name: x, to: y}
          when: {value: "${set.中身}", is: 番号 0012}
          name: 同じ
    """)
    assert (counts.done, town.result()["同じ"]) == (1, "done")
    assert sorted(path.name for path in (town.outbox / "展開").iterdir()) == ["a.txt"]


def test_replaces_no_file_without_being_told(town: RobotTown) -> None:
    for name in ("a", "b"):
        (town.share / name).write_text(name, encoding="utf-8")
    town.do("""
        - move_file: {file: "${folder.zeimu}/a", to: "${folder.zeimu}/b"}
    """)
    assert "同じ名前のファイルが既にあります" in town.why()
    assert [(town.share / name).read_text(encoding="utf-8") for name in "ab"] == ["a", "b"]


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("../out.txt", "x", "フォルダーの外に出る名前やリンク"),
        ("C:\\out.txt", "x", "フォルダーの外に出る名前やリンク"),
        ("big.txt", "0" * 3_000_000, "zip の中身が大きすぎます"),
    ],
)
def test_unpacks_nothing_of_a_zip_that_means_harm(
    town: RobotTown, name: str, content: str, told: str
) -> None:
    with zipfile.ZipFile(town.share / "a.zip", "w", zipfile.ZIP_LZMA) as made:
        made.writestr("good.txt", "x")
        made.writestr(name, content)
    town.do("""
        - unzip: {file: "${folder.zeimu}/a.zip", to: "${folder.zeimu}/out"}
    """)
    assert told in town.why()
    assert sorted(path.name for path in town.share.rglob("*")) == ["a.zip"]


@pytest.mark.parametrize("written", ["../secrets.json", "hakadori.db", "outbox/../../x", "outbox/link/x", ""])
def test_no_value_leads_out_of_the_folders(town: RobotTown, written: str) -> None:
    (town.outbox / "link").symlink_to(town.home)
    with pytest.raises(PlaceRefused, match="許されていません"):
        Places(town.settings.var, (town.outbox,), town.settings.folders).resolve(written)


class Post:
    """A mail server's in-tray."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.logins: list[bytes] = []
        self.hangs_up = False
        self.answers: list[str] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """Keep a mail."""
        message = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        if self.answers:
            return self.answers.pop(0)
        self.mails.append(message)
        if self.hangs_up:
            server.transport.close()
        return "250 OK"

    def check(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        """Let one user in."""
        assert isinstance(data, LoginPassword)
        self.logins.append(data.login)
        return AuthResult(success=data.password == b"himitsu-1", handled=False)


@pytest.fixture
def post() -> Iterator[tuple[Post, int]]:
    kept = Post()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    server = Controller(
        kept, "127.0.0.1", port, authenticator=kept.check, auth_require_tls=False, ready_timeout=60
    )
    server.start()
    yield kept, port
    server.stop()


MAIL = """
    - write_csv: {file: outbox/一覧.csv, columns: {番号: "${item.番号}"}}
    - send_mail:
        to: nouzei@example.jp, kacho@example.jp
        subject: ${today | wareki}の結果
        text: |
          番号 ${item.番号} を処理しました。
        attach: [outbox/一覧.csv]
      commit: true
      confirm: true
"""


@pytest.mark.action("send_mail", "write_csv")
def test_sends_a_mail_with_a_file_through_a_real_server(tmp_path: Path, post: tuple[Post, int]) -> None:
    kept, port = post
    town = RobotTown(tmp_path, f"""
        mail: {{host: 127.0.0.1, port: {port}, user: robot, secret: mail_password, sender: robot@example.jp}}
    """)  # fmt: skip
    town.secrets["mail_password"] = "himitsu-1"
    counts = town.do(MAIL, 番号="0012")
    assert (counts.done, kept.logins) == (1, [b"robot"])
    (mail,) = kept.mails
    assert (mail["To"], mail["From"]) == ("nouzei@example.jp, kacho@example.jp", "robot@example.jp")
    assert mail["Subject"].startswith("令和") and mail["Subject"].endswith("の結果")
    assert mail.get_body().get_content().strip() == "番号 0012 を処理しました。"  # type: ignore[union-attr]
    (attached,) = mail.iter_attachments()
    assert attached.get_filename() == "一覧.csv"


def test_a_mail_that_was_not_taken_is_told_without_its_content(
    tmp_path: Path, post: tuple[Post, int]
) -> None:
    kept, port = post
    town = RobotTown(tmp_path, f"""
        mail: {{host: 127.0.0.1, port: {port}, user: robot, secret: mail_password, sender: robot@example.jp}}
    """)  # fmt: skip
    town.secrets["mail_password"] = "chigau"
    counts = town.do(MAIL, 番号="0012")
    assert (counts.in_doubt, kept.mails) == (1, [])
    assert "メールを送れませんでした(535)" in town.why()
    assert "chigau" not in town.why() and "0012" not in town.why()


def mail_town(home: Path, port: int) -> RobotTown:
    town = RobotTown(home, f"""
        mail: {{host: 127.0.0.1, port: {port}, user: robot, secret: mail_password, sender: robot@example.jp}}
    """)  # fmt: skip
    town.secrets["mail_password"] = "himitsu-1"
    return town


def test_a_mail_that_may_have_gone_out_is_never_sent_again(tmp_path: Path, post: tuple[Post, int]) -> None:
    kept, port = post
    kept.hangs_up = True
    town = mail_town(tmp_path, port)
    assert town.do(MAIL, 番号="0012").in_doubt == 1
    assert "メールが送られたかどうか分かりません" in town.why()
    again = town.do(MAIL, 番号="0012")
    assert (again.done, again.in_doubt, len(kept.mails)) == (0, 1, 1)


def test_a_mail_that_the_server_refused_is_sent_later_and_once(
    tmp_path: Path, post: tuple[Post, int]
) -> None:
    kept, port = post
    kept.answers = ["451 try again later"]
    town = mail_town(tmp_path, port)
    town.ledger.put("p", "k", {"番号": "0012"}, who="test", why="test")
    head = "robot: mihon\ntitle: 見本\nitems: {process: p}\neach:\n"
    assert (town.run(head + dedent(MAIL)).done, len(kept.mails)) == (1, 1)


def test_a_mail_may_follow_the_confirmation_but_not_go_before_it(tmp_path: Path) -> None:
    town = RobotTown(tmp_path)
    mail = "- send_mail: {to: a@example.jp, subject: x, text: y}"
    sure = "- click: {button: 登録}\n  commit: true\n- expect: {text: 登録しました}\n  confirm: true"
    for name, steps, problems in (
        ("after", f"{sure}\n{mail}", 0),
        ("before", f"{mail}\n{sure}", 1),
        ("again", f"{sure}\n{mail}\n  retry: 2", 1),
        ("alone", mail, 1),
        ("hidden", f"- call: {{routine: tegami}}\n{sure}", 1),
    ):
        town.write("robots/routines/tegami.yaml", f"routine: tegami\ntitle: 通知\nsteps:\n{mail}\n")
        town.write("robots/mihon.yaml", f"robot: mihon\ntitle: 見本\nitems: {{process: p}}\neach:\n{steps}\n")
        path = town.home / "configs" / "robots" / "mihon.yaml"
        try:
            load_robot(path)
            found: list[str] = []
        except DeclarationError as error:
            found = [problem.key for problem in error.problems]
        assert found == ["robots.may_repeat"] * problems, name


FUNCTION = """
    - run_python: {function: keisan.hasuu, arguments: {gaku: "${item.額}"}, into: 額}
    - set: {name: x, to: y}
      when: {value: "${set.額}", is: "12300"}
      name: 切り捨て
"""


@pytest.mark.action("run_python")
def test_calls_a_function_of_the_town(town: RobotTown) -> None:
    town.write("python/keisan.py", """\
        def hasuu(gaku: str) -> str:
            return str(int(gaku) // 100 * 100)
    """)  # fmt: skip
    assert town.do(FUNCTION, 額="12345").done == 1
    assert town.result()["切り捨て"] == "done"
    assert "town_keisan" not in sys.modules and not (town.home / "configs/python/__pycache__").exists()


@pytest.mark.parametrize(
    ("body", "state", "told"),
    [
        ("    return 1", "system", "keisan.py: 関数 keisan.hasuu が文字以外(int)を返しました"),
        ("    raise ValueError(gaku)", "business", "keisan.py:2: 関数 keisan.hasuu が、この記録は正しくない"),
        ("    return {}[gaku]", "system", "keisan.py:2: 関数 keisan.hasuu が途中で止まりました(KeyError)"),
        ("    return (", "system", "keisan.py:2: keisan.py を読み込めません(SyntaxError)"),
    ],
)
def test_tells_the_line_of_the_towns_own_error(town: RobotTown, body: str, state: str, told: str) -> None:
    town.write("python/keisan.py", f"def hasuu(gaku):\n{body}\n")
    counts = town.do(FUNCTION, 額="himitsu")
    assert (counts.business_failures, counts.system_failures) == ((1, 0) if state == "business" else (0, 1))
    assert told in town.why() and "himitsu" not in town.why()


@pytest.mark.parametrize("name", ["../x.y", "os.system", "keisan.hasu", "keisan.system", "keisan"])
def test_no_name_leads_out_of_the_towns_functions(town: RobotTown, name: str) -> None:
    town.write("python/keisan.py", "from os import system\ndef hasuu(gaku): return gaku\n")
    town.do(f"""
        - run_python: {{function: {name}, arguments: {{}}}}
    """)
    expected = {
        "keisan.hasu": "関数「hasu」がありません",
        "keisan.system": "関数「system」がありません",
        "os.system": "configs/python に os.py がありません",
    }
    assert expected.get(name, "関数の名前ではありません") in town.why()


@pytest.mark.action("call", "set")
def test_a_routine_is_given_arguments_and_leaves_what_it_found(town: RobotTown) -> None:
    town.write("robots/routines/uchi.yaml", """\
        routine: uchi
        title: 内側
        arguments: {値: 何か}
        steps:
          - set: {name: 見つけた, to: "<${argument.値}>"}
    """)  # fmt: skip
    town.write("robots/routines/soto.yaml", """\
        routine: soto
        title: 外側
        arguments: {値: 何か}
        steps:
          - call: {routine: uchi, arguments: {値: "${argument.値}!"}}
    """)  # fmt: skip
    counts = town.do("""
        - call: {routine: soto, arguments: {値: "${item.名}"}}
        - set: {name: x, to: y}
          when: {value: "${set.見つけた}", is: "<甲!>"}
          name: 合った
    """, 名="甲")  # fmt: skip
    assert (counts.done, town.result()["合った"], town.result()["uchi 1"]) == (1, "done", "done")


def test_no_routine_calls_itself_and_arguments_must_fit(town: RobotTown) -> None:
    for name, other in (("a", "b"), ("b", "a")):
        steps = f"steps: [{{call: {{routine: {other}}}}}]"
        town.write(f"robots/routines/{name}.yaml", f"routine: {name}\ntitle: t\n{steps}\n")
    with pytest.raises(DeclarationError, match="手順集が自分自身を呼んでいます: a → b → a"):
        town.do("- call: {routine: a}\n")
    for name in ("a", "b"):
        arguments = "arguments: {甲: 説明}\nsteps: [{set: {name: x, to: '${item.y}'}}]"
        town.write(f"robots/routines/{name}.yaml", f"routine: {name}\ntitle: t\n{arguments}\n")
    with pytest.raises(DeclarationError, match=r"手順集の中で \$\{item.y\} は使えません"):
        town.do("- call: {routine: a}\n")
    for name in ("a", "b"):
        arguments = "arguments: {甲: 説明}\nsteps: [{set: {name: x, to: y}}]"
        town.write(f"robots/routines/{name}.yaml", f"routine: {name}\ntitle: t\n{arguments}\n")
    with pytest.raises(DeclarationError, match="手順集「a」に渡す「甲」がありません"):
        town.do("- call: {routine: a}\n")
    with pytest.raises(DeclarationError, match="手順集「c」がありません"):
        town.do("- call: {routine: c}\n")
