"""Turns a planned file into a scan and its truth: composes the pages, scans them, writes both."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from samples.scans.compose.page import Hands, compose_page
from samples.scans.compose.scanner import Scan, scan
from samples.scans.compose.sheet import Pixels
from samples.scans.compose.writer import invent_writer
from samples.scans.make_scans.files import write_scan_file
from samples.scans.make_scans.letter import letter_page
from samples.scans.make_scans.plan import PAGES, Filled, ScanFile, received_on, values_of


def make_file(file: ScanFile, folder: Path, seed: int) -> None:
    """Write the scan into ``folder`` and its truth into ``folder/truth``."""
    scans = [_scanned(pixels, file, number, seed) for number, pixels in enumerate(_pages(file, seed))]
    folder.mkdir(parents=True, exist_ok=True)
    write_scan_file(folder / file.name, scans)
    truth = folder / "truth"
    truth.mkdir(exist_ok=True)
    text = json.dumps(truth_of(file, seed), ensure_ascii=False, indent=1)
    (truth / f"{file.stem}.json").write_text(text + "\n", encoding="utf-8")


def truth_of(file: ScanFile, seed: int) -> dict[str, Any]:
    """Return what a perfect reader would find in the file, as written to its truth file."""
    first = 1
    documents = []
    for filled in file.forms if file.fault != "unreadable" else ():
        values, planted = values_of(filled, seed)
        pages = list(range(first, first + PAGES[filled.form]))
        first += len(pages)
        turn = file.scanner_of(pages[0] - 1).rotation
        document: dict[str, Any] = {"form": filled.form, "pages": pages, "rotation": turn, "fields": values}
        if planted:
            document["planted"] = planted
        documents.append(document)
    truth = {
        "composed": True,
        "department": file.department,
        "fault": file.fault,
        "duplicate_of": file.duplicate_of,
    }
    return {**truth, "note": file.note, "documents": documents}


def hands_of(filled: Filled) -> Hands:
    """Return who writes on this sheet: the same person number always writes the same hand."""
    return Hands(invent_writer(filled.person), invent_writer(filled.person + 500_000))


def _pages(file: ScanFile, seed: int) -> Iterator[Pixels]:
    if file.fault == "not_a_form":
        yield letter_page(seed)
    for filled in file.forms:
        values, _ = values_of(filled, seed)
        stamp, hands = received_on(filled, values), hands_of(filled)
        ink_seed = seed * 100_000 + filled.person
        for page in range(1, PAGES[filled.form] + 1):
            yield compose_page(filled.form, page, values, hands, ink_seed, received=stamp).pixels


def _scanned(pixels: Pixels, file: ScanFile, number: int, seed: int) -> Scan:
    name = file.duplicate_of or file.name
    scan_seed = seed + sum(ord(letter) * (index + 1) for index, letter in enumerate(name)) + number * 7919
    return scan(pixels, file.scanner_of(number), scan_seed)
