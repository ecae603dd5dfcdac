"""Bad input, typed as a person would: one sentence, what to do, the exit code, nothing changed."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import pytest

from lab.appserver.launchers import Launcher
from lab.course import init
from tests.support.commands import LAB, Shell, contents

DONE, NOT_PASSED, WRONG, FAULT = 0, 1, 2, 3


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, launcher: Launcher) -> Path:
    folder = tmp_path_factory.mktemp("made") / "my-todos"
    init.created(folder, launcher)
    return folder


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


@pytest.fixture
def work(shell: Shell, made: Path) -> Path:
    """A workspace of one's own, where every command finds it."""
    return Path(shutil.copytree(made, shell.folder / "my-todos"))


# -- the command line -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("run break-222", ["no exercise 'break-222'", "break-2"]),
        ("verify persist brek-1", ["no exercise 'brek-1'", "break-1"]),
        ("show Alter1", ["no exercise", "alter-1"]),
        ("hint explain9", ["no exercise", "explain-"]),
        ("demo --export full", ["full cannot be a file"]),
        ("demo --export nowhere/page.html", ["Name one in a folder that is there"]),
        ("demo memry", ["no demo 'memry'", "memory"]),
        ("run explain-1", ["nothing to run", "lab explain explain-1"]),
        ("run", ["Missing argument", "lab run --help"]),
        ("frob", ["No such command", "lab --help"]),
        ("run break-2 --nope", ["No such option", "lab run --help"]),
        ("run break-2 --predict 9", ["--predict 9", "from 1 to 3"]),
        ("run break-2 --predict -1", ["--predict -1"]),
        ("run fix-1 --migrate", ["migrate", "lab run fix-1"]),
        ("race '' ''", ["is no HTTP method"]),
        ("undo abc", ["valid integer", "lab undo --help"]),
        ("undo 7", ["no snapshot 7", "lab snapshots"]),
        ("list -w nowhere", ["no folder nowhere", "lab init nowhere"]),
        ("verify -w empty", ["empty is no workspace", "lab init"]),
        ("verify persist -w empty --app main", ["`main` does not name an app", "MODULE:ATTR"]),
        ("verify persist --app main:app:x", ["does not name an app"]),
        ("init my-todos", ["workspace already", "lab list -w my-todos"]),
        ("init full", ["full is not empty", "--from full"]),
        ("init full/file", ["no folder"]),
        ("init new --app main:app", ["--app", "--from DIR"]),
        ("init new --from nowhere --app main:app", ["no folder nowhere"]),
        ("init new --from my-todos --app main", ["does not name an app"]),
        ("init my-todos/inner --from my-todos", ["lies inside"]),
        ("init full --from my-todos", ["full is not empty"]),
    ],
)
def test_a_wrong_command_line_is_told_and_changes_nothing(
    shell: Shell, work: Path, typed: str, words: list[str]
) -> None:
    (shell.folder / "empty").mkdir()
    (shell.folder / "full").mkdir()
    (shell.folder / "full" / "file").touch()
    before = contents(shell.folder)
    # No server is started: nothing need be got ready for one.
    ended = shell.lab(*shlex.split(typed), LAB_LAUNCHER="subprocess")
    ended.said(*words)
    assert ended.code == WRONG
    assert ended.out == ""
    assert contents(shell.folder) == before
    assert shell.left() == []


def test_without_a_workspace_it_says_how_to_make_one(shell: Shell) -> None:
    for typed in ("verify", "undo", "diff", "hint", "snapshots", "reset"):
        ended = shell.lab(typed)
        ended.said("There is no workspace here.", "`lab init`")
        assert ended.code == WRONG
    assert [path.name for path in shell.folder.iterdir()] == [shell.temporary.name]


@pytest.mark.parametrize(
    ("inside", "named"), [pytest.param(True, ".", marks=pytest.mark.long), (False, "my-todos")]
)
def test_what_was_a_workspace_is_one_again_by_the_command_that_is_named(
    shell: Shell, work: Path, inside: bool, named: str
) -> None:
    shutil.rmtree(work / ".lab")
    here = replace(shell, folder=work) if inside else shell
    ended = here.lab("init", named)
    assert ended.code == WRONG
    [command] = re.findall(r"there: `lab (init [^`]+)`", " ".join(ended.err.split()))
    assert here.lab(*command.split()).code == DONE
    assert (shell.folder / "my-lab" / ".lab").is_dir()


def test_it_says_its_version_wherever_it_is_called(shell: Shell) -> None:
    shell.lab("--version").said(f"persistence-lab {version('persistence-lab')}")


def test_a_first_look_needs_no_workspace_and_leaves_none(shell: Shell) -> None:
    ended = shell.lab("run", "break-2")
    ended.said("throw-away copy", "no such column", "nothing of it is kept", "lab init")
    assert "Changed in your workspace" not in ended.out
    assert "Your workspace" not in ended.out
    assert ended.code == DONE
    document = shell.lab("run", "break-1", "--json").json
    assert (document["workspace"], document["kept"]) == (None, None)
    for typed in ("run fix-2", "run alter-1 --yes"):
        ended = shell.lab(*typed.split())
        ended.said("There is no workspace here.", "`lab init`")
        assert ended.code == WRONG
    assert [path.name for path in shell.folder.iterdir()] == [shell.temporary.name]
    assert shell.left() == []


