"""The designer's routes and workshop: what it refuses, what it never overwrites; a dead child harms nobody."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from console_desk import Office, make_office
from designer_desk import QUIET_FORM, StillBench, copy_forms, form_text
from fastapi.testclient import TestClient
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from backoffice.document import NewDocument
from backoffice.yaml_source import read_yaml
from console.design.bench import RESULT, TASK, Standing, Workbench
from console.design.drafts import write_json
from console.design.shelf import digest_of
from console.design.studio import Studio
from ocr.blank import load_blanks
from ocr.template import load_form, load_forms

KOUZA = "kouza_furikae.yaml"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> tuple[Office, TestClient, TestClient]:
    """One office for all tests, with two authors signed in."""
    office = make_office(tmp_path_factory.mktemp("town"))
    return office, office.client("sato", roles=("author",)), office.client("suzuki", roles=("author",))


@pytest.fixture
def office(town: tuple[Office, TestClient, TestClient], tmp_path: Path) -> Office:
    """The office with fresh forms, no drafts, and a bench on which nothing is done."""
    office = town[0]
    studio = office.desk.studio
    assert studio is not None
    shutil.rmtree(studio.drafts.folder, ignore_errors=True)
    studio.shelf.folder = copy_forms(tmp_path)
    studio.shelf.refresh()
    studio._bench = StillBench()
    return office


@pytest.fixture
def author(office: Office, town: tuple[Office, TestClient, TestClient]) -> TestClient:
    return town[1]


@pytest.fixture
def studio(office: Office) -> Studio:
    assert office.desk.studio is not None
    return office.desk.studio


class Page:
    """What the browser's page of one draft knows."""

    def __init__(self, client: TestClient, file: str = KOUZA) -> None:
        self.client = client
        csrf = client.get("/forms").text.split('name="csrf" value="')[1].split('"')[0]
        self.headers = {"X-CSRF-Token": csrf, "Accept": "application/json"}
        self.url = client.post("/forms/edits", data={"csrf": csrf, "file": file}).headers["location"]
        told = client.get(self.url).text.split('id="given">')[1].split("</script>")[0]
        self.given = json.loads(told)
        self.design: dict[str, Any] = self.given["design"]

    @property
    def fields(self) -> list[dict[str, Any]]:
        return self.design["pages"][0]["fields"]

    def send(self, verb: str, **more: Any) -> Any:
        body = {"design": self.design, "revision": self.given["revision"], **more}
        return self.client.post(f"{self.url}/{verb}", json=body, headers=self.headers)

    def save(self, *, as_new: bool = False) -> Any:
        shown = self.send("difference", as_new=as_new)
        if shown.status_code != 200:
            return shown
        return self.send("save", as_new=as_new, digest=shown.json()["digest"])

    def upload(self, path: str, content: bytes) -> Any:
        return self.client.post(path, content=content, headers=self.headers)


def test_a_change_is_saved_with_every_remark_of_the_file(author: TestClient, studio: Studio) -> None:
    page = Page(author)
    page.fields[1]["box"] = [58.5, 60, 70, 8]
    shown = page.send("difference").json()
    assert [line for line in shown["lines"] if line[0] in "+-"] == [
        "-      - {name: 通知書番号, kind: digits, box: [58, 60, 70, 8], cells: 10}",
        "+      - {name: 通知書番号, kind: digits, box: [58.5, 60, 70, 8], cells: 10}",
    ]
    assert page.save().status_code == 200
    saved = (studio.shelf.folder / KOUZA).read_text(encoding="utf-8")
    assert saved == form_text(KOUZA).replace("[58, 60, 70, 8]", "[58.5, 60, 70, 8]")


def test_a_saved_form_is_at_once_the_one_that_the_console_works_with(
    office: Office, author: TestClient
) -> None:
    page = Page(author)
    page.fields[1]["cells"] = 9
    page.save()
    assert office.desk.forms["kouza_furikae"].field("通知書番号").cells == 9  # type: ignore[union-attr]


def test_a_save_is_in_the_audit_trail_with_its_revision(office: Office, author: TestClient) -> None:
    page = Page(author)
    page.fields[1]["cells"] = 9
    told = page.save().json()
    entry = next(one for one in office.desk.audit.entries() if one.what == "form.save")
    assert (entry.who, entry.subject) == ("sato", "form/kouza_furikae")
    assert entry.details["sha256"] == told["revision"]


