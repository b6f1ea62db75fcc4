"""A job file says what, when and how; whatever is wrong in it is told with its place and a remedy."""

from pathlib import Path

import pytest

from backoffice.errors import DeclarationError
from scheduler.job import Job, TimeSaved, Trigger
from scheduler.job_check import check_jobs, load_jobs

HEAD = "job: {name}\ntitle: 読み取り\ndepartment: nouzei\n"
SHIPPED = Path(__file__).parents[2] / "configs/jobs"


def write(folder: Path, name: str, rest: str) -> None:
    (folder / f"{name}.yaml").write_text(HEAD.format(name=name) + rest, encoding="utf-8")


def problem(folder: Path) -> str:
    with pytest.raises(DeclarationError) as caught:
        load_jobs(folder)
    [only] = caught.value.problems
    return only.explain("ja").replace(folder.as_posix() + "/", "")


def test_a_job_keeps_what_it_was_told(tmp_path: Path) -> None:
    write(
        tmp_path, "a", "read: nouzei\nwhen:\n  - on_file: true\n  - {at: 18:00, days: 開庁日}\ntimeout: 30\n"
    )
    job = load_jobs(tmp_path)["a"]
    assert (job.kind, job.on_file, job.timeout, job.missed) == ("read", True, 30, "run_on_start")
    assert [trigger.kinds for trigger in job.when] == [("on_file",), ("at",)]


def test_one_trigger_and_one_time_need_no_list(tmp_path: Path) -> None:
    write(tmp_path, "a", "run: r\nwhen: {at: 8:30}")
    [trigger] = load_jobs(tmp_path)["a"].when
    assert (trigger.at, trigger.days) == (("8:30",), "開庁日")


@pytest.mark.parametrize(
    ("rest", "place", "told"),
    [
        ("read: nouzei\nwhen: {at: 25:00}", "a.yaml:5:12", "時刻「25:00」を読めません"),
        ("read: nouzei\nwhen: {at: 夕方}", "a.yaml:5:12", "時刻「夕方」を読めません"),
        ("read: nouzei\nwhen: [{at: 18:00, days: 開庁}]", "a.yaml:5:26", "もしかして: 開庁日"),
        ("read: nouzei\nwhen: [{cron: 0 3 * *}]", "a.yaml:5:15", "cron「0 3 * *」を読めません"),
        ("read: nouzei\nwhen: [{every: 半時間}]", "a.yaml:5:16", "間隔「半時間」を読めません"),
        ("read: nouzei\nwindow: 22:00", "a.yaml:5:9", "時間帯「22:00」を読めません"),
        (
            "read: nouzei\nwhen: [{at: 8:00, every: 2時間}]",
            "a.yaml:5:8",
            "when の一項目に書かれているのは「at, every」",
        ),
        ("read: nouzei\nwhen: [{days: 毎日}]", "a.yaml:5:8", "when の一項目に書かれているのは「-」"),
        (
            "read: nouzei\nwhen: [{on_file: true, days: 毎日}]",
            "a.yaml:5:8",
            "days は on_file と一緒には使えません",
        ),
        ("read: nouzei\nrun: r", "a.yaml:5:6", "read と run の両方が書かれています"),
        ("timeout: 3", "a.yaml:1:1", "read も run もありません"),
        ("read: nouzei\ntimout: 3", "a.yaml:5:1", "もしかして: timeout"),
        ("run: r\nwhen: [{on_file: true}]", "a.yaml:5:18", "on_file は read のあるジョブでだけ使えます"),
        ("run: r\nwhen: {after: b}", "a.yaml:5:15", "after: のジョブ「b」はありません"),
        ("run: r\nwhen: {after: a}", "a.yaml:5:7", "after: が輪になっています: a → a"),
        (
            "run: r\ntime_saved: {business: b, process: p, manual_minutes_per_item: 3}",
            "a.yaml:5:13",
            "削減時間の根拠が足りません",
        ),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, rest: str, place: str, told: str) -> None:
    write(tmp_path, "a", rest)
    message = problem(tmp_path)
    assert message.startswith(f"{place}: ")
    assert told in message


def test_an_unknown_job_after_which_to_run_is_answered_with_the_nearest(tmp_path: Path) -> None:
    write(tmp_path, "nouzei_yomitori", "read: nouzei")
    write(tmp_path, "touroku", "run: r\nwhen: {after: nouzei_yomitri}")
    assert "もしかして: nouzei_yomitori" in problem(tmp_path)


def test_a_circle_of_jobs_is_told_once(tmp_path: Path) -> None:
    write(tmp_path, "a", "run: r\nwhen: {after: c}")
    write(tmp_path, "b", "run: r\nwhen: {after: a}")
    write(tmp_path, "c", "run: r\nwhen: {after: b}")
    write(tmp_path, "d", "run: r\nwhen: {after: c}")
    assert "after: が輪になっています: a → c → b → a" in problem(tmp_path)


def test_a_job_may_name_only_robots_forms_and_departments_that_exist(tmp_path: Path) -> None:
    write(tmp_path, "a", "run: kouza")
    write(tmp_path, "b", "read: nozei\nforms: [furikae, kouza_furikai]")
    with pytest.raises(DeclarationError) as caught:
        check_jobs(load_jobs(tmp_path), ["kouza_touroku"], ["furikae", "kouza_furikae"], ["nouzei"])
    told = [(p.where.rpartition("/")[2], p.key, p.values["hint"]) for p in caught.value.problems]
    assert told == [
        ("a.yaml:4:6", "scheduler.robot_unknown", "もしかして: kouza_touroku"),
        ("b.yaml:5:18", "scheduler.form_unknown", "もしかして: kouza_furikae, furikae"),
        ("b.yaml:4:7", "scheduler.department_unknown", "もしかして: nouzei"),
    ]


def test_the_shipped_jobs_are_sound_and_say_that_their_figures_are_assumed() -> None:
    jobs = load_jobs(SHIPPED)
    robots = [path.stem for path in (SHIPPED.parent / "robots").glob("*.yaml")]
    forms = [path.stem for path in (SHIPPED.parent / "forms").glob("*.yaml")]
    check_jobs(jobs, robots, forms, ["nouzei", "shiminzei", "kenkou"])
    bases = [job.time_saved for job in jobs.values() if job.time_saved]
    assert [basis.assumption for basis in bases] == [True, True, True]
    assert {basis.process for basis in bases} == set(forms)


def test_every_key_of_a_job_is_explained() -> None:
    fields = [field for model in (Job, Trigger, TimeSaved) for field in model.model_fields.values()]
    assert all(field.description for field in fields)
    assert Job.model_json_schema()["properties"]["timeout"]["description"]
