"""Tables about people and programs, beside those of `tables.py`: users, sessions, tokens, second factors, wrong tries.

`database.py` imports this module, so that the metadata are whole wherever a database is opened.
"""

import sqlalchemy as sa

from backoffice.tables import UtcTime, metadata

users = sa.Table(
    "users",
    metadata,
    sa.Column("name", sa.String(100), primary_key=True),
    sa.Column("password_hash", sa.Text, nullable=False),
    sa.Column("roles", sa.JSON, nullable=False),
    sa.Column("departments", sa.JSON, nullable=False),
    sa.Column("active", sa.Boolean, nullable=False, default=True),
    sa.Column("failures", sa.Integer, nullable=False, default=0),
    sa.Column("locked_until", UtcTime),
    sa.Column("session_epoch", sa.Integer, nullable=False, default=0),
    sa.Column("created_at", UtcTime, nullable=False),
)

api_tokens = sa.Table(
    "api_tokens",
    metadata,
    sa.Column("name", sa.String(80), primary_key=True),
    sa.Column("sha256", sa.String(64), nullable=False, unique=True),
    sa.Column("roles", sa.JSON, nullable=False),
    sa.Column("departments", sa.JSON, nullable=False),
    sa.Column("created_by", sa.String(100), nullable=False),
    sa.Column("created_at", UtcTime, nullable=False),
    sa.Column("expires_at", UtcTime, nullable=False),
    sa.Column("revoked_at", UtcTime),
    sa.Column("last_used_at", UtcTime),
)
"""One bearer token for each system that calls the API; only its hash is kept, and a name is never used twice."""

second_factors = sa.Table(
    "second_factors",
    metadata,
    sa.Column("user", sa.ForeignKey("users.name"), primary_key=True),
    sa.Column("secret", sa.Text, nullable=False),
    sa.Column("confirmed_at", UtcTime),
    sa.Column("last_step", sa.BigInteger, nullable=False, default=0),
    sa.Column("recovery", sa.JSON, nullable=False),
)
"""Codes of a telephone beside the password: the secret is encrypted, the recovery codes are hashes."""

sign_in_addresses = sa.Table(
    "sign_in_addresses",
    metadata,
    sa.Column("address", sa.String(64), primary_key=True),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("locked_until", UtcTime),
    sa.Column("last_at", UtcTime, nullable=False),
)
"""Wrong tries to sign in by network address; forgotten a day after the last one."""

open_sessions = sa.Table(
    "open_sessions",
    metadata,
    sa.Column("handle", sa.String(64), primary_key=True),
    sa.Column("user", sa.ForeignKey("users.name"), nullable=False, index=True),
    sa.Column("epoch", sa.Integer, nullable=False),
    sa.Column("begun_at", UtcTime, nullable=False),
    sa.Column("seen_at", UtcTime, nullable=False),
    sa.Column("ended_at", UtcTime),
    sa.Column("address", sa.String(64), nullable=False),
    sa.Column("browser", sa.String(60), nullable=False),
)
"""The browsers that a person is signed in with; `handle` is the hash of the number that stands in the cookie alone."""