def test_two_tabs_never_overwrite_each_other(author: TestClient, studio: Studio) -> None:
    first, second = Page(author), Page(author)
    first.fields[1]["cells"] = 9
    second.fields[1]["cells"] = 8
    assert first.save().status_code == 200
    refused = second.save()
    assert (refused.status_code, refused.json()["kind"]) == (409, "template_changed")
    assert load_form(studio.shelf.folder / KOUZA).field("通知書番号").cells == 9  # type: ignore[union-attr]


def test_what_was_refused_can_be_kept_as_a_version_of_its_own(author: TestClient, studio: Studio) -> None:
    first, second = Page(author), Page(author)
    first.fields[1]["cells"] = 9
    second.fields[1]["cells"] = 8
    first.save()
    told = second.save(as_new=True).json()
    assert (told["file"], told["version"]) == ("kouza_furikae_v2.yaml", 2)
    assert load_form(studio.shelf.folder / told["file"]).field("通知書番号").cells == 8  # type: ignore[union-attr]
    assert load_form(studio.shelf.folder / KOUZA).field("通知書番号").cells == 9  # type: ignore[union-attr]


def test_a_version_that_documents_were_read_with_is_never_changed(office: Office, author: TestClient) -> None:
    file = office.desk.documents.claim_file("nouzei", "a.pdf", "a" * 64, 1, "originals/a.pdf")
    office.desk.documents.add_document(NewDocument(file.id, 0, "nouzei", "idou_todoke", 1, (), ()))
    page = Page(author, "idou_todoke.yaml")
    page.fields[1]["required"] = False
    refused = page.save()
    assert (refused.status_code, refused.json()["kind"]) == (400, "version_needed")
    assert page.save(as_new=True).json()["version"] == 2


def test_of_two_versions_on_the_same_paper_the_newest_is_read(author: TestClient, studio: Studio) -> None:
    Page(author).save(as_new=True)
    forms = load_forms(studio.shelf.folder)
    assert {"kouza_furikae", "kouza_furikae@1"} <= set(forms)
    assert [b.version for b in load_blanks(forms.values()) if b.form == "kouza_furikae"] == [2]


def test_only_what_was_shown_is_saved(author: TestClient) -> None:
    page = Page(author)
    page.fields[1]["cells"] = 9
    digest = page.send("difference").json()["digest"]
    page.fields[1]["cells"] = 8
    refused = page.send("save", digest=digest)
    assert (refused.status_code, refused.json()["kind"]) == (400, "not_as_shown")


def test_a_form_with_a_field_off_the_page_is_told_at_the_field_and_not_saved(
    author: TestClient, studio: Studio
) -> None:
    page = Page(author)
    page.fields[1]["box"] = [180, 60, 70, 8]
    remark = page.send("check").json()["remarks"][0]
    assert (remark["level"], remark["place"]) == ("error", ["pages", 0, "fields", 1, "box"])
    assert page.save().json()["kind"] == "has_errors"
    assert (studio.shelf.folder / KOUZA).read_text(encoding="utf-8") == form_text(KOUZA)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"kind": "digit"}, ["pages", 0, "fields", 1, "kind"]),
        ({"name": ""}, ["pages", 0, "fields", 1, "name"]),
        ({"lexicon": "nowhere"}, ["pages", 0, "fields", 1, "lexicon"]),
        ({"min": 9, "max": 1}, ["pages", 0, "fields", 1]),
        ({"cells": "many"}, ["pages", 0, "fields", 1, "cells"]),
        ({"box": ["a", None, 1]}, ["pages", 0, "fields", 1, "box"]),
        ({"colour": "red"}, ["pages", 0, "fields", 1, "colour"]),
    ],
    ids=lambda value: next(iter(value), "") if isinstance(value, dict) else "",
)
def test_a_remark_names_the_key_that_it_is_about(
    author: TestClient, change: dict[str, Any], place: list[Any]
) -> None:
    page = Page(author)
    page.fields[1] |= change
    places = [remark["place"] for remark in page.send("check").json()["remarks"]]
    assert any(found[: len(place)] == place for found in places), places


@pytest.mark.parametrize(
    "design", [{}, {"pages": "x"}, {"pages": [{}]}, {"pages": [{"fields": 1}]}, {"pages": []}]
)
def test_what_is_no_design_is_refused_in_words(author: TestClient, design: dict[str, Any]) -> None:
    page = Page(author)
    page.design = design
    answer = page.send("check")
    assert (answer.status_code, answer.json()["kind"]) == (400, "design_broken")


