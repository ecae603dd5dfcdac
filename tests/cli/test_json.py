"""--json: whatever the command and however it ends, standard output is one document."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from lab.appserver.launchers import Launcher
from lab.cli.app import cli
from lab.course import init
from tests.support.commands import LAB, Shell
from tests.support.terminal import Learner, plain

DONE, NOT_PASSED, WRONG, FAULT = 0, 1, 2, 3
long = partial(pytest.param, marks=pytest.mark.long)
SUCCEED = (
    long("init another", DONE),
    long("list --all", DONE),
    long("show break-2", DONE),
    long("show explain-1", DONE),
    long("hint", DONE),
    ("verify persist fix-1", NOT_PASSED),  # fix-1 was not started
    long("explain explain-1", DONE),
    long("explain explain-1 --answer sent=to_all", NOT_PASSED),
    long("explain --show-marks", DONE),
    long("trace GET /todos", DONE),
    long("power-cut", DONE),
    long("race --hold write", DONE),
    ("snapshots", DONE),
    long("reset", DONE),
    long("diff", DONE),
    long("demo memory", DONE),
    long("doctor", DONE),
    ("grade --gradescope-archive autograder.zip --exercises persist", DONE),
)
FAIL = (
    long("init my-todos", WRONG),
    ("list -w nowhere", WRONG),
    long("show nope", WRONG),
    long("hint nope", WRONG),
    ("run alter-2", NOT_PASSED),  # not tried yet, and nobody agrees
    long("run break-2 --predict 9", WRONG),
    ("verify nope", WRONG),
    ("verify --nope", WRONG),
    ("verify -w nowhere", WRONG),
    ("verify persist -w empty --app main", WRONG),
    long("watch nope", WRONG),
    long("watch explain-1", NOT_PASSED),
    long("explain nope", WRONG),
    ("trace GET", WRONG),
    long("race GET", WRONG),
    long("grade nope", WRONG),
    long("undo", WRONG),
    long("snapshots -w nowhere", WRONG),
    long("reset -w nowhere", WRONG),
    long("serve -w nowhere", WRONG),
    long("diff nope", WRONG),
    long("demo nope", WRONG),
    long("doctor now", WRONG),
    long("dev check nope", WRONG),
    long("dev new nope", WRONG),
    long("dev readme now", WRONG),
)


@pytest.fixture(scope="module")
def new(tmp_path_factory: pytest.TempPathFactory, launcher: Launcher) -> Path:
    folder = tmp_path_factory.mktemp("new") / "my-todos"
    init.created(folder, launcher)
    return folder


@pytest.fixture
def shell(tmp_path: Path, new: Path) -> Shell:
    """Somebody in a folder with a workspace of their own."""
    shutil.copytree(new, tmp_path / "my-todos")
    return Shell(tmp_path)


def commands(group: Any, *above: str) -> Iterator[tuple[str, Any]]:
    """Every command by what is typed for it."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, *above, name)
        else:
            yield " ".join((*above, name)), command


def test_every_command_knows_json_and_is_tried_here() -> None:
    tried = [str(getattr(one, "values", one)[0]) for one in SUCCEED + FAIL]
    for name, command in commands(get_command(cli)):
        assert any("--json" in option.opts for option in command.params), name
        assert any(typed.startswith(name) for typed in tried), name


@pytest.mark.parametrize(("typed", "code"), SUCCEED)
def test_what_a_command_has_found_is_one_document(shell: Shell, typed: str, code: int) -> None:
    ended = shell.lab(*typed.split(), "--json")
    assert ended.json["schema"] == 1
    assert "error" not in ended.json
    assert ended.code == code
    assert ended.err == ""


@pytest.mark.parametrize(("typed", "code"), FAIL)
def test_what_stops_a_command_is_one_document_too(shell: Shell, typed: str, code: int) -> None:
    (shell.folder / "empty").mkdir()
    ended = shell.lab(*typed.split(), "--json")
    assert set(ended.json) == {"schema", "error", "remedy"}
    assert ended.json["schema"] == 1
    assert ended.code == code
    assert ended.err == ""


