"""The pages for robots as a browser without script uses them: who sees what, who may decide, and hostile names."""

from __future__ import annotations

import html
import json
import re
import shutil
from pathlib import Path

import pytest
from console_desk import PASSWORD, make_office
from fastapi.testclient import TestClient
from robots_desk import DEPARTMENTS, robot_name, robot_text

from backoffice.robot_tables import robot_drafts, robot_refusals, robot_versions
from backoffice.tables import robot_approvals
from backoffice.work_items import State
from console.authoring.room import RobotRoom
from console.authoring.shelf import RobotShelf
from console.authoring.versions import digest_of
from console.web.app import create_app
from console.web.sessions import COOKIE

TEXT = robot_text("nouzei")
NAME = "nouzei_robo"


BROKEN = TEXT.replace("button:", "buton:")
PEOPLE = {
    "sato": ("author",),
    "ueda": ("author",),
    "suzuki": ("approver",),
    "tanaka": ("author", "approver"),
    "ono": ("operator",),
}


class Desk:
    """One office for all tests: made once, its robots put back before each."""

    def __init__(self, folder: Path) -> None:
        self.office = make_office(folder)
        self.app = create_app(self.office.desk)
        for name, roles in PEOPLE.items():
            self.office.desk.users.add(name, PASSWORD, roles=roles, departments=["nouzei"])

    def person(self, name: str) -> TestClient:
        """Return a browserless client in which somebody is signed in."""
        desk = self.office.desk
        client = TestClient(self.app, base_url="http://127.0.0.1", follow_redirects=False)
        session = desk.signer.begin(desk.clock(), name, desk.users.get(name).session_epoch)
        client.cookies.set(COOKIE, desk.signer.cookie(session, desk.clock()))
        return client

    def put_back(self) -> None:
        """Leave the two robots of `robots_desk` as nobody had ever touched them."""
        for path in self.shelf.folder.iterdir():
            path.unlink()
        for department in DEPARTMENTS:
            path = self.shelf.folder / f"{robot_name(department)}.yaml"
            path.write_text(robot_text(department), encoding="utf-8")
        with self.shelf._engine.begin() as connection:
            for table in (robot_versions, robot_refusals, robot_approvals, robot_drafts):
                connection.execute(table.delete())

    @property
    def room(self) -> RobotRoom:
        assert self.office.desk.robots is not None
        return self.office.desk.robots

    @property
    def shelf(self) -> RobotShelf:
        return self.room.shelf

    def noted(self) -> list[str]:
        """Return what was entered into the audit trail, newest first."""
        return [entry.what for entry in self.office.desk.audit.entries()]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return Desk(tmp_path_factory.mktemp("town"))


@pytest.fixture
def desk(made: Desk) -> Desk:
    made.put_back()
    return made


def csrf(client: TestClient) -> str:
    return client.get("/account").text.split('name="csrf" value="')[1].split('"')[0]


def post(client: TestClient, path: str, **form: str):
    return client.post(path, data={"csrf": csrf(client), **form})


def send(client: TestClient, verb: str, name: str = NAME, **body: object):
    headers = {"X-CSRF-Token": csrf(client), "Accept": "application/json"}
    return client.post(f"/robots/{name}/{verb}", json=body, headers=headers)


def save(client: TestClient, text: str, before: str = TEXT, name: str = NAME, why: str = ""):
    return send(client, "save", name, text=text, revision=digest_of(before) if before else "", why=why)


def shown_hash(client: TestClient) -> str:
    found = re.search(r'name="sha256" value="([0-9a-f]{64})"', client.get(f"/robots/{NAME}/approval").text)
    assert found is not None
    return found[1]


def test_a_department_sees_its_robots_and_those_that_no_job_runs(desk: Desk) -> None:
    (desk.shelf.folder / "shin.yaml").write_text(TEXT.replace(NAME, "shin"), encoding="utf-8")
    author = desk.person("sato")
    told = author.get("/robots").text
    assert [name in told for name in ("nouzei_robo", "kenkou_robo", "shin.yaml")] == [True, False, True]
    assert author.get("/robots/kenkou_robo").status_code == 404
    assert author.get("/robots/kenkou_robo").text == author.get("/robots/kenkou_robo").text
    assert author.get("/robots/shin").status_code == 200


