"""fix-14: the database server may end connections, and no request pays for it."""

from lab.model import CheckFailed, Exchange
from lab.verify.todos import Todos

AT_ONCE = 5


def test_the_next_request_is_answered(todos: Todos) -> None:
    """After the database server has ended the app's connections, the next GET and POST work."""
    todos.server.start()
    made = todos.create("made before the drop")
    todos.server.drop_connections()
    answered(todos.server.get("/todos"))
    todos.server.drop_connections()
    answered(todos.server.post("/todos", {"title": "made after the drop"}))
    todos.server.drop_connections()
    answered(todos.server.get(f"/todos/{made['id']}"))


def test_requests_at_once_are_answered(todos: Todos) -> None:
    """After the connections of several requests have ended, as many at once are all answered."""
    todos.server.start()
    todos.create("made before the drop")
    many = [("GET", "/todos", None)] * AT_ONCE
    todos.server.at_once(many)
    todos.server.drop_connections()
    for answer in todos.server.at_once(many):
        answered(answer)


def test_nothing_is_done_twice(todos: Todos) -> None:
    """A todo that is made right after the drop is there once."""
    todos.server.start()
    todos.all()
    todos.server.drop_connections()
    todos.create("made right after the drop")
    times = sum(todo.get("title") == "made right after the drop" for todo in todos.all())
    if times != 1:
        raise CheckFailed(
            expected="the todo is in the list once",
            actual=f"it is there {times} times",
            help="A write that is tried again may have been done the first time already.",
        )


def answered(answer: Exchange) -> None:
    """Raise CheckFailed where the answer is an error of the server's."""
    if answer.status < 500:
        return
    raise CheckFailed(
        expected=f"{answer.method} {answer.path} is answered after the connections have ended",
        actual=f"{answer.status}: {answer.crash}" if answer.crash else str(answer),
        help="The pool lent a connection that had ended meanwhile. What could it do before?",
    )
