"""Lists of allowed values: a field's `lexicon:` names one, and reading leans on it.

`lexicon: residents.氏名` is the column 氏名 of `masters/residents.csv` beside the folder of the forms; `residents`
alone is its first column. `prefectures` and `cities` are shipped. Spaces never count, so 山田 太郎 in the list is
山田　太郎 on the form.

The rule for ink against list, and why: a list makes its entries likelier while the ink is read, as any language does
(`ocr/language.py`), and no more. Where the ink is clear, another entry is not even considered; where the ink's own best
reading was not taken, the score of the value is as low as its ink is weak, so that it is accepted only when the ink
is good and no other reading comes near. The paper is what the citizen declared; a list can be out of date.
"""

import csv
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from backoffice.suggest import did_you_mean
from ocr.errors import MasterWrong
from ocr.language import PER_CHARACTER
from ocr.places import PREFECTURES, cities
from ocr.reading import ILLEGIBLE, RawReading
from ocr.template import Form
from ocr.template_fields import BoxField

LISTED = 0.4
"""Cost (nats) of one more character of an entry."""

UNLISTED = 5.0
"""Cost of a character that no entry has at this place, about one of a hundred and fifty."""


@dataclass(frozen=True)
class Lexicon:
    """One list of allowed values.

    Attributes:
        name: As `lexicon:` names it.
        entries: The values as they stand in the list, without empty ones.
    """

    name: str
    entries: tuple[str, ...]
    _spelt: Mapping[str, str] = field(init=False, repr=False, compare=False)
    _sorted: tuple[str, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        spelt = {without_spaces(entry): entry for entry in self.entries}
        object.__setattr__(self, "_spelt", spelt)
        object.__setattr__(self, "_sorted", tuple(sorted(spelt)))

    def entry(self, text: str) -> str | None:
        """Return the entry that the text is, its spaces full-width; None when there is none."""
        found = self._spelt.get(without_spaces(text))
        return None if found is None else "　".join(found.split())

    def scores(self, texts: Sequence[str]) -> list[float]:
        """Return log probabilities (nats), up to a constant, of entries or of their beginnings: a language."""
        return [self._score(without_spaces(text)) for text in texts]

    def _score(self, text: str) -> float:
        at = bisect_left(self._sorted, text)
        near = [self._sorted[i] for i in (at - 1, at) if 0 <= i < len(self._sorted)]
        listed = max((_common(text, entry) for entry in near), default=0)
        return (PER_CHARACTER - LISTED) * listed + (PER_CHARACTER - UNLISTED) * (len(text) - listed)

    def lookalikes(self, text: str, unreadable: Iterable[str]) -> list[str]:
        """Return the entries that differ from the text only where they hold characters that no reader can put out.

        A reader that does not know 﨑 reads 山﨑 as 山崎, or as something else: the place of such a character fits any
        one character.
        """
        bare, never = without_spaces(text), frozenset(unreadable)
        return [
            "　".join(entry.split())
            for folded, entry in self._spelt.items()
            if len(folded) == len(bare)
            and folded != bare
            and all(a == b or a in never for a, b in zip(folded, bare, strict=True))
        ]

    def characters(self) -> frozenset[str]:
        """Return every character that the list holds, spaces apart."""
        return frozenset("".join(self._spelt))


@dataclass(frozen=True, eq=False)
class Master:
    """One CSV file of the folder masters.

    Attributes:
        name: Name of the file without .csv.
        rows: Its rows, column name to value.
    """

    name: str
    rows: tuple[Mapping[str, str], ...]

    def lexicons(self) -> dict[str, Lexicon]:
        """Return a list for every column by the name NAME.COLUMN, and the first column by NAME alone."""
        columns = list(self.rows[0]) if self.rows else []
        found = {f"{self.name}.{c}": Lexicon(f"{self.name}.{c}", self._column(c)) for c in columns}
        return found | ({self.name: Lexicon(self.name, self._column(columns[0]))} if columns else {})

    def characters(self) -> frozenset[str]:
        """Return every character of every column, spaces apart."""
        return frozenset(without_spaces("".join("".join(row.values()) for row in self.rows)))

    def _column(self, column: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(value for row in self.rows if (value := row[column].strip())))

    def holds(self, values: Mapping[str, str]) -> bool:
        """Say whether one row has all these values, column name to value."""
        wanted = {column: without_spaces(value) for column, value in values.items()}
        return any(all(without_spaces(row[c]) == v for c, v in wanted.items()) for row in self.rows)


def masters_folder(template: Path) -> Path:
    """Return the folder of the master files: `masters` beside the folder that holds the form template."""
    return template.resolve().parent.parent / "masters"


def load_masters(folder: Path) -> dict[str, Master]:
    """Load every CSV of a folder by name; none when there is no folder.

    Raises:
        MasterWrong: A file is not UTF-8, has no header, or has a row of another length.
    """
    return {path.stem: _load(path, path.stat().st_mtime_ns) for path in sorted(folder.glob("*.csv"))}


def load_lexicons(folder: Path) -> dict[str, Lexicon]:
    """Return every list by name: the shipped ones and the columns of the files of a folder.

    Raises:
        MasterWrong: A file cannot be understood.
    """
    found = dict(_shipped())
    for master in load_masters(folder).values():
        found |= _lexicons(master)
    return found


def field_lexicons(form: Form) -> dict[str, Lexicon]:
    """Return the list of every field of a form that names one, by field.

    Raises:
        MasterWrong: There is no such list, or a master file cannot be understood.
    """
    named = {
        spec.name: spec.lexicon for _, spec in form.fields() if isinstance(spec, BoxField) and spec.lexicon
    }
    if not named:
        return {}
    known = load_lexicons(masters_folder(form.source.path))
    for name in named.values():
        if name not in known:
            hint = did_you_mean(name, known)
            raise MasterWrong("ocr.lexicon_unknown", where=form.source.path.name, name=name, hint=hint)
    return {field: known[name] for field, name in named.items()}


def shared_masters(form: Form) -> dict[Master, dict[str, str]]:
    """Return the master files of which several fields take a column: field to column, by file.

    Raises:
        MasterWrong: A master file cannot be understood.
    """
    named: dict[str, dict[str, str]] = {}
    for _, spec in form.fields():
        if isinstance(spec, BoxField) and spec.lexicon and "." in spec.lexicon:
            file, column = spec.lexicon.split(".", 1)
            named.setdefault(file, {})[spec.name] = column
    shared = {file: columns for file, columns in named.items() if len(columns) > 1}
    masters = load_masters(masters_folder(form.source.path)) if shared else {}
    return {masters[file]: columns for file, columns in shared.items()}


def with_list(raw: RawReading, lexicon: Lexicon, unreadable: Iterable[str]) -> RawReading:
    """Return the reading of a field that has a list: spelt as there, and with entries that no reader could propose.

    An entry with an unreadable character that fits the rest becomes a candidate, and a person must look; it comes first
    when the reading itself is not in the list.
    """
    spelt = tuple((lexicon.entry(text) or text, score) for text, score in raw.candidates)
    value = lexicon.entry(raw.value) or raw.value
    others = lexicon.lookalikes(raw.value, unreadable) if ILLEGIBLE not in raw.value else []
    if not others:
        return replace(raw, value=value, candidates=spelt)
    share = raw.score / (len(others) + 1)
    found = tuple((entry, share) for entry in others)
    first = value if lexicon.entry(raw.value) else others[0]
    ranked = (*found, *spelt) if first == others[0] else (*spelt, *found)
    return replace(raw, value=first, candidates=ranked, reason="ocr.lexicon_unreadable")


def without_spaces(text: str) -> str:
    """Return the text without any space."""
    return "".join(text.split())


@cache
def _lexicons(master: Master) -> dict[str, Lexicon]:
    return master.lexicons()


@cache
def _load(path: Path, changed: int) -> Master:
    """Read a CSV file; `changed` makes a changed file be read anew."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise MasterWrong(
            "ocr.master_unreadable", where=path.name, name=path.name, detail=type(error).__name__
        ) from error
    header, *rows = [row for row in csv.reader(text.splitlines()) if any(row)] or [[]]
    if not header or len(set(header)) < len(header) or not all(header):
        raise MasterWrong("ocr.master_header", where=f"{path.name}:1", name=path.name)
    for number, row in enumerate(rows, start=2):
        if len(row) != len(header):
            raise MasterWrong("ocr.master_row", where=f"{path.name}:{number}", name=path.name, line=number)
    return Master(path.stem, tuple(dict(zip(header, row, strict=True)) for row in rows))


@cache
def _shipped() -> Mapping[str, Lexicon]:
    return {"prefectures": Lexicon("prefectures", PREFECTURES), "cities": Lexicon("cities", cities())}


def _common(one: str, other: str) -> int:
    length = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        length += 1
    return length
