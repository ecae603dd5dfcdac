"""For authors: prove scenarios and checks, start a new exercise, bring the README up to date."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, NoReturn

import typer

from lab.cli.options import Ids, Json, console, launching, tell

dev = typer.Typer(help="For authors: prove scenarios and checks, start a new exercise.")


@dev.command("check")
def check(
    ids: Ids = None,
    corpus: Annotated[
        Path | None, typer.Option(metavar="DIR", help="The solutions; else tests/corpus.")
    ] = None,
    without: Annotated[
        list[str] | None,
        typer.Option(metavar="ID", help="Leave it out, and what is told with it."),
    ] = None,
    shard: Annotated[
        str | None,
        typer.Option(metavar="I/N", help="Of what is beyond the course the I-th of N parts alone."),
    ] = None,
    workers: Annotated[
        int | None, typer.Option("--jobs", metavar="N", help="Processes; else one for each core.")
    ] = None,
    json: Json = False,
) -> NoReturn:
    """Prove every scenario's contract, and every check on solutions that are right or wrong."""
    from lab.dev import report as view
    from lab.dev.check import prove
    from lab.dev.corpus import beside_the_checkout

    with view.progress(console(stderr=True)) as progress:
        proofs = prove(
            ids or [],
            corpus or beside_the_checkout(),
            workers,
            progress,
            without=without or (),
            shard=shard,
        )
    tell(json, view.as_json, view.show_proofs, proofs)
    raise typer.Exit(0 if proofs.sound else 1)


@dev.command("new")
def new(
    id: Annotated[str, typer.Argument(metavar="ID", help="Such as break-34.")],
    name: Annotated[str, typer.Option(help="What it is about, for the files' names.")] = "new",
    json: Json = False,
) -> None:
    """Start a new exercise: its scenario, its check, and a first wrong solution."""
    from lab.dev import report as view
    from lab.dev.new import start

    tell(json, view.written_json, view.show_started, start(id, name))


@dev.command("readme")
def readme(json: Json = False) -> None:
    """Bring the tables in the documents and the README's picture up to date."""
    from lab.dev import report as view
    from lab.dev.readme import rewrite

    with launching() as launcher:
        written = rewrite(launcher)
    tell(json, view.written_json, view.show_written, written)
