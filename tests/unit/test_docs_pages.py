"""The pages under docs/ agree with the code, with each other, and with their own shape."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from backoffice.errors import HakadoriError
from backoffice.work_items import MOVES, State
from console import cli
from console.rights import Role

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md"), *(ROOT / "samples").rglob("*.md")])
ADRS = sorted(DOCS.glob("adr/*.md"))
CHANGELOG_HEADINGS = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def section(page: str, title: str) -> str:
    """Return what stands below a `## title` heading."""
    return page.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def rows(markdown: str) -> list[list[str]]:
    """Return the cells of all table rows without their heads."""
    lines = [line.strip() for line in markdown.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    ruled = [set(row[0]) <= {"-"} for row in cells]
    return [
        row for row, rule, below in zip(cells, ruled, [*ruled[1:], False], strict=True) if not rule | below
    ]


def anchors(path: Path) -> set[str]:
    heads = re.findall(r"^#+ (.+)$", read(path), re.M)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_inside_the_repository_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", read(page)):
        if not re.match(r"[a-z]+:", target):
            name, _, anchor = target.partition("#")
            linked = (page.parent / name) if name else page
            assert linked.exists(), target
            assert not anchor or anchor in anchors(linked), target


@pytest.mark.parametrize("adr", ADRS, ids=lambda path: path.stem)
def test_a_decision_says_question_options_choice_and_consequences(adr: Path) -> None:
    page = read(adr)
    assert re.findall(r"^## (.+)$", page, re.M) == ["Question", "Options", "Choice", "Consequences"]
    assert re.search(r"^Status: .+\. Date: \S+\.$", page, re.M)
    number = "NNNN" if "template" in adr.stem else adr.stem[:4]
    assert page.startswith(f"# {number} ")


def test_decisions_are_numbered_without_a_gap() -> None:
    assert [int(adr.stem[:4]) for adr in ADRS] == list(range(len(ADRS)))


def error_classes(kind: type[HakadoriError] = HakadoriError) -> Iterator[type[HakadoriError]]:
    yield kind
    for below in kind.__subclasses__():
        yield from error_classes(below)


def test_the_exit_codes_of_the_page_are_those_of_the_code() -> None:
    table = {int(code) for code, _ in rows(section(read(DOCS / "architecture.md"), "Errors"))}
    assert table == {0, cli.INTERRUPTED, cli.FAULT, *(kind.exit_code for kind in error_classes())}


def test_the_states_of_the_page_are_those_of_the_ledger() -> None:
    title = "The ledger: nothing lost, nothing done twice"
    table = rows(section(read(DOCS / "architecture.md"), title))
    told = {state.strip("`"): set(re.findall(r"`(\w+)`", following)) for state, following in table}
    assert told == {state.value: {str(following) for following in MOVES[state]} for state in State}


def test_every_room_of_the_page_exists_and_no_room_is_left_out() -> None:
    told = {row[0].strip("`/") for row in rows(section(read(DOCS / "architecture.md"), "The house"))}
    rooms = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests"}
    assert rooms <= told and all((ROOT / name).is_dir() for name in told)


def glossary() -> list[list[str]]:
    return rows(read(DOCS / "glossary.md"))


def test_the_glossary_explains_every_term_once_in_both_languages() -> None:
    terms = [row[0] for row in glossary()]
    assert len(terms) == len(set(terms))
    assert all(len(row) == 4 and all(row[:3]) for row in glossary())


@pytest.mark.parametrize("state", State)
def test_the_glossary_knows_every_state(state: State) -> None:
    assert state.value.replace("_", " ") in {row[0] for row in glossary()}


@pytest.mark.parametrize("role", Role)
def test_the_glossary_knows_every_role(role: Role) -> None:
    told = next(row[0] for row in glossary() if row[0].startswith("roles: "))
    assert role.value in told.removeprefix("roles: ").split(", ")


def test_the_changelog_keeps_its_shape() -> None:
    page = read(ROOT / "CHANGELOG.md")
    assert "\n## [Unreleased]\n" in page
    assert set(re.findall(r"^### (.+)$", page, re.M)) <= CHANGELOG_HEADINGS
    assert all(
        re.match(r"\[(Unreleased|\d+\.\d+\.\d+)\]", head) for head in re.findall(r"^## (.+)$", page, re.M)
    )