def test_a_page_cannot_point_the_form_at_another_file(author: TestClient, studio: Studio) -> None:
    page = Page(author)
    page.design["pages"][0]["blank"] = "../../../etc/passwd"
    page.design["form"] = "../../evil"
    page.fields[1]["cells"] = 9
    assert page.save().status_code == 200
    data, _ = read_yaml(studio.shelf.folder / KOUZA)
    assert (data["form"], data["pages"][0]["blank"]) == ("kouza_furikae", "blanks/kouza_furikae.pdf")


def test_a_draft_is_its_authors_alone(
    town: tuple[Office, TestClient, TestClient], author: TestClient
) -> None:
    page = Page(author)
    other = town[2]
    assert other.get(page.url).status_code == 404
    assert other.get("/forms/drafts/../../etc").status_code == 404
    assert page.url.rsplit("/", 1)[1] not in other.get("/forms").text


def test_a_draft_that_nobody_touches_goes_away_with_its_scans(office: Office, author: TestClient) -> None:
    page = Page(author)
    assert office.desk.studio is not None
    drafts = office.desk.studio.drafts
    assert drafts.sweep(office.clock() + timedelta(days=6)) == 0
    assert drafts.sweep(office.clock() + timedelta(days=8)) == 1
    assert list(drafts.folder.iterdir()) == []
    assert page.send("check").status_code == 404


@pytest.mark.parametrize(
    ("name", "form", "content", "kind"),
    [
        ("memo.pdf", "memo", b"just words", "file_unknown"),
        ("empty.pdf", "memo", b"", "file_empty"),
        ("page.html", "memo", b"<html><script>alert(1)</script>", "file_unknown"),
        ("a.png", "../../etc/cron", b"\x89PNG\r\n\x1a\n", "name_wrong"),
        ("a.png", "<b>x</b>", b"\x89PNG\r\n\x1a\n", "name_wrong"),
        ("a.png", "x" * 100, b"\x89PNG\r\n\x1a\n", "name_wrong"),
    ],
)
def test_a_file_or_name_that_cannot_be_a_blank_is_refused_in_words(
    author: TestClient, studio: Studio, name: str, form: str, content: bytes, kind: str
) -> None:
    page = Page(author)
    answer = author.post(
        "/forms/drafts", params={"form": form, "name": name}, content=content, headers=page.headers
    )
    assert (answer.status_code, answer.json()["kind"]) == (400, kind)
    assert len(list(studio.drafts.folder.iterdir())) == 1  # nothing of the upload is left


