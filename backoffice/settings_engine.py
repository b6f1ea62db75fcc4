"""The settings of the engine and of the database: one PC with SQLite, or several PCs with PostgreSQL.

A database URL is written into a file that many people read and that lies in backups; a password in it is refused. It
belongs into the vault under the name `database_password`, or into the environment variable of that secret.
"""

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, StringConstraints

from backoffice.declarations import Part, refuse

if TYPE_CHECKING:
    from backoffice.vault import Vault  # database and vault are heavy; the command line's help needs neither

DATABASE_PASSWORD = "database_password"
"""Name of the secret."""
QueueName = Annotated[str, StringConstraints(pattern=r"^\w[\w-]*$", max_length=100)]


class EngineSettings(Part):
    """What fires jobs and carries out their runs."""

    kind: Literal["local", "procrastinate"] = Field(
        "local",
        description="local: この PC だけで動かす。procrastinate: PostgreSQL を通して、hakadori worker を動かす"
        "何台もの PC で分けて動かす。On this PC alone, or on several through PostgreSQL.",
    )
    queue: QueueName = Field(
        "hakadori",
        description="ジョブに queue がないときの行き先。Queue of the jobs that name none.",
    )
    silent_seconds: float = Field(
        60.0,
        ge=2,
        description="ワーカーからこの秒数便りがなければ、その実行は止まったとみなす。"
        "A run whose worker is silent for so long counts as dead.",
    )


def has_password(url: str) -> bool:
    """Say whether a password is written in a URL; one that is no URL is left to `open_database`."""
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        parsed = make_url(url)
    except ArgumentError:
        return False
    return bool(parsed.password) or "password" in {name.lower() for name in parsed.query}


def without_password(url: str) -> str:
    """Return the URL as it was written.

    Raises:
        Refusal: There is a password in it.
    """
    from backoffice.vault import Vault

    if has_password(url):
        raise refuse("engine.database_password_written", variable=Vault.variable(DATABASE_PASSWORD))
    return url


def with_password(url: str, vault: "Vault") -> str:
    """Return the URL with the password that the vault holds for it, for `open_database` alone.

    A URL without a user needs none, nor does SQLite; nor does a server that believes its own machine's users.

    Raises:
        SecretMissing: The vault's file cannot be opened.
    """
    from sqlalchemy import make_url

    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" or not parsed.username or not vault.has(DATABASE_PASSWORD):
        return url
    password = vault.get(DATABASE_PASSWORD).reveal()
    return parsed.set(password=password).render_as_string(hide_password=False)
