"""Whatever order a learner takes: nothing that the lab says leads to a dead end or to a lie."""

from __future__ import annotations

import io
import random
import re
import time
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from lab.appserver.launchers import Launcher
from lab.cli import early_launcher
from lab.cli.app import cli
from lab.course import init, progress
from lab.course.progress import DONE, Place, State
from lab.model import LabError
from lab.verify import verdicts
from lab.verify.runner import judge as really_judge
from lab.workspace import databases
from lab.workspace.workspace import Workspace
from tests.support.terminal import COUNT, FILTER, PRIORITY

FEW, MANY = 3, 300
SECONDS = 60  # for as many of the many as fit in
STEPS, OBEYED = 8, 12  # of one walk at random, and commands until one exercise more is done

NUMBERS = (1, 2, 3)
COMMANDS = (
    "lab",
    "lab list",
    "lab undo",
    "lab verify",
    "lab run persist",
    "lab verify persist",
    "lab run fix-2 --migrate",
    *(f"lab run {kind}-{number}" for kind in ("break", "fix", "alter") for number in NUMBERS),
    *(f"lab run alter-{number} --yes" for number in NUMBERS),
    *(f"lab verify {kind}-{number}" for kind in ("break", "fix", "alter") for number in NUMBERS),
)
BY_HAND = {
    "alter-1": [(file, place, new + place) for file, place, new in PRIORITY],
    "alter-2": list(FILTER),
    "alter-3": [("main.py", place := '@app.get("/todos/{todo_id}"', COUNT + place)],
}
PRINTED = re.compile(r"`(lab(?: [^`]+)?)`|^ *(lab(?: [\w-]+)*)(?:  |$)", re.MULTILINE)
# Not a command of this walk: it asks or stays, makes another workspace, or has a gap to fill.
ELSEWHERE = re.compile(r"lab (explain|watch|serve|init|demo)|[A-Z]{2}|\b[A-Z]\b|\.\.\.")


@dataclass
class Walk:
    """One learner who types, edits, and does what the lab says."""

    folder: Path
    chance: random.Random
    history: list[str] = field(default_factory=list)
    printed: list[str] = field(default_factory=list)  # the commands in the latest output
    stays: bool = False  # the latest command has said that nothing came of it
    seen: set[str] = field(default_factory=set)  # breaks that were played, or asked for and passed
    helped: set[str] = field(default_factory=set)

    @property
    def workspace(self) -> Workspace:
        return Workspace.open(self.folder)

    def places(self) -> dict[str, Place]:
        return {place.id: place for place in progress.standing(self.workspace).places}

    def done(self) -> int:
        return sum(place.state in DONE for place in self.places().values())

    def lab(self, command: str) -> int:
        """Type a command, hold what must hold after each, and return its exit code."""
        told_to = command in self.printed
        out = io.StringIO()
        with redirect_stdout(out), redirect_stderr(out):
            try:
                code = cli(command.split()[1:], standalone_mode=False) or 0
            except LabError as error:
                code = error.exit_code
                print(error.message, error.remedy)  # noqa: T201
        said = out.getvalue()
        self.history.append(f"$ {command}  -> {code}\n{said}")
        self.printed = [
            found
            for match in PRINTED.finditer(said)
            if not ELSEWHERE.search(found := match[1] or match[2])
        ]
        self.stays = "stays as it was" in said
        self.remember(command, code, said)
        # Of all these commands, none but `lab undo` may have nothing to be about.
        possible = code in (0, 1) or (command == "lab undo" and not told_to)
        assert possible, self.told("it says what cannot be typed")
        self.must_be_true()
        return code

    def remember(self, command: str, code: int, said: str) -> None:
        """Note what really was done."""
        id = next((word for word in command.split() if "-" in word.strip("-")), "")
        if "Mending it is your part" in said or (
            command.startswith("lab verify break") and code == 0
        ):
            self.seen.add(id)
        if command.startswith("lab run") and "Changed in your workspace" in said:
            self.helped.add(id)

    def must_be_true(self) -> None:
        """Hold the states that the lab tells against what was done."""
        for id, place in self.places().items():
            broken = id.replace("fix-", "break-")
            if id.startswith("break-"):
                assert (place.state in DONE) == (id in self.seen), self.told(f"{id}: {place.state}")
            if id.startswith("fix-") and broken not in self.seen:
                assert place.state is State.NOT_STARTED, self.told(f"{id}: {place.state}")
            if place.state is State.HELPED:
                assert id in self.helped, self.told(f"{id}: {place.state}")

    def edits(self, id: str) -> None:
        """Solve an alteration in an editor, where the places for it are there."""
        folder = self.folder / "todos_app"
        texts = {path.name: path.read_text("utf-8") for path in folder.glob("*.py")}
        new = BY_HAND[id][0][2]
        if new in texts[BY_HAND[id][0][0]]:
            return
        for file, old, new in BY_HAND[id]:
            if texts[file].count(old) != 1:
                return
            texts[file] = texts[file].replace(old, new)
        self.history.append(f"(writes {id})\n")
        for name, text in texts.items():
            (folder / name).write_text(text, "utf-8")

    def deletes_the_database(self) -> None:
        self.history.append("$ rm todos.db\n")
        (self.folder / "todos.db").unlink(missing_ok=True)

    def at_random(self) -> None:
        """One step: what was printed last as often as anything else."""
        dice = self.chance.random()
        if dice < 0.45 and self.printed:
            self.lab(self.chance.choice(self.printed))
        elif dice < 0.65:
            self.edits(self.chance.choice(list(BY_HAND)))
        elif dice < 0.7:
            self.deletes_the_database()
        else:
            self.lab(self.chance.choice(COMMANDS))

    def obeys(self) -> None:
        """Do what the lab says until one exercise more is done."""
        before, typed = self.done(), len(self.history)
        while self.done() <= before:
            assert len(self.history) - typed < OBEYED, self.told("a dead end")
            now = progress.standing(self.workspace).next
            if now is None or now.id.startswith("explain-"):
                return
            self.does(now.id)

    def does(self, id: str) -> None:
        """What a learner does for an exercise; where it is refused, one of the remedies."""
        if id in BY_HAND:
            self.edits(id)
        elif self.lab(f"lab run {id}") or self.stays:
            self.follows_a_remedy(id)
            return
        if not id.startswith("break-") and self.lab(f"lab verify {id}"):
            self.follows_a_remedy(id)

    def follows_a_remedy(self, id: str) -> None:
        """One of the commands that the lab has just named; `lab undo` where there is no other."""
        others = [command for command in self.printed if command != "lab undo"]
        if others or self.printed:
            self.lab(self.chance.choice(others or self.printed))
        elif id in BY_HAND:
            self.lab(f"lab run {id}")

    def told(self, problem: str) -> str:
        return f"{problem}\n\n" + "\n".join(self.history)


