"""fix-5: a request that fails harms no other, and each request works in a session of its own."""

from lab.model import CheckFailed, Exchange
from lab.verify.experiments.refused_write import refused_write
from lab.verify.todos import Todos, seen


def test_reads_after_a_failed_write(todos: Todos) -> None:
    """After a write that the database refused, the todos are listed as before."""
    fail(todos)
    healthy(todos.server.get("/todos"))


def test_writes_after_a_failed_write(todos: Todos) -> None:
    """After a write that the database refused, the next one is made and lasts."""
    fail(todos)
    healthy(todos.server.post("/todos", {"title": "made after the failure"}))
    todos.server.restart(kill=True)
    titles = [todo.get("title") for todo in todos.all()]
    if "made after the failure" not in titles:
        raise CheckFailed(
            expected="the todo made after the failure, also after a SIGKILL and a start",
            actual=f"the titles {titles}",
            help="It was answered 2xx. What had become of its session by then?",
        )


def test_each_request_has_its_own(todos: Todos) -> None:
    """No request works in a session that was opened for another one, or at the start."""
    todos.server.start()
    made = todos.create("read and changed")
    todos.all()
    todos.find(made)
    if todos.can_update(title="changed"):
        todos.update(made, title="changed")
    if todos.can_delete:  # whether it is deleted is for persist
        todos.server.delete(f"/todos/{made['id']}")
    todos.server.settle()
    shared = working_in_anothers(todos)
    if shared:
        raise CheckFailed(
            expected="for each request a session that is opened for it, and closed after it",
            actual=f"{shared[0]} works in a session that was opened before it",
            help="Where does your code open its session: in what runs once, or for each request?",
        )


def fail(todos: Todos) -> None:
    """Make a todo, then send one that the database refuses."""
    todos.server.start()
    todos.create("made before the failure")
    refused_write(todos)


def healthy(answer: Exchange) -> None:
    """Raise CheckFailed where the request failed."""
    if not answer.ok:
        raise CheckFailed(
            expected=f"{answer.method} {answer.path} works, whatever became of the one before",
            actual=seen(answer),
            help="A session that has failed stays so until somebody rolls it back or closes it."
            if answer.crash and answer.crash.kind == "PendingRollbackError"
            else "The write before this one was refused by the database. What has it left behind "
            "that this request meets?",
        )


def working_in_anothers(todos: Todos) -> list[str]:
    """Return the requests that sent SQL, or closed, in a session that they had not opened."""
    requests: dict[int | None, str] = {}
    openers: dict[int | None, int | None] = {}  # who opened each session
    open_ones: set[int | None] = set()
    found: list[str] = []
    for event in todos.server.events.all():
        number = event.get("request")
        match event["event"]:
            case "request":
                requests[number] = f"{event['method']} {event['path']}"
            case "session_opened":
                openers[event["session"]] = number
                open_ones.add(event["session"])
            case "session_closed":
                # One that was closed before is good for another request: it opens itself anew.
                open_ones.discard(event["session"])
                if openers.get(event["session"], number) != number and number in requests:
                    found.append(requests[number])
            case "sql" if number in requests and event["session"] in open_ones:
                if openers[event["session"]] != number:
                    found.append(requests[number])
    return found
