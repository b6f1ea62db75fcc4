"""Many verifiers at once over HTTP, without browsers: real sign-ins, real CSRF tokens, real pictures.

Each signs in, opens one document after the other as a browser does (the page, its picture, the crops of the doubtful
fields), saves, and makes it a record. Nobody thinks in between unless told to: that is harder than any office.
"""

from __future__ import annotations

import http.client
import json
import random
import re
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import urlencode, urlsplit

from benchmarks.review_office import PASSWORD, Waiting

TIMEOUT_SECONDS = 120


@dataclass
class Answers:
    """What the verifiers got; times in milliseconds.

    Attributes:
        status: Status → how many.
        save: Of every save.
        record: Of every write that made a record.
        open: Of every page.
        unexpected: What should not have happened, by method and path without numbers.
    """

    status: dict[int, int] = field(default_factory=dict)
    save: list[float] = field(default_factory=list)
    record: list[float] = field(default_factory=list)
    open: list[float] = field(default_factory=list)
    unexpected: list[str] = field(default_factory=list)
    guard: threading.Lock = field(default_factory=threading.Lock, repr=False)


class Verifier:
    """One person's browser, as far as the server sees it."""

    def __init__(self, url: str, name: str, answers: Answers) -> None:
        host = urlsplit(url)
        self._connection = http.client.HTTPConnection(
            str(host.hostname), host.port or 80, timeout=TIMEOUT_SECONDS
        )
        self._name = name
        self._cookie = ""
        self._answers = answers

    def sign_in(self) -> None:
        """Open the page for signing in and send its form."""
        _, _, told = self._ask("GET", "/login")
        csrf = re.search(r'name="csrf" value="([^"]+)"', told.decode())
        assert csrf is not None
        form = urlencode({"name": self._name, "password": PASSWORD, "csrf": csrf[1]})
        self._ask("POST", "/login", form, "application/x-www-form-urlencoded", wanted=303)
        self._connection.close()  # the server ends a connection that is idle until the others have signed in

    def review(self, document: Waiting, pause: Callable[[], object]) -> None:
        """Open a document, save what stands on its paper after a pause, and make it a record."""
        took, _, told = self._ask("GET", f"/documents/{document.id}")
        page = told.decode()
        given = json.loads(page.split('id="given">')[1].split("</script>")[0])
        for picture in re.findall(r'<img src="(/documents/[^"]+)" alt="[^"]*"(?! loading)', page):
            self._ask("GET", picture.replace("&amp;", "&"))
        self._connection.close()  # the server ends a connection that was idle while the person looked
        pause()
        body = {"revision": given["revision"], "view": given["view"], "values": dict(document.truth)}
        saved, _, told = self._write(given, "save", body | {"seconds": 1.5})
        body |= {"revision": json.loads(told)["revision"], "view": json.loads(told)["view"], "values": {}}
        recorded, _, _ = self._write(given, "record", body | {"seconds": 1.5})
        with self._answers.guard:
            self._answers.open.append(took)
            self._answers.save.append(saved)
            self._answers.record.append(recorded)

    def _write(self, given: dict[str, Any], verb: str, body: dict[str, Any]) -> tuple[float, int, bytes]:
        path, words = f"/documents/{given['document']}/{verb}", json.dumps(body)
        return self._ask("POST", path, words, "application/json", token=given["csrf"])

    def _ask(
        self, method: str, path: str, body: str = "", kind: str = "", *, token: str = "", wanted: int = 200
    ) -> tuple[float, int, bytes]:
        headers = {"Cookie": self._cookie} if self._cookie else {}
        headers |= {"Content-Type": kind, "Accept": "application/json"} if kind else {}
        headers |= {"X-CSRF-Token": token} if token else {}
        began = time.perf_counter()
        self._connection.request(method, path, body or None, headers)
        answer = self._connection.getresponse()
        told = answer.read()
        took = (time.perf_counter() - began) * 1000
        self._cookie = (answer.headers.get("set-cookie") or self._cookie).partition(";")[0]
        with self._answers.guard:
            self._answers.status[answer.status] = self._answers.status.get(answer.status, 0) + 1
            if answer.status != wanted:
                self._answers.unexpected.append(f"{answer.status} {method} {re.sub('[0-9]+', 'N', path)}")
        return took, answer.status, told


def review_together(
    url: str, names: Sequence[str], documents: Sequence[Waiting], think: float, *, at_once: bool = False
) -> tuple[Answers, float]:
    """Let all of them review at once, each its share of the documents.

    Args:
        url: The console.
        names: The verifiers.
        documents: What waits.
        think: Seconds that each looks at a document before saving, on average: from half to one and a half times as
            long, drawn by each person's number; the first document is opened within this time. Without it nobody
            pauses, and all begin at the same moment.
        at_once: Instead of looking for a while, each waits until all the others have opened a document too; then all
            press save in the same instant. Everybody needs as many documents as the others.

    Returns:
        The answers, and the seconds from the first request after signing in to the last.
    """
    answers = Answers()
    shares = [list(documents[place :: len(names)]) for place in range(len(names))]
    start, instant = threading.Barrier(len(names) + 1), threading.Barrier(len(names))

    def work(name: str, share: list[Waiting]) -> None:
        verifier = Verifier(url, name, answers)
        verifier.sign_in()
        start.wait(TIMEOUT_SECONDS)
        pace = random.Random(name)
        time.sleep(think * pace.random())
        for document in share:
            look = partial(time.sleep, think * pace.uniform(0.5, 1.5))
            verifier.review(document, partial(instant.wait, TIMEOUT_SECONDS) if at_once else look)

    with ThreadPoolExecutor(len(names)) as pool:
        jobs = [pool.submit(work, name, share) for name, share in zip(names, shares, strict=True)]
        start.wait(TIMEOUT_SECONDS)
        began = time.perf_counter()
        for job in jobs:
            job.result()
    return answers, time.perf_counter() - began
