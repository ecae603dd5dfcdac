"""The command line. Each command parses, calls and shows; what it needs it imports when it runs."""

from __future__ import annotations

import sys

import typer

from lab.cli import course, judge, play, safety
from lab.cli.shared import console
from lab.model import LabError

cli = typer.Typer(
    name="lab",
    help="Alter, break and fix a small todo API, and see how an API keeps its data.",
    no_args_is_help=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

for name, command in (
    ("init", course.init),
    ("list", course.listed),
    ("show", course.show),
    ("hint", course.hint),
    ("run", play.run),
    ("verify", judge.verify),
    ("watch", judge.watch),
    ("explain", judge.explain),
    ("trace", play.trace),
    ("undo", safety.undo),
    ("snapshots", safety.snapshots),
    ("reset", safety.reset),
    ("diff", safety.diff),
    ("demo", play.demo),
    ("doctor", course.doctor),
):
    cli.command(name)(command)


@cli.callback(invoke_without_command=True)
def lab(context: typer.Context) -> None:
    """Without a command: what is next."""
    if context.invoked_subcommand is None:
        course.listed(next_only=True)


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
