"""The house plan as a test: which room may know which, and what the repository may hold.

console → scheduler | ocr | robots → backoffice        (DESIGN: "The house"; docs/adr/0001)
"""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAY_IMPORT = {
    "backoffice": set[str](),
    "ocr": {"backoffice"},
    "robots": {"backoffice"},
    "scheduler": {"backoffice"},
    "console": {"backoffice", "ocr", "robots", "scheduler"},
}
NO_ROOM = {"samples", "tests", "start"}
LONGEST_FILE_LINES = 400
LARGEST_FILE_BYTES = 12 * 1024 * 1024
MACHINE_PLACES = re.compile(r"(?<![\w.}-])/(?:work|root|home)/")
REGISTRIES = (
    "pypi" + ".org",
    "pythonhosted" + ".org",
    "registry" + ".npmjs",
    "pkg" + ".dev/",
    "artifact" + "registry",
)
BEFORE_INSTALLATION = ("backoffice.bootstrap", "backoffice.errors", "backoffice.messages", "start")


@cache
def modules() -> dict[str, Path]:
    """Return every module of the five rooms by its dotted name."""
    found = {}
    for room in MAY_IMPORT:
        for path in sorted((ROOT / room).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


@cache
def imports(path: Path, *, at_load: bool = False) -> frozenset[str]:
    """Return the dotted names that a file imports: anywhere, or only those that run when it is loaded."""
    tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
    return frozenset(name for node in _nodes(tree, at_load) for name in _named(node))


def _nodes(tree: ast.AST, at_load: bool) -> Iterator[ast.AST]:
    for node in ast.iter_child_nodes(tree):
        if at_load and (isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or _is_type_checking(node)):
            continue
        yield node
        yield from _nodes(node, at_load)


def _is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)


def _named(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        assert node.level == 0, "imports are absolute"
        return [str(node.module), *(f"{node.module}.{alias.name}" for alias in node.names)]
    return []


def tracked() -> list[Path]:
    """Return the files under version control that exist; without git, everything outside hidden folders."""
    asked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if asked.returncode:
        return [
            p
            for p in ROOT.rglob("*")
            if p.is_file() and not p.relative_to(ROOT).parts[0].startswith((".", "var"))
        ]
    names = (name for name in asked.stdout.decode().split("\0") if name)
    return [path for path in (ROOT / name for name in names) if path.is_file()]


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_a_room_imports_only_the_rooms_below_it(room: str) -> None:
    rooms = set(MAY_IMPORT) | NO_ROOM
    wrong = {
        (name, wanted)
        for name, path in modules().items()
        if name.split(".")[0] == room
        for wanted in imports(path)
        if wanted.split(".")[0] in rooms - MAY_IMPORT[room] - {room}
    }
    assert not wrong


def test_no_two_modules_load_each_other() -> None:
    known = modules()
    graph = {
        name: {n for n in imports(path, at_load=True) if n in known and n != name}
        for name, path in known.items()
    }
    for name in graph:
        circle = find_circle(name, graph)
        assert not circle, " → ".join(circle)


def find_circle(start: str, graph: dict[str, set[str]]) -> list[str]:
    """Return a path of imports from `start` back to `start`, empty when there is none."""
    trails, seen = [[start]], set[str]()
    while trails:
        trail = trails.pop()
        for following in sorted(graph[trail[-1]]):
            if following == start:
                return [*trail, start]
            if following not in seen:
                seen.add(following)
                trails.append([*trail, following])
    return []


def test_packages_do_not_re_export() -> None:
    for path in modules().values():
        if path.name == "__init__.py":
            body = ast.parse(path.read_text(encoding="utf-8")).body
            assert all(
                isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) for node in body
            ), path


def test_every_folder_of_code_is_a_package() -> None:
    folders = {path.parent for path in modules().values()}
    assert all((folder / "__init__.py").exists() for folder in folders)


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_a_room_name_belongs_to_our_distribution_alone(room: str) -> None:
    assert set(packages_distributions()[room]) == {"hakadori"}


def test_what_runs_before_the_installation_needs_the_standard_library_alone() -> None:
    early = [path for name, path in modules().items() if name.startswith(BEFORE_INSTALLATION)]
    for path in [*early, ROOT / "start.py"]:
        for wanted in imports(path):
            top = wanted.split(".")[0]
            assert (
                top in sys.stdlib_module_names
                or wanted == "backoffice"
                or wanted.startswith(BEFORE_INSTALLATION)
            ), (
                path,
                wanted,
            )


def test_libraries_that_report_to_their_makers_are_loaded_by_one_quiet_door() -> None:
    loud = {"onnxruntime", "paddleocr", "paddlex", "rapidocr"}
    through = {name for name, path in modules().items() if loud & {i.split(".")[0] for i in imports(path)}}
    assert through == {"ocr.recognisers.runtime"}


def test_a_python_file_is_one_sitting() -> None:
    files = [p for p in tracked() if p.suffix == ".py" and p.relative_to(ROOT).parts[0] != "tests"]
    lengths = {p: len(p.read_text(encoding="utf-8").splitlines()) for p in files}
    assert not {p.relative_to(ROOT): n for p, n in lengths.items() if n > LONGEST_FILE_LINES}


def test_no_module_is_named_after_nothing() -> None:
    empty_names = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "base"}
    assert not {name for name in modules() if empty_names & set(name.split("."))}


def test_no_file_is_too_large_for_a_repository() -> None:
    assert not {p.relative_to(ROOT) for p in tracked() if p.stat().st_size > LARGEST_FILE_BYTES}


def test_no_place_of_one_machine_and_no_registry_is_written_down() -> None:
    found = set()
    for path in tracked():
        if path != Path(__file__) and b"\0" not in (content := path.read_bytes())[:8192]:
            lines = content.decode("utf-8", errors="replace").splitlines()
            found |= {
                (str(path.relative_to(ROOT)), number, word)
                for number, line in enumerate(lines, 1)
                for word in (MACHINE_PLACES.findall(line) + [name for name in REGISTRIES if name in line])
            }
    assert not found


def test_this_test_sees_imports_inside_functions_and_circles(tmp_path: Path) -> None:
    path = tmp_path / "late.py"
    path.write_text("def f() -> None:\n    from ocr import cells\n", encoding="utf-8")
    assert imports(path) == {"ocr", "ocr.cells"} and not imports(path, at_load=True)
    assert find_circle("a", {"a": {"b"}, "b": {"c"}, "c": {"a"}}) == ["a", "b", "c", "a"]
    assert not find_circle("a", {"a": {"b"}, "b": {"c"}, "c": {"b"}})