def test_an_empty_folder_says_how_to_begin(desk: Desk) -> None:
    for path in desk.shelf.folder.glob("*.yaml"):
        path.unlink()
    assert "下の雛形から始められます" in desk.person("sato").get("/robots").text
    assert "作成者(author)の役割の人が作ります" in desk.person("ono").get("/robots").text


def test_a_new_robot_begins_with_a_sample_and_is_there_after_saving(desk: Desk) -> None:
    author = desk.person("sato")
    begun = author.get(
        "/robots/new", params={"name": "atarashii", "title": '見本"の<登録>', "beginning": "shoukai"}
    )
    assert begun.status_code == 303
    page = author.get(begun.headers["location"]).text
    text = html.unescape(page.split("<textarea")[1].split(">", 1)[1].split("</textarea>")[0])
    assert 'title: "見本\\"の<登録>"' in text
    assert "<登録>" not in page
    assert save(author, text, "", "atarashii", "はじめて").status_code == 200
    assert "はじめて" in author.get("/robots/atarashii").text
    assert desk.noted()[0] == "robot.save"


@pytest.mark.parametrize("name", ["..", "../x", "NUL", "new", "a" * 61, "<b>", ""])
def test_a_name_that_cannot_be_taken_is_told_on_the_list(desk: Desk, name: str) -> None:
    author = desk.person("sato")
    told = author.get("/robots/new", params={"name": name, "title": "t", "beginning": "shoukai"})
    assert told.status_code == 400
    assert "ロボットの名前にできません" in told.text
    assert "<b>" not in told.text


@pytest.mark.parametrize(
    "name", ["..%2Fhakadori", "..%5Chakadori", "%2Fetc%2Fpasswd", "..", "%00", "a%0Ab", "con"]
)
def test_no_path_leads_out_of_the_folder_of_robots(desk: Desk, name: str) -> None:
    author = desk.person("sato")
    before = {path: path.read_bytes() for path in desk.shelf.folder.parent.rglob("*.yaml")}
    assert author.get(f"/robots/{name}/edit").status_code in (400, 404)
    assert send(author, "save", name, text=TEXT, revision="").status_code in (400, 403, 404, 405)
    after = {path: path.read_bytes() for path in desk.shelf.folder.parent.rglob("*.yaml")}
    assert before == after


def test_html_in_a_title_and_in_a_file_name_stays_text(desk: Desk) -> None:
    hostile = "<img src=x onerror=alert(1)>"
    folder = desk.shelf.folder
    (folder / "a&lt;b>.yaml").write_text(
        TEXT.replace(NAME, "shin").replace("見本の登録", f'"{hostile}"'), encoding="utf-8"
    )
    author = desk.person("sato")
    pages = [author.get("/robots").text, author.get("/robots/a%26lt%3Bb%3E").text]
    pages.append(author.get("/robots/a%26lt%3Bb%3E/edit").text)
    for page in pages:
        assert hostile not in page
        assert html.escape(hostile, quote=False)[:4] in page


def test_a_broken_robot_is_told_line_by_line_and_cannot_be_approved(desk: Desk) -> None:
    path = desk.shelf.folder / f"{NAME}.yaml"
    path.write_text(TEXT.replace("button:", "buton:"), encoding="utf-8")
    author = desk.person("sato")
    assert "誤り 1" in author.get("/robots").text
    page = author.get(f"/robots/{NAME}").text
    line = page.split('<li id="L7"')[1].split("</li>")[0]
    assert 'class="noted"' in line
    assert "もしかして: button" in line
    approver = desk.person("suzuki")
    assert "誤りがあるロボットは承認できません" in approver.get(f"/robots/{NAME}/approval").text
    refused = post(approver, f"/robots/{NAME}/approve", sha256="0" * 64)
    assert refused.status_code == 400


