"""A run that worked on items of two departments shows each of them its own evidence, and no other, by every route."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from console_desk import PASSWORD, sign_in
from fastapi.testclient import TestClient
from PIL import Image
from work_desk import WorkDesk, make_work_desk

from backoffice.document import NewDocument
from backoffice.runs import Run, RunState
from backoffice.work_items import State, WorkItem
from console.web.app import create_app
from robots.trail import Trail

OWN, OTHER = "見本の窓口", "健康の窓口"
"""Words that only the evidence of the own, and of the other department's item holds."""
PEOPLE = {"nozei": ["nouzei"], "kenko": ["kenkou"], "both": ["nouzei", "kenkou"], "all": ["*"]}


@dataclass
class Mixed:
    """A run of the tax department's job that worked on one item of each of two departments."""

    town: WorkDesk
    run: Run
    own: WorkItem
    other: WorkItem
    clients: dict[str, TestClient]

    def get(self, who: str, rest: str = ""):
        return self.clients[who].get(f"/runs/{self.run.id}{rest}")


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mixed]:
    town = make_work_desk(tmp_path_factory.mktemp("town"))
    office = town.office
    run = office.runs.enter("mihon_touroku", "run", "now-1", "person")
    own, other = (worked_on(town, run, department) for department in ("nouzei", "kenkou"))
    in_hand = taken(town, run, put(town, "kenkou", "taken-up-now"))
    folder = town.desk.settings.folder("evidence") / run.id
    leave(folder / str(own.id), OWN)
    leave(folder / str(other.id), OTHER)
    leave(folder / f"{other.id}-resolve", OTHER)
    leave(folder / "setup", "窓口を開いた")
    (folder / "downloads").mkdir()
    (folder / "downloads" / "list.csv").write_text(OTHER, encoding="utf-8")
    lines = [json.dumps({"item": one.id, "key": one.key, "state": "done"}) for one in (own, other)]
    (folder / "items.jsonl").write_text("\n".join(lines), encoding="utf-8")
    trail = Trail(folder, town.desk.settings.evidence)
    trail.begin({"robot": "mihon"}, "robot: mihon\n")
    trail.close()
    assert OTHER in (folder / "index.html").read_text("utf-8")
    app, clients = create_app(town.desk), {}
    for who, departments in PEOPLE.items():
        town.desk.users.add(who, PASSWORD, roles=["operator", "verifier"], departments=departments)
        client = TestClient(app, base_url="http://127.0.0.1", follow_redirects=False)
        assert sign_in(client, who, PASSWORD).status_code == 303
        clients[who] = client
    assert in_hand.state is State.IN_PROGRESS
    yield Mixed(town, run, own, other, clients)
    town.desk.job_desk.stop()


def put(town: WorkDesk, department: str, key: str) -> WorkItem:
    """Enter an item that was read from a document of a department, for a process of the tax department."""
    store = town.office.documents
    file = store.claim_file(department, f"{key}.pdf", key.rjust(64, "0"), 1, f"originals/{key}")
    document = store.add_document(NewDocument(file.id, 0, department, "mihon", 1, (), ()))
    return town.office.ledger.put("mihon", key, {}, who="t", why="t", document=document)[0]


def taken(town: WorkDesk, run: Run, item: WorkItem) -> WorkItem:
    claimed = town.office.ledger.claim("mihon", run=run.id, who="robot", keys=[item.key])
    assert claimed is not None
    return claimed


def worked_on(town: WorkDesk, run: Run, department: str) -> WorkItem:
    item = taken(town, run, put(town, department, f"key-{department}"))
    return town.office.ledger.move(item, State.DONE, who="robot", why="登録した")


