"""break-33: a 2xx is out before what it answers for is committed."""

from importlib.metadata import version

from lab.model import CheckFailed, NotApplicable
from lab.verify.experiments.killed_at_answer import is_there, killed_at_answer
from lab.verify.todos import Todos


def test_a_2xx_comes_before_the_commit(todos: Todos) -> None:
    """A todo is gone where the process is killed as its 2xx is out; where it lives on, it stays."""
    todos.server.start()
    in_peace = todos.post("made in peace")
    todos.server.restart()  # it waits for what a request does after its answer
    if not is_there(todos, in_peace):
        raise CheckFailed(
            expected="a todo that is there after a stop and a start, when nobody kills the process",
            actual=f"{in_peace}, and it is gone",
            help="This breaks something else: it is to be committed, and too late. What commits?",
        )
    if not is_there(todos, killed_at_answer(todos, lambda: todos.post("made before the kill"))):
        return
    fastapi = version("fastapi")
    if [int(part) for part in fastapi.split(".")[:2]] < [0, 118]:
        raise NotApplicable(
            "FastAPI 0.118 or later, which runs the lines below `yield` after the answer",
            f"FastAPI {fastapi}, which runs them before it",
        )
    raise CheckFailed(
        expected="a todo that is gone after a SIGKILL in the moment in which its 2xx was out",
        actual="it is there",
        help="It was committed before the answer. What still runs when the answer is out?",
    )
