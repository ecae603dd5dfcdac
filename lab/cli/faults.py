"""Faults that the lab makes happen on a learner's own API."""

from __future__ import annotations

import typer

from lab.cli.options import App, Folder, Json, console, launching, located, notices, tell


def power_cut(folder: Folder = None, app: App = None, json: Json = False) -> None:
    """Which acknowledged todos a power cut could take: every disk that it could leave is tried."""
    from lab.faults.power_cut import cut
    from lab.terminal import faults as view

    workspace = located(folder, app)
    with launching() as launcher:
        with workspace.locked("lab power-cut") as held:
            notices(held)
        with console(stderr=True).status("Recording your API's disk, and cutting the power"):
            found = cut(workspace, launcher)
    tell(json, view.power_cuts_json, view.show_power_cuts, found)
    if not found.holds:
        raise typer.Exit(1)
