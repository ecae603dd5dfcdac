"""What is printed about the course itself: the list, the tasks, the hints, a new workspace."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from lab import resources
from lab.course.catalogue import Entry
from lab.course.progress import DONE, Hint, Place, Standing, State
from lab.dbserver.url import EXAMPLES
from lab.scenario import TOPICS, Exercise
from lab.terminal.lines import columns
from lab.workspace.workspace import Workspace

STYLES = {
    State.NOT_STARTED: "dim",
    State.BROKEN: "red",
    State.TRIED: "yellow",
    State.SEEN: "green",
    State.PASSED: "green",
    State.HELPED: "green",
}
WIDE = 150  # columns


def show_made(console: Console, workspace: Workspace) -> None:
    """Print what is in a new workspace and what to do with it."""
    folder = workspace.folder
    console.print(Text.assemble("Your workspace is ", (str(folder), "bold"), "."))
    for notice in workspace.notices:
        console.print(f"  {notice}", style="yellow")
    console.print("The code in it is yours: change it as you like, `lab undo` takes back what")
    console.print("the lab changes, and `lab reset` goes back to the start.")
    console.print()
    enter = (f"cd {folder}", "bold")
    console.print(Text.assemble("Next:  ", enter, "  and  ", ("lab serve", "bold"), ", to try it."))
    console.print(Text.assemble("Then:  ", ("lab", "bold"), ", for the exercises."))


def made_json(workspace: Workspace) -> dict[str, Any]:
    """Return a new workspace, as the document of `lab init --json`."""
    return {
        "workspace": str(workspace.folder),
        "app": workspace.app or resources.APP,
        "notices": list(workspace.notices),
    }


def show_list(console: Console, standing: Standing) -> None:
    """Print all exercises with their states, a line each, and what is next."""
    for topic in (None, *TOPICS):
        if places := [place for place in standing.places if place.topic == topic]:
            if topic or len(places) < len(standing.places):
                console.print(Text(topic.capitalize() if topic else "The course", "bold underline"))
            console.print(_table(console, places))
            console.print()
    if standing.more and standing.next:
        console.print(f"{standing.more} more beyond the course: `lab list --all`")
    if standing.predicted:
        console.print(
            f"You predicted {standing.predicted_right} of {standing.predicted} outcomes right."
        )
    show_next(console, standing)


def _table(console: Console, places: list[Place]) -> Table:
    table = columns("exercise", "title", "about", "where you stand", whole=["exercise", "about"])
    # A line an exercise reads best, so what each teaches is there only where there is room.
    if console.width >= WIDE:
        table.add_column("what it teaches")
    for place in places:
        state = Text(place.state, STYLES[place.state])
        teaches = (place.teaches,) if console.width >= WIDE else ()
        table.add_row(place.id, place.title, f"{place.minutes} min", state, *teaches)
    return table


def show_next(console: Console, standing: Standing) -> None:
    """Print what is next."""
    place = standing.next
    if not standing.workspace:
        console.print("You have no workspace yet.  Next:  `lab init`")
    elif place is None:
        console.print("You have done every exercise of the course: `lab verify` judges them all.")
        console.print("There is more: `lab list --all`")
    else:
        console.print(Text.assemble("Next:  ", (place.id, "bold"), f", {place.title}"))
        console.print(f"       {what_to_type(place)}")


def what_to_type(place: Place, *, task_shown: bool = False) -> str:
    """Return the commands for an exercise in its state."""
    id, kind = place.id, place.id.partition("-")[0]
    show = "" if task_shown else f"`lab show {id}`, then "
    on = " --database-url URL" if place.servers else ""
    if kind == "explain":
        return f"`lab explain {id}`"
    if kind == "claim":
        return f"`lab run {id}`"
    if kind == "break":
        by_hand = f" and then `lab verify {id}{on}`" if task_shown else f": `lab show {id}`"
        return f"`lab run {id}{on}`, or by hand{by_hand}"
    if kind == "fix" and place.state is State.NOT_STARTED:
        return f"`lab run {id.replace('fix-', 'break-')}{on}`: first it has to be broken"
    if place.state is State.TRIED:
        return f"`lab verify {id}{on}`, and `lab hint {id}` when you are stuck"
    if kind == "persist":
        return f"`lab run {id}`, then `lab verify {id}`"
    do = {"fix": "mend it", "test": "write it"}.get(kind, "edit")
    return f"{show}{do}, then `lab verify {id}{on}`"


def standing_json(standing: Standing) -> dict[str, Any]:
    """Where the learner stands, as the document of `lab list --json`."""
    return {
        "next": standing.next.id if standing.next else None,
        "predictions": {"made": standing.predicted, "right": standing.predicted_right},
        "exercises": [asdict(place) for place in standing.places],
    }


def show_task(console: Console, exercise: Entry, place: Place | None = None) -> None:
    """Print the task of an exercise and, where its place is given, the commands for it."""
    console.print(Text.assemble((exercise.id, "bold"), "  ", exercise.title))
    console.print(Padding(Text(exercise.task.strip()), (1, 2)))
    if place:
        console.print(f"To do: {_to_do(place)}")
        if place.servers and place.state not in DONE:
            console.print("The URL: " + "\n     or: ".join(_urls(place)))
    console.print(Text(f"From the course: {exercise.source}", "dim"))


def task_json(exercise: Entry, place: Place) -> dict[str, Any]:
    """Return the task of an exercise, as the document of `lab show --json`.

    The choices of its prediction are those that `lab run --predict` numbers from 1.
    """
    prediction = exercise.prediction if isinstance(exercise, Exercise) else None
    return {
        **asdict(place),
        "task": exercise.task.strip(),
        "to_do": _to_do(place),
        "urls": _urls(place),
        "source": exercise.source,
        "hints": len(exercise.hints),
        "prediction": {"question": prediction.question, "choices": list(prediction.texts)}
        if prediction
        else None,
    }


def _to_do(place: Place) -> str:
    """Return what is left to do for an exercise whose task was shown."""
    if place.state in DONE:
        did = "you have seen it" if place.state is State.SEEN else f"it has {place.state}"
        return f"nothing more, {did}. `lab list` shows what is next."
    return what_to_type(place, task_shown=True)


def _urls(place: Place) -> list[str]:
    """How the URL of a server that serves for the exercise is written."""
    return [text for dialect, text in EXAMPLES.items() if dialect in place.servers]


def show_hint(console: Console, hint: Hint, again: str | None = None) -> None:
    """Print one hint, and what the latest verdict said to what it saw.

    `again` is what to type for the next one, where that is not the command.
    """
    console.print(Text.assemble((hint.exercise, "bold"), f"  hint {hint.number} of {hint.of}"))
    console.print(Padding(Text(hint.text), (0, 2)))
    if hint.seen:
        console.print("About your latest failure:")
        console.print(Padding(Text(hint.seen), (0, 2)))
    if hint.number < hint.of:
        console.print(Text(f"{again or f'`lab hint {hint.exercise}`'} again tells more.", "dim"))


def hint_json(hint: Hint) -> dict[str, Any]:
    """One hint, as the document of `lab hint --json`."""
    return {
        "id": hint.exercise,
        "number": hint.number,
        "of": hint.of,
        "left": hint.of - hint.number,
        "text": hint.text,
        "about_your_failure": hint.seen,
    }
