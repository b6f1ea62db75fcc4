"""The command line: exit codes, and messages that say what, where, why and what to do."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from backoffice.messages import use_language
from console.cli import main

CONFIGS = Path("configs")


@pytest.fixture(autouse=True)
def japanese() -> None:
    use_language("ja")


@pytest.fixture
def configs(tmp_path: Path) -> Path:
    shutil.copytree(CONFIGS, tmp_path / "configs")
    shutil.copytree(Path("samples") / "forms", tmp_path / "samples" / "forms")
    return tmp_path / "configs"


def call(configs: Path, *words: str) -> int:
    return main(["--configs", str(configs), "--var", str(configs.parent / "var"), *words])


def as_if_piped(monkeypatch: pytest.MonkeyPatch, words: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(words))


def test_help_is_in_japanese() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "console", "--help"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0
    assert "読み取り" in done.stdout


def test_help_loads_none_of_the_heavy_rooms() -> None:
    code = (
        "import sys; from console.cli import main; main(['--help']);"
        "print(sorted({'paddleocr','cv2','playwright','fastapi','apscheduler','sqlalchemy'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_language_is_taken_wherever_it_stands(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ocr", "read", "none.pdf", "--language", "en"]) == 2
    assert "The file does not exist: none.pdf" in capsys.readouterr().err


def test_a_wrong_command_ends_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["jobb"]) == 2
    told = capsys.readouterr().err
    assert "コマンドの書き方が正しくありません" in told
    assert "対処: hakadori --help" in told


def test_a_missing_file_ends_with_2_and_is_json_when_asked(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ocr", "read", "none.pdf", "--json"]) == 2
    out, err = capsys.readouterr()
    assert err.splitlines()[0] == "none.pdf: ファイルがありません: none.pdf"
    assert json.loads(out)["error"]["key"] == "backoffice.file_missing"


def test_an_unknown_form_is_answered_with_the_nearest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scan = tmp_path / "a.pdf"
    scan.write_bytes(b"%PDF-1.4")
    assert main(["ocr", "read", str(scan), "--form", "kouza_furikaee"]) == 2
    told = capsys.readouterr().err
    assert "様式「kouza_furikaee」はありません" in told
    assert "もしかして: kouza_furikae" in told


def test_broken_yaml_tells_line_and_column(configs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    form = configs / "forms" / "kouza_furikae.yaml"
    form.write_text("form: kouza\n  title: [\n", encoding="utf-8")
    assert call(configs, "form", "check", str(form)) == 2
    assert "kouza_furikae.yaml:2:" in capsys.readouterr().err


def test_an_unknown_key_is_answered_with_the_nearest(
    configs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = configs / "hakadori.yaml"
    settings.write_text(settings.read_text(encoding="utf-8").replace("web:", "wev:"), encoding="utf-8")
    assert call(configs, "job", "history") == 2
    told = capsys.readouterr().err
    assert "hakadori.yaml:" in told
    assert "項目「wev」は使えません" in told
    assert "もしかして: web" in told


def test_an_unknown_environment_setting_ends_with_2(
    configs: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HAKADORI_WEBB__PORT", "1")
    assert call(configs, "job", "history") == 2
    assert "HAKADORI_WEBB__PORT" in capsys.readouterr().err


def test_a_missing_secret_ends_with_2_before_anything_is_touched(
    configs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(configs, "robot", "run", "kouza_touroku") == 2
    assert "秘密「townoffice_password」が登録されていません" in capsys.readouterr().err


def test_an_unknown_robot_job_and_item_end_with_2(configs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(configs, "robot", "explain", "kouza_tourok") == 2
    assert "もしかして: kouza_touroku" in capsys.readouterr().err
    assert call(configs, "job", "run", "nouzei_yomitor") == 2
    assert "nouzei_yomitori" in capsys.readouterr().err
    assert call(configs, "items", "show", "99") == 2


def test_a_form_that_is_in_order_is_told_so(configs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(configs, "form", "check", str(configs / "forms" / "yobou_yoshin.yaml"), "--json") == 0
    assert json.loads(capsys.readouterr().out)["pages"] == 2


def test_a_robot_that_is_in_order_is_told_so(configs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(configs, "robot", "validate", "kouza_touroku", "--json") == 0
    assert json.loads(capsys.readouterr().out)["secrets_missing"] == ["townoffice_password"]


def test_a_user_is_added_with_the_password_from_standard_input(
    configs: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    as_if_piped(monkeypatch, "a long password\n")
    assert call(configs, "user", "add", "sato", "--role", "verifier", "--department", "納税課", "--json") == 0
    added = json.loads(capsys.readouterr().out)
    assert added == {"name": "sato", "roles": ["verifier"], "departments": ["nouzei"], "active": True}
    assert call(configs, "audit", "verify") == 0


def test_an_unknown_department_is_answered_with_the_nearest(
    configs: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    as_if_piped(monkeypatch, "a long password\n")
    assert call(configs, "user", "add", "sato", "--role", "verifier", "--department", "nouzee") == 2
    assert "もしかして: nouzei" in capsys.readouterr().err


def test_a_secret_is_read_from_standard_input_and_never_printed(
    configs: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    as_if_piped(monkeypatch, "hush-hush-1234\n")
    assert call(configs, "secret", "set", "townoffice_password") == 0
    out, err = capsys.readouterr()
    assert "hush" not in out + err
    assert call(configs, "robot", "validate", "kouza_touroku", "--json") == 0
    assert json.loads(capsys.readouterr().out)["secrets_missing"] == []


def test_an_empty_report_is_written_and_told(configs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    workbook = configs.parent / "report.xlsx"
    words = ("report", "time-saved", "--from", "2026-04", "--to", "2027-03", "--xlsx", str(workbook))
    assert call(configs, *words, "--json") == 0
    assert json.loads(capsys.readouterr().out)["total"]["items"] == 0
    assert workbook.read_bytes()[:2] == b"PK"


def test_a_month_that_is_none_ends_with_2(configs: Path) -> None:
    assert call(configs, "report", "time-saved", "--from", "2026-13", "--to", "2027-03") == 2


def test_schemas_name_every_declaration(configs: Path) -> None:
    assert call(configs, "schema") == 0
    written = {path.name for path in (configs / "schema").iterdir()}
    assert written == {f"{name}.schema.json" for name in ("hakadori", "form", "robot", "job", "workload")}
    form = json.loads((configs / "schema" / "form.schema.json").read_text(encoding="utf-8"))
    assert form["properties"]["key"]["description"]


def test_init_makes_an_installation_that_is_in_order(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["init", str(tmp_path / "town"), "--json"]) == 0
    configs = tmp_path / "town" / "configs"
    assert (tmp_path / "town" / "var" / "inbox" / "nouzei").is_dir()
    capsys.readouterr()
    assert main(["--configs", str(configs), "job", "list", "--json"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 6
    assert main(["init", str(tmp_path / "town"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["written"] == []


def test_our_own_fault_ends_with_10_and_names_a_log_without_values(
    configs: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ValueError("山田太郎 0312345678")

    monkeypatch.setattr("backoffice.runs.RunBook.history", broken)
    assert call(configs, "job", "history", "--json") == 10
    out, err = capsys.readouterr()
    log = configs.parent / "var" / "logs" / "faults.log"
    assert str(log) in err
    assert "Traceback" not in err
    assert json.loads(out)["error"]["key"] == "console.own_fault"
    told = log.read_text(encoding="utf-8")
    assert "ValueError" in told
    assert "山田" not in told + out + err


def test_settling_needs_a_reason_and_a_known_choice(
    configs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(configs, "items", "settle", "1", "--as", "don", "--why", "seen", "--who", "sato") == 2
    assert "もしかして: done" in capsys.readouterr().err
    assert call(configs, "items", "settle", "1", "--as", "done", "--why", " ", "--who", "sato") == 2
