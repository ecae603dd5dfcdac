"""Finding one's way: a workspace, the list, the tasks, the hints, this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lab.cli.options import (
    All,
    App,
    Folder,
    Id,
    Json,
    MaybeId,
    TodosPath,
    Topic,
    console,
    launching,
    located,
    located_if_any,
    tell,
)


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR")] = Path("my-todos"),
    source: Annotated[
        Path | None, typer.Option("--from", metavar="DIR", help="Adopt an existing project.")
    ] = None,
    app: App = None,
    todos: TodosPath = None,
    json: Json = False,
) -> None:
    """Make a workspace: your own copy of the todo API."""
    from lab.course import init
    from lab.model import UsageError
    from lab.terminal import course

    for option, given in (("--app", app), ("--todos", todos)):
        if given is not None and source is None:
            raise UsageError(
                f"{option} is about a project that is adopted, and no project is named.",
                f"Name it: `lab init {folder} --from DIR {option} {given}`; or leave it out.",
            )

    with launching() as launcher, console(stderr=True).status("Making your workspace"):
        if source is not None:
            workspace = init.adopted(source, folder, app, launcher, todos)
        else:
            workspace = init.created(folder, launcher)
    tell(json, course.made_json, course.show_made, workspace)


def listed(
    everything: All = False,
    topic: Topic = None,
    folder: Folder = None,
    json: Json = False,
    next_only: Annotated[bool, typer.Option(hidden=True)] = False,
) -> None:
    """Show the exercises, where you stand, and what is next."""
    from lab.course import progress
    from lab.terminal import course

    standing = progress.standing(located_if_any(folder), everything, topic)
    show = course.show_next if next_only else course.show_list
    tell(json, course.standing_json, show, standing)


def show(id: Id, folder: Folder = None, json: Json = False) -> None:
    """Show the task of an exercise."""
    from lab.course import progress
    from lab.terminal import course

    workspace = located_if_any(folder)
    exercise = progress.exercise(workspace, id)
    place = progress.place(workspace, exercise.id)
    tell(json, course.task_json, course.show_task, exercise, place)


def hint(id: MaybeId = None, folder: Folder = None, json: Json = False) -> None:
    """Give a hint, and one more each time. Where to look, what to ask, what to type."""
    from lab.course import progress
    from lab.terminal import course

    with located(folder).locked("lab hint") as held:
        hint = progress.next_hint(held, id)
    tell(json, course.hint_json, course.show_hint, hint)


def doctor(folder: Folder = None, json: Json = False) -> None:
    """Say what this machine offers and lacks. And with -w, what is taken for what in your app."""
    from lab.course import doctor
    from lab.grade import walls
    from lab.terminal import doctor as view

    found = doctor.examine(located(folder) if folder else None)
    wall = walls.strongest()
    said = wall.name if wall.stands else "none: `lab grade` needs bubblewrap or Landlock"
    walls_found = doctor.Finding("walls", said, wall.stands, needed=False)
    found = doctor.Machine((*found.findings, walls_found))
    tell(json, view.as_json, view.show_machine, found)
    raise typer.Exit(0 if found.sound else 3)
