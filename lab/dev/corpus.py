"""A corpus: solutions, right and wrong, on which the lab's checks are proven.

A style is a complete small app in `styles/<name>/`. A solution, one `[[solution]]` table in
`<exercise>.toml`, is a style with some edits, and the verdict that it must get.
"""

from __future__ import annotations

import shutil
import sqlite3
import tomllib
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from lab import resources
from lab.model import LabError, Verdict

VERDICTS = (Verdict.PASSED, Verdict.FAILED, Verdict.NOT_APPLICABLE)
REFERENCE = "reference"  # the style that is the lab's own API

# Where an app is found if the solution does not say: as FastAPI's own command looks for it.
PLACES = ("main.py", "app.py", "api.py", "todos_app/main.py", "app/main.py", "todos/main.py")
KEYS = {
    "name", "style", "verdict", "why", "says", "base", "edit", "files", "database",
    "database_file", "app", "moved", "on_server",
}  # fmt: skip


class CorpusError(LabError):
    """A solution that cannot be read or built. The corpus is at fault, nobody else."""

    exit_code = 1

    def __init__(self, problem: str) -> None:
        super().__init__(f"The corpus: {problem}.", "Mend that solution.")


@dataclass(frozen=True)
class Edit:
    """In one file, put one text in the place of another that occurs exactly once."""

    file: str
    find: str
    put: str


@dataclass(frozen=True)
class Solution:
    """One solution of one exercise, and the verdict that it must get."""

    exercise: str
    name: str
    verdict: Verdict
    why: str
    says: str = ""  # what the lab must say of it, in the words that it uses
    style: str | None = None  # None: the app is in `files`, whole
    edits: tuple[Edit, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    database: str | None = None  # databases/<database>.sql is executed before the first start
    database_file: str = "todos.db"
    app: str | None = None  # "module:attribute", where it is not in the usual place
    # Of an exercise on a server, where the learner has a database of their own:
    moved: bool = True  # the app makes its tables there, and the rows are copied as they are
    on_server: tuple[str, ...] = ()  # what is done there after that, in SQL

    @property
    def correct(self) -> bool:
        return self.verdict is Verdict.PASSED

    def __str__(self) -> str:
        return f"{self.exercise}/{self.name}"


@dataclass(frozen=True)
class Corpus:
    """The solutions in one folder. Every method raises CorpusError where one is not sound."""

    folder: Path

    def exercises(self) -> list[str]:
        """Return the exercises that have solutions, by name."""
        return sorted(path.stem for path in self.folder.glob("*.toml"))

    def styles(self) -> list[str]:
        """Return the styles, by name."""
        folders = [path.name for path in (self.folder / "styles").iterdir() if path.is_dir()]
        return sorted([REFERENCE, *folders])

    def load(self, exercise: str | None = None) -> list[Solution]:
        """Return the solutions of one exercise, or of all of them, in the order of their files."""
        wanted = self.exercises() if exercise is None else [exercise]
        return [solution for name in wanted for solution in self._read(name)]

    def find(self, exercise: str, name: str) -> Solution:
        """Return the one solution of that name."""
        for solution in self.load(exercise):
            if solution.name == name:
                return solution
        raise CorpusError(f"{exercise} has no solution named {name}")

    def build(self, solution: Solution, into: Path) -> str:
        """Write the app into the folder, and return where it is: `module:attribute`."""
        into.mkdir(parents=True, exist_ok=True)
        if solution.style is not None:
            self._copy_style(solution.style, into)
        for name, text in solution.files.items():
            _write(into / name, text)
        for edit in solution.edits:
            _apply(edit, into, str(solution))
        if solution.database is not None:
            script = self.folder / "databases" / f"{solution.database}.sql"
            with closing(sqlite3.connect(into / solution.database_file)) as connection:
                connection.executescript(script.read_text(encoding="utf-8"))
        return solution.app or _place(into, str(solution))

    def _copy_style(self, style: str, into: Path) -> None:
        if style == REFERENCE:
            source, target = resources.folder("todos_app"), into / "todos_app"
        else:
            source, target = self.folder / "styles" / style, into
        if not source.is_dir():
            raise CorpusError(f"there is no style named {style}")
        ignore = shutil.ignore_patterns("__pycache__", "*.pyc", "*.db")
        shutil.copytree(source, target, ignore=ignore, dirs_exist_ok=True)

    def _read(self, exercise: str) -> list[Solution]:
        path = self.folder / f"{exercise}.toml"
        if not path.is_file():
            raise CorpusError(f"there is no file {path.name}")
        try:
            tables = tomllib.loads(path.read_text(encoding="utf-8")).get("solution", [])
        except tomllib.TOMLDecodeError as error:
            raise CorpusError(f"{path.name}: {error}") from error
        found: dict[str, Solution] = {}
        for table in tables:
            solution = _solution(exercise, table, found)
            if solution.name in found:
                raise CorpusError(f"{solution}: there are two of this name")
            found[solution.name] = solution
        return list(found.values())


def beside_the_checkout() -> Path | None:
    """Return the lab's own corpus; None where this is not a checkout, for no wheel has it."""
    folder = resources.folder("checks").parent / "tests" / "corpus"
    return folder if (folder / "styles").is_dir() else None


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="")


def _apply(edit: Edit, into: Path, where: str) -> None:
    path = into / edit.file
    if not path.is_file():
        raise CorpusError(f"{where}: there is no file {edit.file}")
    text = path.read_text(encoding="utf-8")
    if (times := text.count(edit.find)) != 1:
        raise CorpusError(f"{where}: found {times} times in {edit.file}: {edit.find!r}")
    _write(path, text.replace(edit.find, edit.put))


def _place(into: Path, where: str) -> str:
    for place in PLACES:
        if (into / place).is_file():
            return place.removesuffix(".py").replace("/", ".") + ":app"
    raise CorpusError(f"{where}: there is no app in any of {', '.join(PLACES)}")


def _solution(exercise: str, table: Mapping[str, Any], earlier: Mapping[str, Solution]) -> Solution:
    where = f"{exercise}/{table.get('name', '?')}"
    if unknown := sorted(set(table) - KEYS):
        raise CorpusError(f"{where}: unknown keys: {', '.join(unknown)}")
    if missing := sorted({"name", "verdict", "why"} - set(table)):
        raise CorpusError(f"{where}: missing keys: {', '.join(missing)}")
    if table["verdict"] not in VERDICTS:
        raise CorpusError(f"{where}: the verdict is one of {', '.join(VERDICTS)}")
    says = table.get("says", "")
    base = Solution(exercise, table["name"], Verdict(table["verdict"]), table["why"], says)
    if "base" in table and table["base"] not in earlier:
        raise CorpusError(f"{where}: the base {table['base']} must come before it")
    start = earlier[table["base"]] if "base" in table else base
    return replace(
        base,
        style=table.get("style", start.style),
        edits=(*start.edits, *_edits(table.get("edit", []), where)),
        files={**start.files, **table.get("files", {})},
        database=table.get("database", start.database),
        database_file=table.get("database_file", start.database_file),
        app=table.get("app", start.app),
        moved=table.get("moved", start.moved),
        on_server=(*start.on_server, *table.get("on_server", ())),
    )


def _edits(tables: Iterable[Mapping[str, str]], where: str) -> Iterable[Edit]:
    for table in tables:
        if set(table) != {"file", "find", "put"}:
            raise CorpusError(f"{where}: an edit has file, find and put, and nothing else")
        yield Edit(table["file"], table["find"], table["put"])