# -- the learner's code and data --------------------------------------------------------------


@pytest.mark.long
@pytest.mark.parametrize(
    ("file", "text", "words"),
    [
        ("models.py", "\ndef (", ["SyntaxError", "todos_app/models.py:", "look at it"]),
        ("main.py", "\nimport nothere", ["'nothere'", "todos_app/main.py:", "installed?"]),
        ("main.py", "\nfrom .database import nope", ["cannot import name 'nope'"]),
        ("database.py", "\nraise SystemExit(0)", ["SystemExit", "todos_app/database.py:"]),
    ],
)
def test_code_that_does_not_start_is_named_and_left_as_it_is(
    shell: Shell, work: Path, file: str, text: str, words: list[str]
) -> None:
    with (work / "todos_app" / file).open("a") as source:
        source.write(text)
    before = contents(work)
    played = shell.lab("run", "break-2")
    played.said("The app does not start", *words)
    assert played.code == NOT_PASSED
    assert str(shell.temporary) not in played.err, "a folder that the learner does not know"
    judged = shell.lab("verify", "persist", "--json")
    assert judged.code == NOT_PASSED and judged.err == ""
    assert words[0] in judged.json["exercises"][0]["checks"][0]["actual"]
    assert contents(work) == before
    assert shell.left() == []


def test_a_workspace_without_an_app_says_what_was_looked_for(shell: Shell, work: Path) -> None:
    shutil.rmtree(work / "todos_app")
    before = contents(work)
    ended = shell.lab("run", "break-2")
    ended.said("no main.py, app.py or api.py", "--app MODULE:ATTR")
    assert ended.code == NOT_PASSED
    assert contents(work) == before


@pytest.mark.parametrize("damage", [b"no database at all " * 300, None])
def test_a_file_that_is_no_database_is_told_and_kept(
    shell: Shell, work: Path, damage: bytes | None
) -> None:
    file = work / "todos.db"
    file.write_bytes(damage or file.read_bytes()[:5000])
    before = contents(work)
    ended = shell.lab("run", "break-2")
    ended.said("DatabaseError", "Move it away")
    assert ended.code == NOT_PASSED
    assert contents(work) == before


def test_an_edit_that_does_not_apply_changes_nothing(shell: Shell, work: Path) -> None:
    database = work / "todos_app" / "database.py"
    database.write_text(
        database.read_text()
        .replace("def get_db()", "get_db = None\n\n\ndef lend_a_session()")
        .replace("get_db)]", "lambda: next(lend_a_session()))]"),
        "utf-8",
    )
    before = contents(work)
    ended = shell.lab("run", "break-3", "--no-predict")
    ended.said()
    assert ended.code == NOT_PASSED
    assert contents(work) == before


# -- the machine ------------------------------------------------------------------------------


@pytest.mark.long
@pytest.mark.parametrize(
    ("damaged", "code"),
    [
        ("state.json", DONE),
        ("journal.jsonl", DONE),
        ("lock", DONE),
        ("snapshots/0.json", DONE),
        ("redo.json", DONE),
    ],
)
def test_a_damaged_state_is_said_or_set_aside_and_the_work_goes_on(
    shell: Shell, work: Path, damaged: str, code: int
) -> None:
    (work / ".lab" / damaged).write_bytes(b'\xff{"schema"')
    code_before = contents(work / "todos_app")
    for typed in ("list", "snapshots", "diff", "undo", "reset"):
        ended = shell.lab(typed)
        ended.said()
        assert ended.code != NOT_PASSED  # nothing is judged
    ended = shell.lab("verify", "persist", "--json")
    assert ended.code == code
    assert ended.json["exercises"][0]["verdict"] == "passed"
    assert contents(work / "todos_app") == code_before


@pytest.mark.parametrize("name", ["state.json", "journal.jsonl", "lock", "redo.json"])
def test_a_folder_in_the_place_of_the_labs_own_file_is_named(
    shell: Shell, work: Path, name: str
) -> None:
    (work / ".lab" / name).unlink(missing_ok=True)
    (work / ".lab" / name).mkdir()
    before = contents(work)
    ended = shell.lab("verify", "persist", "--json")
    assert ended.code == FAULT and ended.err == ""
    assert name in ended.json["error"]
    assert contents(work) == before


