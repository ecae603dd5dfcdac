"""fix-33: what is answered with a 2xx is committed by then, or its client hears that it failed."""

from concurrent.futures import wait
from contextlib import suppress
from functools import partial

from lab.answers import Todo
from lab.appserver.at_once import threads
from lab.appserver.locked import being_read
from lab.appserver.refused_writes import NoTable, refusing_changes, refusing_the_second
from lab.model import CheckFailed, Exchange, NotApplicable
from lab.verify.database_use import must_not_lock, must_use_sqlalchemy
from lab.verify.experiments.killed_at_answer import is_there, killed_at_answer
from lab.verify.experiments.not_found import BODY, UNFIT, path_of_none
from lab.verify.experiments.refused_write import refused_write
from lab.verify.todos import Todos, seen
from lab.workspace.operations import Request

AFTER = "after a SIGKILL in the moment in which the answer was out, and a start"
TOO_LATE = (
    "What makes it final, and has that run when the answer goes out? A kill does not wait for it."
)
WHO_HEARS = (
    "commit() raises where the database is locked. Who hears of that error, and has the answer "
    "been made by then?"
)
REFUSED = "refused at its commit"
PATIENCE = 8.0  # seconds for a COMMIT that waits: SQLite's own five, and some more


def test_what_was_made_is_there(running: Todos) -> None:
    """A todo is there when the process is killed the moment that its POST is answered 2xx."""
    answer = killed_at_answer(running, lambda: running.post("made before the kill"))
    if not is_there(running, answer):
        raise CheckFailed(
            expected=f"the todo whose POST was answered {answer.status}, {AFTER}",
            actual="it is not there",
            help=TOO_LATE,
        )


def test_what_was_changed_is_so(running: Todos) -> None:
    """A todo is changed when the process is killed the moment that its PUT is answered 2xx."""
    made = running.create("to be changed")
    if running.server.resource.by_change and running.can_update(completed=True):
        alone = {"completed": True}  # which an app may refuse, and which may go another way
        path = f"/todos/{made['id']}"
        if killed_at_answer(running, lambda: running.server.put(path, alone)).ok:
            must_be_so(running, made, alone)
    changes = {"title": "changed before the kill", "completed": True}
    for asked in running.by_request(**changes) or [changes]:
        killed_at_answer(running, partial(running.update, made, **asked))
        must_be_so(running, made, asked)


def test_what_was_deleted_is_gone(running: Todos) -> None:
    """A todo is gone when the process is killed the moment that its DELETE is answered 2xx."""
    made = running.create("to be deleted")
    killed_at_answer(running, lambda: running.delete(made))
    if running.present([made]):
        raise CheckFailed(
            expected=f"no todo {made['id']}, {AFTER}", actual="it is there again", help=TOO_LATE
        )


def test_a_refused_commit_is_told(todos: Todos) -> None:
    """Where the database refuses the COMMIT of a POST, the answer is no 2xx, and no todo is there.

    Somebody reads, so that the statement goes through and its COMMIT does not. Where an app has
    more patience than the lab, or a write-ahead log, it commits: then the todo has to be there.
    """
    todos.server.start()
    todos.create("made before")
    answer = sent_while_read(todos, "POST", "/todos", {"title": REFUSED})
    texts = (text for file in todos.server.texts().values() for text in file)
    there = any(REFUSED in text.casefold() for text in texts)  # for others than the app itself
    if answer.ok != there:
        raise CheckFailed(
            expected="no 2xx for a todo whose COMMIT the database refused, and no such todo",
            actual=f"{seen(answer)}, and the todo is {'there' if there else 'not there'}",
            help=WHO_HEARS,
        )


def test_a_refused_change_is_told(todos: Todos) -> None:
    """Where the database refuses the COMMIT of a PUT, the answer is no 2xx."""
    todos.server.start()
    made = todos.create("to be changed")
    body = {"title": REFUSED, "completed": True}
    answer = sent_while_read(todos, "PUT", f"/todos/{made['id']}", body)
    todos.server.restart(kill=True)
    has = any(todo.get("title") == REFUSED for todo in todos.present([made]))
    must_be_told(answer, "PUT", has)


def test_a_refused_deletion_is_told(todos: Todos) -> None:
    """Where the database refuses the COMMIT of a DELETE, the answer is no 2xx."""
    todos.server.start()
    made = todos.create("to be deleted")
    if not todos.can_delete:
        raise todos.no_way("deletes a todo")
    answer = sent_while_read(todos, "DELETE", f"/todos/{made['id']}")
    todos.server.restart(kill=True)
    must_be_told(answer, "DELETE", not todos.present([made]))


