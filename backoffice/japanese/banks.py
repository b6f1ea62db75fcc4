"""Banks and branches by their 全銀 codes, names and readings.

The data come with the `zengin-code` package (28,000 branches, 8 MB of JSON); they are read on first use, never
downloaded. Names there leave 銀行 out (みずほ) and shorten 信用金庫 to 信金; readings have no small kana and
write － for ー. Searching allows for all of that, looking up by code does not: a missing code is None, never
the nearest one.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from backoffice.japanese.kana import comparison_key
from backoffice.japanese.width import Part, to_full_width

_SHORT_FORMS = (
    ("信用金庫", "信金"), ("信用組合", "信組"), ("農業協同組合", "農協"), ("労働金庫", "労金"),
    ("信用農業協同組合連合会", "信連"), ("漁業協同組合", "漁協"), ("信用漁業協同組合連合会", "信漁連"),
    ("農林中央金庫", "農林中金"), ("商工組合中央金庫", "商工中金"),
)  # fmt: skip


@dataclass(frozen=True)
class Bank:
    """One financial institution.

    Attributes:
        code: 金融機関コード, four digits.
        name: Name without 銀行, as in みずほ.
        kana: Reading in full-width katakana without small kana, as in ミズホ.
    """

    code: str
    name: str
    kana: str


@dataclass(frozen=True)
class Branch:
    """One branch.

    Attributes:
        bank: Its bank.
        code: 支店コード, three digits.
        name: Name without 支店, as in 丸の内.
        kana: Reading in full-width katakana without small kana.
    """

    bank: Bank
    code: str
    name: str
    kana: str


Entry = TypeVar("Entry", Bank, Branch)


def find_bank(code: str) -> Bank | None:
    """Return the bank with this code of four ASCII digits, or None."""
    return _banks().get(code)


def find_branch(bank_code: str, branch_code: str) -> Branch | None:
    """Return the branch with these codes of four and three ASCII digits, or None when bank or branch is unknown."""
    return _branches(bank_code).get(branch_code)


def branches_of(bank_code: str) -> list[Branch]:
    """Return all branches of a bank in the order of their codes; empty for an unknown bank."""
    return list(_branches(bank_code).values())


def search_banks(words: str) -> list[Bank]:
    """Return the banks whose name or reading equals the words, or else begins with them.

    みずほ, みずほ銀行, ミズホ and ﾐｽﾞﾎ all find みずほ; しずおか焼津信用金庫 finds しずおか焼津信金. Empty
    words find nothing.
    """
    return _ranked(list(_banks().values()), words, "銀行")


def search_branches(bank_code: str, words: str) -> list[Branch]:
    """Return the branches of a bank whose name or reading equals the words, or else begins with them."""
    return _ranked(branches_of(bank_code), words, "支店")


def data_date() -> str:
    """Return the day of the bundled data as YYYYMMDD, for `hakadori doctor` and for the record."""
    import zengin_code

    return str(zengin_code.__version__).rsplit(".", 1)[-1]


def _ranked(entries: list[Entry], words: str, suffix: str) -> list[Entry]:
    """Return the exact matches, or else the entries that begin with the words."""
    name, kana = _name_key(words, suffix), comparison_key(words)
    if not name:
        return []
    keys = [(entry, _name_key(entry.name, suffix), comparison_key(entry.kana)) for entry in entries]
    exact = [entry for entry, own, reading in keys if own == name or reading == kana]
    if exact:
        return exact
    return [entry for entry, own, reading in keys if own.startswith(name) or reading.startswith(kana)]


def _name_key(name: str, suffix: str) -> str:
    wide = "".join(to_full_width(name, Part.ASCII | Part.KANA).split())
    for long, short in sorted(_SHORT_FORMS, key=lambda pair: -len(pair[0])):
        wide = wide.replace(long, short)
    bare = wide.removesuffix(suffix)
    return (bare or wide).replace("ヶ", "ケ").upper()


@cache
def _source() -> dict[str, Any]:
    import zengin_code  # reads its 8 MB of JSON on import, hence not at the top

    return dict(zengin_code.Bank.all)


@cache
def _banks() -> dict[str, Bank]:
    return {code: Bank(code, bank.name, bank.kana) for code, bank in _source().items()}


@cache
def _branches(bank_code: str) -> dict[str, Branch]:
    bank = find_bank(bank_code)
    if bank is None:
        return {}
    branches = _source()[bank_code].branches
    return {code: Branch(bank, code, branch.name, branch.kana) for code, branch in branches.items()}