def test_a_file_beyond_the_limit_is_refused(
    studio: Studio, author: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = studio.settings.inbox.model_copy(update={"max_megabytes": 0.001})
    monkeypatch.setattr(studio, "settings", studio.settings.model_copy(update={"inbox": small}))
    page = Page(author)
    answer = page.upload("/forms/drafts?form=big&name=big.pdf", b"%PDF-" + b"x" * 2000)
    assert (answer.status_code, answer.json()["kind"]) == (400, "file_too_large")


def test_a_name_from_another_system_stays_a_name(author: TestClient, studio: Studio) -> None:
    page = Page(author)
    made = page.upload("/forms/drafts?form=blank&name=../../etc/<b>passwd.png", b"\x89PNG\r\n\x1a\n")
    draft = studio.drafts.find(made.json()["draft"], "sato")
    assert draft is not None
    assert (draft.blank, draft.blank_name) == ("blank.png", "<b>passwd.png")
    assert "<b>passwd" not in author.get("/forms").text


def test_a_blank_for_a_form_that_is_there_makes_its_next_version(author: TestClient, studio: Studio) -> None:
    page = Page(author)
    made = page.upload("/forms/drafts?form=kouza_furikae&name=new.png", b"\x89PNG\r\n\x1a\n")
    draft = studio.drafts.find(made.json()["draft"], "sato")
    assert draft is not None and draft.version == 2


def test_a_file_of_three_hundred_pages_is_refused_before_it_is_looked_at(
    studio: Studio, author: TestClient, tmp_path: Path
) -> None:
    canvas = Canvas(str(tmp_path / "long.pdf"))
    for _ in range(300):
        canvas.showPage()
    canvas.save()
    page = Page(author)
    studio._bench = Workbench()
    made = page.upload("/forms/drafts?form=long&name=long.pdf", (tmp_path / "long.pdf").read_bytes()).json()
    standing = _wait(author, f"/forms/drafts/{made['draft']}/work")
    assert standing["state"] == "refused"
    assert "300" in standing["told"]["what"] + standing["told"]["why"]
    assert "300" in author.get(f"/forms/drafts/{made['draft']}").text


def test_a_child_that_dies_is_told_and_the_next_work_is_done(tmp_path: Path) -> None:
    bench = Workbench()
    broken, whole = tmp_path / "broken", tmp_path / "whole"
    for folder in (broken, whole):
        folder.mkdir()
    Image.new("L", (400, 500), 255).save(whole / "blank.png", dpi=(60, 60))
    limits = {"max_pages": 2, "max_megapixels": 10, "max_megabytes": 10}
    bench.begin(broken, {"do": "nothing known"})
    bench.begin(whole, {"do": "look", "blanks": [[str(whole / "blank.png"), 1]], "limits": limits})
    assert _done(bench, whole).state == "done"
    assert bench.standing(broken).state == "lost"
    assert (whole / "page-1.png").is_file()


def test_a_child_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    bench = Workbench(longest=0.0)
    bench.begin(tmp_path, {"do": "look", "blanks": [], "limits": {}})
    assert _done(bench, tmp_path).state == "lost"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no named pipes in folders")
def test_a_child_goes_when_the_server_is_gone(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "endless.pdf")  # nobody ever writes into it, so looking at it never ends
    blanks = [[str(tmp_path / "endless.pdf"), 1]]
    write_json(tmp_path / TASK, {"do": "look", "blanks": blanks, "limits": {}})
    command = [sys.executable, "-m", "console.design.child", str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
        assert child.stdin is not None
        child.stdin.close()  # as when the server is killed
        assert child.wait(120) == 1
    assert not (tmp_path / RESULT).exists()


def test_versions_stand_side_by_side_with_the_change_in_words(author: TestClient) -> None:
    page = Page(author)
    page.fields[1]["cells"] = 9
    page.save(as_new=True)
    told = author.get("/forms/compare?left=kouza_furikae.yaml&right=kouza_furikae_v2.yaml").text
    assert told.count('<tr class="changed"><td>変更</td>') == 2  # version and cells
    assert "cells: 9}" in told


def test_a_template_that_is_not_on_the_shelf_is_not_shown(author: TestClient) -> None:
    answer = author.get("/forms/compare?left=../hakadori.yaml&right=kouza_furikae.yaml")
    assert answer.status_code == 400
    assert "hakadori.yaml" in answer.text


def test_a_broken_template_is_told_in_the_list_and_hides_no_other(author: TestClient, studio: Studio) -> None:
    (studio.shelf.folder / "broken.yaml").write_text("form: [", encoding="utf-8")
    told = author.get("/forms").text
    assert "読めません" in told
    assert "市税等口座振替依頼書" in told


@pytest.mark.parametrize(
    "text", ["just words", "pages: 3", "pages: [x]", "pages: [{fields: [x]}]", "pages: [{fields: x}]"]
)
def test_a_file_that_is_no_template_is_not_opened(author: TestClient, studio: Studio, text: str) -> None:
    (studio.shelf.folder / "odd.yaml").write_text(text, encoding="utf-8")
    headers = Page(author).headers
    answer = author.post("/forms/edits", data={"file": "odd.yaml"}, headers=headers)
    assert (answer.status_code, answer.json()["kind"]) == (400, "not_editable")
    assert author.get("/forms").status_code == 200


def test_a_revision_is_the_hash_of_the_text(author: TestClient) -> None:
    assert Page(author, QUIET_FORM).given["revision"] == digest_of(form_text(QUIET_FORM))


def _done(bench: Workbench, folder: Path) -> Standing:
    end = time.monotonic() + 120
    while (standing := bench.standing(folder)).state in ("waiting", "working"):
        assert time.monotonic() < end
        time.sleep(0.05)
    return standing


def _wait(client: TestClient, url: str) -> dict[str, Any]:
    end = time.monotonic() + 120
    while (told := client.get(url).json())["state"] in ("waiting", "working"):
        assert time.monotonic() < end
        time.sleep(0.05)
    return dict(told)
