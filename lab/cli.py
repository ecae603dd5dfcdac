"""The commands: each parses, calls and shows. What a command needs is imported when it runs."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from lab.model import LabError

if TYPE_CHECKING:
    from rich.console import Console

    from lab.server.launchers import Launcher
    from lab.workspace.workspace import Workspace

cli = typer.Typer(
    name="lab",
    help="Alter, break and fix a small todo API, and see how an API keeps its data.",
    no_args_is_help=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def complete_id(incomplete: str) -> list[str]:
    """The exercise ids that begin so, for the shell's completion."""
    from lab import catalogue

    return [id for id in catalogue.load().exercises if id.startswith(incomplete)]


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
Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]
Id = Annotated[str, typer.Argument(metavar="ID", autocompletion=complete_id)]
MaybeId = Annotated[str | None, typer.Argument(metavar="[ID]", autocompletion=complete_id)]
Ids = Annotated[list[str] | None, typer.Argument(metavar="[ID]...", autocompletion=complete_id)]
Verbose = Annotated[bool, typer.Option("-v", "--verbose", help="Everything: what passed, the log.")]


@cli.callback(invoke_without_command=True)
def lab(context: typer.Context) -> None:
    """Without a command: what is next."""
    if context.invoked_subcommand is None:
        listed(next_only=True)


@cli.command("init")
def init(
    folder: Annotated[Path, typer.Argument(metavar="[DIR]")] = Path("my-todos"),
    source: Annotated[
        Path | None, typer.Option("--from", metavar="DIR", help="Adopt an existing project.")
    ] = None,
    app: App = None,
) -> None:
    """Make a workspace: your own copy of the todo API."""
    from lab import opening
    from lab.view import course

    with launching() as launcher:
        if source is not None:
            workspace = opening.adopted(source, folder, app, launcher)
        else:
            workspace = opening.created(folder, launcher)
    course.show_made(console(), workspace)


@cli.command("list")
def listed(
    folder: Folder = None,
    json: Json = False,
    next_only: Annotated[bool, typer.Option(hidden=True)] = False,
) -> None:
    """The exercises, where you stand, and what is next."""
    from lab import catalogue, progress
    from lab.view import course
    from lab.view.console import print_json

    standing = progress.standing(catalogue.load(), located_if_any(folder))
    if json:
        print_json(course.standing_json(standing))
    elif next_only:
        course.show_next(console(), standing)
    else:
        course.show_list(console(), standing)


@cli.command("show")
def show(id: Id) -> None:
    """The task of an exercise."""
    from lab import catalogue
    from lab.view import course

    course.show_task(console(), catalogue.load().exercise(id))


@cli.command("hint")
def hint(id: MaybeId = None, folder: Folder = None) -> None:
    """One hint more each time: where to look, what to ask, what to type."""
    from lab import catalogue, progress
    from lab.view import course

    with located(folder).locked("lab hint") as held:
        course.show_hint(console(), progress.next_hint(catalogue.load(), held, id))


@cli.command("run")
def run(
    id: Id,
    folder: Folder = None,
    app: App = None,
    migrate: Annotated[
        bool, typer.Option("--migrate", help="fix-2: keep the rows, change the table.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before the answer.")] = False,
    predict: Annotated[
        str | None, typer.Option("--predict", metavar="N", help="Your prediction, a number.")
    ] = None,
    no_predict: Annotated[bool, typer.Option("--no-predict", help="Do not ask for one.")] = False,
    verbose: Verbose = False,
) -> None:
    """Play an exercise on your workspace: predict, change, observe."""
    from lab import catalogue, opening
    from lab.play import player
    from lab.view import show_all
    from lab.view.ask import Asking

    exercise = catalogue.load().playable(id)
    screen = console()
    asking = Asking(screen, predict, not no_predict, yes)
    with launching() as launcher:
        workspace = opening.found_or_created(Path.cwd(), folder, app, launcher)
        notices(workspace)
        events = player.play(
            exercise,
            workspace,
            launcher,
            way="migrate" if migrate else None,
            ask=asking.predict,
            confirm=asking.confirm,
        )
        show_all(events, screen, verbose=verbose)


@cli.command("verify")
def verify(
    ids: Ids = None,
    folder: Folder = None,
    app: App = None,
    verbose: Verbose = False,
    json: Json = False,
) -> NoReturn:
    """Judge exercises; without an id, whether you can move on."""
    from lab import catalogue
    from lab.judge import course
    from lab.view import verdict
    from lab.view.console import print_json

    known = catalogue.load()
    asked = [known.exercise(id).id for id in ids or []]
    workspace = located(folder, app)
    with workspace.locked("lab verify") as held, launching() as launcher:
        notices(held)
        with verdict.progress(console(stderr=True)) as progress:
            report = course.verify(held, asked, list(catalogue.exercises()), launcher, progress)
    if json:
        print_json(verdict.as_json(report, shown(held)))
    else:
        verdict.show_report(console(), report, verbose)
    raise typer.Exit(report.exit_code)


