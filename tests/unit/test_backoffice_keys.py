"""Different values never make the same key."""

import itertools

import pytest

from backoffice.keys import join_key


@pytest.mark.parametrize(
    ("values", "key"),
    [
        (["0012", "0600042"], "0012-0600042"),
        (["12-34"], "12-34"),
        (["12-34", "5"], r"12\-34-5"),
        (["2026-04-01", "5"], "2026-04-01-5"),
        (["", ""], "-"),
        (["a\\", "b"], r"a\\-b"),
    ],
)
def test_values_are_joined_and_joints_inside_are_marked(values: list[str], key: str) -> None:
    assert join_key(values, "-") == key


@pytest.mark.parametrize("joint", ["-", "|"])
def test_no_two_pairs_share_a_key(joint: str) -> None:
    letters = ["1", joint, "\\"]
    values = ["".join(word) for size in range(4) for word in itertools.product(letters, repeat=size)]
    values += ["2026-04-01", "2026", "04-01"]
    keys = {join_key(pair, joint) for pair in itertools.product(values, repeat=2)}
    assert len(keys) == len(values) ** 2