def test_another_person_approves_and_the_author_does_not(desk: Desk) -> None:
    both = desk.person("tanaka")
    assert save(both, TEXT + "# 一\n", why="一を足した").status_code == 200
    page = both.get(f"/robots/{NAME}/approval").text
    assert "あなたの変更を含むので" in page
    assert "この内容を承認する" not in page
    sha256 = shown_hash(both)
    own = post(both, f"/robots/{NAME}/approve", sha256=sha256)
    assert own.status_code == 403
    assert "自分の変更を含む" in own.text
    other = desk.person("suzuki")
    assert post(other, f"/robots/{NAME}/approve", sha256=sha256).status_code == 303
    assert "承認済み" in other.get(f"/robots/{NAME}").text
    assert desk.noted()[:2] == ["robot.approve", "robot.save"]


def test_an_approver_sees_what_changed_since_the_last_approval(desk: Desk) -> None:
    approver = desk.person("suzuki")
    assert "手順書の全体が対象です" in approver.get(f"/robots/{NAME}/approval").text
    post(approver, f"/robots/{NAME}/approve", sha256=shown_hash(approver))
    author = desk.person("sato")
    save(author, TEXT.replace("登録しました", "受け付けました"), why="相手の表示が変わった")
    told = approver.get(f"/robots/{NAME}/approval").text
    assert "-  - expect: {text: 登録しました}" in told
    assert "+  - expect: {text: 受け付けました}" in told
    assert "まだ承認されていない変更をした人: sato" in told
    assert re.search(r"sato、[-0-9: ]+: 相手の表示が変わった", told)


def test_an_approver_is_told_of_a_changed_routine_even_beside_a_changed_text(desk: Desk) -> None:
    routine = desk.shelf.folder / "routines" / "hairu.yaml"
    routine.parent.mkdir()
    try:
        steps = "routine: hairu\ntitle: 入る\nsteps:\n  - go_back:\n"
        routine.write_text(steps, encoding="utf-8")
        calling = TEXT + "teardown:\n  - call: {routine: hairu}\n"
        author, approver = desk.person("sato"), desk.person("suzuki")
        save(author, calling)
        post(approver, f"/robots/{NAME}/approve", sha256=shown_hash(approver))
        save(author, calling + "# 一\n", before=calling)
        text_alone = approver.get(f"/robots/{NAME}/approval").text
        routine.write_text(steps + "  - go_back:\n", encoding="utf-8")
        both = approver.get(f"/robots/{NAME}/approval").text
    finally:
        shutil.rmtree(routine.parent)
    assert ("+# 一" in text_alone, "routine hairu" in text_alone) == (True, False)
    assert ("+# 一" in both, "<code>routine hairu</code>" in both) == (True, True)


def test_what_changed_meanwhile_is_neither_approved_nor_refused(desk: Desk) -> None:
    approver, author = desk.person("suzuki"), desk.person("sato")
    sha256 = shown_hash(approver)
    save(author, TEXT + "# 一\n")
    assert post(approver, f"/robots/{NAME}/approve", sha256=sha256).status_code == 409
    assert post(approver, f"/robots/{NAME}/refuse", sha256=sha256, why="古い").status_code == 409


def test_the_first_page_leads_an_approver_to_the_robots_file_whatever_its_name(desk: Desk) -> None:
    desk.shelf.names()[NAME].rename(desk.shelf.folder / "月次.yaml")
    approver = desk.person("suzuki")
    (link,) = re.findall(r'href="(/robots/[^"]+/approval)"', approver.get("/").text)
    assert approver.get(link).status_code == 200


