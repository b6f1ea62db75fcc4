"""What is wrong in a job file is said word for word, in Japanese and English, at its line, with the nearest names."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from backoffice.errors import DeclarationError
from backoffice.messages import use_language
from backoffice.settings_notices import NoticeSettings, WebhookSettings
from scheduler.job_check import check_jobs, load_jobs

HEAD = "job: {name}\ntitle: 登録\ndepartment: nouzei\n"
NOTICES = NoticeSettings(webhooks={"chat": WebhookSettings(url="http://127.0.0.1/")})


@pytest.fixture(autouse=True)
def japanese_again() -> Iterator[None]:
    """Hints are made in the language in force, so a test of English words sets it."""
    yield
    use_language("ja")


def told(folder: Path, jobs: dict[str, str], language: str = "ja") -> list[str]:
    """Return what is said of some jobs, each problem as its three lines."""
    use_language(language)
    for name, rest in jobs.items():
        (folder / f"{name}.yaml").write_text(HEAD.format(name=name) + rest, encoding="utf-8")
    with pytest.raises(DeclarationError) as caught:
        check_jobs(
            load_jobs(folder),
            ["kouza_touroku"],
            [],
            ["nouzei", "kenkou"],
            known_processes=["kouza_furikae"],
            robot_parameters={"kouza_touroku": ["年度"]},
            notices=NOTICES,
        )
    return [one.explain().replace(f"{folder.as_posix()}/", "") for one in caught.value.problems]


CASES = [
    (
        "run: kouza_toroku",
        "a.yaml:4:6: ロボット「kouza_toroku」はありません\n"
        "  理由: configs/robots にこの名前のロボットがありません。\n"
        "  対処: もしかして: kouza_touroku",
        "a.yaml:4:6: The robot 'kouza_toroku' does not exist\n"
        "  Why: No robot in configs/robots has this name.\n"
        "  What to do: did you mean: kouza_touroku",
    ),
    (
        "read: nouzei\nwhen: {at: 六時}",
        "a.yaml:5:12: 時刻「六時」を読めません\n"
        "  理由: 時刻は 0:00 から 23:59 までの「時:分」で書きます。\n"
        '  対処: at: "18:00" のように書いてください。',
        "a.yaml:5:12: The time '六時' cannot be read\n"
        "  Why: A time is written hour:minute, from 0:00 to 23:59.\n"
        '  What to do: Write it like at: "18:00".',
    ),
    (
        "read: nouzei\nwhen: {at: 18:00, days: 月末開長日}",
        "a.yaml:5:25: 日の決まり「月末開長日」は使えません\n"
        "  理由: days: には決まった言葉か曜日だけを書けます。\n"
        "  対処: もしかして: 月末開庁日, 毎月末日, 月初開庁日",
        "a.yaml:5:25: The rule for days '月末開長日' is not known\n"
        "  Why: days: takes fixed words or days of the week.\n"
        "  What to do: did you mean: 月末開庁日, 毎月末日, 月初開庁日",
    ),
    (
        'read: nouzei\nwindow: "22:00-06:00"\nwhen: {at: ["23:00", "18:00"]}',
        "a.yaml:6:22: 「18:00」は時間帯 22:00-06:00 の中にありません\n"
        "  理由: window の外では動かないので、この時刻の回は一度も動きません。\n"
        "  対処: 時刻を時間帯の中にするか、window を広げてください。",
        "a.yaml:6:22: '18:00' never lies within the window 22:00-06:00\n"
        "  Why: Outside of its window the job does not run, so this time never makes it run.\n"
        "  What to do: Move the time into the window, or widen the window.",
    ),
    (
        "run: kouza_touroku\nparameters: {年度: '2027'}\ndepends_on: b",
        "a.yaml:6:13: depends_on のジョブ「b」はありません\n"
        "  理由: この名前のジョブが configs/jobs にありません。\n"
        "  対処: 使える名前: a",
        "a.yaml:6:13: The job 'b' of depends_on: does not exist\n"
        "  Why: No job in configs/jobs has this name.\n"
        "  What to do: known names: a",
    ),
    (
        "run: kouza_touroku\nparameters: {年度: '2027'}\nwhen: {on_queue: {process: kouza_furikea}}",
        "a.yaml:6:28: 業務「kouza_furikea」はありません\n"
        "  理由: この名前の process を持つ帳票もロボットもないので、待つ件数はいつまでも 0 件です。\n"
        "  対処: もしかして: kouza_furikae",
        "a.yaml:6:28: The process 'kouza_furikea' does not exist\n"
        "  Why: No form and no robot has a process of this name, so nothing would ever wait.\n"
        "  What to do: did you mean: kouza_furikae",
    ),
    (
        "read: nouzei\nwhen: {on_queue: {at_least: 3}}",
        "a.yaml:5:18: on_queue に何を数えるかが決まっていません\n"
        "  理由: process(登録を待つ件数)か documents(確認を待つ書類)の、どちらか一つを書きます。\n"
        "  対処: 例: on_queue: {process: kouza_furikae, at_least: 20}",
        "a.yaml:5:18: on_queue: does not say what is counted\n"
        "  Why: It takes exactly one of process: (items that wait) and documents: (documents that wait for a person).\n"
        "  What to do: Example: on_queue: {process: kouza_furikae, at_least: 20}",
    ),
    (
        "read: nouzei\nparameters: {a: b}",
        "a.yaml:5:13: parameters は run のあるジョブでだけ使えます\n"
        "  理由: 値を受け取るのはロボットです。読み取りのジョブには渡す相手がいません。\n"
        "  対処: parameters を消すか、ロボットのジョブに移してください。",
        "a.yaml:5:13: parameters: is only for jobs with run:\n"
        "  Why: It is the robot that takes the values; a reading job has none.\n"
        "  What to do: Delete parameters: or move them to the job of the robot.",
    ),
    (
        "run: kouza_touroku\nparameters: {年度: '2027'}\nexpects: {by: '9:00'}",
        "a.yaml:6:10: expects は read のあるジョブでだけ使えます\n"
        "  理由: 届くファイルを数えるのは、受信フォルダーを読むジョブです。\n"
        "  対処: 読み取りのジョブに expects を書いてください。",
        "a.yaml:6:10: expects: is only for jobs with read:\n"
        "  Why: Only a job that reads an inbox counts what arrives there.\n"
        "  What to do: Write expects: in the job that reads.",
    ),
    (
        "read: nouzei\nnotify: {webhooks: [chatt]}",
        "a.yaml:5:21: Webhook「chatt」はありません\n"
        "  理由: configs/hakadori.yaml の notices: webhooks: にこの名前がありません。\n"
        "  対処: もしかして: chat",
        "a.yaml:5:21: The webhook 'chatt' does not exist\n"
        "  Why: notices: webhooks: in configs/hakadori.yaml has no such name.\n"
        "  What to do: did you mean: chat",
    ),
    (
        "read: nouzei\nnotify: {events: failure}",
        "a.yaml:5:9: 知らせる相手がいません\n"
        "  理由: notify に宛先がなく、設定 notices: mail: にもこの部署の宛先がありません。\n"
        "  対処: notify: に mail か webhooks を書くか、設定に部署の宛先を書いてください。",
        "a.yaml:5:9: There is nobody to tell\n"
        "  Why: notify: names no address, and the settings have none for this department under notices: mail:.\n"
        "  What to do: Write mail: or webhooks: under notify:, or the department's address into the settings.",
    ),
    (
        "read: nouzei\nnotify: {mail: 納税課}",
        "a.yaml:5:16: 「納税課」はメールアドレスの形になっていません\n"
        "  理由: 宛先は 名前@ドメイン の形で、一つずつ書きます。\n"
        "  対処: 例: mail: [nouzei@city.example.jp]",
        "a.yaml:5:16: '納税課' is no mail address\n"
        "  Why: An address is NAME@DOMAIN, and each stands for itself.\n"
        "  What to do: Example: mail: [nouzei@city.example.jp]",
    ),
]


@pytest.mark.parametrize(("rest", "ja", "en"), CASES, ids=[case[0].splitlines()[-1] for case in CASES])
def test_a_mistake_is_told_word_for_word(tmp_path: Path, rest: str, ja: str, en: str) -> None:
    assert told(tmp_path, {"a": rest}) == [ja]
    assert told(tmp_path, {"a": rest}, "en") == [en]


def test_a_misspelt_parameter_is_told_from_both_ends(tmp_path: Path) -> None:
    assert told(tmp_path, {"a": "run: kouza_touroku\nparameters: {年渡: '2027'}"}) == [
        "a.yaml:4:6: ロボット「kouza_touroku」が使うパラメーター「年度」がジョブにありません\n"
        "  理由: ロボットに ${parameter.年度} と書いてあるので、ジョブが値を渡さなければ動けません。\n"
        "  対処: parameters: に 年度: 値 を書いてください。使える名前: 年渡",
        "a.yaml:5:18: パラメーター「年渡」をロボット「kouza_touroku」は使いません\n"
        "  理由: ロボットのどこにも ${parameter.年渡} がありません。\n"
        "  対処: 名前を直すか、この行を消してください。使える名前: 年度",
    ]


def test_jobs_that_wait_for_each_other_in_two_ways_are_told_as_one_circle(tmp_path: Path) -> None:
    jobs = {"a": "read: nouzei\nwhen: {after: b}", "b": "read: kenkou\ndepends_on: [a]"}
    assert told(tmp_path, jobs) == [
        "a.yaml:5:7: depends_on が輪になっています: a → b → a\n"
        "  理由: 互いに相手が終わるのを待つため、永久に始まりません。\n"
        "  対処: どれか一つの depends_on を消してください。"
    ]


def test_all_problems_of_all_jobs_are_told_at_once(tmp_path: Path) -> None:
    jobs = {"a": "run: kouza_toroku", "b": "read: nozei", "c": "read: kenkou\ndepends_on: d"}
    assert [one.split(":")[0] for one in told(tmp_path, {**jobs, "c": "read: kenkou"})] == [
        "a.yaml",
        "b.yaml",
    ]
