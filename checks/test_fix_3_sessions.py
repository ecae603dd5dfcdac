"""fix-3: after every kind of request, every connection is back in the pool."""

from collections.abc import Callable

from lab.model import CheckFailed, Exchange
from lab.todos import Todos

MISSING = 9_000_000


def test_reading_gives_back(todos: Todos) -> None:
    """After GETs, of the list, of one todo and of whatever else there is, none stays out."""
    watch(todos)
    made = todos.create("to be read")
    returned(todos, todos.server.exchanges[-1])
    for path in ["/todos", f"/todos/{made['id']}", *other_paths(todos)]:
        returned(todos, todos.server.get(path))
    used(todos)


def test_writing_gives_back(todos: Todos) -> None:
    """After POST, PUT and DELETE no connection stays checked out."""
    watch(todos)
    made = todos.create("to be changed and deleted")
    returned(todos, todos.server.exchanges[-1])
    todos.update(made, title="changed")
    returned(todos, todos.server.exchanges[-1])
    todos.delete(made)
    returned(todos, todos.server.exchanges[-1])
    used(todos)


def test_failing_gives_back(todos: Todos) -> None:
    """After requests that fail, with 404 or 422, no connection stays checked out."""
    watch(todos)
    server = todos.server
    body = {"title": "nobody", "completed": False}
    failing: list[Callable[[], Exchange]] = [
        lambda: server.get(f"/todos/{MISSING}"),
        lambda: server.put(f"/todos/{MISSING}", body),
        lambda: server.delete(f"/todos/{MISSING}"),
        lambda: server.get("/todos/no-number"),
        lambda: server.post("/todos", {"completed": "no title at all"}),
        lambda: server.put("/todos/1", {"title": [], "completed": "perhaps"}),
        lambda: server.delete("/todos/no-number"),
    ]
    for send in failing:
        returned(todos, send())


def test_many_at_once_give_back(todos: Todos) -> None:
    """After 40 requests at the same time no connection stays checked out."""
    watch(todos)
    todos.create("for many")
    kinds = [("GET", "/todos", None), ("GET", f"/todos/{MISSING}", None)]
    answers = todos.server.at_once(kinds * 20)
    returned(todos, answers[-1])


def watch(todos: Todos) -> None:
    """Start without the cyclic garbage collector, which would close forgotten sessions by luck."""
    todos.server.collect = False
    todos.server.start()


def returned(todos: Todos, answer: Exchange) -> None:
    """Raises CheckFailed where a connection is still checked out after this request."""
    out = todos.server.connections_out()
    if not out:
        return
    where = out[0].frame
    raise CheckFailed(
        expected=f"0 connections checked out after {answer.method} {answer.path}",
        actual=f"{len(out)} still checked out after {answer.status}"
        + (f", taken at {where}" if where else ""),
        help="Something opened a session for this request, and nobody closes it "
        + ("when the request fails." if answer.status >= 400 else "when the request is over."),
    )


def used(todos: Todos) -> None:
    """Raises CheckFailed where no request took a connection: there is nothing to give back."""
    if not todos.server.events.all("checkout"):
        raise CheckFailed(
            expected="requests that use a connection of SQLAlchemy's pool, and give it back",
            actual="not one connection was checked out during these requests",
            help="The todos do not come from the database through SQLAlchemy.",
        )


def other_paths(todos: Todos) -> list[str]:
    """The app's further GET routes that need no parameter."""
    document = todos.server.get("/openapi.json").json
    paths = document.get("paths", {}) if isinstance(document, dict) else {}
    return [
        path
        for path, methods in paths.items()
        if "get" in methods and "{" not in path and path.rstrip("/") != "/todos"
    ]
