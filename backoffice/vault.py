"""Secrets by name: the environment, the machine's own keyring, or an encrypted file, never a declaration.

They are asked in this order: environment `HAKADORI_SECRET_<NAME>`, keyring (where the machine has one), encrypted
file `var/secrets.json`. A secret masks itself wherever it is printed.
"""

import base64
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keyring
from cryptography.fernet import Fernet, InvalidToken
from keyring.errors import KeyringError
from loguru import logger

from backoffice.errors import SecretMissing
from backoffice.files import write_atomically

SERVICE = "hakadori"


class Secret:
    """A secret value that shows itself only to `reveal`."""

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the value itself. Never log it, never put it into a message."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(***)"

    def __str__(self) -> str:
        return "***"


class Vault:
    """Looks secrets up and stores them.

    Args:
        file: The encrypted file; its key lies beside it in `<file>.key`, readable by the owner alone.
        environ: The environment; the process's own by default.
        use_keyring: Ask the machine's keyring as well.
    """

    def __init__(
        self, file: Path, environ: Mapping[str, str] | None = None, *, use_keyring: bool = True
    ) -> None:
        self._file = file
        self._environ = os.environ if environ is None else environ
        self._use_keyring = use_keyring

    def get(self, name: str) -> Secret:
        """Return the secret `name`.

        Raises:
            SecretMissing: It is stored nowhere, or the encrypted file cannot be opened.
        """
        value = self._environ.get(self.variable(name)) or self._from_keyring(name) or self._read().get(name)
        if not value:
            raise SecretMissing(
                "backoffice.secret_missing", where=name, name=name, variable=self.variable(name)
            )
        return Secret(value)

    def has(self, name: str) -> bool:
        """Say whether the secret `name` is stored anywhere.

        Raises:
            SecretMissing: The encrypted file is there but cannot be opened.
        """
        try:
            self.get(name)
        except SecretMissing as error:
            if error.key != "backoffice.secret_missing":
                raise
            return False
        return True

    def put(self, name: str, value: str) -> str:
        """Store a secret in the keyring, or in the encrypted file where there is none.

        Returns:
            "keyring" or "file": where it went.
        """
        if self._use_keyring:
            try:
                keyring.set_password(SERVICE, name, value)
                return "keyring"
            except KeyringError as error:
                logger.debug("no usable keyring ({}), using the encrypted file", type(error).__name__)
        self._put_locked_aside()
        secrets = self._read() | {name: value}
        token = Fernet(self._key()).encrypt(json.dumps(secrets).encode())
        write_atomically(self._file, base64.b64encode(token))
        return "file"

    @staticmethod
    def variable(name: str) -> str:
        """Return the environment variable that may hold the secret `name`."""
        return "HAKADORI_SECRET_" + "".join(c if c.isalnum() else "_" for c in name).upper()

    def _from_keyring(self, name: str) -> str | None:
        if not self._use_keyring:
            return None
        try:
            return keyring.get_password(SERVICE, name)
        except KeyringError as error:
            logger.debug("no usable keyring ({})", type(error).__name__)
            return None

    def _read(self) -> dict[str, str]:
        if not self._file.exists():
            return {}
        if (
            not self._key_file.exists()
        ):  # restored from a backup without its key: a new one would open nothing
            raise SecretMissing("backoffice.secrets_unreadable", where=self._file.name)
        try:
            token = base64.b64decode(self._file.read_bytes())
            secrets: dict[str, Any] = json.loads(Fernet(self._key()).decrypt(token))
            return secrets
        except (InvalidToken, ValueError) as error:
            raise SecretMissing("backoffice.secrets_unreadable", where=self._file.name) from error

    @property
    def _key_file(self) -> Path:
        return self._file.with_suffix(".key")

    def _put_locked_aside(self) -> None:
        """Keep secrets whose key is lost beside the new ones, should the key be found again."""
        if self._file.exists() and not self._key_file.exists():
            self._file.replace(self._file.with_suffix(".locked.json"))

    def _key(self) -> bytes:
        path = self._key_file
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(Fernet.generate_key())
        return path.read_bytes()