def test_a_refusal_reaches_the_author_with_its_reason(desk: Desk) -> None:
    approver, author = desk.person("suzuki"), desk.person("sato")
    assert post(approver, f"/robots/{NAME}/refuse", sha256=shown_hash(approver), why=" ").status_code == 400
    post(approver, f"/robots/{NAME}/refuse", sha256=shown_hash(approver), why="<b>確認</b>の手順がない")
    page = author.get(f"/robots/{NAME}").text
    assert "&lt;b&gt;確認&lt;/b&gt;の手順がない" in page
    assert "差し戻し" in author.get("/robots").text


def test_a_save_on_an_old_text_is_refused_and_writes_nothing(desk: Desk) -> None:
    one, two = desk.person("sato"), desk.person("ueda")
    assert save(one, TEXT + "# 佐藤\n").status_code == 200
    late = save(two, TEXT + "# 上田\n")
    assert (late.status_code, late.json()["kind"]) == (409, "changed_by")
    assert "sato さん" in late.json()["message"]
    assert send(two, "difference", text=TEXT, revision=digest_of(TEXT)).status_code == 409
    over = send(two, "difference", text=TEXT, revision=digest_of(TEXT), over=True)
    assert (over.status_code, over.json()["lines"][-1]) == (200, "-# 佐藤")
    assert desk.shelf.read(NAME).text == TEXT + "# 佐藤\n"


def test_versions_are_compared_side_by_side(desk: Desk) -> None:
    author = desk.person("sato")
    save(author, TEXT.replace("登録しました", "受け付けました"))
    number = desk.shelf.versions.of(f"{NAME}.yaml")[-1].id
    told = author.get(f"/robots/{NAME}/compare?left=version-{number}").text
    assert (told.count('<tr class="changed">'), "画面の外で書かれた版" in told) == (1, True)
    for wrong in ("version-999999", "version-٣", "run-x", "approved", "../x", ""):
        assert author.get(f"/robots/{NAME}/compare", params={"left": wrong}).status_code == 404


def test_a_run_keeps_the_text_it_ran_with(desk: Desk) -> None:
    run = desk.office.desk.runs.enter(
        "nouzei_yomitori", "run", "now-1", "person", script_sha256=digest_of("a: 1\n"), script="a: 1\n"
    )
    author = desk.person("sato")
    assert f"run-{run.id}" in author.get(f"/robots/{NAME}").text
    assert "a: 1" in author.get(f"/robots/{NAME}/compare?left=run-{run.id}").text


def test_text_that_is_no_text_is_refused_without_a_fault_of_ours(desk: Desk) -> None:
    author = desk.person("sato")
    for body in ({"text": "a\x00b"}, {"text": 5}, {"text": "x" * 900_001}, {}):
        assert send(author, "check", **body).status_code == 400
    lone = author.post(
        f"/robots/{NAME}/check",
        content=b'{"text": "\\ud800"}',
        headers={
            "X-CSRF-Token": csrf(author),
            "Content-Type": "application/json",
            "Accept": "application/json",
        },
    )
    assert lone.status_code == 400
    assert save(author, TEXT, why="a\x00").status_code == 400


def test_a_broken_text_is_not_tried(desk: Desk) -> None:
    author = desk.person("sato")
    assert send(author, "try", text="robot: [").status_code == 400
    assert desk.room.trials.of(NAME) == []
    begun = send(author, "try", text=TEXT)
    assert begun.status_code == 201
    assert "保存前の内容で試しました" in author.get(f"/robots/{NAME}/trials/{begun.json()['trial']}").text
    assert author.get(f"/robots/kenkou_robo/trials/{begun.json()['trial']}").status_code == 404


def test_a_trial_takes_no_record_of_another_department(desk: Desk) -> None:
    author, ledger = desk.person("sato"), desk.office.desk.ledger
    foreign, _ = ledger.put("fukushi_kyuufu", "1", {"氏名": "見本 花子"}, who="t", why="t")
    text = TEXT.replace("process: mihon", "process: fukushi_kyuufu")
    tried = len(desk.room.trials.of(NAME))
    for way in ("sample", "waiting"):
        assert send(author, "try", text=text, way=way).status_code == 400
    copied = TEXT.replace("{from: queue, process: mihon}", "{from: done, of: fukushi_kyuufu, process: mihon}")
    for state in (State.IN_PROGRESS, State.COMMITTING, State.DONE):
        foreign = ledger.move(foreign, state, who="t", why="t")
    assert send(author, "try", text=copied).status_code == 400
    assert len(desk.room.trials.of(NAME)) == tried
    assert send(author, "try", text=text).status_code == 201


