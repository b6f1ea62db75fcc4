"""The database's password lies in the vault, never in the settings."""

from pathlib import Path

import pytest

from backoffice.errors import DeclarationError
from backoffice.settings import load_settings
from backoffice.settings_engine import with_password
from backoffice.vault import Vault

TOWN = "postgresql+psycopg://hakadori@db.machi.example/hakadori"


def configs(folder: Path, database: str) -> Path:
    (folder / "hakadori.yaml").write_text(f"database: {database}\n", encoding="utf-8")
    return folder


def vault(folder: Path, **secrets: str) -> Vault:
    environ = {f"HAKADORI_SECRET_{name.upper()}": value for name, value in secrets.items()}
    return Vault(folder / "secrets.json", environ, use_keyring=False)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://hakadori:himitsu@db/hakadori",
        "postgresql+psycopg://hakadori@db/hakadori?password=himitsu",
    ],
)
def test_a_password_in_the_url_is_refused_without_being_repeated(tmp_path: Path, url: str) -> None:
    with pytest.raises(DeclarationError, match="hakadori secret set database_password") as told:
        load_settings(configs(tmp_path, url), environ={})
    assert "himitsu" not in told.value.explain()


def test_a_password_in_the_environments_url_is_refused_too(tmp_path: Path) -> None:
    environ = {"HAKADORI_DATABASE": "postgresql+psycopg://hakadori:himitsu@db/hakadori"}
    with pytest.raises(DeclarationError, match="HAKADORI_SECRET_DATABASE_PASSWORD"):
        load_settings(configs(tmp_path, TOWN), environ=environ)


def test_the_vault_s_password_is_laid_into_the_url(tmp_path: Path) -> None:
    settings = load_settings(configs(tmp_path, TOWN), environ={})
    url = with_password(settings.database_url, vault(tmp_path, database_password="p@ss:word"))
    assert url == "postgresql+psycopg://hakadori:p%40ss%3Aword@db.machi.example/hakadori"


def test_a_server_that_asks_for_none_gets_none(tmp_path: Path) -> None:
    assert with_password(TOWN, vault(tmp_path)) == TOWN
    assert with_password("sqlite:///x.db", vault(tmp_path, database_password="x")) == "sqlite:///x.db"
