"""Traces of Playwright, made harmless: a raw trace keeps cookies, passwords and everything that was typed.

A trace is recorded without pictures and without copies of the pages, begins after the login, and is thrown away when a
step typed a secret. What is left is rewritten before it is kept: cookies and authorisations, the bodies of requests
and answers, and the queries of addresses go; personal values become ●●. It still says what was done, in which
order, how long each call took, and what the target answered with. Open it with `playwright show-trace FILE`.
"""

import json
from collections.abc import Collection
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from robots.hiding import hide

_KEPT = (".trace", ".network", ".stacks")
_SECRET_HEADERS = {
    "cookie",
    "set-cookie",
    "authorization",
    "proxy-authorization",
    "x-csrf-token",
    "referer",
    "location",
}
_DROPPED = {"cookies", "postData", "queryString", "_sha1", "snapshot", "snapshots"}
_ADDRESSES = {"url", "redirectURL", "urlString"}


def clean_trace(raw: Path, kept: Path, private: Collection[str]) -> None:
    """Write a trace without what nobody may see, and remove the raw one.

    Args:
        raw: As Playwright wrote it.
        kept: Where the harmless one goes.
        private: Personal values of the item.

    Raises:
        OSError: It cannot be written; the raw trace is removed all the same.
    """
    try:
        with ZipFile(raw) as whole, ZipFile(kept, "w", ZIP_DEFLATED) as rest:
            for name in whole.namelist():
                if name.endswith(_KEPT):
                    lines = whole.read(name).decode("utf-8").splitlines()
                    rest.writestr(name, "\n".join(_clean_line(line, private) for line in lines if line))
    finally:
        raw.unlink(missing_ok=True)


def _clean_line(line: str, private: Collection[str]) -> str:
    return json.dumps(_clean(json.loads(line), private), ensure_ascii=False)


def _clean(value: Any, private: Collection[str]) -> Any:
    if isinstance(value, dict):
        return {
            key: _clean_member(key, inner, private) for key, inner in value.items() if key not in _DROPPED
        }
    if isinstance(value, list):
        kept = [one for one in value if not _is_secret_header(one)]
        return [_clean(one, private) for one in kept]
    return hide(value, private) if isinstance(value, str) else value


def _clean_member(key: str, value: Any, private: Collection[str]) -> Any:
    if key in _ADDRESSES and isinstance(value, str):
        return value.partition("?")[0]
    return _clean(value, private)


def _is_secret_header(one: Any) -> bool:
    return isinstance(one, dict) and str(one.get("name", "")).lower() in _SECRET_HEADERS
