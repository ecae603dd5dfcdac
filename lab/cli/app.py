"""The command line. Each command parses, calls and shows; what it needs it imports when it runs."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from lab.cli import course, faults, grade, history, play, serve, verify
from lab.cli.dev import dev
from lab.cli.explain import explain

if TYPE_CHECKING:
    from collections.abc import Callable


class Command(TyperCommand):
    """A command for which an option that is not given takes no time."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Return its arguments and options."""
        return _left_alone(super().get_params(ctx))


class Group(TyperGroup):
    """All the commands, and the options of `lab` itself."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Return its options."""
        return _left_alone(super().get_params(ctx))


def _left_alone(parameters: list[Any]) -> list[Any]:
    """Let nothing be made of those that are not given.

    Typer 0.29 imports Pydantic to make None of None, which takes a third of `lab list`.
    """
    for each in parameters:
        optional = each.nargs == 1 and not (each.required or each.multiple)
        if optional and not isinstance(each.process_value, partial):
            each.process_value = partial(_processed, each.process_value)
    return parameters


def _processed(process: Callable[[Any, Any], Any], context: Any, value: Any) -> Any:
    return None if value is None else process(context, value)


cli = typer.Typer(
    name="lab",
    cls=Group,
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
    cli.command(name, cls=Command)(command)
cli.add_typer(dev, name="dev")


def _show_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"persistence-lab {version('persistence-lab')}")
        raise typer.Exit


@cli.callback(invoke_without_command=True)
def lab(
    context: typer.Context,
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Show the version, and exit.", callback=_show_version, is_eager=True
        ),
    ] = False,
) -> None:
    """Without a command: what is next."""
    if context.invoked_subcommand is None:
        course.listed(next_only=True)
