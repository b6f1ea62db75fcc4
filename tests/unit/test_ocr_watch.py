"""The watched folder: nothing lost, nothing halved, nothing taken twice. Each rule cost somebody data."""

import io
import os
import shutil
import threading
from pathlib import Path

import pytest
from PIL import Image

from backoffice.settings import InboxSettings
from ocr.completeness import Completeness, look
from ocr.watch import Inbox


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def inbox(tmp_path: Path, clock: Clock) -> Inbox:
    folder = tmp_path / "inbox" / "nouzei"
    folder.mkdir(parents=True)
    settings = InboxSettings(stable_seconds=3, give_up_hours=6)
    return Inbox(folder, tmp_path / "work" / "nouzei", settings, clock)


def scan(kind: str = "png", pages: int = 1) -> bytes:
    image = Image.effect_noise((80, 60), 60)
    stream = io.BytesIO()
    more = {"save_all": True, "append_images": [image] * (pages - 1)} if kind in ("tiff", "pdf") else {}
    image.save(stream, kind, **more)
    return stream.getvalue()


def drop(inbox: Inbox, name: str, content: bytes | None = None) -> Path:
    path = inbox.folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(scan() if content is None else content)
    return path


def names_taken(inbox: Inbox, clock: Clock) -> list[str]:
    first = inbox.poll()
    clock.now += 3
    return [claimed.name for claimed in first + inbox.poll()]


def test_takes_a_file_only_after_it_was_still_for_a_while(inbox: Inbox, clock: Clock) -> None:
    drop(inbox, "a.png")
    assert inbox.poll() == []
    clock.now += 2.9
    assert inbox.poll() == []
    clock.now += 0.1
    [claimed] = inbox.poll()
    assert claimed.path.read_bytes() and not (inbox.folder / "a.png").exists()


def test_waits_again_when_the_file_grew_meanwhile(inbox: Inbox, clock: Clock) -> None:
    path = drop(inbox, "a.png")
    inbox.poll()
    clock.now += 3
    path.write_bytes(scan() + b"\0")
    assert inbox.poll() == []


@pytest.mark.parametrize("kind", ["png", "jpeg", "tiff", "pdf"])
@pytest.mark.parametrize("share", [0.02, 0.5, 0.9])
def test_leaves_a_half_written_file_however_still_it_lies(
    inbox: Inbox, clock: Clock, kind: str, share: float
) -> None:
    whole = scan(kind, pages=2)
    path = drop(inbox, f"a.{kind}", whole[: int(len(whole) * share)])
    assert names_taken(inbox, clock) == []
    path.write_bytes(whole)
    assert names_taken(inbox, clock) == [path.name]


def test_gives_a_broken_file_up_after_hours_so_that_somebody_hears_of_it(inbox: Inbox, clock: Clock) -> None:
    path = drop(inbox, "a.pdf", b"%PDF-1.7 half")
    inbox.wall = lambda: path.stat().st_mtime + 6 * 3600 + 1
    assert names_taken(inbox, clock) == ["a.pdf"]


def test_says_that_waiting_helps_only_while_it_does(inbox: Inbox, clock: Clock) -> None:
    drop(inbox, "a.pdf", b"%PDF-1.7 half")
    assert inbox.pending()
    inbox.poll()
    clock.now += 3
    inbox.poll()
    assert not inbox.pending()


@pytest.mark.parametrize(
    "name",
    ["Thumbs.db", ".hidden.png", "._a.png", "~$a.xlsx", "a.png.tmp", "@eaDir/a.png", "a.pdf.crdownload",
     ".sub/a.png", "desktop.ini"],
)  # fmt: skip
def test_leaves_rubbish_alone(inbox: Inbox, clock: Clock, name: str) -> None:
    path = drop(inbox, name)
    assert names_taken(inbox, clock) == []
    assert path.exists()


def test_leaves_links_and_pipes_alone(inbox: Inbox, clock: Clock, tmp_path: Path) -> None:
    (tmp_path / "secret.png").write_bytes(scan())
    (inbox.folder / "link.png").symlink_to(tmp_path / "secret.png")
    os.mkfifo(inbox.folder / "pipe.png")
    assert names_taken(inbox, clock) == []


