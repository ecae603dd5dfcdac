"""break-9: the todos are in memory, and a restart loses them."""

from lab.model import CheckFailed
from lab.verify.todos import Todos


def test_a_restart_loses_the_todos(todos: Todos) -> None:
    """What was made and listed is gone after the server was stopped and started again."""
    todos.server.start()
    made = [todos.create(title) for title in ("made", "made as well")]
    listed = todos.present(made)
    if len(listed) < len(made):
        raise CheckFailed(
            expected="todos that are listed as long as the server runs",
            actual=f"{len(made)} made, and GET /todos has {len(listed)} of them before any restart",
            help="This breaks something else, or more. Only the restart should lose them: does "
            "every request see the same memory?",
        )
    todos.server.restart()
    if kept := todos.present(made):
        raise CheckFailed(
            expected="none of the todos after the restart",
            actual=f"{len(kept)} of {len(made)} are there, such as {kept[0]}",
            help="The todos are still kept outside of the server's memory, in a file.",
        )
