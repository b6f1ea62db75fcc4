"""A declaration that is wrong says where, what, why and what to write instead."""

from pathlib import Path

import pytest
from pydantic import Field

from backoffice.declarations import Declaration, Part, load, load_folder
from backoffice.errors import DeclarationError
from backoffice.yaml_source import read_yaml


class Wheel(Part):
    size_cm: int = Field(gt=0)


class Cart(Declaration):
    cart: str
    wheels: tuple[Wheel, ...] = ()
    colour: str = "red"


def write(folder: Path, text: str, name: str = "cart.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def told(folder: Path, text: str) -> list[tuple[str, str]]:
    path = write(folder, text)
    with pytest.raises(DeclarationError) as caught:
        load(path, Cart)
    return [(problem.where.removeprefix(path.as_posix()), problem.key) for problem in caught.value.problems]


def test_loads_a_right_file_and_remembers_its_version(tmp_path: Path) -> None:
    cart = load(write(tmp_path, "cart: 台車\nwheels:\n  - size_cm: 20\n"), Cart)
    assert cart.wheels[0].size_cm == 20
    assert len(cart.source.sha256) == 64


def test_keeps_text_that_other_loaders_turn_into_numbers(tmp_path: Path) -> None:
    data, _ = read_yaml(write(tmp_path, "a: 0600042\nb: 22:30\nc: on\nd: 2026-04-01\ne: 1_000\nf: 1.5\ng:\n"))
    assert data == {
        "a": "0600042", "b": "22:30", "c": "on", "d": "2026-04-01", "e": "1_000", "f": 1.5, "g": None,
    }  # fmt: skip


def test_accepts_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "bom.yaml"
    path.write_bytes(b"\xef\xbb\xbfcart: a\n")
    assert load(path, Cart).cart == "a"


def test_tells_all_problems_at_once_with_line_and_column(tmp_path: Path) -> None:
    text = "cart: a\ncoulor: blue\nwheels:\n  - size_cm: 0\n  - size: 3\n"
    assert told(tmp_path, text) == [
        (":4:14", "backoffice.value_wrong"),
        (":5:5", "backoffice.key_missing"),
        (":5:5", "backoffice.key_unknown"),
        (":2:1", "backoffice.key_unknown"),
    ]


@pytest.mark.parametrize(
    ("text", "where", "key"),
    [
        ("cart: a\ncart: b\n", ":2:1", "backoffice.key_twice"),
        ("cart: [a\n", ":1:7", "backoffice.yaml_broken"),
        ("cart: [a, b\nwheels: 3\n", ":2:7", "backoffice.yaml_broken"),
        ("cart: {a: b: c}\n", ":1:12", "backoffice.yaml_needs_quotes"),
        ("cart: a: b # not ${c}：\n", ":1:8", "backoffice.yaml_broken"),
        ("cart: !!python/object:os.system a\n", ":1:7", "backoffice.yaml_tag"),
        ("- a\n", ":1:1", "backoffice.yaml_not_mapping"),
        ("", ":1:1", "backoffice.yaml_not_mapping"),
        ("cart: a\npassword: himitsu\n", ":2:1", "backoffice.password_in_clear"),
        ("cart: &a [*a]\n", ":1:7", "backoffice.yaml_endless"),
        ("cart: a\n<<: {b: c}\n", ":2:1", "backoffice.key_not_text"),
    ],
)
def test_refuses_what_a_declaration_must_not_hold(tmp_path: Path, text: str, where: str, key: str) -> None:
    assert told(tmp_path, text)[0] == (where, key)


def test_stops_at_aliases_that_multiply(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    assert [key for _, key in told(tmp_path, "\n".join(lines))] == ["backoffice.yaml_endless"]


def test_says_it_in_japanese_word_for_word(tmp_path: Path) -> None:
    path = write(tmp_path, "cart: a\ncolor: blue\n")
    with pytest.raises(DeclarationError) as caught:
        load(path, Cart)
    assert caught.value.explain("ja") == (
        f"{path.as_posix()}:2:1: 項目「color」は使えません\n"
        "  理由: 綴りの違いか、置く場所の違いです。\n"
        "  対処: もしかして: colour"
    )


def test_names_a_file_that_is_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / "sjis.yaml"
    path.write_bytes("cart: a\ncolour: 赤\n".encode("cp932"))
    with pytest.raises(DeclarationError) as caught:
        load(path, Cart)
    assert (caught.value.key, caught.value.where) == ("backoffice.file_not_utf8", f"{path.as_posix()}:2:1")


def test_a_missing_file_is_the_users_error(tmp_path: Path) -> None:
    with pytest.raises(DeclarationError) as caught:
        load(tmp_path / "none.yaml", Cart)
    assert caught.value.exit_code == 2


def test_a_folder_tells_the_problems_of_all_files_and_double_names(tmp_path: Path) -> None:
    write(tmp_path, "cart: a\n", "1.yaml")
    write(tmp_path, "cart: a\n", "2.yaml")
    write(tmp_path, "card: b\n", "3.yaml")
    with pytest.raises(DeclarationError) as caught:
        load_folder(tmp_path, Cart, "cart")
    assert [problem.key for problem in caught.value.problems] == [
        "backoffice.name_twice", "backoffice.key_missing", "backoffice.key_unknown",
    ]  # fmt: skip
