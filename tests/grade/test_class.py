"""A class, judged by the command as a teacher would have it judged."""

from __future__ import annotations

import csv
import json
import shutil
import signal
import subprocess
import zipfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from lab import resources
from lab.grade.submissions import RESULTS
from tests.support.commands import LAB, Ended, Shell

HOSTILE_NAME = "=1+1<img src=x>"


@dataclass(frozen=True)
class Judged:
    """What one call has left in the folder."""

    shell: Shell
    ended: Ended
    folder: Path

    @property
    def rows(self) -> dict[str, dict[str, str]]:
        with (self.folder / "gradebook.csv").open(newline="", encoding="utf-8") as file:
            return {row["student"]: row for row in csv.DictReader(file)}


def reference(folder: Path) -> Path:
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(resources.folder("todos_app"), folder / "todos_app", ignore=ignore)
    return folder


def archived(folder: Path, archive: Path) -> None:
    with zipfile.ZipFile(archive, "w") as written:
        for path in sorted(folder.rglob("*.py")):
            written.write(path, path.relative_to(folder.parent))


def forgets(folder: Path) -> None:
    """Have the app keep its todos in a file that each start makes anew."""
    file = reference(folder) / "todos_app" / "main.py"
    text = file.read_text("utf-8").replace(
        "create_all(", "drop_all(bind=engine);Base.metadata.create_all("
    )
    assert "drop_all" in text
    file.write_text(text, "utf-8")


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    shell = Shell(tmp_path_factory.mktemp("grade"))
    handed_in = shell.folder / "class"
    handed_in.mkdir()
    archived(reference(shell.folder / "right"), handed_in / "right.zip")
    forgets(handed_in / "forgets")
    for name, text in (("typo", "def app(:\n"), ("no-app", "x = 1\n")):
        (handed_in / name).mkdir()
        (handed_in / name / "main.py").write_text(text, "utf-8")
    (handed_in / HOSTILE_NAME).mkdir()
    (handed_in / "broken.zip").write_bytes(b"PK")
    ended = shell.lab("grade", handed_in, "--exercises", "persist", "-o", "out", "-j", "2")
    return Judged(shell, ended, shell.folder / "out")


def test_each_submission_gets_its_own_verdict_in_its_own_words(judged: Judged) -> None:
    judged.ended.said("6 submissions")
    assert judged.ended.code == 0
    found = {name: (row["status"], row["score"]) for name, row in judged.rows.items()}
    assert found == {
        "right": ("judged", "1"),
        "forgets": ("judged", "0"),
        "typo": ("syntax_error", "0"),
        "no-app": ("no_app", "0"),
        "broken": ("unreadable", "0"),
        f"'{HOSTILE_NAME}": ("empty", "0"),
    }
    assert "main.py:1" in judged.rows["typo"]["says"]
    assert "persist/survives_a_kill" in judged.rows["forgets"]["failed"]


def test_nothing_is_left_and_every_result_names_its_wall(judged: Judged) -> None:
    assert judged.shell.left() == [] and judged.shell.processes() == []
    lines = (judged.folder / RESULTS).read_text("utf-8").splitlines()
    assert len(lines) == 7 and all(json.loads(line)["wall"] for line in lines[1:])


@pytest.mark.long
def test_called_again_it_judges_nothing_again_and_after_a_kill_what_was_lost(
    judged: Judged, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    shutil.copytree(judged.folder, out)
    whole, gradebook = (out / RESULTS).read_bytes(), (out / "gradebook.csv").read_bytes()
    again: list[str | Path] = ["grade", "class", "--exercises", "persist", "-o", out]
    assert judged.shell.lab(*again).code == 0
    assert (out / RESULTS).read_bytes() == whole
    lines = whole.splitlines(keepends=True)
    kept = [line for line in lines if b'"typo"' not in line]
    (out / RESULTS).write_bytes(b"".join(kept) + lines[-1][:20])
    (out / "gradebook.csv").unlink()
    assert judged.shell.lab(*again).code == 0
    assert (out / "gradebook.csv").read_bytes() == gradebook
    assert len((out / RESULTS).read_bytes().splitlines()) == len(lines)


def test_ctrl_c_says_how_many_are_judged_and_that_the_same_command_goes_on(
    judged: Judged, tmp_path: Path
) -> None:
    shell, results = judged.shell, tmp_path / "out" / RESULTS
    words = ("grade", "class", "--exercises", "persist", "-o", str(tmp_path / "out"), "-j", "1")
    with subprocess.Popen(
        [*LAB, *words],
        cwd=shell.folder,
        env=shell.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),  # a job's is ignored
    ) as process:
        assert process.stdout and process.stderr
        assert any(HOSTILE_NAME in line for line in process.stderr)  # the first one is judged
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 130
        said, out = " ".join(process.stderr.read().split()), process.stdout.read()
    kept = len(results.read_bytes().splitlines()) - 1
    assert f"Stopped: {kept} of 6 are judged, and kept in " in said, said
    assert said.endswith("The same command goes on from there.") and "Traceback" not in said
    assert not out and 0 < kept < 6 and shell.left() == []


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("nobody",), "There is no nobody"),
        *(
            pytest.param(words, says, marks=pytest.mark.long)
            for words, says in (
                (("class", "--exercises", "break-1"), "cannot be judged from what is handed in"),
                (("class", "--exercises", "alter-99"), "There is no exercise"),
                (("class", "--walls", "paper"), "There is no wall 'paper'"),
                (("class", "--shard", "5"), "There is no part"),
                (("merge",), "nothing to merge"),
                (("class", "--exercises", "persist", "--track"), "different things"),
            )
        ),
    ],
)
def test_a_wrong_command_line_is_told_before_anything_is_judged(
    judged: Judged, words: tuple[str, ...], says: str
) -> None:
    ended = judged.shell.lab("grade", *words, "-o", "never")
    assert ended.code == 2
    ended.said(says)
    assert not (judged.shell.folder / "never").exists()
