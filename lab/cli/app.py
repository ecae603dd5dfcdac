"""The command line. Each command parses, calls and shows; what it needs it imports when it runs."""

from __future__ import annotations

import typer

from lab.cli import course, faults, grade, history, play, serve, verify
from lab.cli.dev import dev
from lab.cli.explain import explain

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
    ("serve", serve.serve),
    ("list", course.listed),
    ("show", course.show),
    ("hint", course.hint),
    ("run", play.run),
    ("verify", verify.verify),
    ("watch", verify.watch),
    ("explain", explain),
    ("trace", play.trace),
    ("grade", grade.grade),
    ("power-cut", faults.power_cut),
    ("race", faults.race),
    ("undo", history.undo),
    ("snapshots", history.snapshots),
    ("reset", history.reset),
    ("diff", history.diff),
    ("demo", play.demo),
    ("doctor", course.doctor),
):
    cli.command(name)(command)
cli.add_typer(dev, name="dev")


@cli.callback(invoke_without_command=True)
def lab(context: typer.Context) -> None:
    """Without a command: what is next."""
    if context.invoked_subcommand is None:
        course.listed(next_only=True)
