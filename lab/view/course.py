"""What is printed about the course itself: the list, the tasks, the hints, a new workspace."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from lab.catalogue import Entry
from lab.progress import Hint, Place, Standing, State
from lab.workspace.workspace import Workspace

STYLES = {
    State.NOT_STARTED: "dim",
    State.BROKEN: "red",
    State.TRIED: "yellow",
    State.PASSED: "green",
    State.HELPED: "green",
}


def show_made(console: Console, workspace: Workspace) -> None:
    """Print what is in a new workspace and what to do with it."""
    folder = workspace.folder
    console.print(Text.assemble("Your workspace is ", (str(folder), "bold"), "."))
    for notice in workspace.notices:
        console.print(f"  {notice}", style="yellow")
    console.print("The code in it is yours: change it as you like, `lab undo` takes back what")
    console.print("the lab changes, and `lab reset` goes back to the start.")
    console.print()
    console.print(Text.assemble("Next:  ", (f"cd {folder}", "bold"), "  and  ", ("lab", "bold")))


def show_list(console: Console, standing: Standing) -> None:
    """Print all exercises with their states, and what is next."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for header in ("exercise", "what it teaches", "where you stand"):
        table.add_column(header, no_wrap=header == "exercise")
    for place in standing.places:
        table.add_row(place.id, place.teaches, Text(place.state, STYLES[place.state]))
    console.print(table)
    console.print()
    if standing.predicted:
        console.print(
            f"You predicted {standing.predicted_right} of {standing.predicted} outcomes right."
        )
    show_next(console, standing)


def show_next(console: Console, standing: Standing) -> None:
    """Print what is next."""
    place = standing.next
    if not standing.workspace:
        console.print("You have no workspace yet.  Next:  `lab init`")
    elif place is None:
        console.print("Every exercise has passed.  Next:  `lab verify`")
    else:
        console.print(Text.assemble("Next:  ", (place.id, "bold"), f", {place.title}"))
        console.print(f"       {what_to_type(place)}")


def what_to_type(place: Place) -> str:
    """The commands for an exercise in its state."""
    kind = place.id.partition("-")[0]
    if kind == "explain":
        return f"`lab explain {place.id}`"
    if kind == "break":
        return f"`lab run {place.id}`, or by hand: `lab show {place.id}`"
    if place.state is State.TRIED:
        return f"`lab verify {place.id}`, and `lab hint {place.id}` when you are stuck"
    if kind == "persist":
        return f"`lab run {place.id}`, then `lab verify {place.id}`"
    return f"`lab show {place.id}`, then edit, then `lab verify {place.id}`"


def standing_json(standing: Standing) -> dict[str, Any]:
    """Where the learner stands, as the document of `lab list --json`."""
    return {
        "schema": 1,
        "next": standing.next.id if standing.next else None,
        "predictions": {"made": standing.predicted, "right": standing.predicted_right},
        "exercises": [
            {"id": p.id, "title": p.title, "teaches": p.teaches, "state": p.state}
            for p in standing.places
        ],
    }


def show_task(console: Console, exercise: Entry) -> None:
    """Print the task of an exercise."""
    console.print(Text.assemble((exercise.id, "bold"), "  ", exercise.title))
    console.print(Padding(Text(exercise.task.strip()), (1, 2)))
    console.print(Text(f"From the course: {exercise.source}", "dim"))


def show_hint(console: Console, hint: Hint) -> None:
    """Print one hint."""
    console.print(Text.assemble((hint.exercise, "bold"), f"  hint {hint.number} of {hint.of}"))
    console.print(Padding(Text(hint.text), (0, 2)))
    if hint.number < hint.of:
        console.print(Text("`lab hint` again tells more.", "dim"))
