"""break-3: sessions are handed out and never closed."""

from lab.model import CheckFailed
from lab.verify.todos import Todos


def test_connections_stay_out(uncollected: Todos) -> None:
    """After some requests, connections are still checked out."""
    uncollected.server.post("/todos", {"title": "leaks?"})
    for path in ("/todos", "/todos/1", "/todos/9000000"):
        uncollected.server.get(path)
    if not uncollected.server.connections_out():
        raise CheckFailed(
            expected="connections that stay checked out after the requests",
            actual=f"0 checked out after {len(uncollected.server.exchanges)} requests",
            help="Every session is closed. Look at what get_db does with it, and when.",
        )
