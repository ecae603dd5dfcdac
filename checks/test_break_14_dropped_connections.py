"""break-14: after the database server has ended the app's connections, a request fails."""

from lab.model import CheckFailed
from lab.verify.todos import Todos


def test_a_request_fails_after_the_drop(todos: Todos) -> None:
    """After the database server has ended the app's connections, a request is answered with 500."""
    todos.server.start()
    todos.create("made before the drop")
    todos.all()
    dropped = todos.server.drop_connections()
    answer = todos.server.get("/todos")
    if answer.status < 500:
        raise CheckFailed(
            expected="a request that meets a connection that has ended: 500",
            actual=f"{answer.status}, after {dropped} connections were ended",
            help="Something tests the connections before a request gets one, or none are kept. "
            "Look at what create_engine() says about the pool.",
        )