def test_no_text_is_kept_that_reaches_for_another_departments_records(desk: Desk) -> None:
    author, before = desk.person("sato"), desk.shelf.read(NAME).text
    desk.office.desk.ledger.put("fukushi_chousa", "1", {"氏名": "見本 花子"}, who="t", why="t")
    text = before.replace("process: mihon", "process: fukushi_chousa")
    refused = save(author, text, before)
    assert (refused.status_code, refused.json()["kind"]) == (400, "save_foreign")
    assert desk.shelf.read(NAME).text == before


def test_what_a_trial_of_nobodys_robot_showed_is_for_who_tried_it(desk: Desk) -> None:
    mine, other = desk.person("sato"), desk.person("ueda")
    text = TEXT.replace(f"robot: {NAME}", "robot: atarashii")
    trial = send(mine, "try", name="atarashii", text=text).json()["trial"]
    seen = [one.get(f"/robots/atarashii/trials/{trial}").status_code for one in (mine, other)]
    assert seen == [200, 404]


def keep(client: TestClient, text: str = BROKEN, name: str = NAME, **about: object):
    return send(client, "draft", name, text=text, **about)


def test_a_draft_with_errors_is_kept_and_the_robot_stays_as_it_was(desk: Desk) -> None:
    sato = desk.person("sato")
    answer = keep(sato, revision=digest_of(TEXT))
    assert answer.status_code == 200, answer.text
    assert desk.noted()[0] == "robot.draft_keep"
    assert desk.shelf.read(NAME).text == TEXT
    assert [path.name for path in sorted(desk.shelf.folder.iterdir())] == ["kenkou_robo.yaml", f"{NAME}.yaml"]
    listed = desk.person("sato").get("/robots").text
    assert re.search(r"下書き</span> <span class=\"soft\">sato、\d{4}-", listed)
    given = re.search(r'id="given">(.*?)</script>', sato.get(f"/robots/{NAME}/edit").text, re.DOTALL)
    assert given is not None
    assert "buton:" in given[1]


def test_a_draft_is_compared_with_what_is_saved(desk: Desk) -> None:
    sato = desk.person("sato")
    number = keep(sato, revision=digest_of(TEXT)).json()["id"]
    assert f"compare?left=present&amp;right=draft-{number}" in sato.get(f"/robots/{NAME}").text
    page = sato.get(f"/robots/{NAME}/compare?left=present&right=draft-{number}").text
    assert "下書き: sato、" in page
    assert "<td>変更</td><td><code>  - click: {button: 登録}</code></td>" in page
    for wrong in ("draft-", "draft-0", "draft-99999999999", "draft-1x"):
        assert sato.get(f"/robots/{NAME}/compare?left={wrong}").status_code == 404, wrong


def test_nobody_but_authors_is_told_of_drafts(desk: Desk) -> None:
    number = keep(desk.person("sato")).json()["id"]
    for name in ("suzuki", "ono"):
        person = desk.person(name)
        assert "下書き" not in person.get("/robots").text
        assert "下書き" not in person.get(f"/robots/{NAME}").text
        assert person.get(f"/robots/{NAME}/compare?left=draft-{number}").status_code == 404
    approver = desk.person("suzuki").get(f"/robots/{NAME}/approval").text
    assert "この内容を承認する" in approver
    assert "buton" not in approver


