"""How the rights test calls each route: what stands in its path, and the smallest request that the route takes.

A route without path parameters and without a body needs no line here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from console_desk import PASSWORD, VALUES, Office
from designer_desk import QUIET_FORM, quiet_design, quiet_draft
from robots_desk import quiet_draft as quiet_robot_draft
from robots_desk import quiet_hash, quiet_script, quiet_trial, robot_name

from backoffice.document import DocumentState, Field, NewDocument
from backoffice.runs import RunState
from backoffice.work_items import State, WorkItem

OWN, OTHER = "nouzei", "kenkou"
PROCESSES = {OWN: "kouza_furikae", OTHER: "kenshin"}


class Things:
    """Makes one fresh thing of a department for each request, so that no request meets what another one left."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self._made = 0

    def number(self) -> int:
        self._made += 1
        return self._made

    def document(self, department: str) -> int:
        """A document that waits for a person: one doubtful field, a page picture and a crop."""
        number, desk = self.number(), self.office.desk
        file = desk.documents.claim_file(
            department, f"{number}.pdf", f"{number:064d}", 1, f"originals/{number}"
        )
        form = desk.forms["kouza_furikae"]
        values = VALUES | {"通知書番号": f"{number:010d}"}
        fields = tuple(
            Field(
                name=one.name,
                kind=one.kind,
                page=page,
                value=values[one.name],
                read_value=values[one.name],
                probability=1.0,
                accepted=one.name != "口座番号",
                reason="",
                candidates=(),
                crop="crops/one.png",
                box=(0, 0, 9, 9),
                personal=one.personal,
            )
            for page, one in form.fields()
        )
        picture = {"source_page": 1, "form_page": 1, "picture": "crops/one.png"}
        (desk.settings.folder("crops") / "one.png").write_bytes(b"picture")
        return desk.documents.add_document(
            NewDocument(file.id, 0, department, form.form, form.version, (picture,), fields)
        )

    def returned(self, department: str) -> int:
        """A document that was sent back to its department."""
        document = self.document(department)
        closed = self.office.desk.documents.close(document, 0, DocumentState.RETURNED, reason="t", who="t")
        return closed.id

    def file(self, department: str) -> int:
        return self.office.desk.documents.get(self.document(department)).file_id

    def item(self, department: str) -> int:
        """An item in doubt."""
        ledger, process = self.office.desk.ledger, PROCESSES[department]
        key = str(self.number())
        ledger.put(process, key, {"氏名": "見本　太郎"}, who="t", why="t")
        claimed = ledger.claim(process, run="r", who="t", keys=[key])
        assert isinstance(claimed, WorkItem)
        ledger.move(
            ledger.move(claimed, State.COMMITTING, who="t", why="t"), State.IN_DOUBT, who="t", why="t"
        )
        return claimed.id

    def run(self, department: str) -> str:
        book = self.office.desk.runs
        run = book.enter(f"{department}_yomitori", "read", f"now-{self.number()}", "person")
        kept = self.office.desk.settings.folder("evidence") / run.id / "setup"
        kept.mkdir(parents=True)
        (kept / "failure.jpg").write_bytes(b"picture")
        return book.finish(run.id, RunState.DONE, counts={"read": 1}).id

    def draft(self, _department: str) -> str:
        """A draft of the form designer, of the one role that may have one."""
        desk = self.office.desk
        assert desk.studio is not None
        return quiet_draft(desk.studio, "author", desk.clock())

    def trial(self, department: str) -> str:
        """A trial of the department's robot."""
        assert self.office.desk.robots is not None
        return quiet_trial(self.office.desk.robots, department, "author")

    def robot_draft(self, department: str) -> int:
        """An unfinished text for the department's robot."""
        assert self.office.desk.robots is not None
        return quiet_robot_draft(self.office.desk.robots, department, "author")

    def path(self, path: str, department: str) -> str:
        """Fill in what a route's path names."""
        for name, make in PARAMETERS.items():
            if f"{{{name}}}" in path:
                path = path.replace(f"{{{name}}}", str(make(self, department)))
        assert "{" not in path, f"tests/integration/route_calls.py must know the parameters of {path}"
        return path


PARAMETERS: Mapping[str, Callable[[Things, str], object]] = {
    "document_id": Things.document,
    "returned_id": Things.returned,
    "file_id": Things.file,
    "item_id": Things.item,
    "run_id": Things.run,
    "job": lambda _things, department: f"{department}_yomitori",
    "draft_id": Things.draft,
    "robot": lambda _things, department: robot_name(department),
    "trial_id": Things.trial,
    "draft_number": Things.robot_draft,
    "part": lambda _things, _department: "setup",
    "name": lambda _things, _department: "failure.jpg",
    "number": lambda _things, _department: 1,
    "page": lambda _things, _department: 1,
    "position": lambda _things, _department: 0,
}
"""Name of a path parameter → makes what it names, of a department."""


@dataclass(frozen=True)
class Call:
    """What a request carries.

    `{view}` in the query is a view token of the document in the path, `{department}` in a form the department that is
    asked about, `{number}` a fresh number, `{code}` what the person's telephone shows. `scan` names the field of a
    file; each time it is another one. `files` are sent as they are.
    """

    json: dict[str, Any] | None = None
    form: dict[str, str] | None = None
    query: str = ""
    content: bytes | None = None
    scan: str = ""
    files: dict[str, tuple[str, bytes]] | None = None


