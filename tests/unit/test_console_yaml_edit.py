"""A template is changed piece by piece: what a clerk wrote beside the values stays, and nothing else moves."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from backoffice.yaml_source import read_yaml
from console.design.yaml_edit import ORIGIN, edited
from console.design.yaml_text import plain_data
from console.errors import TemplateNotEditable

SHIPPED = sorted(Path("configs/forms").glob("*.yaml"))
KOUZA = Path("configs/forms/kouza_furikae.yaml")


def marked(data: dict[str, Any]) -> dict[str, Any]:
    for page in data["pages"]:
        page["fields"] = [{**field, ORIGIN: at} for at, field in enumerate(page["fields"])]
    return data


def changed(path: Path, act: Callable[[list[dict[str, Any]]], object]) -> list[str]:
    """Change the fields of the first page; return the lines that went (-) and came (+)."""
    before, source = read_yaml(path)
    wanted = marked(read_yaml(path)[0])
    act(wanted["pages"][0]["fields"])
    text = edited(source, before, wanted)
    lines = difflib.unified_diff(source.text.splitlines(), text.splitlines(), n=0, lineterm="")
    return [line for line in list(lines)[2:] if not line.startswith("@@")]


@pytest.fixture
def template(tmp_path: Path) -> Callable[[str], Path]:
    def write(fields: str) -> Path:
        path = tmp_path / "form.yaml"
        path.write_text(
            f"form: x   # the name\npages:\n  - blank: a.pdf\n    fields:{fields}\n", encoding="utf-8"
        )
        return path

    return write


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_design_without_changes_changes_no_letter(path: Path) -> None:
    data, source = read_yaml(path)
    assert edited(source, data, marked(read_yaml(path)[0])) == source.text


def test_a_moved_box_is_one_line_and_its_remark_stays() -> None:
    def move(fields: list[dict[str, Any]]) -> None:
        fields[0]["year"]["box"] = [135, 28, 13, 8]

    assert changed(KOUZA, move) == [
        "-        year: {box: [134, 28, 13, 8], cells: 2}",
        "+        year: {box: [135, 28, 13, 8], cells: 2}",
    ]


def test_a_removed_field_takes_only_its_own_line_not_the_heading_above_it() -> None:
    gone = changed(KOUZA, lambda fields: fields.pop(1))
    assert gone == ["-      - {name: 通知書番号, kind: digits, box: [58, 60, 70, 8], cells: 10}"]


def test_a_new_field_stands_behind_the_one_it_follows() -> None:
    fresh = {"name": "備考", "kind": "text", "box": [20, 200, 100.5, 8], "required": False}
    came = changed(KOUZA, lambda fields: fields.insert(2, fresh))
    assert came == ["+      - {name: 備考, kind: text, box: [20, 200, 100.5, 8], required: false}"]


def test_a_key_that_goes_from_a_field_over_several_lines_is_one_line() -> None:
    gone = changed(KOUZA, lambda fields: fields[0].update(personal=True))
    assert gone == ["+        personal: true"]


def test_a_renamed_option_keeps_its_place_among_the_others() -> None:
    def rename(fields: list[dict[str, Any]]) -> None:
        first, second = fields[9]["options"].values()
        fields[9]["options"] = {"総合": first, "当座": second}

    before, after = "普通: [60, 139.5, 20, 9]", "総合: [60, 139.5, 20, 9]"
    assert changed(KOUZA, rename) == [f"-          {before}", f"+          {after}"]


def test_options_in_braces_keep_the_order_of_the_paper(template: Callable[[str], Path]) -> None:
    path = template("\n      - {name: a, options: {x: [1, 1, 1, 1], z: [3, 1, 1, 1]}}")
    data, source = read_yaml(path)
    wanted = marked(read_yaml(path)[0])
    wanted["pages"][0]["fields"][0]["options"] = {"w": [2, 1, 1, 1], "z": [3, 1, 1, 1]}
    assert "options: {w: [2, 1, 1, 1], z: [3, 1, 1, 1]}" in edited(source, data, wanted)


def test_fields_that_change_places_leave_the_remarks_between_them(template: Callable[[str], Path]) -> None:
    path = template("\n      - {name: a}\n      # about the second\n      - {name: b}   # b's own")
    data, source = read_yaml(path)
    wanted = marked(read_yaml(path)[0])
    wanted["pages"][0]["fields"].reverse()
    assert edited(source, data, wanted).splitlines()[4:] == [
        "      - {name: b}   # b's own",
        "      # about the second",
        "      - {name: a}",
    ]


def test_an_empty_list_in_brackets_gets_lines_of_its_own(template: Callable[[str], Path]) -> None:
    path = template(" []")
    data, source = read_yaml(path)
    wanted = marked(read_yaml(path)[0])
    wanted["pages"][0]["fields"] = [{"name": "a", "kind": "text"}]
    assert edited(source, data, wanted).splitlines()[3:] == ["    fields:", "      - {name: a, kind: text}"]


def test_what_looks_like_something_else_is_quoted(template: Callable[[str], Path]) -> None:
    path = template("\n      - {name: a, pattern: x}")
    data, source = read_yaml(path)
    wanted = marked(read_yaml(path)[0])
    wanted["pages"][0]["fields"][0] |= {"name": "はい: いいえ", "pattern": "[0-9]{2}#", "alphabet": "0123"}
    path.write_text(edited(source, data, wanted), encoding="utf-8")
    assert read_yaml(path)[0] == plain_data(wanted)


@pytest.mark.parametrize(
    "fields",
    ["\n      -\n        name: a\n", "\n      - name: |\n          a\n"],
    ids=["dash on a line of its own", "text over several lines"],
)
def test_a_layout_that_it_does_not_know_is_refused_and_not_guessed(
    template: Callable[[str], Path], fields: str
) -> None:
    data, source = read_yaml(template(fields))
    wanted = marked(read_yaml(source.path)[0])
    wanted["pages"][0]["fields"][0]["name"] = "b"
    with pytest.raises(TemplateNotEditable):
        edited(source, data, wanted)


@pytest.mark.parametrize("places", [[0, 0], [7, 1], ["x", 1], [True, 1.5]])
def test_places_that_cannot_be_are_refused(template: Callable[[str], Path], places: list[Any]) -> None:
    data, source = read_yaml(template("\n      - {name: a}\n      - {name: b}"))
    wanted = read_yaml(source.path)[0]
    for field, place in zip(wanted["pages"][0]["fields"], places, strict=True):
        field[ORIGIN] = place
        field["name"] += "!"
    with pytest.raises(TemplateNotEditable):
        edited(source, data, wanted)


def test_a_file_with_windows_line_ends_keeps_them(tmp_path: Path) -> None:
    path = tmp_path / "form.yaml"
    path.write_bytes(b"form: x\r\npages:\r\n  - fields:\r\n      - {name: a}\r\n      - {name: b}\r\n")
    data, source = read_yaml(path)
    wanted = marked(read_yaml(path)[0])
    wanted["pages"][0]["fields"][0]["name"] = "c"
    assert edited(source, data, wanted) == source.text.replace("name: a", "name: c")
