"""What the documents show of the lab itself: tables made from its sources, a picture of a run."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from inspect import getdoc
from pathlib import Path
from types import FunctionType
from typing import get_args

from lab import codemods, resources
from lab.appserver.launchers import Launcher
from lab.course import catalogue
from lab.course.init import created
from lab.play.session import play
from lab.scenario import steps
from lab.scenario.observations import Seen
from lab.terminal.console import make_console
from lab.terminal.play import show

# The course notes, by the number that a scenario's source begins with.
NOTES = {
    "000": "Connecting a database with SQLModel: engine, tables, sessions",
    "001": "Making a FastAPI API persistent with SQLite: CRUD and its common mistakes",
    "002": "Connecting FastAPI with SQLAlchemy: engine, session factory, models, structure",
    "003": "From lists to a database: sessions, flush and commit, SQLite against MySQL",
    "004": "Database-backed API: alter it, break it, fix it, explain it, mastery",
}
PICTURE = "break-2"
WIDTH = 96  # columns of the picture


def exercises_table() -> str:
    """All exercises as a Markdown table, the documented track first."""
    return "\n".join(["| exercise | what it teaches | from note |", "|---|---|---|", *_exercises()])


def _exercises() -> Iterator[str]:
    documented = catalogue.exercises()
    further = {
        id: entry
        for id, entry in catalogue.exercises(everything=True).items()
        if id not in documented
    }
    for entries in (documented, further):
        for id, entry in entries.items():
            yield f"| `{id}` | {entry.title}: {entry.teaches} | {entry.source} |"


def notes_table() -> str:
    """For each course note what it teaches, and the exercises that come from it."""
    lines = ["| note | what it teaches | exercises |", "|---|---|---|"]
    entries = catalogue.exercises(everything=True)
    for number, teaches in NOTES.items():
        ids = [f"`{id}`" for id, entry in entries.items() if number in entry.source]
        lines.append(f"| {number} | {teaches} | {', '.join(ids)} |")
    return "\n".join(lines)


def steps_table() -> str:
    """Return the steps that play an exercise."""
    return _described("step", {step.__name__: step for step in get_args(steps.Step)})


def observations_table() -> str:
    """Return what a prediction may ask of a play."""
    asked = {
        name: member
        for name, member in vars(Seen).items()
        if not name.startswith("_") and isinstance(member, FunctionType | property)
    }
    return _described("observation", asked)


def edits_table() -> str:
    """Return the edits that a variant may declare."""
    found = {name: each for name, each in vars(codemods).items() if hasattr(each, "apply")}
    edits = {name: found[name] for name in sorted(found) if name != "Edit"}
    return _described("edit", edits)


def _described(head: str, named: Mapping[str, object]) -> str:
    lines = [f"| {head} | what it is |", "|---|---|"]
    for name, each in named.items():
        first = " ".join((getdoc(each) or "").partition("\n\n")[0].split())
        lines.append(f"| `{name}` | {first} |")
    return "\n".join(lines)


TABLES = {
    "exercises": exercises_table,
    "notes": notes_table,
    "steps": steps_table,
    "observations": observations_table,
    "edits": edits_table,
}
DOCUMENTS = {
    "CONTRIBUTING.md": tuple(TABLES)[2:],
    "docs/exercises.md": ("exercises", "notes"),
}


def with_tables(document: str, names: Sequence[str]) -> str:
    """Return a document's text with its generated parts as they are now.

    Raises ValueError where the marks of a part are missing.
    """
    for name in names:
        begin, end = f"<!-- {name}: generated -->\n", f"\n<!-- end of {name} -->"
        before, _, rest = document.partition(begin)
        _, found, after = rest.partition(end)
        if not found:
            raise ValueError(f"there is no part {name!r}")
        document = before + begin + TABLES[name]() + end + after
    return document


def picture(launcher: Launcher) -> str:
    """Return a run of break-2 on a new workspace, as an SVG."""
    with tempfile.TemporaryDirectory(prefix="lab-picture-") as temporary:
        workspace = created(Path(temporary) / "my-todos", launcher)
        exercise = catalogue.load().playable(PICTURE)
        with (Path(temporary) / "out").open("w") as nowhere:
            console = make_console(record=True, width=WIDTH, file=nowhere)
            console.print(f"$ lab run {PICTURE}")
            play(exercise, workspace, launcher, lambda event: show(event, console))
        return console.export_svg(title=f"lab run {PICTURE}")


def rewrite(launcher: Launcher) -> list[Path]:
    """Bring the checkout's documents and its picture up to date; the files that were written.

    Raises UsageError where the lab was installed from a wheel.
    """
    root = resources.checkout()
    written = []
    for name, parts in DOCUMENTS.items():
        document = root / name
        before = document.read_text("utf-8")
        if (now := with_tables(before, parts)) != before:
            document.write_text(now, "utf-8")
            written.append(document)
    svg = root / "docs" / f"{PICTURE}.svg"
    drawn = picture(launcher)
    if not svg.exists() or _words(drawn) != _words(svg.read_text("utf-8")):
        svg.write_text(drawn, "utf-8")
        written.append(svg)
    return written


def _words(svg: str) -> list[str]:
    """Return what a picture shows but for its figures: each run has its own times."""
    return re.sub(r"<style.*?</style>|<[^>]+>|\d", " ", svg, flags=re.DOTALL).split()
