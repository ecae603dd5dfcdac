"""What students hand in: folders, archives, a folder of such, or a roster that lists them."""

from __future__ import annotations

import csv
import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from lab import regular_files
from lab.grade.archives import ENDINGS, JOURNAL
from lab.model import LinkRefused, Unreadable, UsageError
from lab.workspace import files
from lab.workspace.settings import checked_app
from lab.workspace.workspace import STATE

APP_FILES = ("main.py", "app.py", "api.py")
ROSTER = ".csv"
RESULTS = "results.jsonl"  # of an earlier call
COLUMNS = ("student", "path", "app")

Item = TypeVar("Item")


@dataclass(frozen=True)
class Submission:
    """What one student handed in. Nothing of it was looked into yet."""

    name: str
    path: Path
    app: str | None = None  # "module:attribute"; None: it is looked for

    def digest(self) -> str:
        """Return what tells this content from another; "" where it cannot be read."""
        found = hashlib.sha256((self.app or "").encode())
        try:
            if self.path.is_dir():
                journal = [JOURNAL] if (self.path / JOURNAL).is_file() else []
                for path in (*files.walk(self.path).files, *journal):
                    found.update(f"\0{path}\0".encode(errors="surrogateescape"))
                    found.update(files.read(self.path / path, self.path))
            else:
                handle = regular_files.opened(self.path.resolve(), os.O_RDONLY)
                with os.fdopen(handle, "rb") as stream:
                    while data := stream.read(1 << 20):
                        found.update(data)
        except (OSError, Unreadable, LinkRefused):
            return ""
        return found.hexdigest()


def collected(given: Iterable[Path], app: str | None = None) -> list[Submission]:
    """Return the submissions that these paths are, or hold, by their names.

    `app` is where the app is in each that does not say. Raises UsageError where a path does not
    exist, a folder holds none, a roster cannot be read, or two have the same name.
    """
    found: dict[str, Submission] = {}
    for path in given:
        for each in _at(path, app):
            if each.name in found:
                both = f"{found[each.name].path} and {each.path}"
                raise UsageError(
                    f"Two submissions are called {each.name}: {both}.",
                    "Rename one of them, or name them in a roster: a CSV file `student,path`.",
                )
            found[each.name] = each
    if not found:
        raise UsageError("There is no submission to judge.", "Name folders or archives.")
    return [found[name] for name in sorted(found)]


def _at(path: Path, app: str | None) -> Iterator[Submission]:
    if not path.exists():
        raise UsageError(f"There is no {path}.", "Name folders, archives or a roster.")
    if path.suffix.lower() == ROSTER:
        yield from _roster(path, app)
    elif path.is_dir() and (many := _inside(path)):
        yield from (Submission(_name(each), each, app) for each in many)
    else:
        if path.is_dir() and app is None:
            _must_be_one(path)
        yield Submission(_name(path.absolute()), path, app)


def _must_be_one(folder: Path) -> None:
    """Raise UsageError for what may be one project, or a class with another file in its folder."""
    shown = _shown(folder)
    apps = [path for path in shown if path.is_dir() and _has_app(path)]
    beside = [path.name for path in shown if not path.is_dir()]
    if len(apps) < 2 or (folder / STATE).exists() or any(n.endswith(".py") for n in beside):
        return
    raise UsageError(
        f"{folder} may be a class or one project: {apps[0].name} and {apps[1].name} have an app "
        f"each, and beside them is {as_text(beside[0])}.",
        f"A class: take out what nobody handed in, or name the folders, `lab grade {folder}/*/`. "
        "One project: say which app, `--app MODULE:ATTR`.",
    )


def _name(path: Path) -> str:
    """Return a path's name without the ending of an archive."""
    name = as_text(path.name)
    endings = sorted((e for e in ENDINGS if name.lower().endswith(e)), key=len)
    return name[: -len(endings[-1])] if endings and not path.is_dir() else name


def as_text(name: str) -> str:
    """Return a file's name with what is no text in it escaped."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def _inside(folder: Path) -> list[Path]:
    """Return the submissions in a folder; none where it is one itself.

    A folder of submissions holds folders and archives alone, and more than one, or an archive.
    With an app in one of them alone, as beside a frontend or tests, it is a project.
    """
    shown = _shown(folder)
    archives = [path for path in shown if path.name.lower().endswith(ENDINGS) and not path.is_dir()]
    folders = [path for path in shown if path.is_dir()]
    if (folder / STATE).exists() or len(archives) + len(folders) < len(shown):
        return []
    apps = sum(map(_has_app, folders))
    # glob(), as exists() raises for a folder that may not be entered.
    packages = any(any(each.glob("__init__.py")) for each in folders)
    if not archives and (len(folders) < 2 or apps == 1 or (packages and not apps)):
        return []
    return sorted([*archives, *folders])


def _shown(folder: Path) -> list[Path]:
    """Return what somebody has put into a folder, without what systems and earlier calls leave."""
    every = (path for path in sorted(folder.iterdir()) if not path.name.startswith("."))
    return [p for p in every if p.name != "__MACOSX" and not _is_of_an_earlier_call(p)]


def _has_app(folder: Path) -> bool:
    """Whether a file has the name that the file of an app has most often, outside a venv."""
    return not (folder / "pyvenv.cfg").exists() and any(
        name in APP_FILES for name in _names_below(folder)
    )


def _is_of_an_earlier_call(folder: Path) -> bool:
    """Whether a folder has results and no app. A student may hand in a file of that name, too."""
    return any(folder.glob(RESULTS)) and not any(
        name.lower().endswith((".py", *ENDINGS)) for name in _names_below(folder)
    )


def _names_below(folder: Path) -> Iterator[str]:
    """Yield the names of the files in a folder, as deep as any project goes and not behind links.

    What may not be listed has none.
    """
    for place, inner, names in os.walk(folder):
        if len(Path(place).relative_to(folder).parts) >= files.DEEPEST:
            inner.clear()
        yield from names


def _roster(path: Path, app: str | None) -> Iterator[Submission]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.DictReader(stream, strict=True))
    except (OSError, ValueError, csv.Error) as error:
        raise UsageError(f"The roster {path} cannot be read: {error}.", _how()) from error
    for number, row in enumerate(rows, start=2):
        student, place, own = (_cell(row, column) for column in COLUMNS)
        if not student or not place or "\0" in place or None in row:
            raise UsageError(
                f"The roster {path} names no student and path in line {number}.", _how()
            )
        yield Submission(student, path.parent / place, checked_app(own or app))


def _cell(row: dict[str, str | None], column: str) -> str:
    return (row.get(column) or "").strip()


def _how() -> str:
    return (
        "Its first line is `student,path` or `student,path,app`; then a line for each student, "
        "with commas, in UTF-8."
    )


def shard(every: Sequence[Item], asked: str) -> list[Item]:
    """Return one part of all, such as "3/20"; each item is in exactly one, whoever asks.

    Raises UsageError where there is no such part.
    """
    number, _, of = asked.partition("/")
    with suppress(ValueError):  # also a number of thousands of digits
        if 1 <= int(number) <= int(of):
            return list(every[int(number) - 1 :: int(of)])
    raise UsageError(f"There is no part {asked!r}.", "The third of twenty is --shard 3/20.")