def judging_once() -> Callable[..., Any]:
    """Return what judges the same exercises on the same code and tables once: it takes longest."""
    judged: dict[object, Any] = {}

    def judge(workspace: Workspace, ids: list[str], *more: Any, **given: Any) -> Any:
        code = [path.read_bytes() for path in sorted(workspace.folder.glob("*/*.py"))]
        tables = [
            (sorted(databases.columns(path)), len(databases.rows(path).rows))
            for path in databases.find(workspace.folder)
        ]
        asked = (*ids, *code, repr(tables))
        if asked not in judged:
            judged[asked] = really_judge(workspace, ids, *more, **given)
        return judged[asked]

    return judge


@pytest.fixture
def walk(
    tmp_path: Path, launcher: Launcher, monkeypatch: pytest.MonkeyPatch
) -> Callable[[int], None]:
    """Walks once, by a seed, in a workspace of its own."""
    monkeypatch.setattr(launcher, "close", lambda: None)  # one launcher for all these commands
    monkeypatch.setattr(early_launcher, "take", lambda: launcher)
    monkeypatch.setattr(verdicts, "judge", judging_once())
    monkeypatch.setenv("COLUMNS", "1000")

    def walk(seed: int) -> None:
        learner = Walk(tmp_path / str(seed), random.Random(seed))
        init.created(learner.folder, launcher)
        monkeypatch.chdir(learner.folder)
        for _ in range(STEPS):
            learner.at_random()
        learner.obeys()

    return walk


@pytest.mark.long
@pytest.mark.parametrize("seed", range(FEW))
def test_who_goes_any_way_and_does_what_the_lab_says_comes_on(
    walk: Callable[[int], None], seed: int
) -> None:
    walk(seed)


@pytest.mark.long
@pytest.mark.parametrize("part", [0, 1])
def test_so_do_three_hundred(
    walk: Callable[[int], None], part: int, record_property: Callable[[str, object], None]
) -> None:
    until, walked = time.monotonic() + SECONDS, 0
    for seed in range(FEW + part, MANY, 2):
        if time.monotonic() > until:
            break
        walk(seed)
        walked += 1
    record_property("walks", walked)
    assert walked
