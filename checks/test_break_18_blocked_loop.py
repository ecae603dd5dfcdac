"""break-18: while one write waits for the database, nobody is answered."""

from lab.model import CheckFailed
from lab.verify.experiments.blocked_loop import is_blocked
from lab.verify.todos import Todos


def test_everybody_waits(running: Todos) -> None:
    """While a POST waits for a locked database, no other client is answered."""
    running.create("made before the lock")
    if not is_blocked(running, lambda: ("POST", "/todos", {"title": "made when the lock is gone"})):
        raise CheckFailed(
            expected="nobody is answered while a POST waits for the database",
            actual="another client was answered while the POST waited",
            help="The POST waits, and the event loop is free. Who waits, the loop or a thread?",
        )
