"""Actions are typed functions; everything else about them follows from signature and docstring."""

from __future__ import annotations

import pytest

from backoffice.messages import LANGUAGES, room_catalogue
from robots.bench import Bench
from robots.model import robot_model
from robots.registry import Name, Registry, make_action
from robots.steps.standard import standard_registry
from robots.targets import KINDS, Spot


def test_every_action_is_explained_in_both_languages() -> None:
    texts = room_catalogue("robots")["texts"]
    missing = [
        (action.name, language)
        for action in standard_registry()
        for language in LANGUAGES
        if language not in texts.get(f"explain_{action.name}", {})
    ]
    assert missing == []


def test_every_kind_of_target_has_words() -> None:
    texts = room_catalogue("robots")["texts"]
    assert [kind for kind in (*KINDS, "option", "password") if f"spot_{kind}" not in texts] == []


def test_makes_the_argument_model_from_the_signature() -> None:
    def stamp(bench: Bench, target: Spot, times: int, name: Name, where: str = "") -> None:
        """Stamp a paper.

        Args:
            target: The paper.
            times: How often.
            name: Which stamp.
            where: On which corner
                of the paper.
        """

    action = make_action(stamp)
    fields = action.arguments.model_fields
    assert (action.name, action.summary) == ("stamp", "Stamp a paper.")
    assert {name: fields[name].description for name in ("times", "name", "where")} == {
        "times": "How often.", "name": "Which stamp.", "where": "On which corner of the paper.",
    }  # fmt: skip
    assert [fields[name].is_required() for name in ("times", "where")] == [True, False]


def test_refuses_an_action_whose_arguments_nobody_described() -> None:
    def stamp(bench: Bench, times: int) -> None:
        """Stamp a paper."""

    with pytest.raises(TypeError, match="times is not described"):
        make_action(stamp)


def test_a_robot_can_use_actions_of_a_towns_own_registry() -> None:
    def stamp(bench: Bench, times: int) -> None:
        """Stamp a paper.

        Args:
            times: How often.
        """

    model = robot_model(Registry((), (stamp,)))
    robot = model.model_validate(
        {"robot": "r", "title": "t", "items": {"process": "p"}, "each": [{"stamp": 3}]}
    )
    assert robot.each[0].arguments.bind(None) == {"times": 3}  # type: ignore[arg-type]


def test_every_key_of_the_schema_is_described() -> None:
    schema = robot_model(standard_registry()).model_json_schema()
    silent = [
        f"{name}.{key}"
        for name, model in {**schema["$defs"], "Robot": schema}.items()
        for key, part in model.get("properties", {}).items()
        if "description" not in part
    ]
    assert silent == []