def leave(folder: Path, words: str) -> None:
    folder.mkdir(parents=True)
    step = {"at": "2026-04-01T00:00:00+00:00", "step": words, "action": "click", "target": words}
    warning = {"warning": "robots.label_changed", "message": f"{words}のラベル"}
    lines = [json.dumps(line, ensure_ascii=False) for line in (step, warning)]
    (folder / "steps.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "failure.txt").write_text(words, encoding="utf-8")
    Image.new("RGB", (64, 40), "#dde7f0").save(folder / "failure.jpg")


def test_of_the_other_departments_item_every_route_says_that_there_is_nothing(mixed: Mixed) -> None:
    for part in (str(mixed.other.id), f"{mixed.other.id}-resolve", "setup", "downloads"):
        assert mixed.get("nozei", f"/parts/{part}").status_code == 404, part
        for name in ("failure.jpg", "failure.txt", "steps.jsonl", "list.csv"):
            assert mixed.get("nozei", f"/evidence/{part}/{name}").status_code == 404, (part, name)
    assert mixed.clients["nozei"].get(f"/items/{mixed.other.id}").status_code == 404


def test_of_the_own_item_every_route_answers_as_ever(mixed: Mixed) -> None:
    assert OWN in mixed.get("nozei", f"/parts/{mixed.own.id}").text
    for name in ("failure.jpg", "failure.txt", "steps.jsonl"):
        assert mixed.get("nozei", f"/evidence/{mixed.own.id}/{name}").status_code == 200, name


def test_the_page_of_the_run_neither_lists_nor_links_nor_quotes_the_other_item(mixed: Mixed) -> None:
    page = mixed.get("nozei").text
    assert "ほかの部署の案件も処理しました" in page
    assert f"/parts/{mixed.own.id}" in page
    for gone in (
        f"/parts/{mixed.other.id}",
        mixed.other.key,
        OTHER,
        "/parts/setup",
        "list.csv",
        "taken-up-now",
    ):
        assert gone not in page, gone


def test_progress_counts_items_of_other_departments_and_does_not_name_them(mixed: Mixed) -> None:
    told = mixed.get("nozei", "/progress").json()
    assert told["states"]["done"] == 2
    assert [one["key"] for one in told["in_hand"]] == ["ほかの部署の案件"]
    assert {one["key"] for one in told["recent"]} == {mixed.own.key, "ほかの部署の案件"}
    everything = mixed.get("all", "/progress").json()
    assert {one["key"] for one in everything["recent"]} == {mixed.own.key, mixed.other.key}


def test_the_stream_says_the_same_as_the_page_that_asks(mixed: Mixed) -> None:
    ended = mixed.town.office.runs.enter("mihon_touroku", "run", "now-2", "person")
    worked = taken(mixed.town, ended, put(mixed.town, "kenkou", "in-a-stream"))
    mixed.town.office.ledger.move(worked, State.DONE, who="robot", why="登録した")
    mixed.town.office.runs.finish(ended.id, RunState.DONE, counts={})
    assert "in-a-stream" not in mixed.clients["nozei"].get(f"/runs/{ended.id}/events").text
    assert "in-a-stream" in mixed.clients["both"].get(f"/runs/{ended.id}/events").text


def names(answer) -> set[str]:
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        return {name.partition("/")[2] for name in archive.namelist()}


def test_the_archive_holds_what_the_person_may_see(mixed: Mixed) -> None:
    own = {f"{mixed.own.id}/{name}" for name in ("failure.jpg", "failure.txt", "steps.jsonl")}
    assert names(mixed.get("nozei", "/evidence.zip")) == own | {"run.json", "script.yaml"}
    everything = names(mixed.get("both", "/evidence.zip"))
    assert everything == names(mixed.get("all", "/evidence.zip"))
    assert {"items.jsonl", "index.html", "downloads/list.csv", f"{mixed.other.id}/failure.jpg"} < everything


@pytest.mark.parametrize("who", ["both", "all"])
def test_who_may_see_every_item_sees_every_part(mixed: Mixed, who: str) -> None:
    page = mixed.get(who).text
    assert "ほかの部署の案件も処理しました" not in page
    assert "/parts/setup" in page
    assert mixed.get(who, f"/parts/{mixed.other.id}").status_code == 200
    assert mixed.get(who, "/evidence/downloads/list.csv").status_code == 200


def test_the_run_of_another_departments_job_stays_closed_although_the_item_is_ones_own(mixed: Mixed) -> None:
    for rest in ("", f"/parts/{mixed.other.id}", f"/evidence/{mixed.other.id}/failure.jpg", "/evidence.zip"):
        assert mixed.get("kenko", rest).status_code == 404, rest
    assert mixed.clients["kenko"].get(f"/items/{mixed.other.id}").status_code == 200


def test_no_workbook_and_no_list_of_the_run_holds_the_other_item(mixed: Mixed) -> None:
    csv = mixed.clients["nozei"].get(f"/items.csv?run={mixed.run.id}&records=1").text
    assert mixed.own.key in csv
    assert mixed.other.key not in csv
    listed = mixed.clients["nozei"].get("/api/v1/items?process=mihon").text
    assert mixed.other.key not in listed


def test_a_row_that_was_rehearsed_is_not_taken_for_the_item_of_its_number(mixed: Mixed) -> None:
    folder = mixed.town.desk.settings.folder("evidence")
    run = mixed.town.office.runs.enter("mihon_touroku", "rehearsal", "now-3", "person")
    leave(folder / run.id / f"rehearsal{mixed.other.id}", OTHER)
    pages = mixed.clients["nozei"]
    assert pages.get(f"/runs/{run.id}/parts/rehearsal{mixed.other.id}").status_code == 404
    alone = mixed.town.office.runs.enter("mihon_touroku", "rehearsal", "now-4", "person")
    leave(folder / alone.id / f"rehearsal{-mixed.other.id}", OWN)
    page = pages.get(f"/runs/{alone.id}/parts/rehearsal{-mixed.other.id}")
    assert page.status_code == 200
    assert f"<h1>rehearsal{mixed.other.id}</h1>" in page.text
    assert f">rehearsal{mixed.other.id}</a>" in pages.get(f"/runs/{alone.id}").text
