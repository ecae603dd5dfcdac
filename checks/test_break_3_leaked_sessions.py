"""break-3: sessions are handed out and never closed."""

from lab.model import CheckFailed
from lab.verify.todos import Todos


def test_connections_stay_out(todos: Todos) -> None:
    """After some requests, connections are still checked out."""
    todos.server.collect = False  # the cyclic garbage collector would close some of them by luck
    todos.server.start()
    todos.server.post("/todos", {"title": "leaks?"})
    for path in ("/todos", "/todos/1", "/todos/9000000"):
        todos.server.get(path)
    if not todos.server.connections_out():
        raise CheckFailed(
            expected="connections that stay checked out after the requests",
            actual=f"0 checked out after {len(todos.server.exchanges)} requests",
            help="Every session is closed. Look at what get_db does with it, and when.",
        )
