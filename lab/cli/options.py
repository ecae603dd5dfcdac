"""What the commands share: their options, the terminal, the launcher, the workspace."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Concatenate, ParamSpec

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from lab.appserver.launchers import Launcher
    from lab.dbserver.url import DatabaseURL
    from lab.workspace.workspace import Workspace


P = ParamSpec("P")


def complete_id(incomplete: str) -> list[str]:
    """Return the exercise ids that begin so, for the shell's completion."""
    from lab.course import catalogue

    return [id for id in catalogue.exercises(everything=True) if id.startswith(incomplete)]


Folder = Annotated[
    Path | None,
    typer.Option(
        "-w", "--workspace", metavar="DIR", help="The workspace; else the nearest one upward."
    ),
]
App = Annotated[
    str | None,
    typer.Option("--app", metavar="MODULE:ATTR", help="The app in it; else it is looked for."),
]
TodosPath = Annotated[
    str | None,
    typer.Option("--todos", metavar="PATH", help="Where it lists its todos; else looked for."),
]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]
Id = Annotated[str, typer.Argument(metavar="ID", autocompletion=complete_id)]
MaybeId = Annotated[str | None, typer.Argument(metavar="ID", autocompletion=complete_id)]
Ids = Annotated[list[str] | None, typer.Argument(metavar="ID", autocompletion=complete_id)]
Verbose = Annotated[bool, typer.Option("-v", "--verbose", help="Everything: what passed, the log.")]
Database = Annotated[
    str | None,
    typer.Option(
        "--database-url",
        metavar="URL",
        help="On a database server, such as postgresql+psycopg://...; - asks for the URL.",
    ),
]
All = Annotated[bool, typer.Option("--all", help="The further exercises too.")]
Topic = Annotated[
    str | None,
    typer.Option("--topic", metavar="TOPIC", help="The further exercises of one topic alone."),
]


def console(*, stderr: bool = False) -> Console:
    """Return the terminal, or what stands in for one."""
    from lab.terminal.console import make_console

    return make_console(stderr=stderr)


def tell(
    json: bool,
    document: Callable[P, dict[str, Any]],
    show: Callable[Concatenate[Console, P], object],
    *found: P.args,
    **more: P.kwargs,
) -> None:
    """Print what a command has found: as one document with --json, else for a person.

    It comes last in a command: what fails after it would print a second document.
    """
    if json:
        from lab.terminal.console import print_json

        print_json(document(*found, **more))
    else:
        show(console(), *found, **more)


@contextmanager
def launching(make: Callable[[], Launcher] | None = None) -> Iterator[Launcher]:
    """Yield a launcher for one command; every server ends with it."""
    from lab.cli import early_launcher

    with closing(make() if make else early_launcher.take()) as launcher:
        yield launcher


def located(folder: Path | None, app: str | None = None) -> Workspace:
    """Return the workspace that a command is about. Raises NoWorkspace."""
    from lab.workspace import workspace

    return workspace.find(Path.cwd(), folder, app)


def located_if_any(folder: Path | None, app: str | None = None) -> Workspace | None:
    """Return the workspace; None where neither a folder nor an app was named and there is none."""
    from lab.model import NoWorkspace

    try:
        return located(folder, app)
    except NoWorkspace:
        if folder is not None or app is not None:
            raise
        return None


def notices(workspace: Workspace, more: Sequence[str] = ()) -> None:
    """Say what the lab found and mended in the workspace."""
    for notice in (*workspace.notices, *workspace.journal.notices(), *more):
        console(stderr=True).print(notice, style="yellow")


def shown(workspace: Workspace) -> Path:
    """Return the workspace's folder as a person would name it from here."""
    folder, here = workspace.folder.absolute(), Path.cwd()
    return folder.relative_to(here) if folder.is_relative_to(here) else folder


def database(given: str | None, ids: Sequence[str], *, json: bool) -> DatabaseURL | None:
    """Return the database server that a command is to use; None for files.

    Raises UsageError where an exercise needs a server and none was named, or where the URL would
    have to be asked for under --json; LabError where the URL cannot be used.
    """
    from lab.model import UsageError
    from lab.verify.on_dbserver import database_for

    if given is None:
        return database_for(ids)
    from lab.dbserver.url import parse

    if given == "-":
        # A URL on the command line is there for every user of the machine to read.
        asked = sys.stdin.isatty()
        if asked and json:
            raise UsageError("With --json nothing is asked.", "Pipe the database URL in.")
        given = typer.prompt("Database URL", hide_input=True) if asked else sys.stdin.readline()
    return parse(given)
