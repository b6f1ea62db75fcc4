"""Jobs, runs and items without a browser: who sees what, what is audited, what is settled, sent back and taken away."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

import pytest
from console_desk import PASSWORD, sign_in
from fastapi.testclient import TestClient
from openpyxl import load_workbook
from work_desk import SECRET, WorkDesk, make_work_desk, serving

from backoffice.runs import RunState
from backoffice.work_items import State
from console.item_sheet import harmless
from console.web.app import create_app
from console.web.jobs import parameter_kind
from console.web.streams import Streams


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorkDesk]:
    town = make_work_desk(tmp_path_factory.mktemp("town"))
    yield town
    town.desk.job_desk.stop()


@pytest.fixture(scope="module")
def clients(town: WorkDesk) -> dict[str, TestClient]:
    found = {}
    app = create_app(town.desk)
    for name in ("tanto", "unyo", "shonin"):
        client = TestClient(app, base_url="http://127.0.0.1", follow_redirects=False)
        assert sign_in(client, name, PASSWORD).status_code == 303
        found[name] = client
    return found


@pytest.fixture
def tanto(clients: dict[str, TestClient]) -> TestClient:
    return clients["tanto"]


def send(client: TestClient, path: str, **form: object):
    csrf = client.get("/items").text.split('name="csrf" value="')[1].split('"')[0]
    return client.post(path, data={"csrf": csrf, **form})


def test_the_list_of_jobs_shows_the_own_department_only(tanto: TestClient) -> None:
    page = tanto.get("/jobs").text
    assert "開庁日の 12:30、17:30" in page
    assert "見本の&lt;b&gt;登録&lt;/b&gt;" in page
    assert "健康の登録" not in page


def test_a_job_tells_its_file_its_rules_and_its_parameters_with_kind_and_default(tanto: TestClient) -> None:
    page = tanto.get("/jobs/mihon_touroku").text
    assert "job: mihon_touroku" in page
    assert "1 回は長くて 120 分" in page
    assert 'name="parameter 年度" value="2026" maxlength="1000" inputmode="numeric"' in page
    assert 'name="parameter 基準日" value="2026-04-01" maxlength="1000" type="date"' in page
    assert tanto.get("/jobs/kenkou_touroku").status_code == 404


@pytest.mark.parametrize(
    ("value", "kind"),
    [("2026", "number"), ("2026-04-01", "date"), ("R8", "text"), ("", "text"), ("２０", "text")],
)
def test_the_kind_of_a_parameter_is_told_by_its_default(value: str, kind: str) -> None:
    assert parameter_kind(value) == kind


def test_a_pause_needs_a_reason_is_shown_with_who_and_why_and_ends(town: WorkDesk, tanto: TestClient) -> None:
    assert "休止の理由" in send(tanto, "/jobs/mihon_touroku/pause", why=" ").text
    assert send(tanto, "/jobs/mihon_touroku/pause", why="<i>点検</i>").status_code == 303
    assert "tanto: &lt;i&gt;点検&lt;/i&gt;" in tanto.get("/jobs").text
    refused = send(tanto, "/jobs/mihon_touroku/run")
    assert (refused.status_code, "休止" in refused.text) == (409, True)
    assert send(tanto, "/jobs/mihon_touroku/resume").status_code == 303
    assert ("tanto", "job.resume", "job/mihon_touroku") in town.audited()


def test_a_run_shows_steps_problems_warnings_script_and_log(town: WorkDesk, tanto: TestClient) -> None:
    run = town.past_run(done=2, system_failure=1)
    page = tanto.get(f"/runs/{run.id}").text
    for words in (
        "each 1: 見つかりません",
        "ラベルが「登録」から",
        "robot: mihon",
        "item 7 → retry",
        "a" * 64,
    ):
        assert words in page
    part = tanto.get(f"/runs/{run.id}/parts/7").text
    assert "入力内容に&lt;b&gt;誤り&lt;/b&gt;があります" in part
    assert "robots.not_found" in part
    assert ("tanto", "evidence.view", f"run/{run.id}") in town.audited()


def test_pictures_are_for_those_who_review_and_each_look_is_audited(
    town: WorkDesk, clients: dict[str, TestClient]
) -> None:
    run = town.past_run()
    address = f"/runs/{run.id}/evidence/7/failure.jpg"
    assert clients["unyo"].get(address).status_code == 403
    assert "failure.jpg" not in clients["unyo"].get(f"/runs/{run.id}/parts/7").text
    answer = clients["tanto"].get(address)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")
    assert town.audited()[-1] == ("tanto", "evidence.view", f"run/{run.id}")


def test_only_files_of_the_runs_own_folder_are_sent(
    town: WorkDesk, tanto: TestClient, tmp_path: Path
) -> None:
    run = town.past_run()
    folder = town.desk.settings.folder("evidence") / run.id
    secret = tmp_path / "secret.jpg"
    secret.write_bytes(b"secret")
    (folder / "7" / "link.jpg").symlink_to(secret)
    (folder / "away").symlink_to(tmp_path)
    (folder / "7" / ".raw-trace.zip").write_bytes(b"cookies")
    tricks = [
        "7/..%2f..%2f..%2fhakadori.db", "..%2f..%2f..%2fconfigs/hakadori.yaml", "7/link.jpg", "away/secret.jpg",
        "7/.raw-trace.zip", "7/%2e%2e", "../7/failure.jpg", "7/failure.jpg%00.txt", "7/..\\..\\web.key", "8/a.jpg",
    ]  # fmt: skip
    for trick in tricks:
        assert tanto.get(f"/runs/{run.id}/evidence/{trick}").status_code == 404, trick
    packed = tanto.get(f"/runs/{run.id}/evidence.zip")
    with zipfile.ZipFile(io.BytesIO(packed.content)) as archive:
        names = sorted(archive.namelist())
    assert names == [
        f"{run.id}/{name}" for name in ("7/failure.jpg", "7/failure.txt", "7/steps.jsonl", "script.yaml")
    ]
    assert town.audited()[-1] == ("tanto", "evidence.download", f"run/{run.id}")


def test_the_record_of_an_item_is_shown_when_asked_for_and_the_look_is_audited(
    town: WorkDesk, clients: dict[str, TestClient]
) -> None:
    [item] = town.put("1001")
    assert SECRET not in clients["tanto"].get(f"/items/{item.id}").text
    assert SECRET in clients["tanto"].get(f"/items/{item.id}?record=1").text
    assert town.audited()[-1] == ("tanto", "item.view", f"item/{item.id}")
    assert clients["unyo"].get(f"/items/{item.id}?record=1").status_code == 403


def test_items_are_narrowed_by_business_state_and_a_piece_of_the_key(
    town: WorkDesk, tanto: TestClient
) -> None:
    town.put("2001_%", "20010")
    page = tanto.get("/items", params={"process": "mihon", "state": "new", "key": "1_%"}).text
    assert "2001_%" in page
    assert "20010" not in page
    assert "この条件の案件はありません" in tanto.get("/items", params={"state": "committing"}).text


def test_several_in_doubt_are_settled_with_one_reason(town: WorkDesk, clients: dict[str, TestClient]) -> None:
    items = [town.doubtful("3001"), town.doubtful("3002")]
    numbers = [str(item.id) for item in items]
    form = {"item": numbers, "to": "done", "why": "相手で見た"}
    assert send(clients["unyo"], "/items/settle", **form).status_code == 403
    undecided = send(clients["shonin"], "/items/settle", item=numbers, why="x")
    assert (undecided.status_code, "判断が選ばれていません" in undecided.text) == (409, True)
    assert send(clients["shonin"], "/items/settle", **form).headers["location"] == "/items?changed=2"
    for item in items:
        last = town.office.ledger.events(item.id)[-1]
        assert (last.to_state, last.who, last.why) == (State.DONE, "shonin", "相手で見た")
    again = send(clients["shonin"], "/items/settle", **form)
    assert (again.status_code, "2 件は変えられませんでした" in again.text) == (409, True)


def test_another_departments_item_is_neither_settled_nor_sent_back(
    town: WorkDesk, clients: dict[str, TestClient]
) -> None:
    item = town.doubtful("3003", process="kenshin")
    for client, verb in ((clients["shonin"], "settle"), (clients["unyo"], "retry")):
        assert send(client, f"/items/{verb}", item=str(item.id), to="done", why="x").status_code == 404
    assert town.office.ledger.get(item.id).state is State.IN_DOUBT


def test_refused_items_are_sent_back_only_deliberately(
    town: WorkDesk, clients: dict[str, TestClient]
) -> None:
    broken, refused = town.failed("4001"), town.failed("4002", State.BUSINESS_FAILURE)
    both = [str(broken.id), str(refused.id)]
    answer = send(clients["unyo"], "/items/retry", item=both, why="相手が直った")
    assert (answer.status_code, "内容の不備で断られた案件です" in answer.text) == (409, True)
    states = [town.office.ledger.get(item.id).state for item in (broken, refused)]
    assert states == [State.RETRY, State.BUSINESS_FAILURE]
    sent = send(clients["unyo"], "/items/retry", item=both[1], why="直した", refused_too="yes")
    assert sent.headers["location"] == f"/items/{refused.id}"
    assert town.office.ledger.get(refused.id).state is State.RETRY
    assert town.audited()[-1] == ("unyo", "item.retry", f"item/{refused.id}")


def test_lists_are_taken_away_as_workbook_and_csv_and_nothing_becomes_a_formula(
    town: WorkDesk, clients: dict[str, TestClient]
) -> None:
    town.put("=5001")
    asked = {"key": "5001", "records": "1"}
    assert clients["unyo"].get("/items.xlsx", params=asked).status_code == 403
    book = load_workbook(io.BytesIO(clients["tanto"].get("/items.xlsx", params=asked).content))
    cells = [cell for row in book.active.iter_rows() for cell in row if cell.value is not None]
    assert {"=5001", "=1+1", SECRET} <= {cell.value for cell in cells}
    assert not [cell for cell in cells if cell.data_type == "f"]
    for encoding in ("utf-8-sig", "cp932"):
        answer = clients["tanto"].get("/items.csv", params={**asked, "encoding": encoding})
        lines = answer.content.decode(encoding).splitlines()
        assert "'=5001" in lines[1]
        assert "'=1+1" in lines[1]
    assert town.audited()[-1] == ("tanto", "item.download", "items.csv")
    plain = clients["unyo"].get("/items.csv", params={"key": "5001"})
    assert (plain.content[:3], SECRET in plain.text) == (b"\xef\xbb\xbf", False)


def test_every_record_taken_away_is_a_look_that_the_trail_tells(
    town: WorkDesk, clients: dict[str, TestClient]
) -> None:
    looks = [("tanto", "item.view", f"item/{item.id}") for item in town.put("5101", "5102")]
    clients["tanto"].get("/items.csv", params={"key": "510"})
    assert town.audited()[-3:-1] != looks
    clients["tanto"].get("/items.csv", params={"key": "510", "records": "1"})
    assert town.audited()[-3:] == [*looks, ("tanto", "item.download", "items.csv")]


def test_characters_that_shift_jis_does_not_know_are_told_and_not_replaced(
    town: WorkDesk, tanto: TestClient
) -> None:
    town.office.ledger.put("mihon", "5002", {"氏名": "𠮷野"}, who="t", why="t")
    answer = tanto.get("/items.csv", params={"key": "5002", "records": "1", "encoding": "cp932"})
    assert answer.status_code in (400, 409)
    assert "cp932" in answer.text


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("=1", "'=1"),
        ("@a", "'@a"),
        ("-5", "-5"),
        ("+81", "+81"),
        ("-1+1", "'-1+1"),
        ("\t=", "'\t="),
        ("", ""),
        ("あ", "あ"),
    ],
)
def test_a_value_that_begins_like_a_formula_gets_an_apostrophe(value: str, told: str) -> None:
    assert harmless(value) == told


def test_a_page_without_a_stream_may_ask_and_does_not_keep_its_session_alive(
    town: WorkDesk, tanto: TestClient
) -> None:
    run = town.past_run(done=3)
    answer = tanto.get(f"/runs/{run.id}/progress")
    told = answer.json()
    assert (told["over"], told["state"], told["counted"]) == (True, "failed", [{"name": "登録", "count": 3}])
    assert "set-cookie" not in answer.headers
    assert "set-cookie" in tanto.get("/runs").headers


def test_a_rehearsal_is_a_run_of_the_robot_and_changes_nothing(town: WorkDesk, tanto: TestClient) -> None:
    ledger, before = town.office.ledger, len(town.office.runs.history("mihon_touroku"))
    town.put("5501", "5502", "5503", "5504")
    states = [item.state for item in ledger.items("mihon")]
    (town.gate / "open").touch()
    address = send(tanto, "/jobs/mihon_touroku/rehearse", **{"parameter 年度": "2027"}).headers["location"]
    town.wait(town.over)
    (town.gate / "open").unlink()
    run = town.office.runs.get(address.rpartition("/")[2])
    assert (run.job, run.kind, run.state) == ("robot mihon", "rehearsal", RunState.DONE), run.reason
    assert (run.parameters["年度"], run.parameters["基準日"]) == ("2027", "2026-04-01")
    assert (run.counts["rehearsed"], run.counts["items_done"]) == (3, 0)
    assert [item.state for item in ledger.items("mihon")] == states
    assert len(town.office.runs.history("mihon_touroku")) == before
    page = tanto.get(address).text
    assert "試し実行" in page
    assert f"{address}/parts/rehearsal" in page
    assert ("tanto", "robot.rehearse", "robot/mihon") in town.audited()


def test_a_stream_of_a_run_that_is_over_tells_once_and_ends(town: WorkDesk, tanto: TestClient) -> None:
    run = town.past_run(done=3)
    answer = tanto.get(f"/runs/{run.id}/events")
    assert answer.headers["content-type"].startswith("text/event-stream")
    lines = answer.text.splitlines()
    assert lines[0] == "retry: 2000"
    assert [line for line in lines if line.startswith("event: ")] == ["event: progress"]
    data = json.loads(next(line for line in lines if line.startswith("data: ")).removeprefix("data: "))
    assert data["over"]
    assert town.desk.streams.count == 0


def test_twenty_open_pages_leave_the_console_free_and_a_closed_page_ends_its_stream(
    town: WorkDesk, clients: dict[str, TestClient]
) -> None:
    run, streams = town.office.runs.enter("mihon_touroku", "run", "now-20", "person"), Streams(per_person=7)
    with serving(town.desk, streams=streams) as url:
        open_pages = [
            listen(url, clients[name], run.id) for name in ("tanto", "unyo", "shonin") for _ in range(7)
        ]
        heard = [next(line for line in page if line.startswith(b"data: ")) for page in open_pages]
        assert all(json.loads(line[6:])["state"] == "starting" for line in heard)
        assert streams.count == 21
        with pytest.raises(HTTPError) as refused:
            listen(url, clients["tanto"], run.id)
        refused.value.close()
        assert refused.value.code == 429
        with ask(url, clients["tanto"], "/jobs") as answer:
            assert answer.status == 200
        for page in open_pages[1:]:
            page.close()
        town.wait(lambda: streams.count == 1)
        town.office.runs.finish(run.id, RunState.DONE, counts={})
        rest = [line for line in open_pages[0] if line.startswith(b"data: ")]
        assert json.loads(rest[-1][6:])["over"]
        assert "set-cookie" not in open_pages[0].headers
        open_pages[0].close()


def listen(url: str, client: TestClient, run: str):
    return ask(url, client, f"/runs/{run}/events")


def ask(url: str, client: TestClient, path: str):
    cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    opener = build_opener(ProxyHandler({}))
    return opener.open(Request(url + path, headers={"Cookie": cookies}), timeout=60)
