"""Watched folders in the settings, and names of files: what cannot work is refused before the night."""

import errno
import os
from pathlib import Path

import pytest

from backoffice import files
from backoffice.errors import DeclarationError
from backoffice.files import copy_whole, move_file, readable_name, safe_name
from backoffice.settings import Settings, load_settings


def settings(tmp_path: Path, inboxes: str) -> Settings:
    configs = tmp_path / "configs"
    configs.mkdir()
    text = f"departments: {{nouzei: 納税課, kenkou: 健康課}}\ninboxes:\n{inboxes}"
    (configs / "hakadori.yaml").write_text(text, encoding="utf-8")
    return load_settings(configs, environ={})


def test_a_department_without_an_own_folder_has_one_in_the_working_folder(tmp_path: Path) -> None:
    found = settings(tmp_path, "  kenkou: {forms: [yobou_yoshin], duplicates: accept}\n")
    assert found.inbox_folder("nouzei") == tmp_path / "var" / "inbox" / "nouzei"
    assert found.receipts_folder("nouzei") == tmp_path / "var" / "receipts" / "nouzei"
    assert (found.duplicates_of("nouzei"), found.duplicates_of("kenkou")) == ("refuse", "accept")


def test_an_own_folder_is_never_created_because_a_mount_point_may_be_away(tmp_path: Path) -> None:
    found = settings(tmp_path, "  nouzei: {folder: share/nouzei}\n")
    assert found.inbox_folder("nouzei") == tmp_path / "share" / "nouzei"
    assert not (tmp_path / "share").exists()
    assert found.receipts_folder("nouzei") == tmp_path / "share" / "nouzei" / "受付票"


@pytest.mark.parametrize(
    ("inboxes", "told"),
    [
        ("  nouzai: {}\n", "もしかして: nouzei"),
        ("  nouzei: {folder: var/failed/nouzei}\n", "failed"),
        ("  nouzei: {folder: .}\n", "重なっています"),
        ("  nouzei: {folder: share}\n  kenkou: {folder: share/kenkou}\n", "nouzei"),
        ("  nouzei: {receipts: mail}\n", "宛先"),
        ("  nouzei: {mail: [課]}\n", "mail"),
    ],
)
def test_refuses_inboxes_that_would_read_what_we_write_or_that_nobody_has(
    tmp_path: Path, inboxes: str, told: str
) -> None:
    with pytest.raises(DeclarationError) as caught:
        settings(tmp_path, inboxes)
    assert told in caught.value.explain("ja")


@pytest.mark.parametrize(
    "name",
    ["あ" * 200 + ".pdf", "😀" * 120 + ".tiff", "a" * 300, "x." + "y" * 300, "が" * 170 + ".pdf", "." * 9],
)
def test_a_safe_name_leaves_room_on_every_file_system(tmp_path: Path, name: str) -> None:
    kept = safe_name(name)
    assert 0 < len(kept.encode()) <= 180
    (tmp_path / f".{kept}.reason.txt-12345678").write_bytes(b"")
    if len(name.rpartition(".")[2]) <= 4:
        assert kept.endswith(name[name.rfind(".") :]) or set(name) == {"."}


def test_rare_characters_and_parted_kana_keep_their_code_points() -> None:
    assert safe_name("神社\U00020bb7野家ガ.pdf") == "神社\U00020bb7野家ガ.pdf"
    assert safe_name("aux .PDF") == "_aux .PDF"


def test_a_name_in_an_old_code_page_is_read_as_what_it_was() -> None:
    assert readable_name(os.fsdecode("申請書.pdf".encode("cp932"))) == "申請書.pdf"
    assert "�" in readable_name(os.fsdecode(b"\x81\x20.pdf"))


def test_a_move_between_disks_leaves_the_file_where_it_was_when_the_disk_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = tmp_path / "a.pdf", tmp_path / "b" / "a.pdf"
    source.write_bytes(b"scan")
    monkeypatch.setattr(Path, "rename", _refuse(errno.EXDEV))
    monkeypatch.setattr(files.os, "fsync", _refuse(errno.ENOSPC))
    with pytest.raises(OSError, match="ENOSPC"):
        move_file(source, target)
    assert source.read_bytes() == b"scan"
    assert list(target.parent.iterdir()) == []


def test_a_copy_appears_only_when_it_is_whole(tmp_path: Path) -> None:
    source = tmp_path / "a.pdf"
    source.write_bytes(b"scan")
    copy_whole(source, tmp_path / "b.pdf")
    assert (tmp_path / "b.pdf").read_bytes() == b"scan"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.pdf", "b.pdf"]


def _refuse(code: int) -> object:
    def refuse(*_: object) -> None:
        raise OSError(code, errno.errorcode[code])

    return refuse