@cli.command("undo")
def undo(
    number: Annotated[
        int | None, typer.Argument(metavar="[NUMBER]", help="A snapshot; else the last change.")
    ] = None,
    folder: Folder = None,
) -> None:
    """Take back the lab's last change, or go to a snapshot. `undo` takes back an undo, too."""
    from lab.view.safety import show_change

    with located(folder).locked("lab undo") as workspace:
        notices(workspace)
        show_change(console(), workspace.undo(number), "Undone")


@cli.command("snapshots")
def snapshots(folder: Folder = None) -> None:
    """The copies of your workspace that the lab has taken."""
    from lab.view.safety import show_snapshots

    with located(folder).locked("lab snapshots") as workspace:
        notices(workspace)
        show_snapshots(console(), workspace.snapshots.list())


@cli.command("reset")
def reset(folder: Folder = None) -> None:
    """Go back to the start. `lab undo` brings back what you had."""
    from lab.view.safety import show_change

    with located(folder).locked("lab reset") as workspace:
        notices(workspace)
        show_change(console(), workspace.reset(), "Reset")


@cli.command("diff")
def diff(id: MaybeId = None, folder: Folder = None) -> None:
    """What has changed in your code since the start, or since before the lab played ID."""
    from lab import catalogue
    from lab.view.safety import show_diff

    exercise = catalogue.load().exercise(id).id if id else None
    show_diff(console(), located(folder).diff(exercise))


@cli.command("demo")
def demo(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]")] = None,
    no_pause: Annotated[bool, typer.Option("--no-pause", help="Do not wait for a key.")] = False,
    verbose: Verbose = False,
) -> None:
    """Show others, on a throw-away copy: persistence, memory, or any exercise."""
    from lab import catalogue
    from lab.play import demo as demos
    from lab.server.launchers import SubprocessLauncher
    from lab.view import ask, show_all

    story = catalogue.load().showing(name or "persistence")
    screen = console()
    pausing = ask.interactive() and not no_pause
    # As a person would start it by hand: that is what a room should see.
    with launching(SubprocessLauncher) as launcher:
        events = demos.demonstrate(story, launcher)
        pause = (lambda: ask.pause(screen)) if pausing else None
        show_all(events, screen, verbose=verbose, pause=pause)


@cli.command("doctor")
def doctor() -> None:
    """What this machine offers and lacks."""
    from lab import machine
    from lab.view.machine import show_machine

    found = machine.examine()
    show_machine(console(), found)
    raise typer.Exit(0 if found.sound else 3)


# -- what the commands share ------------------------------------------------------------------


def console(*, stderr: bool = False) -> Console:
    """The terminal, or what stands in for one."""
    from lab.view.console import make_console

    return make_console(stderr=stderr)


@contextmanager
def launching(make: Callable[[], Launcher] | None = None) -> Iterator[Launcher]:
    """A launcher for one command; every server ends with it."""
    from lab.server.launchers import choose

    launcher = make() if make else choose()
    try:
        yield launcher
    finally:
        launcher.close()


def located(folder: Path | None, app: str | None = None) -> Workspace:
    """The workspace that a command is about. Raises NoWorkspace."""
    from lab.workspace import workspace

    return workspace.find(Path.cwd(), folder, app)


def located_if_any(folder: Path | None) -> Workspace | None:
    """The same, or None where there is none and none was named."""
    from lab.model import NoWorkspace

    try:
        return located(folder)
    except NoWorkspace:
        if folder is not None:
            raise
        return None


def notices(workspace: Workspace) -> None:
    """Say what the lab found and mended in the workspace."""
    for notice in (*workspace.notices, *workspace.journal.notices()):
        console(stderr=True).print(notice, style="yellow")


def shown(workspace: Workspace) -> Path:
    """The workspace's folder as a person would name it from here."""
    folder, here = workspace.folder.absolute(), Path.cwd()
    return folder.relative_to(here) if folder.is_relative_to(here) else folder


def main() -> None:
    """Run the command line. Every error is a sentence and a remedy, with its exit code."""
    try:
        cli()
    except LabError as error:
        if "--json" in sys.argv:
            from lab.view.console import print_json

            print_json({"schema": 1, "error": error.message, "remedy": error.remedy})
        else:
            screen = console(stderr=True)
            screen.print(error.message, style="bold red")
            screen.print(error.remedy)
        sys.exit(error.exit_code)
    except Exception as error:  # noqa: BLE001
        # A defect of the lab must never look like the learner's, nor end in a traceback.
        from lab.view.defect import show_defect

        show_defect(console(stderr=True), error)
        sys.exit(3)
