"""Every action of the step language is exercised by an acceptance test: the matrix has no hole."""

from __future__ import annotations

from pathlib import Path

from actions import exercised, holes, matrix, strangers

from robots.steps.standard import standard_registry

EXAMPLE = """
import pytest

@pytest.mark.parametrize("way", [pytest.param(1, marks=pytest.mark.action("click")), 2])
@pytest.mark.action("fill", "press")
def test_types(way): ...
"""


def test_every_action_has_an_acceptance_test() -> None:
    actions = standard_registry().actions
    assert not holes(actions, exercised()), matrix(actions, exercised())


def test_no_test_names_an_action_that_does_not_exist() -> None:
    assert strangers(standard_registry().actions, exercised()) == {}


def test_the_matrix_sees_marks_and_holes(tmp_path: Path) -> None:
    (tmp_path / "test_example.py").write_text(EXAMPLE, encoding="utf-8")
    tests = exercised(tmp_path)
    own = ["test_example.py::test_types"]
    assert tests == {"click": own, "fill": own, "press": own}
    assert holes({"click": 1, "zip": 1}, tests) == ["zip"]
    assert strangers({"click": 1, "fill": 1}, tests) == {"press": own}
    assert matrix({"zip": 1}, tests).splitlines()[1] == "zip               0  (no test)"
