"""The watched folder: nothing lost, nothing halved, nothing taken twice. Each rule cost somebody data."""

import errno
import fcntl
import io
import os
import shutil
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from PIL import Image

from backoffice.database import open_database, upgrade
from backoffice.inbox_book import InboxBook
from backoffice.settings import InboxSettings
from ocr import patience
from ocr.claims import CLAIMED_FOLDER
from ocr.lookout import Lookout
from ocr.patience import BookedMemory
from ocr.watch import Inbox, Presence, Stuck


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Told(Presence):
    """Keeps what would be told, each change once, as the real one does."""

    def __init__(self, told: list[str], marker: str | None = None) -> None:
        self.told, self._marker = told, marker

    def marker(self) -> str | None:
        return self._marker

    def mark(self, marker: str) -> None:
        self._marker = marker

    def away(self, reason: str) -> None:
        if self.told[-1:] != [reason]:
            self.told.append(reason)

    def here(self) -> None:
        self.away("here")


def refuse(code: int) -> Callable[..., None]:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(code, errno.errorcode[code])

    return refuse


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
    drop(inbox, "a.pdf", b"%PDF-1.7 half")
    inbox.wall = lambda: clock.now
    inbox.poll()
    for hours in range(6):
        clock.now += 3600
        assert inbox.poll() == [], hours
    clock.now += 3600
    assert [(claimed.name, claimed.trouble) for claimed in inbox.poll()] == [("a.pdf", "half")]


def test_patience_counts_hours_not_starts_of_the_service(inbox: Inbox, clock: Clock, tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'inbox.db'}")
    upgrade(engine)
    book = InboxBook(engine, lambda: datetime.fromtimestamp(clock.now, UTC))
    drop(inbox, "a.pdf", b"%PDF-1.7 half")
    for hours in range(8):
        memory = BookedMemory(book, "nouzei")
        again = Inbox(inbox.folder, inbox.work, inbox.settings, clock, lambda: clock.now, memory)
        taken = [claimed.trouble for claimed in again.poll()]
        clock.now += 3
        taken += [claimed.trouble for claimed in again.poll()]
        assert taken == (["half"] if hours == 6 else []), hours
        clock.now += 3600
    assert book.waits() == []


def test_a_file_that_somebody_goes_on_writing_is_waited_for_anew(inbox: Inbox, clock: Clock) -> None:
    inbox.wall = lambda: clock.now
    for hour in range(9):
        drop(inbox, "a.pdf", b"%PDF-1.7 half" + b"x" * hour)
        assert names_taken(inbox, clock) == []
        clock.now += 3600