def test_a_request_that_fails_changes_nothing(running: Todos) -> None:
    """After a request that is answered 404, 422 or 500, every todo is as it was before."""
    made = running.create("to be left alone")
    own, nowhere = f"/todos/{made['id']}", path_of_none(made)
    failing: list[Request] = [
        ("POST", "/todos", UNFIT),
        ("PUT", nowhere, BODY),
        ("DELETE", nowhere, None),
        ("PUT", own, {"title": "changed", "completed": "perhaps"}),
        ("PUT", own, {"title": "", "completed": True}),
        ("PUT", own, {"title": " ", "completed": True}),
    ]
    for request in failing:
        before = listed(running)
        must_be_as_before(running, before, running.server.request(*request))
    own = f"/todos/{running.create('to be changed as a whole')['id']}"
    before = listed(running)
    with suppress(NotApplicable):  # of what no SQLite table has, nothing is refused
        must_be_as_before(running, before, refused_write(running))
    with suppress(NoTable), must_not_lock():
        with refusing_the_second(running.server):
            refused = running.server.put(own, {"title": "changed", "completed": True})
        must_be_as_before(running, before, refused)
        before = listed(running)
        with refusing_changes(running.server):
            refused = running.server.post("/todos", {"title": "written, and written again"})
        must_be_as_before(running, before, refused)


def test_a_session_is_closed_either_way(uncollected: Todos) -> None:
    """After a POST, a 404 and a write that the database refuses, no connection stays out."""
    made = uncollected.create("the only one")
    must_use_sqlalchemy(uncollected.server)
    must_give_back(uncollected, uncollected.server.exchanges[-1])
    must_give_back(uncollected, uncollected.server.get("/todos"))
    for changes in uncollected.by_request(title="changed", completed=True):
        uncollected.update(made, **changes)
        must_give_back(uncollected, uncollected.server.exchanges[-1])
    for method in ("GET", "PUT", "DELETE"):
        body = BODY if method == "PUT" else None
        must_give_back(uncollected, uncollected.server.request(method, path_of_none(made), body))
    with suppress(NotApplicable):
        must_give_back(uncollected, refused_write(uncollected))
    if uncollected.can_delete:
        uncollected.delete(made)
        must_give_back(uncollected, uncollected.server.exchanges[-1])


def sent_while_read(todos: Todos, method: str, path: str, body: Todo | None = None) -> Exchange:
    """Send a request while somebody reads the database, so that no COMMIT goes through.

    What comes after the answer is refused as well. Raises NotApplicable where there is no file.
    """
    todos.server.settle()
    files = [path for path in todos.server.databases() if path.exists()]
    if not files:
        raise NotApplicable("a database file in which a COMMIT can be refused", "none")

    def sent() -> Exchange:
        (answer,) = todos.server.at_once([(method, path, body)])  # which waits longest
        todos.server.settle(PATIENCE)
        return answer

    with must_not_lock(), being_read(files) as let_go, threads(1) as pool:
        answered = pool.submit(sent)
        wait([answered], PATIENCE)
        let_go()
        return answered.result()


def must_be_told(answer: Exchange, method: str, has_effect: bool) -> None:
    """Raise CheckFailed where the answer to a request is a 2xx and nothing came of it, or not."""
    if answer.ok != has_effect:
        raise CheckFailed(
            expected=f"no 2xx for a {method} whose COMMIT the database refused, and no effect",
            actual=f"{seen(answer)}, and after a SIGKILL and a start "
            f"{'it is so' if has_effect else 'nothing of it is so'}",
            help=WHO_HEARS,
        )


def must_be_so(todos: Todos, made: Todo, asked: Todo) -> None:
    """Raise CheckFailed where a todo is not as a request has asked for that was answered 2xx."""
    found = next(iter(todos.whole([{"id": made["id"], **asked}])), {})
    if {name: found.get(name) for name in asked} != asked:
        raise CheckFailed(
            expected=f"the todo {made['id']} with {asked}, {AFTER}",
            actual=f"it is {found or 'not there'}",
            help=TOO_LATE,
        )


def listed(todos: Todos) -> list[Todo]:
    """Return what no request that fails may change of the todos."""
    names = ("id", "title", "completed")
    return [{name: todo.get(name) for name in names} for todo in todos.all()]


def must_be_as_before(todos: Todos, before: list[Todo], answer: Exchange) -> None:
    """Raise CheckFailed where a request has failed, and a todo is another one than before."""
    if not answer.ok and (after := listed(todos)) != before:
        raise CheckFailed(
            expected=f"every todo as it was, after {todos.asked(answer)} was answered "
            f"{answer.status}: {before}",
            actual=str(after),
            help="Part of what this request was to do was committed: before it failed, or in spite "
            "of that. What is below your commit that can still fail, and does it run after errors?",
        )


def must_give_back(todos: Todos, answer: Exchange) -> None:
    """Raise CheckFailed where a connection is still checked out after this request."""
    if out := todos.server.connections_out():
        raise CheckFailed(
            expected=f"0 connections checked out after {todos.asked(answer)}",
            actual=f"{len(out)} still checked out after {seen(answer)}",
            help="Who commits before the answer closes, too, also where it comes to no commit. "
            "Which line closes this session, and does it run?",
        )
