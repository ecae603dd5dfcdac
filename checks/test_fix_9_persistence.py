"""fix-9: what was made, changed and deleted is so after the server has ended, however it did."""

from lab.answers import Todo
from lab.model import CheckFailed
from lab.verify.diagnosis import of_lost
from lab.verify.todos import Todos

RUNNING = "the writes, with the server still running"
CHANGES = {"title": "changed", "completed": True}


def test_survives_a_stop(running: Todos) -> None:
    """What was made, changed and deleted is so after the server was stopped and started again."""
    expected, deleted = write_some(running)
    running.server.restart()
    compare(running, expected, deleted, "a stop and a start")


def test_survives_a_kill(running: Todos) -> None:
    """What was made, changed and deleted is so after the server was killed, twice in a row."""
    expected, deleted = write_some(running)
    for time in ("SIGKILL and a start", "a second SIGKILL and a start"):
        running.server.restart(kill=True)
        compare(running, expected, deleted, time)
        last = running.create(f"made before {time}")
        expected.append({"id": last["id"], "title": f"made before {time}"})
    running.server.restart(kill=True)
    compare(running, expected, deleted, "SIGKILL right after a POST")


def write_some(todos: Todos) -> tuple[list[Todo], Todo]:
    """Make, change and delete: (what the todos are then, the deleted one)."""
    made, changed, deleted = (todos.create(title) for title in ("made", "to change", "to delete"))
    if changes := todos.possible(**CHANGES):
        todos.update(changed, **changes)
    todos.delete(deleted)
    as_made = {"id": changed["id"], "title": "to change"}
    kept = [{"id": made["id"], "title": "made"}, {**as_made, **changes}]
    compare(todos, kept, deleted, RUNNING)
    return kept, deleted


def compare(todos: Todos, expected: list[Todo], deleted: Todo, after: str) -> None:
    """Raise CheckFailed where the API has other todos than these."""
    have = {todo["id"]: todo for todo in todos.present(expected)}
    for wanted in expected:
        found = have.get(wanted["id"], {})
        if wrong := {name: found.get(name) for name in wanted if found.get(name) != wanted[name]}:
            raise CheckFailed(
                expected=f"{wanted} after {after}",
                actual=f"{found}: {wrong} is not as answered"
                if found
                else f"no todo with id {wanted['id']}; GET /todos lists {todos.all()}",
                help="It was answered 2xx. In which file was it at that moment, and is that file "
                "the one that the next start reads?"
                if found or after == RUNNING
                else of_lost(todos.server, wanted),
            )
    # By its title as well: SQLite may give its id to a new todo.
    gone = {name: deleted.get(name) for name in ("id", "title")}
    if any(gone.items() <= todo.items() for todo in todos.all()):
        raise CheckFailed(
            expected=f"the deleted todo {deleted['id']} is not listed after {after}",
            actual="it is listed again",
            help="DELETE was answered 2xx, and what it did was not kept.",
        )
