"""The README says what is so."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pexpect
import pytest
from typer.main import get_command

from lab.cli.app import cli
from lab.dev.readme import DOCUMENTS, with_tables
from tests.support.terminal import plain

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
PAGES = ["README.md", "CONTRIBUTING.md", *(f"docs/{p.name}" for p in (ROOT / "docs").glob("*.md"))]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_generated_tables_are_up_to_date(name: str) -> None:
    document = (ROOT / name).read_text("utf-8")
    assert with_tables(document, DOCUMENTS[name]) == document, "run `lab dev readme`"


def test_the_picture_is_of_a_run_that_ends_in_the_true_error() -> None:
    picture = (ROOT / "docs" / "break-2.svg").read_text("utf-8")
    words = re.sub(r"<[^>]+>", " ", picture).replace("&#160;", " ")
    assert "no such column" in re.sub(r"\s+", " ", words)


@pytest.mark.parametrize("name", PAGES)
def test_every_command_and_option_that_a_page_names_exists(name: str) -> None:
    group = get_command(cli)
    for line in re.findall(r"(?:`|\$ )lab ([a-z][^`\n#]*)", (ROOT / name).read_text("utf-8")):
        command, words = group, line.split()
        while words and isinstance(found := getattr(command, "commands", None), dict):
            assert words[0] in found, line
            command = found[words.pop(0)]
        options = {option for param in command.params for option in param.opts}
        asked = {word.partition("=")[0] for word in words if word.startswith("-") and word != "-"}
        assert asked <= options | {"--help"}, line


def test_it_stands_on_its_first_command_and_on_the_test_command() -> None:
    commands = re.findall(r"^```sh\n(.+?)\n```", README, re.MULTILINE | re.DOTALL)
    assert len(commands) == 2
    assert commands[0].endswith("lab run break-2")
    assert "pytest" in commands[1]


def test_its_figures_of_speed_say_what_they_were_measured_on() -> None:
    table = README.partition("<!-- speed: measured -->")[2].partition("<!-- end of speed -->")[0]
    assert "times faster" in table
    assert re.search(r"Medians of .+ on .+ with \d+ cores, .+ \d{4}-\d\d-\d\d\.", table)


@pytest.mark.long
def test_its_blocks_can_be_typed_one_after_the_other_by_who_has_just_cloned_it(
    tmp_path: Path,
) -> None:
    clone, handed_in = tmp_path / "clone", tmp_path / "handed in"
    names = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\0")
    for name in filter(None, names):
        (clone / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, clone / name, follow_symlinks=False)
    shutil.copytree(ROOT / "tests" / "corpus" / "styles" / "flat", handed_in)
    # These tests are of the tests that it runs: it shows that it finds them.
    found = ("/pytest -n 2", "/pytest --collect-only -q")
    named = ("path/to/folder", shlex.quote(str(handed_in)))
    shutil.copytree(handed_in, tmp_path / "class" / "anna")
    graded = ("grade class/", f"grade {shlex.quote(str(tmp_path / 'class'))}")
    Typist(clone).types_all(
        line.replace(*found).replace(*named).replace(*graded)
        for block in blocks(README)
        for line in block
    )


@pytest.mark.long
def test_its_first_block_and_the_learners_can_be_typed_in_one_empty_folder(tmp_path: Path) -> None:
    (first,), _, learners, *_ = blocks(README)
    installed = [first.replace(".venv/bin/", "").rpartition("&& ")[2], *learners]
    Typist(tmp_path).types_all(line for line in installed if not line.startswith("source "))


def blocks(readme: str) -> list[list[str]]:
    """Return what each block of commands has to type, line by line."""
    found = re.findall(r"^```(sh|console)\n(.+?)\n```", readme, re.MULTILINE | re.DOTALL)
    return [[line.removeprefix("$ ") for line in block.splitlines()] for _, block in found]


class Typist:
    """Somebody at a shell in a folder, who answers what they are asked and looks at what comes."""

    def __init__(self, folder: Path) -> None:
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        hidden = {"COLUMNS", "LINES", "NO_COLOR", "VIRTUAL_ENV"}
        environment = {name: value for name, value in os.environ.items() if name not in hidden}
        self.shell = pexpect.spawn(
            "bash",
            ["--norc", "--noprofile"],
            cwd=folder,
            env={**environment, "PATH": path, "TERM": "xterm-256color", "PS1": ""},
            dimensions=(24, 80),
            encoding="utf-8",
            timeout=300,
            echo=False,
        )

    def types_all(self, lines: Iterable[str]) -> None:
        for line in lines:
            shown, code = self.types(line)
            # Nobody has done alter-1 yet: it is judged, and has not passed.
            judged = "lab verify" in line or "lab watch" in line
            assert code in ((0, 1) if judged else (0,)), f"{line}\n{shown}"
            assert "Traceback" not in shown and "defect" not in shown, shown

    def types(self, line: str) -> tuple[str, int]:
        """Type a line, answer until it has ended, and return what it has shown and its code."""
        command = line.partition(" #")[0].strip().replace("lab serve", "lab serve --port 0")
        self.shell.sendline(command + r"; printf '\ncode %s.\n' $?")
        answers = ["", "1\r", "q", " ", "\x03"]
        shown = ""
        while True:
            asked = ("Your prediction", "Waiting for a save", "pace to go on", "Ctrl\\+C stops it")
            met = self.shell.expect([r"\ncode (\d+)\.", *asked])
            shown += plain(self.shell.before or "")
            if met == 0:
                return shown, int(self.shell.match[1])
            self.shell.send(answers[met])