SURVEY = (
    "所属,分類,業務名,作業の種類,年間時間,年間件数,媒体\n納税課,税・債権,口座振替,入力,100,1000,紙\n".encode()
)
DESIGN = "/forms/drafts/{draft_id}"
ROBOT = "/robots/{robot}"
CALLS: Mapping[str, Call] = {
    "GET /forms/compare": Call(query=f"?left={QUIET_FORM}&right={QUIET_FORM}"),
    "POST /forms/drafts": Call(query="?form=blank&name=blank.png", content=b"\x89PNG\r\n\x1a\n"),
    "POST /forms/edits": Call(form={"file": QUIET_FORM}),
    f"POST {DESIGN}/scan": Call(query="?name=scan.png", content=b"\x89PNG\r\n\x1a\n"),
    **{f"POST {DESIGN}/{verb}": Call(json=quiet_design()) for verb in ("check", "try", "difference", "save")},
    "GET /documents/{document_id}/pages/{page}/picture": Call(query="?view={view}"),
    "GET /documents/{document_id}/fields/{position}/crop": Call(query="?view={view}"),
    "POST /documents/{document_id}/save": Call(json={"revision": 0, "values": {"口座番号": "7654321"}}),
    "POST /documents/{document_id}/record": Call(json={"revision": 0, "values": {"口座番号": "7654321"}}),
    "POST /documents/{document_id}/discard": Call(json={"revision": 0, "reason": "重複"}),
    "POST /groups/confirm": Call(json={"tiles": []}),
    "POST /documents/{document_id}/time": Call(json={"seconds": 0}),
    "POST /documents/{document_id}/skip": Call(json={"revision": 0}),
    "POST /documents/{document_id}/comment": Call(json={"text": "確認中"}),
    "POST /documents/{document_id}/return": Call(json={"revision": 0, "reason": "記入もれ"}),
    "POST /api/v1/documents/{document_id}/comments": Call(json={"text": "確認中"}),
    "POST /api/v1/documents/{document_id}/return": Call(json={"revision": 0, "reason": "記入もれ"}),
    "POST /api/v1/documents/{returned_id}/take-up": Call(json={"revision": 1}),
    "POST /documents/{returned_id}/take-up": Call(json={"revision": 1}),
    "POST /documents/{document_id}/suggest": Call(query="?view={view}", json={"field": "住所"}),
    "POST /workload": Call(form={"survey": "調査"}, files={"file": ("a.csv", SURVEY)}),
    "POST /baselines/{job}": Call(form={"valid_from": "2999-04-01", "source": "file", "why": "点検"}),
    "GET /robots/new": Call(query="?name=atarashii&title=mihon&beginning=shoukai"),
    f"GET {ROBOT}/compare": Call(query="?left=present"),
    **{f"POST {ROBOT}/{verb}": Call(json=quiet_script(OWN)) for verb in ("check", "difference", "save")},
    f"POST {ROBOT}/draft": Call(json={"text": "title: 下書き\n"}),
    f"POST {ROBOT}/drafts/{{draft_number}}/drop": Call(form={}),
    f"POST {ROBOT}/try": Call(json={"text": quiet_script(OWN)["text"]}),
    f"POST {ROBOT}/trials": Call(form={"way": "sample", "limit": "1"}),
    f"POST {ROBOT}/trials/{{trial_id}}/stop": Call(form={}),
    f"POST {ROBOT}/approve": Call(form={"sha256": quiet_hash(OWN)}),
    f"POST {ROBOT}/refuse": Call(form={"sha256": quiet_hash(OWN), "why": "確認の手順がない"}),
    "POST /logout": Call(form={}),
    "POST /account/password": Call(form={"old": PASSWORD, "new": PASSWORD}),
    "POST /account/factor": Call(form={"password": PASSWORD}),
    "POST /account/factor/confirm": Call(form={"code": "{code}"}),
    "POST /account/factor/drop": Call(form={"password": PASSWORD}),
    "POST /account/sessions/end": Call(form={"handle": "0" * 64}),
    "POST /tokens/add": Call(form={"name": "system {number}", "roles": "operator", "days": "30"}),
    "POST /tokens/revoke": Call(form={"name": "system spare"}),
    "POST /users/add": Call(form={"name": "new {number}", "password": PASSWORD, "roles": "verifier"}),
    "POST /users/change": Call(form={"name": "spare", "roles": "operator"}),
    "POST /users/password": Call(form={"name": "spare", "password": PASSWORD}),
    "POST /users/disable": Call(form={"name": "spare"}),
    "POST /users/enable": Call(form={"name": "spare"}),
    "POST /users/factor": Call(form={"name": "spare"}),
    "POST /submit": Call(form={"department": "{department}"}, scan="file"),
    "POST /jobs/{job}/run": Call(form={}),
    "POST /jobs/{job}/rehearse": Call(form={}),
    "POST /jobs/{job}/pause": Call(form={"why": "点検"}),
    "POST /jobs/{job}/resume": Call(form={}),
    "POST /runs/{run_id}/stop": Call(form={"why": "点検"}),
    "POST /items/retry": Call(form={"why": "直った"}),
    "POST /items/settle": Call(form={"why": "確かめた", "to": "done"}),
    "POST /api/v1/documents": Call(form={"department": "{department}"}, scan="file"),
    "POST /api/v1/items/{item_id}/settle": Call(json={"to": "done", "why": "確かめた"}),
    "POST /api/v1/jobs/{job}/run": Call(json={}),
    "POST /api/v1/jobs/{job}/pause": Call(json={"why": "点検"}),
    "POST /api/v1/jobs/{job}/resume": Call(json={}),
}
"""Route → the smallest request that it takes, with which somebody who may use it gets an answer below 400."""
