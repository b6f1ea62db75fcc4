"""操作練習: pages with everything a robot may meet on a page; what is sent from them lies in the database.

They need no login. `GET /__practice` returns what was sent, in order: {"page", "fields", "files": {name: SHA-256}}.
"""

from __future__ import annotations

import asyncio
import hashlib
from urllib.parse import quote

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response, StreamingResponse
from starlette.datastructures import UploadFile

from samples.townoffice.office import office_of
from samples.townoffice.rendering import page

PAGES = {
    "uketsuke": "相談受付票",
    "renraku": "連絡先",
    "shokuin": "職員の選択",
    "ichiran": "相談一覧",
    "fuzoku": "添付書類",
    "soto": "外枠の画面",
    "ugoki": "動きのある画面",
    "jukko": "十項目の登録",
}
NAMES = ("見本一子", "見本二郎", "見本三枝")
LONGEST_SECONDS = 60.0

router = APIRouter()


@router.get("/renshu/{name}")
async def practice_page(request: Request, name: str, labels: str = "old", wait: float = 0.0) -> Response:
    """One of the pages; `labels=new` has changed labels, `wait` answers late (seconds, never when it is longer)."""
    if name not in PAGES:
        raise HTTPException(404)
    await asyncio.sleep(min(wait, LONGEST_SECONDS))
    values = {"labels": labels, "names": NAMES}
    return page(request, f"practice_{name}.html", heading=PAGES[name], screen="REN010", **values)


@router.get("/renshu/bubun/{number}")
async def part(number: int) -> Response:
    """The next rows of the list that grows while one scrolls; the third and last part comes late."""
    await asyncio.sleep(0.2)
    rows = [f"<li>相談{number * 10 + at:03d}</li>" for at in range(10)] if number < 3 else []
    return Response("".join(rows), media_type="text/html; charset=utf-8")


@router.get("/renshu/file/{name}")
async def download(name: str, wait: float = 0.0, cut: bool = False) -> Response:
    """A CSV file with a Japanese name; with `cut` the line breaks before its end."""

    async def content() -> object:  # type: ignore[misc]
        yield "番号,氏名\r\n".encode("cp932")
        await asyncio.sleep(min(wait, LONGEST_SECONDS))
        if cut:
            raise ConnectionResetError
        yield "0001,見本一子\r\n".encode("cp932")

    named = f"attachment; filename*=UTF-8''{quote(f'../{name}/一覧.csv', safe='')}"
    length = {"Content-Length": "25"} if cut else {}
    return StreamingResponse(
        content(), media_type="text/csv", headers={"Content-Disposition": named, **length}
    )


@router.post("/renshu/{name}")
async def sent(request: Request, name: str) -> Response:
    """Store what was sent and say so."""
    if name not in PAGES:
        raise HTTPException(404)
    form = await request.form()
    fields: dict[str, list[str]] = {}
    files: dict[str, str] = {}
    for key, value in form.multi_items():
        if isinstance(value, UploadFile):
            if value.filename:
                files[value.filename] = hashlib.sha256(await value.read()).hexdigest()
        else:
            fields.setdefault(key, []).append(value)
    number = office_of(request).store.practise(name, {"page": name, "fields": fields, "files": files})
    return page(request, "practice_done.html", heading="受付完了", screen="REN020", number=f"{number:05d}")


@router.get("/__practice")
async def practised(request: Request) -> list[object]:
    """Everything that was sent from the practice pages."""
    return office_of(request).store.practised()
