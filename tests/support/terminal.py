"""What the walks through the course share: a learner with a terminal and an editor."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pexpect

from lab.workspace.workspace import Workspace

LAB = Path(sys.executable).with_name("lab")
WORDS = (
    "Nobody told me these words: a session borrows one connection, each request gets its own, and "
    "whatever happens it is handed back, so that the next client finds one that is free again."
)
PROMPTS = (r"Your answer \(1 to \d", r"q\s+stops\.\s+> ", r"Did\s+you\?\s+\(y or n")
STYLE = re.compile(r"\x1b\[[\d;?]*[A-Za-z]|\r")
# What a learner types in their editor: file, the place, and what comes before or in place of it.
PRIORITY = (
    (
        "models.py",
        "    # A function, not",
        "    priority: Mapped[int] = mapped_column(default=0)\n",
    ),
    ("schemas.py", "\n\nclass TodoUpdate", "    priority: int = 0\n"),
    ("schemas.py", "    created_at: Moment", "    priority: int\n"),
)
COLUMN = PRIORITY[0][2]
FILTER = (
    (
        "main.py",
        "def list_todos(db: SessionDep)",
        "def list_todos(db: SessionDep, completed: bool | None = None)",
    ),
    (
        "main.py",
        "    return db.scalars(select(Todo).order_by(Todo.id)).all()",
        "    query = select(Todo).order_by(Todo.id)\n    if completed is not None:\n"
        "        query = query.where(Todo.completed.is_(completed))\n"
        "    return db.scalars(query).all()",
    ),
)
COUNT = """@app.get("/todos/count")
def count_todos(db: SessionDep) -> dict[str, int]:
    every = [todo.completed for todo in db.scalars(select(Todo))]
    return {"total": len(every), "completed": sum(every), "pending": len(every) - sum(every)}


"""


@dataclass
class Learner:
    """Somebody in a folder, with the real `lab` on a terminal of 80 columns, and an editor."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)
    seen: str = ""  # what the latest command has shown

    @property
    def workspace(self) -> Path:
        return self.folder / "my-todos"

    def types(self, command: str) -> pexpect.spawn:
        """Type a command and return the terminal that it runs on."""
        environment = {
            name: value
            for name, value in os.environ.items()
            if name not in {"EDITOR", "VISUAL", "COLUMNS", "LINES", "NO_COLOR"}
        }
        return pexpect.spawn(
            str(LAB),
            command.split()[1:],
            cwd=self.folder,
            env={**environment, "TERM": "xterm-256color", **self.environment},
            dimensions=(24, 80),
            encoding="utf-8",
            timeout=120,
        )

    def lab(self, command: str, *answers: tuple[str, str]) -> str:
        """Type a command, answer what it asks, and return all that the screen has shown.

        The command must exit with 0, or with 1 where it begins with "!".
        """
        terminal = self.types(command.removeprefix("! "))
        shown = ""
        for question, answer in answers:
            terminal.expect_exact(question)
            shown += terminal.before + question
            terminal.sendline(answer)
        terminal.expect(pexpect.EOF)
        self.seen = plain(shown + terminal.before)
        terminal.wait()
        assert terminal.exitstatus == int(command.startswith("! ")), self.seen
        return self.seen

    def json(self, *command: str, code: int = 0) -> Any:
        """Run a command with --json, without a terminal, and return its document."""
        done = self.run(*command, "--json", code=code)
        return json.loads(done)

    def run(self, *command: str, code: int = 0) -> str:
        """Run a command without a terminal and return what it prints."""
        done = subprocess.run(
            [LAB, *command],
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    def replaces(self, file: str, old: str, new: str) -> None:
        """Save a file as an editor does: whole, beside the old one, then in its place."""
        path = self.workspace / "todos_app" / file
        text = path.read_text("utf-8")
        assert text.count(old) == 1, (file, old)
        beside = path.with_name(f".{file}.tmp")
        beside.write_text(text.replace(old, new), "utf-8")
        beside.replace(path)

    def inserts(self, file: str, before: str, new: str) -> None:
        """The same, with something new before a place."""
        self.replaces(file, before, new + before)

    def adds_priority(self) -> None:
        for file, before, new in PRIORITY:
            self.inserts(file, before, new)

    def adds_filter(self) -> None:
        for file, old, new in FILTER:
            self.replaces(file, old, new)

    def adds_count(self) -> None:
        self.inserts("main.py", '@app.get("/todos/{todo_id}"', COUNT)

    def explains(self, id: str, *, words: str | None = WORDS) -> str:
        """Answer an explain exercise on the screen, each question until it is right.

        `words` None leaves the own words to the editor that Enter opens.
        """
        terminal = self.types(f"lab explain {id}")
        tried: dict[str, list[str]] = {}
        shown = ""
        while True:
            place = terminal.expect(
                [
                    r"Your answer \(1 to \d",
                    r"q\s+stops\.\s+> ",
                    r"Did\s+you\?\s+\(y or n",
                    pexpect.EOF,
                ]
            )
            screen = plain(terminal.before)
            shown += screen
            if place == 0:
                question, options = asked(screen)
                before = tried.setdefault(question, [])
                number = next(n for n, option in options.items() if option not in before)
                before.append(options[number])
                terminal.sendline(number)
            elif place == 1 and words is not None:
                terminal.sendline(words)
                terminal.expect_exact("> ")
                terminal.sendline("")
            elif place == 1:
                terminal.sendline("")
            elif place == 2:
                terminal.sendline("y")
            else:
                terminal.wait()
                self.seen = shown
                assert terminal.exitstatus == 0, shown
                return shown


def asked(screen: str) -> tuple[str, dict[str, str]]:
    """The question that stands last on a screen, and its options by their numbers."""
    screen = re.split(r"Question \d of \d\n|Once more\n", screen)[-1]
    lines = screen.rstrip().splitlines()
    options: dict[str, str] = {}
    first = max(at for at, line in enumerate(lines) if line.startswith("  1  "))
    for line in lines[first:]:
        if found := re.match(r"  (\d)  (.*)", line):
            options[found[1]] = found[2].strip()
        else:
            options[max(options)] += " " + line.strip()
    return "\n".join(lines[:first]), options


def plain(text: str) -> str:
    """What a screen shows, without colours and moves of the cursor."""
    return STYLE.sub("", text)


def words(text: str) -> str:
    """The words of a screen, however it has wrapped them."""
    return " ".join(text.split())


def write(made: Workspace, file: str, before: str, new: str) -> None:
    """Insert something into a file of a workspace, before a place that is there once."""
    path = made.folder / "todos_app" / file
    text = path.read_text("utf-8")
    assert text.count(before) == 1
    path.write_text(text.replace(before, new + before), "utf-8")


def add_priority(made: Workspace) -> None:
    """Solve alter-1."""
    for file, before, new in PRIORITY:
        write(made, file, before, new)
