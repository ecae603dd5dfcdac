"""For a projector: an API that keeps its todos in a list."""

from lab import scenario as s
from lab.scenario.observations import Seen

APP = """\
from fastapi import FastAPI

app = FastAPI()
todos = []  # this is the database


@app.get("/todos")
def list_todos():
    return todos


@app.post("/todos", status_code=201)
def create_todo(todo: dict):
    todos.append({"id": len(todos) + 1, "title": todo["title"], "completed": False})
    return todos[-1]
"""


def kept(seen: Seen) -> str:
    """How many of the todos that were answered with 2xx are in the last list."""
    return f"{seen.kept()} of the {len(seen.made())} todos that were answered 2xx are there."


demo = s.Demo(
    title="Todos in a list",
    teaches="What is in the memory of a process ends with the process.",
    app={"main.py": APP},
    steps=(
        s.Say("This API keeps its todos in a list. It starts, and we make two todos."),
        s.ShowSource("main.py"),
        s.Start(),
        s.post("Buy milk"),
        s.post("Walk the dog"),
        s.get(),
        s.Say("All as it should be. Now we stop it, and start it again."),
        s.Stop(),
        s.ShowRows(),
        s.Start(),
        s.get(),
        s.Say(kept),
        s.Say("A new process has a new, empty list: that is why the course moves to a database."),
        s.Say("`lab demo persistence` shows the same with one."),
    ),
)

scenario = s.Scenario("000 and 004, Why this project exists", demo=demo)
