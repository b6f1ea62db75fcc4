"""A backup taken while others write fits together; a restore believes nothing and registers nothing twice."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from backoffice.errors import SecretMissing
from backoffice.files import sha256_of
from backoffice.locks import held
from backoffice.messages import use_language
from backoffice.runs import RunState
from backoffice.tables import received_files, runs
from backoffice.work_items import MOVES, State
from console.backup.aftermath import STEPS
from console.backup.archive import MANIFEST, is_harmless, verify
from console.backup.daily import daily_backup
from console.backup.place import Place
from console.backup.restoring import restore
from console.backup.taking import Wish, take_backup
from console.cli import main
from console.errors import BackupWrong
from console.wiring import Office, open_office
from scheduler.postbox import Postbox

WRITER = Path(__file__).parent / "backup_writer.py"


@pytest.fixture(autouse=True)
def japanese() -> None:
    use_language("ja")


@pytest.fixture
def town(tmp_path: Path, migrated: Path) -> Path:
    """The folder of an installation with blanks in Japanese folders with a blank in their names."""
    home = tmp_path / "はかどり 町"
    shutil.copytree(Path("configs"), home / "configs")
    shutil.copytree(Path("samples") / "forms", home / "samples" / "forms")
    (home / "var" / "inbox" / "nouzei").mkdir(parents=True)
    (home / "var" / "originals" / "nouzei").mkdir(parents=True)
    shutil.copy(migrated, home / "var")
    return home


@contextmanager
def busy(office: Office) -> Iterator[Callable[[int], list[str]]]:
    """Let a child process work; the handle waits for so many scans and returns the names of all that were dropped."""
    url = office.engine.url.render_as_string(hide_password=False)
    child = subprocess.Popen(
        [sys.executable, str(WRITER), str(office.settings.var), url],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": "."},
    )
    names: list[str] = []

    def wait_for(more: int) -> list[str]:
        assert child.stdout is not None
        for _ in range(more):
            line = child.stdout.readline().strip()
            assert line, "the writer died"
            names.append(line)
        return list(names)

    try:
        yield wait_for
    finally:
        child.kill()
        child.communicate()


def check_that_all_fits(office: Office, dropped: list[str]) -> None:
    """Every scan dropped before the backup is in the books with its file, or waits again."""
    assert office.audit.verify() is None
    with office.engine.connect() as connection:
        rows = connection.execute(sa.select(received_files)).all()
    for row in rows:
        assert sha256_of(office.settings.var / row.stored) == row.sha256, row.stored
    booked = {row.name for row in rows}
    waiting = {path.name for path in office.settings.folder("inbox").rglob("*.pdf")}
    waiting |= {path.name for path in office.settings.folder("work").rglob("*.pdf")} - booked
    assert booked | waiting >= set(dropped)
    assert not booked & {path.name for path in office.settings.folder("inbox").rglob("*.pdf")}
    counts = office.ledger.counts()
    assert counts[State.NEW] == 0  # what waited may have been registered since
    assert counts[State.DONE] > 0


def test_a_backup_while_another_process_writes_fits_together(town: Path, tmp_path: Path) -> None:
    office = open_office(town / "configs")
    with busy(office) as wait_for:
        dropped = wait_for(12)
        manifest = take_backup(office, tmp_path / "out" / "b.zip")
        wait_for(2)  # it works on undisturbed
    assert manifest.missing == ()
    assert manifest.audit_whole
    done = restore(tmp_path / "out" / "b.zip", Place(tmp_path / "new" / "configs"))
    there = open_office(done.configs)
    check_that_all_fits(there, dropped)
    assert len(there.ledger.items()) == manifest.counts["work_items"]
    assert list(there.forms) == list(office.forms)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["b.zip"]


@pytest.fixture
def postgresql_town(town: Path, postgresql_url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same installation on an empty PostgreSQL database."""
    url = sa.make_url(postgresql_url)
    monkeypatch.setenv("HAKADORI_SECRET_DATABASE_PASSWORD", str(url.password))
    shown = f"{url.drivername}://{url.username}@{url.host}:{url.port}/{url.database}"
    settings = town / "configs" / "hakadori.yaml"
    settings.write_text(settings.read_text(encoding="utf-8") + f"\ndatabase: {shown}\n", encoding="utf-8")
    wipe = sa.create_engine(url)
    with wipe.begin() as connection:
        connection.exec_driver_sql("DROP SCHEMA public CASCADE")
        connection.exec_driver_sql("CREATE SCHEMA public")
    wipe.dispose()
    return town


