"""Faults that the lab makes happen on a learner's own API."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from lab.cli.options import App, Folder, Json, console, launching, located, notices, tell


class Moment(StrEnum):
    """Where a request can be held."""

    WRITE = "write"
    COMMIT = "commit"


def power_cut(folder: Folder = None, app: App = None, json: Json = False) -> None:
    """Say which todos a power cut could take. Every disk that it could leave is tried."""
    from lab.faults.power_cut import cut
    from lab.terminal import power_cuts as view

    workspace = located(folder, app)
    with launching() as launcher:
        with workspace.locked("lab power-cut") as held:
            notices(held)
        with console(stderr=True).status("Recording your API's disk, and cutting the power"):
            found = cut(workspace, launcher)
    tell(json, view.power_cuts_json, view.show_power_cuts, found)
    if not found.holds:
        raise typer.Exit(1)


def race(
    first: Annotated[str | None, typer.Argument(metavar="'METHOD PATH JSON'")] = None,
    second: Annotated[str | None, typer.Argument(metavar="'METHOD PATH JSON'")] = None,
    hold: Annotated[
        Moment | None, typer.Option("--hold", help="Only where one waits before this.")
    ] = None,
    folder: Folder = None,
    app: App = None,
    json: Json = False,
) -> None:
    """Send two requests in every order, and say which write is lost.

    `{id}` in a path is a todo that is made for the race.
    """
    from lab.course.trace import request_of
    from lab.faults import race as races
    from lab.model import UsageError
    from lab.terminal import races as view

    requests = races.DEFAULT
    if first is not None:
        if second is None:
            raise UsageError("A race needs two requests.", "Put each in quotes of its own.")
        asked = [[*text.split(maxsplit=2), "", "", ""][:3] for text in (first, second)]
        a, b = (request_of(method, path, body or None) for method, path, body in asked)
        requests = (a, b)
    moments = (hold.value,) if hold else tuple(moment.value for moment in Moment)
    workspace = located(folder, app)
    with launching() as launcher:
        with workspace.locked("lab race") as held:
            notices(held)
        with console(stderr=True).status("Playing both requests in every order"):
            found = races.race(workspace, launcher, requests, moments)
    tell(json, view.as_json, view.show, found)
    if not found.holds:
        raise typer.Exit(1)
