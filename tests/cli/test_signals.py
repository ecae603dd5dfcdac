"""SIGKILL and Ctrl+C at random moments: nothing runs on, nothing is half done."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from lab.appserver.launchers import Launcher
from lab.course import init
from lab.workspace import databases, temporary
from tests.support.commands import LAB, Shell, contents
from tests.support.workspaces import integrity

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(not hasattr(os, "killpg"), reason="needs POSIX signals"),
]

INTERRUPTED = 130
COMMANDS = {
    "verify": ["verify", "persist", "alter-2", "break-1"],
    "run": ["run", "break-2", "--no-predict"],
    "demo": ["demo", "persistence", "--no-pause"],
    "demo for a page": ["demo", "persistence", "--export", "page.html"],
}
AT_ANY_MOMENT = ("verify", "run", "demo")
SECONDS_TO_END = 2.0
STARTING = 0.15  # seconds that Python takes to come to the lab's first line
FEW_OR_MANY = [2, pytest.param(20, marks=pytest.mark.long)]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, launcher: Launcher) -> Path:
    folder = tmp_path_factory.mktemp("made") / "my-todos"
    init.created(folder, launcher)
    return folder


@pytest.fixture
def shell(tmp_path: Path, made: Path) -> Shell:
    shell = Shell(tmp_path)
    shutil.copytree(made, shell.folder / "my-todos")
    return shell


@contextmanager
def under_way(shell: Shell, command: str) -> Iterator[subprocess.Popen[str]]:
    """A command in a session of its own, as in a terminal."""
    process = subprocess.Popen(
        [*LAB, *COMMANDS[command]],
        cwd=shell.folder,
        env=shell.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        if process.stderr:
            process.stderr.close()


def state(shell: Shell) -> tuple[dict[str, str], int]:
    """The learner's sources and how many rows they have; the database must be sound."""
    work = shell.folder / "my-todos"
    assert integrity(work / "todos.db") == "ok"
    return contents(work / "todos_app"), len(databases.rows(work / "todos.db").rows)


def seconds_of(shell: Shell, command: str) -> float:
    began = time.monotonic()
    with under_way(shell, command) as process:
        process.communicate()
    return time.monotonic() - began


def end_of_all(shell: Shell, known: list[psutil.Process]) -> list[psutil.Process]:
    """What still runs once the time is over in which everything must have ended."""
    _, alive = psutil.wait_procs(known, timeout=SECONDS_TO_END)
    left = alive or shell.processes()
    # One that has ended may wait for its parent to ask how, and in a container there may be none.
    return [process for process in left if not _has_ended(process)]


def _has_ended(process: psutil.Process) -> bool:
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def must_be_whole(shell: Shell, *states: object) -> None:
    """Assert that the next command works and finds nothing half done, nor leaves anything."""
    ended = shell.lab("snapshots")
    ended.said()
    assert ended.code == 0
    assert state(shell) in states
    assert shell.left() == []
    if state(shell) != states[0]:
        assert shell.lab("undo").code == 0
        assert state(shell) == states[0]


def descendants(pid: int) -> list[psutil.Process]:
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


@pytest.mark.parametrize("times", FEW_OR_MANY)
@pytest.mark.parametrize("command", AT_ANY_MOMENT)
def test_a_command_killed_at_any_moment_leaves_no_process_and_a_whole_workspace(
    shell: Shell, command: str, times: int
) -> None:
    before = state(shell)
    whole = seconds_of(shell, command)
    after = state(shell)
    if after != before:
        assert shell.lab("undo").code == 0
    for _ in range(times):
        with under_way(shell, command) as process:
            time.sleep(random.uniform(0, whole))
            known = descendants(process.pid)
            process.kill()
            process.wait()
            assert end_of_all(shell, known) == []
        must_be_whole(shell, before, after)


@pytest.mark.parametrize("times", FEW_OR_MANY)
@pytest.mark.parametrize("command", AT_ANY_MOMENT)
def test_ctrl_c_at_any_moment_ends_it_all_without_a_traceback(
    shell: Shell, command: str, times: int
) -> None:
    before = state(shell)
    whole = seconds_of(shell, command)
    after = state(shell)
    if after != before:
        assert shell.lab("undo").code == 0
    for _ in range(times):
        with under_way(shell, command) as process:
            time.sleep(random.uniform(STARTING, whole))
            known = descendants(process.pid)
            os.killpg(process.pid, signal.SIGINT)
            _, said = process.communicate(timeout=60)
            assert process.returncode in (INTERRUPTED, 0, 1), said
            assert "Traceback" not in said and "Exception ignored" not in said, said
            assert end_of_all(shell, known) == []
            assert shell.left() == []
        must_be_whole(shell, before, after)


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_a_demo_for_a_page_ends_with_the_number_of_its_signal(shell: Shell, name: str) -> None:
    number = signal.Signals[name]
    with under_way(shell, "demo for a page") as process:
        while not list(shell.temporary.glob("*/lab-*")):
            assert process.poll() is None
        process.send_signal(number)
        _, said = process.communicate(timeout=60)
        assert process.returncode == 128 + number, said
    assert shell.left() == []


def test_what_is_not_of_a_killed_command_stays_among_the_temporary_files(shell: Shell) -> None:
    shell.environment()
    of_somebody = f"{temporary.PREFIX}of-somebody"
    (shell.temporary / of_somebody).mkdir()
    (shell.temporary / of_somebody / "notes.txt").touch()
    with under_way(shell, "verify") as process:
        while not list(shell.temporary.glob(f"{temporary.PREFIX}*/lab-*")):
            assert process.poll() is None
        in_use = set(shell.left())
        shell.lab("list")
        assert set(shell.left()) == in_use, "another command's files must stay while it runs"
        process.kill()
        process.wait()
    shell.lab("list")
    assert shell.left() == [of_somebody]