def test_a_postgresql_database_goes_into_the_backup_and_comes_back_more_than_once(
    postgresql_town: Path, tmp_path: Path
) -> None:
    office = open_office(postgresql_town / "configs")
    Postbox(office.engine).prepare()  # the tables, types and functions of procrastinate
    with busy(office) as wait_for:
        dropped = wait_for(6)
        take_backup(office, tmp_path / "b.zip")
    more = len(office.ledger.items())
    office.engine.dispose()
    with pytest.raises(BackupWrong, match="戻す先にはもうデータがあります"):
        restore(tmp_path / "b.zip", Place(tmp_path / "new" / "configs"))
    done = restore(tmp_path / "b.zip", Place(tmp_path / "new" / "configs"), force=True)
    assert done.aside is not None
    assert (done.aside / "hakadori.pgdump").stat().st_size > 0
    there = open_office(done.configs)
    check_that_all_fits(there, dropped)
    assert 0 < len(there.ledger.items()) <= more
    assert sa.inspect(there.engine).has_table("procrastinate_jobs")
    take_backup(there, tmp_path / "c.zip")
    there.engine.dispose()
    again = restore(tmp_path / "c.zip", Place(tmp_path / "new" / "configs"), force=True)
    last = open_office(again.configs)
    check_that_all_fits(last, dropped)
    last.engine.dispose()


CUT_OFF = """
import os, signal, sys
from pathlib import Path
from console.backup import restoring
from console.backup.place import Place
restoring._swap = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
restoring.restore(Path(sys.argv[1]), Place(Path(sys.argv[2])), force=True)
"""


def test_a_restore_that_is_killed_leaves_the_postgresql_database_as_it_was(
    postgresql_town: Path, tmp_path: Path
) -> None:
    configs = postgresql_town / "configs"
    office = simple_backup(postgresql_town, tmp_path / "b.zip")
    later, _ = office.ledger.put("kouza_furikae", "3", {}, who="t", why="registered after the backup")
    office.engine.dispose()
    words = [sys.executable, "-c", CUT_OFF, str(tmp_path / "b.zip"), str(configs)]
    assert subprocess.run(words, env={**os.environ, "PYTHONPATH": "."}, check=False).returncode == -9
    office = open_office(configs)
    assert office.ledger.get(later.id).state is State.NEW
    assert sorted(state for state, count in office.ledger.counts().items() if count) == ["in_progress", "new"]
    take_backup(office, tmp_path / "c.zip")  # what the killed one left behind does not go into it
    office.engine.dispose()
    restore(tmp_path / "c.zip", Place(configs), force=True)
    there = open_office(configs)
    assert (len(there.ledger.items()), there.ledger.counts()[State.NEW]) == (3, 0)
    assert sa.inspect(there.engine).get_schema_names() == ["information_schema", "public"]
    there.engine.dispose()