@pytest.mark.long
def test_what_stops_a_play_in_the_middle_is_all_that_is_printed(shell: Shell) -> None:
    main = shell.folder / "my-todos" / "todos_app" / "main.py"
    main.write_text(main.read_text("utf-8").replace("return db.scalars(", "1 / 0\n    ("), "utf-8")
    ended = shell.lab("run", "break-2", "--json")
    assert "broken already" in ended.json["error"]
    assert ended.code == NOT_PASSED


@pytest.mark.long
def test_a_machine_that_lacks_something_is_a_document_as_well(shell: Shell) -> None:
    ended = shell.lab("doctor", "--json", LAB_LAUNCHER="none")
    assert ended.json["sound"] is False
    assert [found["name"] for found in ended.json["findings"] if not found["fine"]]
    assert ended.code == FAULT


def test_a_run_tells_what_was_predicted_changed_measured_and_comes_next(shell: Shell) -> None:
    run = shell.lab("run", "break-2", "--predict", "2", "--json").json
    assert run["prediction"]["predicted"] == run["prediction"]["happened"]
    assert run["prediction"]["right"] is True
    assert "+    minutes: Mapped[int]" in run["diff"]
    measured = [seen for seen in run["observations"] if seen["event"] == "sent"]
    assert [seen["exchange"]["status"] for seen in measured][-2:] == [500, 500]
    assert "no such column" in measured[-2]["exchange"]["crash"]["message"]
    assert "todos_app/models.py" in run["kept"]["changed"]
    assert "lab verify fix-2" in [command["command"] for command in run["next"]["commands"]]
    shown = shell.lab("diff", "break-2", "--json").json
    assert (shown["from"], shown["diff"]) == ("before_run", run["diff"])
    undone = shell.lab("undo", "--json").json
    assert undone["to"] == run["kept"]["snapshot"]
    assert "todos_app/models.py" in undone["changed"]


@pytest.mark.long
def test_nobody_is_asked_on_a_terminal_either(shell: Shell) -> None:
    learner = Learner(shell.folder)
    for command, code in (("lab run persist --json", DONE), ("lab run alter-2 --json", NOT_PASSED)):
        terminal = learner.types(command)
        document = json.loads(plain(terminal.read()))
        assert "prediction" not in document or document["prediction"]["predicted"] is None
        terminal.wait()
        assert terminal.exitstatus == code
    terminal = learner.types("lab verify persist --database-url - --json")
    assert "nothing is asked" in json.loads(plain(terminal.read()))["error"]


@pytest.mark.long
def test_a_watch_prints_a_line_for_each_verdict_and_for_what_is_in_its_way(shell: Shell) -> None:
    main = shell.folder / "my-todos" / "todos_app" / "main.py"
    text = main.read_text("utf-8")
    with subprocess.Popen(
        [*LAB, "watch", "alter-3", "--json"],
        cwd=shell.folder,
        env=shell.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout and process.stderr
        first = json.loads(process.stdout.readline())
        main.write_text(text + "def half(:\n", "utf-8")
        second = json.loads(process.stdout.readline())
        process.send_signal(signal.SIGTERM)
        rest, errors = process.communicate(timeout=60)
    assert (first["schema"], first["exercises"][0]["verdict"]) == (1, "failed")
    assert set(second) == {"schema", "error", "remedy"}
    assert "todos_app/main.py, line" in second["error"]
    assert (process.returncode, rest, errors) == (DONE, "", "")


@pytest.mark.long
def test_characters_that_the_output_has_no_bytes_for_are_escaped(shell: Shell) -> None:
    ascii_only = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    ended = shell.lab("list", "-w", "ümlaut", "--json", **ascii_only)
    assert ended.out.isascii()
    assert "mlaut" in ended.json["error"]
    assert ended.code == WRONG
