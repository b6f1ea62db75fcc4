"""Japanese on an English page: what comes from the town's own data may stand there, what is ours may not."""

from __future__ import annotations

import re

import sqlalchemy as sa
from playwright.sync_api import Page

from console.wiring import Office
from scheduler.days import KNOWN_DAYS

WRITTEN = ("*.yaml", "*.json", "*.jsonl", "*.log", "*.txt", "*.csv")
JAPANESE = re.compile(r"[ぁ-ゖァ-ヺー々〆一-鿿]+")
PUNCTUATION = re.compile(r"[、。・「」『』]")
ERAS = frozenset({"明治", "大正", "昭和", "平成", "令和"})
"""Names of eras are the same in every language."""
SHOWN = """() => {
    const found = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const within = walker.currentNode.parentElement.closest("script, style, template, pre, textarea, .script");
        if (!within) found.push(walker.currentNode.data);
    }
    for (const one of document.querySelectorAll("[aria-label], [title], [placeholder], [alt]"))
        for (const name of ["aria-label", "title", "placeholder", "alt"]) found.push(one.getAttribute(name) ?? "");
    return [document.title, ...found].filter((words) => words.trim());
}"""
"""All words of a page, also those for screen readers; without the town's files, which are shown as they are."""


def words_of(office: Office) -> str:
    """Return all that the town has written or had written: its database and its files."""
    folders = (office.configs, office.settings.var)
    told = [
        path.read_text("utf-8", errors="replace")
        for folder in folders
        for ending in WRITTEN
        for path in folder.rglob(ending)
    ]
    with office.engine.connect() as connection:
        for name in sa.inspect(connection).get_table_names():
            told += [str(tuple(row)) for row in connection.execute(sa.text(f'SELECT * FROM "{name}"'))]
    return "\n".join(told)


def remnants(page: Page, own: str) -> list[str]:
    """Return the Japanese of an English page that is not the town's own: words of ours, and Japanese commas."""
    found = []
    for words in page.evaluate(SHOWN):
        told = JAPANESE.findall(words)
        strange = [one for one in told if (one not in own and one not in ERAS) or one in KNOWN_DAYS]
        if strange or (not told and PUNCTUATION.search(words)):
            found.append(" ".join(words.split())[:120])
    return found
