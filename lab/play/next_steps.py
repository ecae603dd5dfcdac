"""What a play tells to do next, in commands."""

from __future__ import annotations

from lab import scenario as s
from lab.scenario.events import Next


def after_first_look(id: str) -> Next:
    """Return what to do where an exercise was shown on a copy that is gone by now."""
    return Next(
        "That was a copy: nothing of it is kept. To do it yourself, make a workspace.",
        (
            ("lab init", "your own todo API, in my-todos"),
            (f"lab run {id}", "the same on it"),
            ("lab", "or from the start: what is next"),
        ),
    )


def after_mending(broken: str) -> Next:
    """Return what to do where a database was mended that no break of the course had damaged."""
    return Next(
        f"Your database works again. {broken} and its fix are still yours to do.",
        (("lab", "what is next"),),
    )


def after_start(id: str) -> Next:
    """Return what to do where the lab has taken out what the learner is to write."""
    return Next(
        "From here on it is yours to write.",
        (
            (f"lab show {id}", "the task"),
            (f"lab hint {id}", "a hint, one more each time"),
            (f"lab verify {id}", "judge it"),
            (f"lab run {id}", "let the lab write it"),
            ("lab undo", "take the start back"),
        ),
    )


def another(exercise: s.Exercise, variant: s.Variant | None, *, on_server: bool) -> str:
    """Return a sentence that names another variant of the change; "" where there is none."""
    names = [other.name for other in exercise.variants if other.name and other is not variant]
    if not names:
        return ""
    url = " --database-url URL" if on_server else ""
    return f" There is another way: `lab run {exercise.id} --{names[0]}{url}`."


def after(exercise: s.Exercise, *, changed: bool) -> Next:
    """Return what to do after a play that may have changed the workspace."""
    id, fix = exercise.id, f"fix-{exercise.number}"
    if exercise.kind == "break":
        return Next(
            "Your workspace behaves like this now. Mending it is your part.",
            (
                (f"lab show {fix}", "the task"),
                (f"lab hint {fix}", "a hint, one more each time"),
                (f"lab verify {fix}", "is it mended?"),
                (f"lab run {fix}", "let the lab mend it"),
                *((("lab undo", "take the break back"),) if changed else ()),
            ),
        )
    if exercise.is_written and changed:
        return Next(
            "This is one way to write it.",
            (
                (f"lab verify {id}", "judge it"),
                (f"lab diff {id}", "what was changed"),
                ("lab undo", "take it back, and write it yourself"),
            ),
        )
    return Next("See whether it holds.", ((f"lab verify {id}", "judge it"),))


def on_server(told: Next, exercise: s.Exercise, app: str | None) -> Next:
    """Return what to do after a play that was about a database server."""
    if exercise.kind == "alter":
        return Next(
            "The rows are in your database, and todos.db is as it was. Your API uses that database "
            "where DATABASE_URL names it.",
            (
                (f"DATABASE_URL=URL uvicorn {app}", "start your API with it"),
                (f"lab verify {exercise.id} --database-url URL", "judge it"),
            ),
        )
    commands = tuple(
        (f"{c} --database-url URL" if c.startswith(("lab run", "lab verify")) else c, does)
        for c, does in told.commands
    )
    return Next(told.text, commands)
