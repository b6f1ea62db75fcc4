"""`hakadori user …` and `hakadori token …` on a real installation."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from console.cli import main
from console.wiring import open_office

PASSWORD = "ねこ-と-いぬ-2026"


@pytest.fixture
def town(tmp_path: Path) -> Path:
    shutil.copytree(Path("configs"), tmp_path / "configs")
    shutil.copytree(Path("samples") / "forms", tmp_path / "samples" / "forms")
    return tmp_path


def call(town: Path, capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    ended = main(["--configs", str(town / "configs"), *words, "--json"])
    said = capsys.readouterr().out
    assert ended == 0, said
    return json.loads(said)


def test_people_are_changed_disabled_and_let_in_again(
    town: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n"))
    call(town, capsys, "user", "add", "sato", "--role", "verifier", "--department", "nouzei")
    changed = call(town, capsys, "user", "change", "sato", "--role", "approver")
    assert (changed["roles"], changed["departments"]) == (["approver"], ["nouzei"])
    assert call(town, capsys, "user", "disable", "sato")["active"] is False
    assert call(town, capsys, "user", "enable", "sato")["active"] is True
    office = open_office(town / "configs")
    secret = office.sign_in.factors.begin("sato", "").secret
    assert len(secret) == 32
    call(town, capsys, "user", "factor-off", "sato")
    assert office.sign_in.factors.begin("sato", "").secret != secret
    deeds = ["user.factor_off", "user.enable", "user.disable", "user.change", "user.add"]
    assert [entry.what for entry in office.audit.entries()] == deeds


def test_a_token_is_shown_once_and_revoked(town: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = call(
        town, capsys, "token", "add", "soumu", "--role", "operator", "--department", "nouzei", "--days", "30"
    )
    office = open_office(town / "configs")
    assert office.tokens.holder(made["token"]) is not None
    listed = call(town, capsys, "token", "list")
    assert [(one["name"], one["state"], "token" in one) for one in listed] == [("soumu", "holds", False)]
    call(town, capsys, "token", "revoke", "soumu")
    assert office.tokens.holder(made["token"]) is None
    assert [entry.what for entry in office.audit.entries()] == ["token.revoke", "token.add"]


def test_a_token_for_no_department_of_ours_is_refused(town: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["token", "add", "soumu", "--role", "operator", "--department", "nozei"]
    assert main(["--configs", str(town / "configs"), *words]) == 2
    assert "nouzei" in capsys.readouterr().err