def test_of_two_commands_at_once_the_second_says_who_is_at_work(shell: Shell, work: Path) -> None:
    main = work / "todos_app" / "main.py"
    main.write_text("import time\ntime.sleep(60)\n" + main.read_text("utf-8"), "utf-8")
    first = subprocess.Popen(
        [*LAB, "verify", "persist"],
        cwd=shell.folder,
        env=shell.environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        lock = work / ".lab" / "lock"
        while not lock.exists() or b"lab verify" not in lock.read_bytes():
            assert first.poll() is None
        second = shell.lab("undo")
    finally:
        first.kill()
        first.wait()
    second.said(f"`lab verify` (process {first.pid}", "try again")
    assert second.code == FAULT


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="needs POSIX permissions")
def test_a_folder_that_may_not_be_written_is_told(shell: Shell, work: Path) -> None:
    before = contents(work)
    (work / ".lab").chmod(0o500)
    if os.geteuid() == 0:
        pytest.skip("root may write anywhere")
    ended = shell.lab("run", "break-2")
    (work / ".lab").chmod(0o700)
    ended.said("you may not write there")
    assert ended.code == FAULT
    assert contents(work) == before


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="needs POSIX permissions")
@pytest.mark.parametrize(
    ("place", "rights"),
    [("todos_app", 0), ("todos_app", 0o444), (".lab/snapshots", 0)],
)
def test_a_folder_that_may_not_be_entered_is_named(
    shell: Shell, work: Path, place: str, rights: int
) -> None:
    before = contents(work)
    (work / place).chmod(rights)
    if os.geteuid() == 0:
        pytest.skip("root may read anything")
    ended = shell.lab("reset", COLUMNS="300")
    (work / place).chmod(0o700)
    ended.said("Cannot read", place, "permission denied")
    assert ended.code == FAULT
    assert contents(work) == before


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="needs POSIX permissions")
def test_a_journal_that_takes_nothing_leaves_no_doubt_about_what_was_done(
    shell: Shell, work: Path
) -> None:
    main = work / "todos_app" / "main.py"
    before = main.read_text("utf-8")
    main.write_text(f"{before}# mine\n")
    shell.lab("hint", "alter-1")
    (work / ".lab" / "journal.jsonl").chmod(0o400)
    if os.geteuid() == 0:
        pytest.skip("root may write anywhere")
    ended = shell.lab("reset")
    ended.said("The files went back to snapshot 0", "you may not write there")
    assert ended.code == FAULT
    assert main.read_text("utf-8") == before


def test_a_disk_that_fills_up_changes_nothing(shell: Shell, work: Path) -> None:
    # Where a file may not grow, the system says what it says of a full disk, in other words.
    before = contents(work)
    limited = 'ulimit -S -f 2; exec "$@"'
    done = subprocess.run(
        ["bash", "-c", limited, "bash", *LAB, "run", "break-1", "--no-predict"],
        cwd=shell.folder,
        env=shell.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr and "defect" not in done.stderr, done.stderr
    assert done.returncode == FAULT
    assert "Free some space" in " ".join(done.stderr.split())
    assert contents(work) == before


# -- terminals and pipes ----------------------------------------------------------------------


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
@pytest.mark.parametrize(
    ("line", "codes"),
    [
        # What fits into the pipe is written before the reader ends, or it is not.
        ("lab list | head -1", {DONE, 128 + 13}),
        ("lab list | true", {DONE, 128 + 13}),
        ("lab list --all --json | true", {DONE, 128 + 13}),
        ("lab list > /dev/full", {FAULT}),
        ("lab list --json > /dev/full", {FAULT}),
        ("lab show break-2 >&- 2>&- <&-", {DONE}),
        ("lab list 1</dev/null", {DONE}),
        ("lab run break-2 --no-predict | head -3", {128 + 13}),
    ],
)
def test_output_that_nobody_reads_ends_without_a_word(
    shell: Shell, work: Path, line: str, codes: set[int]
) -> None:
    before = contents(work)
    function = 'lab() { "${LAB[@]}" "$@"; }'
    words = " ".join(f"'{word}'" if " " not in word else f'"{word}"' for word in LAB)
    done = subprocess.run(
        ["bash", "-c", f'LAB=({words}); {function}; {line}; exit "${{PIPESTATUS[0]}}"'],
        cwd=shell.folder,
        env=shell.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr and "defect" not in done.stderr, done.stderr
    assert done.returncode in codes
    assert contents(work) == before
    assert shell.left() == []


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a pseudo-terminal")
@pytest.mark.parametrize("words", [["list"], ["list", "--json"]])
def test_a_terminal_that_is_gone_is_no_defect(shell: Shell, work: Path, words: list[str]) -> None:
    ours, theirs = os.openpty()
    os.close(ours)
    try:
        done = subprocess.run(
            [*LAB, *words],
            cwd=shell.folder,
            env=shell.environment(),
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            check=False,
        )
    finally:
        os.close(theirs)
    assert done.returncode == 128 + 1
    assert list(shell.temporary.iterdir()) == []


def test_plain_ascii_terminals_get_plain_ascii(shell: Shell, work: Path) -> None:
    ended = shell.lab(
        "run", "break-2", "--no-predict",
        LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0", NO_COLOR="1", TERM="xterm-256color",
    )  # fmt: skip
    ended.said("no such column")
    assert ended.code == DONE
    assert ended.out.isascii() and "\x1b" not in ended.out
    assert max(len(line) for line in ended.out.splitlines()) <= 80