def test_takes_what_lies_in_folders_and_says_where_it_lay(inbox: Inbox, clock: Clock) -> None:
    drop(inbox, "4月/a.png")
    assert names_taken(inbox, clock) == ["4月/a.png"]


def test_takes_the_same_name_twice_as_two_files(inbox: Inbox, clock: Clock) -> None:
    drop(inbox, "a.png")
    assert names_taken(inbox, clock) == ["a.png"]
    drop(inbox, "a.png")
    assert names_taken(inbox, clock) == ["a.png"]
    assert len(inbox.left_over()) == 2


def test_survives_a_file_that_vanishes_while_looked_at(inbox: Inbox, clock: Clock) -> None:
    path = drop(inbox, "a.png")
    inbox.poll()
    clock.now += 3
    path.unlink()
    assert inbox.poll() == []


def test_two_readers_never_take_the_same_file(inbox: Inbox, clock: Clock) -> None:
    for number in range(60):
        drop(inbox, f"{number:03}.png")
    other = Inbox(inbox.folder, inbox.work, inbox.settings, clock)
    inbox.poll(), other.poll()
    clock.now += 3
    taken: list[str] = []
    threads = [
        threading.Thread(target=lambda box=box: taken.extend(c.name for c in box.poll()))
        for box in (inbox, other)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == [f"{number:03}.png" for number in range(60)]


def test_finds_what_a_killed_reader_had_taken(inbox: Inbox, clock: Clock) -> None:
    drop(inbox, "a.png")
    names_taken(inbox, clock)
    again = Inbox(inbox.folder, inbox.work, inbox.settings, clock)
    assert [claimed.name for claimed in again.left_over()] == ["a.png"]


def test_undoes_a_copy_between_disks_that_was_cut_off(inbox: Inbox, clock: Clock) -> None:
    path = drop(inbox, "a.png")
    path.rename(path.with_name(".a.png.claimed-0123"))
    half = inbox.work / "0123" / "a.png.copying"
    half.parent.mkdir(parents=True)
    half.write_bytes(b"half")
    assert inbox.has_work()
    assert inbox.left_over() == []
    assert names_taken(inbox, clock) == ["a.png"]


def test_a_copy_between_disks_that_was_whole_is_taken_once(inbox: Inbox, clock: Clock) -> None:
    path = drop(inbox, "a.png")
    copy = inbox.work / "0123" / "a.png"
    copy.parent.mkdir(parents=True)
    shutil.copy(path, copy)
    path.rename(path.with_name(".a.png.claimed-0123"))
    assert [claimed.path for claimed in inbox.left_over()] == [copy]
    assert list(inbox.folder.iterdir()) == []


def test_keeps_a_scan_that_is_named_like_a_copy(inbox: Inbox, clock: Clock) -> None:
    drop(inbox, "a.copying")
    assert names_taken(inbox, clock) == ["a.copying"]
    assert [claimed.name for claimed in inbox.left_over()] == ["a.copying"]


def test_what_a_killed_reader_had_taken_is_work(inbox: Inbox, clock: Clock) -> None:
    assert not inbox.has_work()
    path = drop(inbox, "a.png")
    assert inbox.has_work()
    names_taken(inbox, clock)
    assert not path.exists()
    assert inbox.has_work()


@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="needs a second file system")
def test_takes_a_file_from_another_disk(inbox: Inbox, clock: Clock) -> None:
    far = Path("/dev/shm") / f"hakadori-test-{os.getpid()}"
    inbox.work = far
    try:
        path = drop(inbox, "a.png")
        content = path.read_bytes()
        inbox.poll()
        clock.now += 3
        [claimed] = inbox.poll()
        assert claimed.path.read_bytes() == content
        assert list(inbox.folder.iterdir()) == []
    finally:
        shutil.rmtree(far, ignore_errors=True)


def test_a_missing_inbox_is_an_empty_one(inbox: Inbox) -> None:
    inbox.folder.rmdir()
    assert inbox.poll() == []


def test_a_file_whose_room_is_reserved_but_not_written_is_a_half(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(bytes(5000))
    assert look(tmp_path / "a.pdf") is Completeness.PART


def test_what_is_no_scan_is_unknown_not_half(tmp_path: Path) -> None:
    (tmp_path / "a.docx").write_bytes(b"PK\x03\x04 something")
    assert look(tmp_path / "a.docx") is Completeness.UNKNOWN
