"""For authors: prove scenarios and checks, start a new exercise, bring the README up to date."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, NoReturn

import typer

from lab.cli.shared import Ids, Json, console, launching

dev = typer.Typer(help="For authors: prove scenarios and checks, start a new exercise.")


@dev.command("check")
def check(
    ids: Ids = None,
    corpus: Annotated[
        Path | None, typer.Option(metavar="DIR", help="The solutions; else tests/corpus.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option("--jobs", metavar="N", help="Processes; else one for each core.")
    ] = None,
    json: Json = False,
) -> NoReturn:
    """Prove every scenario's contract, and every check on solutions that are right or wrong."""
    from lab.dev.check import prove
    from lab.dev.corpus import beside_the_checkout
    from lab.view import dev as view
    from lab.view.console import print_json

    with view.progress(console(stderr=True)) as progress:
        proofs = prove(ids or [], corpus or beside_the_checkout(), workers, progress)
    if json:
        print_json(view.as_json(proofs))
    else:
        view.show_proofs(console(), proofs)
    raise typer.Exit(0 if proofs.sound else 1)


@dev.command("new")
def new(
    id: Annotated[str, typer.Argument(metavar="ID", help="Such as break-15.")],
    name: Annotated[str, typer.Option(help="What it is about, for the files' names.")] = "new",
) -> None:
    """Start a new exercise: its scenario, its check, and a first wrong solution."""
    from lab.dev.new import start
    from lab.view import dev as view

    view.show_started(console(), start(id, name))


@dev.command("readme")
def readme() -> None:
    """Bring the README's tables and picture up to date."""
    from lab.dev.readme import rewrite
    from lab.view import dev as view

    with launching() as launcher:
        view.show_written(console(), rewrite(launcher))
