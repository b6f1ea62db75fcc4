"""What is on each sample scan: which forms, whose mistakes, which scanner. The list is the specification."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any, Literal

import numpy as np

from samples.scans.compose.records import Record, compose_record, corporate_check
from samples.scans.compose.scanner import Scanner, careless_feed

SEED = 20261121
DEPARTMENTS = {"kouza_furikae": "nouzei", "idou_todoke": "shiminzei", "yobou_yoshin": "kenkou"}
PAGES = {"kouza_furikae": 1, "idou_todoke": 1, "yobou_yoshin": 2}
Fault = Literal["unreadable", "not_a_form", "duplicate"]
A, B, C = "kouza_furikae", "idou_todoke", "yobou_yoshin"

SENDER = "2026-10-21 10:42   FROM: SAMPLE CO. FAX 000-000-0000   TO: HAKADORI CITY   P.1"
GRAY_300 = Scanner(mode="gray", dpi=(300, 300), quality=48)
GRAY_200 = Scanner(mode="gray", dpi=(200, 200), quality=62, noise=0.011)
COLOUR_300 = Scanner(mode="colour", dpi=(300, 300), quality=45, yellow=0.5, noise=0.006)
COLOUR_200 = Scanner(mode="colour", dpi=(200, 200), quality=70, yellow=0.8)
COPIER = Scanner(mode="bilevel", dpi=(300, 300), noise=0.02, dirt=40)
FAX = Scanner(mode="bilevel", dpi=(204, 196), noise=0.03, blur=0.7, dirt=60, header=SENDER)
SCANNERS = {"gray-300": GRAY_300, "gray-200": GRAY_200, "colour-300": COLOUR_300, "colour-200": COLOUR_200,
            "copier": COPIER, "fax": FAX}  # fmt: skip
SUFFIXES = {"gray": ".jpg", "colour": ".jpg", "bilevel": ".tif"}


@dataclass(frozen=True)
class Filled:
    """One filled form. ``person`` is the seed of its record and writers; ``planted`` names a mistake on purpose."""

    form: str
    person: int
    planted: str = ""
    received: bool = False


@dataclass(frozen=True)
class ScanFile:
    """One file of the set: its name, the forms in it in page order, and how they were scanned."""

    name: str
    forms: tuple[Filled, ...]
    scanner: Scanner
    scanners: Mapping[int, Scanner] = field(default_factory=dict)
    fault: Fault | None = None
    duplicate_of: str | None = None
    note: str = ""

    @property
    def stem(self) -> str:
        """File name without its ending."""
        return self.name.rpartition(".")[0]

    @property
    def department(self) -> str:
        """The department whose inbox the file belongs to: the part before the hyphen."""
        return self.name.partition("-")[0]

    def scanner_of(self, page: int) -> Scanner:
        """How page ``page`` (0-based) of the file was scanned."""
        return self.scanners.get(page, self.scanner)


def sample_files() -> tuple[ScanFile, ...]:
    """Return the 30 files of ``samples/scans`` in order."""
    return (*_nouzei(), *_shiminzei(), *_kenkou())


def _fed(number: int, scanner: Scanner, most_deg: float = 1.2, **changes: Any) -> Scanner:
    rng = np.random.default_rng([SEED, number])
    return replace(scanner, **{**careless_feed(rng, most_deg), **changes})


def _nouzei() -> tuple[ScanFile, ...]:
    third = Filled(A, 4)
    return (
        ScanFile("nouzei-001.jpg", (Filled(A, 1),), _fed(1, GRAY_300, 0.4)),
        ScanFile("nouzei-002.jpg", (Filled(A, 2, received=True),), _fed(2, COLOUR_200)),
        ScanFile("nouzei-003.tif", (Filled(A, 3),), _fed(3, FAX)),
        ScanFile("nouzei-004.jpg", (third,), _fed(4, GRAY_200)),
        ScanFile("nouzei-005.jpg", (Filled(A, 5, received=True),), _fed(5, COLOUR_300, skew_deg=2.8, lid=0.35)),
        ScanFile("nouzei-006.tif", (Filled(A, 6),), _fed(6, FAX, skew_deg=-1.7)),
        ScanFile("nouzei-007.jpg", (Filled(A, 7),), _fed(7, GRAY_200, rotation=180), note="upside down"),
        ScanFile("nouzei-008.jpg", (Filled(A, 8, planted="holder_left_blank"),), _fed(8, GRAY_200)),
        ScanFile("nouzei-009.png", (Filled(A, 9, planted="two_account_types"),), _fed(9, COPIER)),
        ScanFile("nouzei-010.jpg", (Filled(A, 10, planted="no_seal"),), _fed(10, COLOUR_200, ink=0.8)),
        ScanFile("nouzei-011.jpg", (third,), _fed(11, GRAY_300, noise=0.02), note="rescan of nouzei-004.jpg"),
        ScanFile("nouzei-012.jpg", (Filled(A, 2, received=True),), _fed(2, COLOUR_200), fault="duplicate",
                 duplicate_of="nouzei-002.jpg", note="the same bytes as nouzei-002.jpg"),
        ScanFile("nouzei-013.jpg", (Filled(A, 13),), _fed(13, GRAY_200, ink=0.06, blur=7.0, noise=0.05),
                 fault="unreadable", note="far too faint and out of focus"),
        ScanFile("nouzei-014.pdf", (Filled(A, 14), Filled(B, 15), Filled(C, 16)), _fed(14, GRAY_200),
                 {1: _fed(15, COPIER), 2: _fed(16, GRAY_200), 3: _fed(17, GRAY_200, 2.5)},
                 note="several forms in one PDF"),
    )  # fmt: skip


def _shiminzei() -> tuple[ScanFile, ...]:
    return (
        ScanFile("shiminzei-001.jpg", (Filled(B, 21),), _fed(21, GRAY_300, 0.4)),
        ScanFile("shiminzei-002.jpg", (Filled(B, 22, received=True),), _fed(22, COLOUR_200)),
        ScanFile("shiminzei-003.tif", (Filled(B, 23),), _fed(23, FAX)),
        ScanFile(
            "shiminzei-004.jpg", (Filled(B, 24),), _fed(24, GRAY_200, rotation=90), note="lay on its side"
        ),
        ScanFile("shiminzei-005.png", (Filled(B, 25),), _fed(25, COPIER)),
        ScanFile("shiminzei-006.jpg", (Filled(B, 26, "wrong_corporate_number", True),), _fed(26, COLOUR_200)),
        ScanFile("shiminzei-007.jpg", (Filled(B, 27, "wrong_sum"),), _fed(27, GRAY_200, skew_deg=-2.6)),
        ScanFile("shiminzei-008.tif", (Filled(B, 28, received=True),), _fed(28, FAX, skew_deg=1.4)),
        ScanFile("shiminzei-009.jpg", (Filled(B, 29),), _fed(29, COLOUR_300)),
        ScanFile(
            "shiminzei-010.jpg", (), _fed(30, GRAY_200), fault="not_a_form", note="a letter with a photograph"
        ),
    )


def _kenkou() -> tuple[ScanFile, ...]:
    return (
        ScanFile("kenkou-001.tif", (Filled(C, 41),), _fed(41, COPIER), {1: _fed(42, COPIER)},
                 note="TIFF of two pages"),
        ScanFile("kenkou-002.pdf", (Filled(C, 43),), _fed(43, GRAY_200), {1: _fed(44, GRAY_200)}),
        ScanFile("kenkou-003.pdf", (Filled(C, 45),), _fed(45, COLOUR_200), {1: _fed(46, COLOUR_200, 2.5)}),
        ScanFile("kenkou-004.tif", (Filled(C, 47),), _fed(47, FAX), {1: _fed(48, FAX)}),
        ScanFile("kenkou-005.pdf", (Filled(C, 49, planted="question_left_blank"),), _fed(49, GRAY_200),
                 {1: _fed(50, GRAY_200)}),
        ScanFile("kenkou-006.pdf", (Filled(C, 51),), _fed(51, GRAY_200, yellow=0.9), {1: _fed(52, GRAY_200)}),
    )  # fmt: skip


def further_files(count: int, seed: int) -> tuple[ScanFile, ...]:
    """Draw a development set: other people, other scanners, no faults; ``seed`` from 1, not ``SEED``."""
    return tuple(_further(number, seed) for number in range(1, count + 1))


def _further(number: int, seed: int) -> ScanFile:
    rng = np.random.default_rng([seed, number, 3])
    form = (A, B, C)[int(rng.choice(3, p=[0.4, 0.33, 0.27]))]
    base = SCANNERS[str(rng.choice(list(SCANNERS)))]
    shared: dict[str, Any] = {
        "rotation": int(rng.choice([0, 180], p=[0.95, 0.05])),
        "ink": float(rng.uniform(0.78, 0.97)),
        "blur": float(rng.uniform(0.4, 0.9)),
    }
    turns = [replace(base, **{**careless_feed(rng, 2.5), **shared}) for _ in range(PAGES[form])]
    suffix = ".tif" if base.mode == "bilevel" else ".pdf" if PAGES[form] > 1 else SUFFIXES[base.mode]
    filled = Filled(form, seed * 100_000 + number, received=bool(rng.random() < 0.25))
    return ScanFile(f"{DEPARTMENTS[form]}-{number:04}{suffix}", (filled,), turns[0], dict(enumerate(turns)))


def received_on(filled: Filled, values: Record) -> str:
    """Return the date on the 受付 stamp, such as "8.10.21": a few days after the paper's own date; "" for none."""
    if not filled.received or filled.form == C:
        return ""
    written = date.fromisoformat(values["届出日" if filled.form == A else "異動年月日"])
    day = written + timedelta(days=filled.person % 5)
    return f"{day.year - 2018}.{day.month}.{day.day}"


