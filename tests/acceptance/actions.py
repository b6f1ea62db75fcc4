"""The matrix "action × acceptance test": which test exercises which action of the robots' step language.

    @pytest.mark.action("fill", "click")      on a test of tests/acceptance (several names are fine)

Two things keep the matrix honest. `test_robots_actions.py` fails for every action of the registry that no test names,
and for every name that is no action. And a marked test fails when it ends without having performed the actions it
names, in a robot that really ran (`conftest.py` watches the performer).

    .venv/bin/python tests/acceptance/actions.py      prints the matrix
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

HERE = Path(__file__).parent


def exercised(folder: Path = HERE) -> dict[str, list[str]]:
    """Return the tests that name each action, as "file::test"; found in the source, so nothing has to run."""
    found: dict[str, list[str]] = {}
    for path in sorted(folder.rglob("test_*.py")):
        for test, action in _marks(ast.parse(path.read_text(encoding="utf-8"))):
            found.setdefault(action, []).append(f"{path.name}::{test}")
    return {action: sorted(set(tests)) for action, tests in sorted(found.items())}


def holes(actions: Mapping[str, object], tests: Mapping[str, list[str]]) -> list[str]:
    """Return the actions that no acceptance test names."""
    return sorted(set(actions) - set(tests))


def strangers(actions: Mapping[str, object], tests: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """Return the names in marks that are no actions, with the tests that name them."""
    return {name: tests[name] for name in sorted(set(tests) - set(actions))}


def matrix(actions: Mapping[str, object], tests: Mapping[str, list[str]]) -> str:
    """Return the matrix as a table: one line for each action, the number of its tests, and their names."""
    rows = [(name, tests.get(name, [])) for name in sorted(actions)]
    lines = [f"{name:<16} {len(own):>2}  {', '.join(own) or '(no test)'}" for name, own in rows]
    return "\n".join([f"{'action':<16} tests", *lines])


def _marks(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield (test, action) for every mark: on a test, on one of its parameters, or on the whole module."""
    for node in tree.body:
        name = node.name if isinstance(node, ast.FunctionDef | ast.ClassDef) else "*"
        for inner in ast.walk(node):
            if isinstance(inner, ast.Call) and ast.unparse(inner.func).endswith("mark.action"):
                yield from ((name, str(ast.literal_eval(argument))) for argument in inner.args)


if __name__ == "__main__":
    from robots.steps.standard import standard_registry

    print(matrix(standard_registry().actions, exercised()))
