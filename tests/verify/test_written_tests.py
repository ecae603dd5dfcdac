"""The learner's own tests: run on APIs of the lab's, in a process of their own, which ends."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from functools import partial
from pathlib import Path

import psutil
import pytest

from lab.appserver import timeouts
from lab.appserver.launchers import Launcher, SubprocessLauncher
from lab.appserver.process import ServerProcess
from lab.appserver.server import Server
from lab.appserver.timeouts import Timeouts
from lab.codemods import Edit, Patch, Replace
from lab.model import NotApplicable, TestsTookTooLong
from lab.play.alterations import write
from lab.play.written_tests import NOTHING_RAN, TestRun, put_api, run
from lab.verify.experiments.written_tests import must_pass, own_lines
from lab.verify.todos import Todos
from tests.support.commands import Shell

long = partial(pytest.param, marks=pytest.mark.long)

FILE = "tests/test_it.py"
PATIENCE = 60.0
GREETS = "from todos_app.main import app\n\ndef test_title():\n    assert app.title == 'Todos'\n"
RENAMED = Replace("todos_app/main.py", 'title="Todos"', 'title="Tasks"')


@pytest.fixture
def place(tmp_path: Path, each_launcher: Launcher) -> Iterator[ServerProcess]:
    with ServerProcess(tmp_path / "app", each_launcher, seconds=60) as server:
        server.folder.mkdir()
        yield server


def put(server: ServerProcess, source: str) -> None:
    write((server.folder,), {FILE: source.encode()})


def ran(server: ServerProcess, *edits: Edit) -> TestRun:
    put_api(server.folder, edits)
    return run(server, FILE, Timeouts().for_tests(FILE))


def test_a_test_passes_or_fails_by_the_api_that_the_lab_puts_there(place: ServerProcess) -> None:
    put(place, GREETS)
    write((place.folder,), {"todos_app/main.py": b"raise SystemExit('the own API of a learner')"})
    assert ran(place).passed
    assert ran(place, RENAMED).caught
    assert ran(place).passed


@pytest.mark.parametrize(
    "source",
    [
        "",
        "def check(): pass\n",
        long("import pytest\n\n@pytest.mark.skip\ndef test_it(): pass\n"),
        long("import pytest\n\n@pytest.mark.xfail\ndef test_it(): assert False\n"),
    ],
    ids=["empty", "no_test", "skipped", "expected_to_fail"],
)
def test_what_asks_nothing_is_neither_passed_nor_failed(place: ServerProcess, source: str) -> None:
    put(place, source)
    assert ran(place).code == NOTHING_RAN


def test_what_is_shown_of_a_traceback_is_the_learners_own(place: ServerProcess) -> None:
    warns = "import json, warnings\n\ndef test_it():\n    warnings.warn('old')\n"
    put(place, f"{warns}    assert json.loads('{{') == 1\n")
    output = ran(place).output
    said = own_lines(output)
    assert "decoder.py" in output and "decoder.py" not in said
    assert f"{FILE}:5: in test_it\n    assert json.loads('{{') == 1\n" in said
    assert "\nE   json.decoder.JSONDecodeError" in said and "1 failed" in said
    assert "short test summary" not in said and "old" not in said


def test_a_file_that_cannot_be_read_has_caught_nothing(place: ServerProcess) -> None:
    put(place, "def test_it(:\n")
    run = ran(place)
    assert not run.passed
    assert not run.caught
    assert "SyntaxError" in run.output


def test_one_that_never_ends_is_told_so_and_waited_for_no_second_time_as_long(
    place: ServerProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timeouts, "is_busy", lambda: False)
    put(place, "import time\n\ndef test_it():\n    time.sleep(987)\n")
    put_api(place.folder, ())
    with pytest.raises(TestsTookTooLong, match="did not end in time"):
        run(place, FILE, seconds=4.0)
    shared = Timeouts()
    first = shared.for_tests(FILE)
    shared.shorten_for_tests(FILE)
    assert shared.for_tests(FILE) < first == shared.for_tests("tests/test_another.py")
    monkeypatch.setattr(timeouts, "is_busy", lambda: True)
    assert shared.for_tests("tests/test_another.py") > first  # what is slow there may be right


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells who is whose child")
def test_what_it_starts_and_leaves_behind_ends_with_it(place: ServerProcess) -> None:
    put(
        place,
        "import subprocess\n\ndef test_it():\n"
        "    subprocess.Popen(['sleep', '987'], start_new_session=True)\n",
    )
    assert ran(place).passed
    left = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.cmdline() == ["sleep", "987"] and process.cwd() == str(place.folder):
                left.append(process)
    assert psutil.wait_procs(left, timeout=PATIENCE)[1] == []  # what was killed may be ending


def test_its_temporary_files_are_beside_the_folder(place: ServerProcess) -> None:
    put(
        place,
        "import tempfile\n\ndef test_it(tmp_path):\n    (tmp_path / 'a').touch()\n"
        "    tempfile.mkdtemp(prefix='of-a-test-')\n",
    )
    assert ran(place).passed
    beside = place.folder.parent / "app.tmp"
    assert {path.name.partition("-")[0] for path in beside.iterdir()} == {"of", "pytest"}


def test_an_api_of_another_layout_cannot_be_replaced(tmp_path: Path) -> None:
    with Server(tmp_path / "app", SubprocessLauncher(), "main:app") as server:
        write((server.folder,), {"main.py": b"", FILE: GREETS.encode()})
        with pytest.raises(NotApplicable, match=r"todos_app/main\.py"):
            must_pass(Todos(server), FILE)


def test_two_runs_of_one_file_can_use_the_same_port(tmp_path: Path) -> None:
    busy = tmp_path / "busy"
    test = f"""
import os, time
def test_it():
    os.close(os.open({str(busy)!r}, os.O_CREAT | os.O_EXCL))
    time.sleep(1)
    os.unlink({str(busy)!r})
"""
    shared = Timeouts()

    def judged(number: int) -> None:
        folder = tmp_path / f"app-{number}"
        with (
            closing(SubprocessLauncher()) as launcher,
            Server(folder, launcher, seconds=60, timeouts=shared) as server,
        ):
            put_api(folder, ())
            write((folder,), {FILE: test.encode()})
            must_pass(Todos(server), FILE)

    with ThreadPoolExecutor() as pool:
        list(pool.map(judged, range(2)))


@pytest.mark.long
def test_nothing_is_judged_before_it_is_written_and_lab_diff_has_the_file(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    mine = tmp_path / "mine"
    shell.lab("init", "mine")
    shell.lab("verify", "test-2", "-w", mine).said("not started", "tests/test_filter.py")
    passes = Patch("test_2_filter.patch").apply({})["tests/test_filter.py"]
    write((mine,), {"tests/test_filter.py": passes.replace(b"Buy bread", b"Buy rolls")})
    assert shell.lab("verify", "test-2", "-w", mine).code == 0
    shell.lab("diff", "test-2", "-w", mine).said("Buy bread", "Buy rolls")