def test_looks_at_a_half_written_file_less_and_less_often(
    inbox: Inbox, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[float] = []
    monkeypatch.setattr(patience, "trouble", lambda path: looks.append(clock.now) or "half")
    drop(inbox, "a.pdf", b"%PDF-1.7 half")
    for _ in range(4000):
        inbox.poll()
        clock.now += 1
    gaps = [later - earlier for earlier, later in pairwise(looks)]
    assert gaps[:6] == [6, 12, 24, 48, 96, 192] and set(gaps[6:]) == {300}


def test_says_that_waiting_helps_only_while_it_does(inbox: Inbox, clock: Clock) -> None:
    drop(inbox, "a.pdf", b"%PDF-1.7 half")
    assert inbox.pending()
    for _ in range(10):
        inbox.poll()
        clock.now += 10
    inbox.poll()
    assert not inbox.pending()


def test_leaves_a_file_that_a_writer_has_locked(inbox: Inbox, clock: Clock) -> None:
    with drop(inbox, "a.png").open("rb+") as writer:
        fcntl.flock(writer, fcntl.LOCK_EX)
        assert names_taken(inbox, clock) == []
    clock.now += 60
    assert [claimed.name for claimed in inbox.poll()] == ["a.png"]


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


def cut_off_copy(inbox: Inbox, name: str, copy: str) -> Path:
    """Leave what a reader leaves that is killed while it copies between two disks."""
    path = drop(inbox, name)
    ours = inbox.folder / CLAIMED_FOLDER / "0123" / path.name
    ours.parent.mkdir(parents=True)
    made = inbox.work / "0123" / copy
    made.parent.mkdir(parents=True)
    shutil.copy(path, made)
    path.rename(ours)
    return made


def test_undoes_a_copy_between_disks_that_was_cut_off(inbox: Inbox, clock: Clock) -> None:
    cut_off_copy(inbox, "a.png", ".a.png.copying")
    assert inbox.has_work()
    assert inbox.left_over() == []
    assert names_taken(inbox, clock) == ["a.png"]
    assert list(inbox.folder.iterdir()) == []


def test_a_copy_between_disks_that_was_whole_is_taken_once(inbox: Inbox, clock: Clock) -> None:
    copy = cut_off_copy(inbox, "a.png", "a.png")
    assert [claimed.path for claimed in inbox.left_over()] == [copy]
    assert list(inbox.folder.iterdir()) == []


def test_an_original_whose_copy_was_entered_while_the_share_was_away_is_not_taken_again(
    inbox: Inbox, clock: Clock
) -> None:
    copy = cut_off_copy(inbox, "a.png", "a.png")
    shutil.rmtree(copy.parent)  # it was read and put away meanwhile
    inbox.known_claim = {"0123"}.__contains__
    assert inbox.left_over() == []
    assert names_taken(inbox, clock) == []


def test_a_half_copy_is_never_read_also_while_the_share_is_away(inbox: Inbox, clock: Clock) -> None:
    cut_off_copy(inbox, "a.png", ".a.png.copying")
    shutil.move(inbox.folder, inbox.folder.with_name("away"))
    assert inbox.left_over() == []
    shutil.move(inbox.folder.with_name("away"), inbox.folder)
    assert inbox.left_over() == []
    assert names_taken(inbox, clock) == ["a.png"]


def test_keeps_a_scan_that_is_named_like_a_copy(inbox: Inbox, clock: Clock) -> None:
    drop(inbox, "a.copying")
    assert names_taken(inbox, clock) == ["a.copying"]
    assert [claimed.name for claimed in inbox.left_over()] == ["a.copying"]


def test_what_a_killed_reader_had_taken_is_work(inbox: Inbox, clock: Clock) -> None:
    assert not inbox.has_work()
    path = drop(inbox, "a.png")
    assert not inbox.has_work()
    clock.now += 3
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


def test_tells_once_that_a_share_is_away_and_forgets_nothing(inbox: Inbox, clock: Clock) -> None:
    told: list[str] = []
    inbox.presence = Told(told, marker="")
    drop(inbox, "half.pdf", b"%PDF-1.7 half")
    names_taken(inbox, clock)
    waits = set(inbox._patience.memory.names())
    away = inbox.folder.with_name("away")
    shutil.move(inbox.folder, away)
    for _ in range(60):
        assert inbox.poll() == []
        clock.now += 60
    inbox.folder.mkdir()  # the empty place where the share was mounted
    assert inbox.poll() == [] and not inbox.has_work()
    assert set(inbox._patience.memory.names()) == waits == {"half.pdf"}
    inbox.folder.rmdir()
    shutil.move(away, inbox.folder)
    drop(inbox, "a.png")
    assert names_taken(inbox, clock) == ["a.png"]
    assert told == ["here", "gone", "empty", "here"]


def test_a_share_that_fails_while_it_is_listed_is_away_not_empty(
    inbox: Inbox, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    inbox.presence = Told(told)
    drop(inbox, "half.pdf", b"%PDF-1.7 half")
    names_taken(inbox, clock)
    with monkeypatch.context() as patched:
        patched.setattr(os, "scandir", refuse(errno.EIO))
        assert inbox.poll() == []
    assert set(inbox._patience.memory.names()) == {"half.pdf"}
    assert told == ["here", "EIO"]


def test_takes_nothing_while_the_disk_is_full_and_goes_on_by_itself(inbox: Inbox, clock: Clock) -> None:
    told: list[str] = []
    inbox.presence = Told(told)
    path = drop(inbox, "a.png")
    inbox.has_room = lambda: False
    assert names_taken(inbox, clock) == [] and path.exists() and not inbox.has_work()
    inbox.has_room = lambda: True
    assert names_taken(inbox, clock) == ["a.png"]
    assert told == ["disk_full", "here"]


def test_a_claim_that_finds_the_disk_full_leaves_the_file_where_it_was(
    inbox: Inbox, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = drop(inbox, "a.png")
    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_text", refuse(errno.ENOSPC))
        assert names_taken(inbox, clock) == []
    assert path.exists() and list(inbox.work.iterdir()) == []
    assert list(inbox._patience.memory.names()) == []
    assert [claimed.name for claimed in inbox.poll()] == ["a.png"]


def test_a_file_that_cannot_be_taken_is_told_once_after_hours_and_taken_when_it_can(
    inbox: Inbox, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox.wall = lambda: clock.now
    drop(inbox, "a.png")
    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", refuse(errno.EACCES))
        for _ in range(100):
            assert inbox.poll() == []
            clock.now += 300
            for stuck in list(inbox.stuck):
                assert stuck == Stuck("a.png", "denied")
                inbox.note_told(stuck)
                told = clock.now
    assert told - 1000 >= 6 * 3600
    clock.now += 300
    assert [claimed.name for claimed in inbox.poll()] == ["a.png"]


def test_links_and_pipes_are_told_once_and_never_opened(inbox: Inbox, clock: Clock) -> None:
    (inbox.folder / "link.png").symlink_to(drop(inbox, ".secret.png"))
    (inbox.folder / "folder").symlink_to(inbox.folder.parent)
    os.mkfifo(inbox.folder / "pipe.png")
    assert inbox.has_work()
    assert names_taken(inbox, clock) == []
    told = {(stuck.name, stuck.reason) for stuck in inbox.stuck}
    assert told == {("link.png", "link"), ("folder", "link"), ("pipe.png", "special")}
    for stuck in list(inbox.stuck):
        inbox.note_told(stuck)
    assert names_taken(inbox, clock) == [] and inbox.stuck == [] and not inbox.has_work()


@pytest.mark.parametrize(
    "name", ["あ" * 80 + ".png", "😀😀.png", "e\u0301か\u3099.png", "CON.png", "a" * 250 + ".png", " a .png"]
)
def test_takes_a_file_whatever_its_name_is(inbox: Inbox, clock: Clock, name: str) -> None:
    drop(inbox, name)
    assert names_taken(inbox, clock) == [name]
    assert [claimed.name for claimed in inbox.left_over()] == [name]


def test_takes_a_file_whose_name_is_in_an_old_code_page(inbox: Inbox, clock: Clock) -> None:
    drop(inbox, os.fsdecode("申請書.png".encode("cp932")))
    assert names_taken(inbox, clock) == ["申請書.png"]


def test_names_that_differ_only_in_case_are_two_files(inbox: Inbox, clock: Clock) -> None:
    drop(inbox, "a.png"), drop(inbox, "A.png")
    assert sorted(names_taken(inbox, clock)) == ["A.png", "a.png"]


def test_the_service_never_hangs_with_a_share_that_does_not_answer(inbox: Inbox) -> None:
    told: list[str] = []
    inbox.presence = Told(told)
    hung = threading.Event()
    inbox.has_work = lambda: bool(hung.wait())  # type: ignore[method-assign]
    look = Lookout(lambda department: inbox, answer_seconds=0.01)
    assert not look.has_files("nouzei") and not look.has_files("nouzei")
    assert told == ["silent"]
    hung.set()
    look.answer_seconds = 30
    assert look.has_files("nouzei")


def test_a_look_that_fails_is_told_to_who_asked(inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox, "has_work", refuse(errno.EIO))
    with pytest.raises(OSError, match="EIO"):
        Lookout(lambda department: inbox).has_files("nouzei")


def test_a_missing_inbox_is_an_empty_one(inbox: Inbox) -> None:
    inbox.folder.rmdir()
    assert inbox.poll() == []
