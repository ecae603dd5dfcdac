"""What `lab watch` takes for a save: what editors do, and not what tools leave behind."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lab.watch.judging import Judged, Judging, Key, Watch
from lab.watch.saves import matters
from tests.support.watch import Reader, a_folder, a_reader, a_watch, ends_in_time, judged, wait_for  # noqa: F401 - fixtures


@pytest.mark.parametrize(
    "name",
    [
        "todos.db", "todos.db-wal", "todos.db-shm", "todos.db-journal", "data.sqlite3", "x.sqlite",
        ".main.py.swp", ".main.py.swx", "main.py~", "4913", "main.py.tmp", ".#main.py", "#main.py#",
        "main.py___jb_tmp___", "server.log",
    ],
)  # fmt: skip
def test_databases_and_editors_own_files_are_no_saves(name: str) -> None:
    assert not matters(name)


@pytest.mark.parametrize("name", ["main.py", "alembic.ini", "settings.toml", "4913.py", ".env"])
def test_all_other_files_are_saves(name: str) -> None:
    assert matters(name)


def test_what_tools_write_starts_no_run(folder: Path, watch: Watch, reader: Reader) -> None:
    for name in (".lab/journal.jsonl", "__pycache__/main.pyc", ".venv/a.py", "todos.db", "4913"):
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("x")
    with ends_in_time(watch, 1.5):
        assert list(watch.events()) == [Key("q")]
    assert reader.runs == 1


def save_in_place(path: Path, text: str) -> None:
    path.write_text(text)


def save_by_rename(path: Path, text: str) -> None:
    temporary = path.with_name(f"{path.name}.tmp")
    temporary.write_text(text)
    temporary.replace(path)


def save_as_vim(path: Path, text: str) -> None:
    probe, backup = path.with_name("4913"), path.with_name(f"{path.name}~")
    probe.touch()
    probe.unlink()
    path.rename(backup)
    path.write_text(text)
    backup.unlink()


def save_with_the_same_size_and_time(path: Path, text: str) -> None:
    before = path.stat()
    save_by_rename(path, text)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


@pytest.mark.parametrize(
    "save", [save_in_place, save_by_rename, save_as_vim, save_with_the_same_size_and_time]
)
def test_every_way_of_saving_is_seen(
    folder: Path, watch: Watch, save: Callable[[Path, str], None]
) -> None:
    save(folder / "main.py", "saved = 1\n")
    wait_for(watch, judged("saved = 1\n"))


def test_new_files_new_folders_and_deleted_files_are_seen(folder: Path, watch: Watch) -> None:
    (folder / "routers").mkdir()
    (folder / "routers" / "todos.py").write_text("a = 1\n")
    events = wait_for(watch, lambda event: isinstance(event, Judged))
    assert events[0] == Judging(("routers/todos.py",))
    (folder / "routers" / "todos.py").write_text("a = 22\n")
    wait_for(watch, lambda event: isinstance(event, Judged))
    (folder / "main.py").unlink()
    events = wait_for(watch, judged("none"))
    assert events[0] == Judging(("main.py",))


def test_a_change_that_the_system_does_not_report_is_seen_all_the_same(
    folder: Path, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> Iterator[object]:
        raise OSError(28, "inotify watch limit reached")

    monkeypatch.setattr("watchfiles.watch", refuse)
    with Watch(folder, reader) as watch:
        wait_for(watch, judged("first = 0\n"))
        (folder / "main.py").write_text("second = 1\n")
        wait_for(watch, judged("second = 1\n"))
