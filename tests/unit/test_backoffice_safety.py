"""Secrets stay secret, logs name nobody, files are whole, the audit trail shows tampering."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from loguru import logger
from sqlalchemy.exc import OperationalError

from backoffice.audit import AuditTrail
from backoffice.database import open_database, upgrade
from backoffice.errors import DeclarationError, SecretMissing, SettingsError
from backoffice.files import replacing, safe_name, sha256_of, write_atomically
from backoffice.logs import mask, set_up_logs, without_words
from backoffice.settings import load_settings
from backoffice.vault import Secret, Vault


def vault(folder: Path, environ: dict[str, str] | None = None) -> Vault:
    return Vault(folder / "secrets.json", environ or {}, use_keyring=False)


def test_a_secret_masks_itself() -> None:
    secret = Secret("himitsu")
    assert f"{secret} {secret!r} {[secret]}" == "*** Secret(***) [Secret(***)]"
    assert secret.reveal() == "himitsu"


def test_keeps_secrets_in_an_encrypted_file(tmp_path: Path) -> None:
    assert vault(tmp_path).put("townoffice_password", "himitsu") == "file"
    assert vault(tmp_path).get("townoffice_password").reveal() == "himitsu"
    assert b"himitsu" not in (tmp_path / "secrets.json").read_bytes()


def test_the_environment_comes_first(tmp_path: Path) -> None:
    vault(tmp_path).put("a", "file")
    assert vault(tmp_path, {"HAKADORI_SECRET_A": "environment"}).get("a").reveal() == "environment"


def test_a_missing_secret_says_how_to_store_it(tmp_path: Path) -> None:
    with pytest.raises(SecretMissing) as caught:
        vault(tmp_path).get("townoffice_password")
    assert caught.value.exit_code == 2
    assert "hakadori secret set townoffice_password" in caught.value.explain("ja")


def test_a_foreign_key_file_is_told(tmp_path: Path) -> None:
    vault(tmp_path).put("a", "b")
    (tmp_path / "secrets.key").unlink()
    with pytest.raises(SecretMissing, match="secrets"):
        vault(tmp_path).get("a")


@pytest.mark.parametrize(
    ("message", "masked"),
    [
        ("number 123456789018 read", "number «12桁» read"),
        ("tel 09012345678", "tel «11桁»"),
        ("tel 090-1234-5678", "tel «11桁»"),
        ("口座:1234567", "口座:«7桁»"),
        ("1234 5678 9018", "«12桁»"),
        ("item 17 of 200 in 3.5 s", "item 17 of 200 in 3.5 s"),
        ("password=himitsu!", "password=***"),
        ("2026-04-01 12:00:00", "2026-04-01 12:00:00"),
    ],
)
def test_logs_mask_what_looks_personal(message: str, masked: str) -> None:
    assert mask(message) == masked


def test_what_is_written_to_the_log_is_masked(tmp_path: Path) -> None:
    set_up_logs(tmp_path, days=1)
    logger.info("account {}", "01234567")
    logger.remove()
    [log] = tmp_path.iterdir()
    assert "01234567" not in log.read_text(encoding="utf-8")
    assert "«8桁»" in log.read_text(encoding="utf-8")


def test_an_error_of_the_database_quotes_no_record(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'x.db'}")
    with pytest.raises(OperationalError) as caught, engine.begin() as connection:
        connection.execute(sa.text("INSERT INTO missing VALUES (:name)"), {"name": "鈴木久美子"})
    assert "missing" in str(caught.value)
    assert "鈴木" not in str(caught.value)


def test_where_an_exception_came_from_is_told_without_its_words() -> None:
    try:
        try:
            int("鈴木久美子")
        except ValueError as error:
            raise KeyError("1960951") from error
    except KeyError as error:
        told = without_words(error)
    assert (
        told.startswith("KeyError\n") and "after ValueError" in told and "test_backoffice_safety.py" in told
    )
    assert "鈴木" not in told and "1960951" not in told


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "list.xlsx"
    write_atomically(path, b"old")
    with pytest.raises(RuntimeError), replacing(path) as draft:
        draft.write_bytes(b"ne")
        raise RuntimeError("power cut")
    assert path.read_bytes() == b"old"
    assert [found.name for found in tmp_path.iterdir()] == ["list.xlsx"]


def test_hashes_content() -> None:
    assert len(sha256_of(Path(__file__))) == 64


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "_.._etc_passwd"),
        ("CON.pdf", "_CON.pdf"),
        ("口座 振替.pdf", "口座 振替.pdf"),
        ("a:b|c?.tif", "a_b_c_.tif"),
        ("...", "_"),
        ("\u202efdp.exe", "_fdp.exe"),
        ("\u200b\u2066\x85.pdf", "___.pdf"),
        ("葛\U000e0100城👨\u200d👩.pdf", "葛\U000e0100城👨\u200d👩.pdf"),
        ("x" * 300 + ".pdf", "x" * 146 + ".pdf"),
    ],
)
def test_file_names_are_made_harmless(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def trail(tmp_path: Path) -> tuple[sa.Engine, AuditTrail]:
    engine = open_database(f"sqlite:///{tmp_path / 'audit.db'}")
    upgrade(engine)
    audit = AuditTrail(engine)
    for number in range(3):
        audit.note("sato", "document.view", f"document/{number}", fields=["氏名"])
    return engine, audit


def test_an_untouched_audit_trail_is_whole(tmp_path: Path) -> None:
    _, audit = trail(tmp_path)
    assert audit.verify() is None
    assert [entry.subject for entry in audit.entries()] == ["document/2", "document/1", "document/0"]


@pytest.mark.parametrize(
    "sql", ["UPDATE audit SET who = 'kato' WHERE id = 2", "DELETE FROM audit WHERE id = 1"]
)
def test_a_changed_audit_trail_is_found(tmp_path: Path, sql: str) -> None:
    engine, audit = trail(tmp_path)
    with engine.begin() as connection:
        connection.execute(sa.text(sql))
    assert audit.verify() == 2


def configs(folder: Path, text: str) -> Path:
    (folder / "configs").mkdir()
    (folder / "configs" / "hakadori.yaml").write_text(text, encoding="utf-8")
    return folder / "configs"


def test_settings_have_defaults_and_folders_beside_configs(tmp_path: Path) -> None:
    settings = load_settings(configs(tmp_path, "town: 見本市\n"), environ={})
    assert settings.var == tmp_path / "var"
    assert settings.web.host == "127.0.0.1"
    assert settings.folder("inbox").is_dir()


def test_the_environment_lies_over_the_settings(tmp_path: Path) -> None:
    environ = {
        "HAKADORI_TARGETS__TOWNOFFICE": "http://127.0.0.1:1",
        "HAKADORI_WEB__PORT": "8701",
        "PATH": "x",
    }
    settings = load_settings(configs(tmp_path, "town: 見本市\n"), environ=environ)
    assert settings.targets == {"townoffice": "http://127.0.0.1:1"}
    assert settings.web.port == 8701


def test_an_environment_variable_fills_a_setting_that_was_left_empty(tmp_path: Path) -> None:
    environ = {"HAKADORI_TARGETS__TOWNOFFICE": "http://127.0.0.1:1"}
    settings = load_settings(configs(tmp_path, "targets:\n"), environ=environ)
    assert settings.targets == {"townoffice": "http://127.0.0.1:1"}


def test_settings_that_are_no_mapping_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DeclarationError, match=r"hakadori\.yaml:1:1"):
        load_settings(configs(tmp_path, "- town\n"), environ={})


def test_secrets_that_cannot_be_opened_are_not_called_missing(tmp_path: Path) -> None:
    vault(tmp_path).put("a", "b")
    (tmp_path / "secrets.key").unlink()
    with pytest.raises(SecretMissing, match="secrets"):
        vault(tmp_path).has("a")


def test_an_environment_variable_that_sets_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="HAKADORI_WEBB__PORT"):
        load_settings(configs(tmp_path, "town: 見本市\n"), environ={"HAKADORI_WEBB__PORT": "1"})
