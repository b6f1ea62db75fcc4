"""Codes of a telephone beside the password (TOTP, RFC 6238), and recovery codes for the day the telephone is lost.

The secret is encrypted in the database with a key that comes from the installation's own secret file, so that a copy of
the database alone opens nothing. A code holds once: a code that was used, or one older than it, is refused.
"""

import base64
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

import pyotp
import sqlalchemy as sa
import zxingcpp
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from backoffice.clock import Clock, utc_now
from backoffice.people_tables import second_factors
from console.errors import ArgumentWrong, LoginRefused

STEP_SECONDS = 30
DRIFT_STEPS = 1
"""Clocks of telephones may be wrong by so many steps."""
RECOVERY_CODES = 10


@dataclass(frozen=True)
class Enrolment:
    """What a person puts into the telephone; shown once, holds after a first code was confirmed."""

    secret: str
    uri: str

    @property
    def picture(self) -> str:
        """The QR code as SVG, made on this machine."""
        code = zxingcpp.create_barcode(self.uri, zxingcpp.BarcodeFormat.QRCode)
        svg = code.to_svg(scale=5)
        return str(svg[svg.index("<svg") :])


class SecondFactors:
    """Second factors over one database.

    Args:
        engine: The migrated database.
        secret: The installation's secret (`sessions.session_secret`).
        clock: The present moment.
    """

    def __init__(self, engine: sa.Engine, secret: bytes, clock: Clock = utc_now) -> None:
        key = HKDF(SHA256(), 32, salt=None, info=b"second factor").derive(secret)
        self._box = Fernet(base64.urlsafe_b64encode(key))
        self._engine = engine
        self._clock = clock

    def begin(self, user: str, town: str) -> Enrolment:
        """Give a person a fresh secret; it holds only after `confirm`.

        Raises:
            ArgumentWrong: The person has a second factor in force.
        """
        if self.is_on(user):
            raise ArgumentWrong("people.factor_is_on", where=user)
        secret = pyotp.random_base32()
        row = {
            "user": user,
            "secret": self._box.encrypt(secret.encode()).decode(),
            "last_step": 0,
            "recovery": [],
        }
        with self._engine.begin() as connection:
            connection.execute(sa.delete(second_factors).where(second_factors.c.user == user))
            connection.execute(sa.insert(second_factors).values(row))
        return _enrolment(secret, user, town)

    def begun(self, user: str, town: str) -> Enrolment | None:
        """Return what was begun and is not in force yet, so that a mistyped first code costs nothing; else None."""
        row = self._row(user)
        if row is None or row.confirmed_at is not None:
            return None
        try:
            return _enrolment(self._box.decrypt(row.secret.encode()).decode(), user, town)
        except InvalidToken:
            return None

    def confirm(self, user: str, code: str) -> list[str]:
        """Put a second factor in force with its first code, and return the recovery codes, which are shown once.

        Raises:
            LoginRefused: The code is wrong, or none was begun.
        """
        row = self._row(user)
        if row is None or row.confirmed_at is not None or not self._spend_code(row, code):
            raise LoginRefused("people.code_wrong")
        codes = [
            f"{secrets.randbelow(10**5):05d}-{secrets.randbelow(10**5):05d}" for _ in range(RECOVERY_CODES)
        ]
        self._change(user, confirmed_at=self._clock(), recovery=[_hash(user, one) for one in codes])
        return codes

    def is_on(self, user: str) -> bool:
        """Say whether a person must give a code."""
        row = self._row(user)
        return row is not None and row.confirmed_at is not None

    def fits(self, user: str, code: str) -> bool:
        """Check a code of the telephone, or spend a recovery code; each holds once."""
        row = self._row(user)
        if row is None or row.confirmed_at is None:
            return False
        return self._spend_code(row, code) or self._spend_recovery(row, code)

    def drop(self, user: str) -> None:
        """Take a person's second factor away."""
        with self._engine.begin() as connection:
            connection.execute(sa.delete(second_factors).where(second_factors.c.user == user))

    def _spend_code(self, row: sa.Row[Any], code: str) -> bool:
        step = self._step_of(row, code)
        if step is None:
            return False
        newer = sa.update(second_factors).where(
            second_factors.c.user == row.user, second_factors.c.last_step < step
        )
        with self._engine.begin() as connection:
            return connection.execute(newer.values(last_step=step)).rowcount == 1

    def _step_of(self, row: sa.Row[Any], code: str) -> int | None:
        """Return the step of time that a code belongs to; None when it belongs to none near now."""
        try:
            telephone = pyotp.TOTP(self._box.decrypt(row.secret.encode()).decode())
        except InvalidToken:  # another installation's database: nobody gets in by it
            return None
        typed, now = "".join(code.split()), _step(self._clock())
        steps = range(now - DRIFT_STEPS, now + DRIFT_STEPS + 1)
        return next((step for step in steps if telephone.verify(typed, for_time=step * STEP_SECONDS)), None)

    def _spend_recovery(self, row: sa.Row[Any], code: str) -> bool:
        mine, hashed = second_factors.c.user == row.user, _hash(row.user, code)
        if hashed not in row.recovery:
            return False
        with (
            self._engine.begin() as connection
        ):  # looked at again under its lock: it may have been spent just now
            kept = sa.select(second_factors.c.recovery).where(mine).with_for_update()
            left = connection.execute(kept).scalar() or []
            if hashed not in left:
                return False
            left = [one for one in left if one != hashed]
            connection.execute(sa.update(second_factors).where(mine).values(recovery=left))
        return True

    def _change(self, user: str, **changes: Any) -> None:
        with self._engine.begin() as connection:
            connection.execute(sa.update(second_factors).where(second_factors.c.user == user).values(changes))

    def _row(self, user: str) -> sa.Row[Any] | None:
        with self._engine.connect().execution_options(read_only=True) as connection:
            return connection.execute(sa.select(second_factors).where(second_factors.c.user == user)).first()


def _enrolment(secret: str, user: str, town: str) -> Enrolment:
    return Enrolment(secret, pyotp.TOTP(secret).provisioning_uri(name=user, issuer_name=f"Hakadori {town}"))


def _step(now: datetime) -> int:
    return int(now.timestamp()) // STEP_SECONDS


def _hash(user: str, code: str) -> str:
    """Return the hash of a recovery code: ten random digits, and wrong tries lock the name.

    However the digits were typed, full-width or without the hyphen, they count as they were shown.
    """
    digits = "".join(sign for sign in unicodedata.normalize("NFKC", code) if sign.isdigit())
    return sha256(f"{user}\n{digits[:5]}-{digits[5:]}".encode()).hexdigest()