def test_a_restore_that_fails_at_its_end_leaves_the_postgresql_database_as_it_was(
    postgresql_town: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    configs = postgresql_town / "configs"
    office = simple_backup(postgresql_town, tmp_path / "b.zip")
    office.engine.dispose()

    def fails(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("console.backup.restoring._swap", fails)
    with pytest.raises(OSError, match="disk full"):
        restore(tmp_path / "b.zip", Place(configs), force=True)
    there = open_office(configs)
    assert there.ledger.counts()[State.NEW] == 1
    assert list(postgresql_town.glob("replaced-*")) == []
    assert sa.inspect(there.engine).get_schema_names() == ["information_schema", "public"]
    there.engine.dispose()


def test_a_missing_pg_dump_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    from console.backup import snapshot

    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(snapshot, "PROGRAM_FOLDERS", ())
    with pytest.raises(BackupWrong, match="PostgreSQL のプログラム pg_dump が見つかりません"):
        snapshot.postgresql_program("pg_dump")


def simple_backup(town: Path, target: Path, **wish: bool) -> Office:
    """Take a backup of an office with one waiting item, one open run and a secret."""
    office = open_office(town / "configs")
    office.vault.put("townoffice_password", "geheim")
    office.ledger.put("kouza_furikae", "1", {}, who="t", why="t")
    office.ledger.put("kouza_furikae", "2", {}, who="t", why="t")
    run = office.runs.enter("kouza_touroku", "run", "now-1", "person")
    with office.runs.living(run.id):
        office.ledger.claim("kouza_furikae", run=run.id, who="t")
        take_backup(office, target, Wish(**wish))
    return office


def test_what_waited_becomes_doubtful_unless_a_person_vouches(town: Path, tmp_path: Path) -> None:
    simple_backup(town, tmp_path / "b.zip")
    doubted = restore(tmp_path / "b.zip", Place(tmp_path / "a" / "configs"))
    assert (doubted.aftermath.runs_closed, doubted.aftermath.recovered, doubted.aftermath.doubtful) == (
        1,
        1,
        2,
    )
    there = open_office(doubted.configs)
    assert {item.state for item in there.ledger.items()} == {State.IN_DOUBT}
    for item in there.ledger.items():
        events = there.ledger.events(item.id)
        assert all(event.to_state in MOVES[event.from_state] for event in events if event.from_state)
        assert [event.to_state for event in events][-3:] == list(STEPS)
        assert item.revision == len(events) - 1
    assert there.ledger.events(1)[-1].why.endswith("のバックアップから戻した")
    assert [run.state for run in there.runs.history()] == [RunState.DIED]
    vouched = restore(tmp_path / "b.zip", Place(tmp_path / "b" / "configs"), unchanged=True)
    there = open_office(vouched.configs)
    assert sorted(item.state for item in there.ledger.items()) == [State.NEW, State.RETRY]
    assert there.audit.entries()[0].details["unchanged"] is True


TABLE_ROBOT = """\
robot: meibo
title: 名簿の登録
items: {from: excel, file: outbox/名簿.xlsx, key: 番号, process: meibo}
each:
  - set: {name: 番号, to: "${item.番号}"}
"""
TABLE_JOB = """\
job: meibo
title: 名簿の登録
department: nouzei
run: meibo
when:
  - at: "18:00"
"""


def test_a_job_whose_rows_would_come_in_anew_is_paused_unless_a_person_vouches(
    town: Path, tmp_path: Path
) -> None:
    (town / "configs" / "robots" / "meibo.yaml").write_text(TABLE_ROBOT, encoding="utf-8")
    (town / "configs" / "jobs" / "meibo.yaml").write_text(TABLE_JOB, encoding="utf-8")
    simple_backup(town, tmp_path / "b.zip")
    doubted = restore(tmp_path / "b.zip", Place(tmp_path / "a" / "configs"))
    [pause] = open_office(doubted.configs).books.pauses.all().values()
    assert (doubted.aftermath.paused, pause.job, pause.who) == (("meibo",), "meibo", "restore")
    vouched = restore(tmp_path / "b.zip", Place(tmp_path / "b" / "configs"), unchanged=True)
    assert (vouched.aftermath.paused, open_office(vouched.configs).books.pauses.all()) == ((), {})


def test_a_run_that_waited_for_a_worker_is_over_too(town: Path, tmp_path: Path) -> None:
    office = open_office(town / "configs")
    office.runs.enter("kouza_touroku", "run", "now-9", "person", queue="desk-01")
    take_backup(office, tmp_path / "b.zip")
    done = restore(tmp_path / "b.zip", Place(tmp_path / "a" / "configs"))
    assert [run.state for run in open_office(done.configs).runs.history()] == [RunState.DIED]


def test_the_key_of_the_secrets_goes_in_only_when_asked_for(town: Path, tmp_path: Path) -> None:
    simple_backup(town, tmp_path / "without.zip")
    take_backup(open_office(town / "configs"), tmp_path / "with.zip", Wish(key=True))
    assert b"geheim" not in (tmp_path / "without.zip").read_bytes()
    without = restore(tmp_path / "without.zip", Place(tmp_path / "a" / "configs"))
    assert without.key_missing
    keyless = open_office(without.configs).vault
    with pytest.raises(SecretMissing, match="鍵"):
        keyless.has("townoffice_password")
    keyless.put("townoffice_password", "neu")
    assert keyless.get("townoffice_password").reveal() == "neu"
    assert (without.var / "secrets.locked.json").exists()
    with_key = restore(tmp_path / "with.zip", Place(tmp_path / "b" / "configs"))
    assert not with_key.key_missing
    assert open_office(with_key.configs).vault.get("townoffice_password").reveal() == "geheim"
    assert (with_key.var / "secrets.key").stat().st_mode & 0o077 == 0
    assert (tmp_path / "with.zip").stat().st_mode & 0o077 == 0


def test_restoring_in_place_keeps_the_old_aside_and_its_key(town: Path, tmp_path: Path) -> None:
    office = simple_backup(town, tmp_path / "b.zip")
    office.ledger.put("kouza_furikae", "after the backup", {}, who="t", why="t")
    (town / "configs" / "jobs" / "mine.yaml").write_text("x", encoding="utf-8")
    with pytest.raises(BackupWrong, match="戻す先にはもうデータがあります"):
        restore(tmp_path / "b.zip", Place(town / "configs"))
    done = restore(tmp_path / "b.zip", Place(town / "configs"), force=True)
    assert done.aside is not None and not done.key_missing
    assert (done.aside / "configs" / "jobs" / "mine.yaml").exists()
    assert not (town / "configs" / "jobs" / "mine.yaml").exists()
    with sqlite3.connect(done.aside / "var" / "hakadori.db") as old:
        assert old.execute("SELECT count(*) FROM work_items").fetchone() == (3,)
    assert len(open_office(town / "configs").ledger.items()) == 2
    assert sorted(path.name for path in town.iterdir()) == ["configs", done.aside.name, "samples", "var"]


def test_a_living_service_is_never_replaced(town: Path, tmp_path: Path) -> None:
    office = simple_backup(town, tmp_path / "b.zip")
    with (
        held(office.settings.folder("locks") / "service-hakadori.lock"),
        pytest.raises(BackupWrong, match="今、サービスか実行が動いています"),
    ):
        restore(tmp_path / "b.zip", Place(town / "configs"), force=True)
    assert len(open_office(town / "configs").ledger.items()) == 2


@pytest.mark.parametrize(("seconds", "refused"), [(5, True), (600, False)])
def test_a_run_that_a_worker_of_another_pc_is_heard_of_is_never_replaced(
    town: Path, tmp_path: Path, seconds: int, refused: bool
) -> None:
    office = simple_backup(town, tmp_path / "b.zip")
    run = office.runs.enter("kouza_touroku", "run", "now-2", "person", queue="desk-02")
    beat = {"state": "running", "host": "another-pc", "beat_at": office.clock() - timedelta(seconds=seconds)}
    with office.engine.begin() as connection:
        connection.execute(sa.update(runs).where(runs.c.id == run.id).values(beat))
    expected = pytest.raises(BackupWrong, match="動いています") if refused else nullcontext()
    with expected:
        restore(tmp_path / "b.zip", Place(town / "configs"), force=True)


def test_when_the_swap_fails_everything_is_as_it_was(
    town: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    simple_backup(town, tmp_path / "b.zip")
    before = {path.relative_to(town): path.read_bytes() for path in town.rglob("*.yaml")}
    real = shutil.move

    def move(source: Path, target: Path) -> None:
        if Path(target) == town / "configs" and ".hakadori-restore-" in str(source):
            raise PermissionError("in use")
        real(source, target)

    monkeypatch.setattr(shutil, "move", move)
    with pytest.raises(PermissionError):
        restore(tmp_path / "b.zip", Place(town / "configs"), force=True)
    assert {path.relative_to(town): path.read_bytes() for path in town.rglob("*.yaml")} == before
    assert sorted(path.name for path in town.iterdir()) == ["configs", "samples", "var"]
    assert len(open_office(town / "configs").ledger.items()) == 2


def test_an_older_database_is_brought_up_to_date(town: Path, tmp_path: Path) -> None:
    from alembic import command
    from alembic.config import Config

    from backoffice.database import MIGRATIONS, newest_shape, open_database, present_shape

    (town / "var" / "hakadori.db").unlink()
    engine = open_database(f"sqlite:///{(town / 'var' / 'hakadori.db').as_posix()}")
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
    settings = open_office.__globals__["load_settings"](town / "configs")
    old = Office(town / "configs", settings, engine)
    take_backup(old, tmp_path / "b.zip")
    assert verify(tmp_path / "b.zip").shape == "0002"
    done = restore(tmp_path / "b.zip", Place(tmp_path / "new" / "configs"))
    restored = open_database(f"sqlite:///{(done.var / 'hakadori.db').as_posix()}")
    assert present_shape(restored) == newest_shape()


def forge(backup: Path, change: Callable[[zipfile.ZipFile, dict], None]) -> Path:
    """Write a backup anew with its manifest changed and entries added."""
    forged = backup.with_name("forged.zip")
    with zipfile.ZipFile(backup) as old, zipfile.ZipFile(forged, "w") as new:
        manifest = json.loads(old.read(MANIFEST))
        for info in old.infolist():
            if info.filename != MANIFEST:
                new.writestr(info, old.read(info))
        change(new, manifest)
        new.writestr(MANIFEST, json.dumps(manifest))
    return forged


TRICKS = [
    "../evil",
    "/evil",
    "var/../../evil",
    "C:/evil",
    "var\\evil",
    "other/evil",
    "var//evil",
    "var/a. ",
    "var/a:b",
]


@pytest.mark.parametrize("name", TRICKS)
def test_a_name_that_leads_out_of_the_folder_is_refused(town: Path, tmp_path: Path, name: str) -> None:
    assert not is_harmless(name)


def test_a_backup_with_a_trick_in_it_touches_nothing(town: Path, tmp_path: Path) -> None:
    simple_backup(town, tmp_path / "b.zip")

    def climb(archive: zipfile.ZipFile, manifest: dict) -> None:
        archive.writestr("var/../../evil", b"x")
        manifest["entries"]["var/../../evil"] = {"size": 1, "sha256": "x"}

    def link(archive: zipfile.ZipFile, manifest: dict) -> None:
        info = zipfile.ZipInfo("var/link")
        info.external_attr = 0o120777 << 16
        archive.writestr(info, b"/etc")
        manifest["entries"]["var/link"] = {"size": 4, "sha256": "x"}

    def twin(archive: zipfile.ZipFile, manifest: dict) -> None:
        archive.writestr("configs/HAKADORI.YAML", b"x")
        manifest["entries"]["configs/HAKADORI.YAML"] = {"size": 1, "sha256": "x"}

    def smuggle(archive: zipfile.ZipFile, manifest: dict) -> None:
        archive.writestr("var/extra", b"x")

    for change, key in (
        (climb, "tricky"),
        (link, "tricky"),
        (twin, "not_as_listed"),
        (smuggle, "not_as_listed"),
    ):
        with pytest.raises(BackupWrong) as raised:
            restore(forge(tmp_path / "b.zip", change), Place(tmp_path / "new" / "configs"))
        assert raised.value.key == f"operations.backup_{key}"
    assert not (tmp_path / "evil").exists()
    assert not (tmp_path / "new").exists()


def test_a_changed_byte_is_found_before_anything_is_touched(town: Path, tmp_path: Path) -> None:
    simple_backup(town, tmp_path / "b.zip")

    def change(_archive: zipfile.ZipFile, manifest: dict) -> None:
        manifest["entries"]["configs/hakadori.yaml"]["sha256"] = "0" * 64

    with pytest.raises(BackupWrong, match=r"バックアップの「configs/hakadori\.yaml」が壊れています"):
        restore(forge(tmp_path / "b.zip", change), Place(town / "configs"), force=True)
    whole = (tmp_path / "b.zip").read_bytes()
    (tmp_path / "cut.zip").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(BackupWrong, match="はかどりのバックアップとして読めません"):
        restore(tmp_path / "cut.zip", Place(town / "configs"), force=True)
    assert sorted(path.name for path in town.iterdir()) == ["configs", "samples", "var"]


def test_a_damaged_database_makes_no_backup(town: Path, tmp_path: Path) -> None:
    office = open_office(town / "configs")
    for number in range(3):
        office.ledger.put("p", str(number), {"a": "x" * 100_000}, who="t", why="t")
    office.engine.dispose()
    database = town / "var" / "hakadori.db"
    content = bytearray(database.read_bytes())
    content[len(content) // 2 : len(content) // 2 + 5000] = b"\xff" * 5000
    database.write_bytes(content)
    with pytest.raises(BackupWrong, match="データベースが壊れています"):
        take_backup(office, tmp_path / "b.zip")
    assert not list(tmp_path.glob("*.zip"))
    assert not list(tmp_path.glob(".hakadori-*"))


def test_a_backup_overwrites_nothing_and_lies_outside(town: Path, tmp_path: Path) -> None:
    office = open_office(town / "configs")
    (tmp_path / "b.zip").write_bytes(b"precious")
    for target in (tmp_path / "b.zip", town / "var" / "outbox" / "b.zip", town / "configs" / "b.zip"):
        with pytest.raises(BackupWrong):
            take_backup(office, target)
    assert (tmp_path / "b.zip").read_bytes() == b"precious"


def test_of_the_daily_backups_the_newest_stay(town: Path, tmp_path: Path) -> None:
    settings = town / "configs" / "hakadori.yaml"
    keeping = f"\nkeeping:\n  backup_folder: {json.dumps(str(tmp_path / 'out'))}\n  backups: 2\n"
    settings.write_text(settings.read_text(encoding="utf-8") + keeping, encoding="utf-8")
    (tmp_path / "out").mkdir()
    for name in ("hakadori-20250101-000000.zip", "hakadori-20250102-000000.zip", "letters.zip"):
        (tmp_path / "out" / name).write_bytes(b"x")
    (tmp_path / "out" / ".hakadori-backup-cut").mkdir()
    os.utime(tmp_path / "out" / ".hakadori-backup-cut", (1, 1))
    made = daily_backup(open_office(town / "configs"))
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert made is not None
    assert names == ["hakadori-20250102-000000.zip", made.name, "letters.zip"]


def test_the_commands_tell_what_was_done(
    town: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--configs", str(town / "configs"), "backup", str(tmp_path / "b.zip"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["audit_whole"] is True
    assert main(["restore", str(tmp_path / "b.zip"), "--to", str(tmp_path / "new")]) == 0
    told = capsys.readouterr().out
    assert "バックアップを戻しました" in told
    assert f"hakadori --configs {tmp_path / 'new' / 'configs'} doctor" in told
    assert main(["restore", str(tmp_path / "b.zip"), "--to", str(tmp_path / "new"), "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["key"] == "operations.restore_not_empty"
