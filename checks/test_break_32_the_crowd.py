"""break-32: a crowd stops the app, though it closes every session."""

from lab.model import CheckFailed
from lab.verify.experiments.crowd import CROWD, Standstill, crowd, gave_up
from lab.verify.todos import Todos

# On a busy machine threads may do in turn what they do at once else: twice as many come again.
CROWDS = (CROWD, 2 * CROWD)


def test_a_crowd_stops_the_app(todos: Todos) -> None:
    """Of many clients who list the todos at one instant, most wait for a connection in vain."""
    todos.server.start()
    todos.create("There before the crowd")
    for clients in CROWDS:
        found = crowd(todos, [("GET", "/todos", None)] * clients)
        if isinstance(found, Standstill):
            if found.out:
                return
            seen = f"{found}: it is not for a connection that they wait"
            break
        if any(map(gave_up, found)):
            return
        answered = sum(answer.ok for answer in found)
        seen = f"{answered} are answered 2xx, and no connection is missed"
    raise CheckFailed(
        expected=f"of {clients} clients at one instant some wait for a connection in vain",
        actual=seen,
        help="Where does a request wait in your app while others are served: in a thread, or "
        "before it has one? And are there as many connections as requests?",
    )


def test_every_session_is_closed(uncollected: Todos) -> None:
    """After requests one by one, and after ten at once, no connection stays checked out."""
    made = uncollected.create("To be read")
    for path in ("/todos", f"/todos/{made['id']}", "/todos/9000000"):
        uncollected.server.get(path)
    if not uncollected.server.connections_out():
        uncollected.server.at_once([("GET", "/todos", None)] * 10)
    if out := uncollected.server.connections_out():
        raise CheckFailed(
            expected="no connection that stays checked out when the requests are over",
            actual=f"{len(out)} checked out after {len(uncollected.server.exchanges)} requests",
            help="Sessions that are never closed are break-3. Here every one is closed, and a "
            "crowd is stopped all the same.",
        )