def values_of(filled: Filled, seed: int = SEED) -> tuple[Record, dict[str, str]]:
    """Return what is written on a form, and which mistakes were planted: field name to what is wrong."""
    record = compose_record(filled.form, np.random.default_rng([seed, filled.person, 5]))
    if filled.planted == "holder_left_blank":
        return {**record, "口座名義カナ": ""}, {"口座名義カナ": "required field left blank"}
    if filled.planted == "two_account_types":
        return {**record, "預金種別": "普通、当座"}, {"預金種別": "two options circled"}
    if filled.planted == "no_seal":
        return {**record, "届出印": "empty"}, {"届出印": "no seal"}
    if filled.planted == "question_left_blank":
        return {**record, "質問4": ""}, {"質問4": "no box ticked"}
    if filled.planted == "wrong_sum":
        wrong = str(int(record["未徴収税額"]) + 1000)
        return {**record, "未徴収税額": wrong}, {
            "未徴収税額": "paid and unpaid do not add up to the yearly tax"
        }
    if filled.planted == "wrong_corporate_number":
        number = record["法人番号"]
        wrong = str(int(corporate_check(number[1:])) % 9 + 1)
        return {**record, "法人番号": wrong + number[1:]}, {"法人番号": "wrong check digit"}
    return record, {}