def test_a_new_robot_may_begin_as_a_draft_and_is_no_robot_before_it_is_saved(desk: Desk) -> None:
    sato = desk.person("sato")
    assert keep(sato, "robot: shinki\n", "shinki").status_code == 200
    assert "shinki" not in desk.shelf.names()
    listed = sato.get("/robots").text
    assert '<a href="/robots/shinki/edit">shinki</a>' in listed
    assert "まだ保存されていません" in listed
    assert "robot: shinki" in sato.get("/robots/shinki/edit").text
    assert sato.get("/robots/shinki").status_code == 404
    assert keep(sato, "x", "Wrong Name").status_code == 400


def test_a_colleague_takes_a_draft_over_and_another_department_does_not(desk: Desk) -> None:
    users = desk.office.desk.users
    if users.find("kondo") is None:
        users.add("kondo", PASSWORD, roles=["author"], departments=["kenkou"])
    for name in (NAME, "shinki"):
        number = keep(desk.person("sato"), name=name).json()["id"]
        ueda, kondo = desk.person("ueda"), desk.person("kondo")
        taken = ueda.get(f"/robots/{name}/edit?draft={number}").text
        assert "buton:" in taken
        assert kondo.get(f"/robots/{name}/edit?draft={number}").status_code == 404
        assert f"/robots/{name}/edit?draft={number}" not in kondo.get("/robots").text
        for strange in (ueda, kondo):
            assert post(strange, f"/robots/{name}/drafts/{number}/drop").status_code == 404
    assert len(desk.room.drafts.all()) == 2


def test_a_draft_goes_with_the_save_and_that_of_a_colleague_stays(desk: Desk) -> None:
    sato, ueda = desk.person("sato"), desk.person("ueda")
    kept = keep(sato).json()["sha256"]
    keep(ueda, "title: 上田\n")
    body = {"text": TEXT + "# 一\n", "revision": digest_of(TEXT), "draft": kept}
    assert send(sato, "save", **body).status_code == 200
    assert [one.who for one in desk.room.drafts.all()] == ["ueda"]
    assert desk.noted()[:2] == ["robot.draft_drop", "robot.save"]


def test_a_draft_that_was_renewed_on_another_pc_stays_when_the_robot_is_saved(desk: Desk) -> None:
    sato = desk.person("sato")
    first = keep(sato).json()["sha256"]
    keep(sato, "title: 別の PC\n", known=first)
    body = {"text": TEXT + "# 一\n", "revision": digest_of(TEXT), "draft": first}
    assert send(sato, "save", **body).status_code == 200
    assert [one.who for one in desk.room.drafts.all()] == ["sato"]


def test_a_newer_draft_is_replaced_only_when_the_author_says_so(desk: Desk) -> None:
    sato = desk.person("sato")
    keep(sato)
    refused = keep(sato, "title: 二\n")
    assert refused.status_code == 409
    assert "別の画面で新しくなっています" in refused.json()["message"]
    assert keep(sato, "title: 二\n", over=True).status_code == 200
    draft = desk.room.drafts.of(NAME, "sato")
    assert draft is not None
    assert draft.script == "title: 二\n"
    assert post(sato, f"/robots/{NAME}/drafts/{draft.id}/drop").status_code == 303
    assert desk.noted()[0] == "robot.draft_drop"
    assert desk.room.drafts.all() == []


def test_a_trial_of_a_robot_not_saved_yet_leads_back_to_its_text(desk: Desk) -> None:
    sato = desk.person("sato")
    text = TEXT.replace(NAME, "shinki")
    trial = send(sato, "try", "shinki", text=text).json()["trial"]
    task = desk.office.desk.settings.var / "trials" / trial / "task.json"
    task.write_text(json.dumps(json.loads(task.read_text("utf-8")) | {"text": text}), "utf-8")
    page = sato.get(f"/robots/shinki/trials/{trial}").text
    assert f'href="/robots/shinki/edit?trial={trial}">編集に戻る' in page
    assert 'href="/robots/shinki"' not in page
    assert "robot: shinki" in sato.get(f"/robots/shinki/edit?trial={trial}").text
    assert desk.person("ueda").get(f"/robots/shinki/edit?trial={trial}").status_code == 404
