"""fix-3: after every kind of request, every connection is back in the pool."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import urlencode

from lab.answers import Todo
from lab.appserver.discovery.openapi import Document, inside
from lab.appserver.discovery.values import value_for
from lab.appserver.probe_events import Connection, Event, crash_of
from lab.known_errors import lacks_connection
from lab.model import CheckFailed, Exchange, Frame, NoAnswer
from lab.verify.database_use import must_use_sqlalchemy
from lab.verify.experiments.not_found import BODY, UNFIT, path_of_none
from lab.verify.experiments.refused_write import refused_write
from lab.verify.todos import Todos
from lab.workspace.operations import Request

PARAMETER = re.compile(r"{[^}]*}")
KNOWN = {
    *(("get", "/todos"), ("post", "/todos")),
    *(("get", "/todos/{}"), ("put", "/todos/{}"), ("delete", "/todos/{}")),
}
CROWD = 60  # more than the 40 threads that FastAPI has
POOL_TIMEOUT = 0.2  # seconds: who waits in an `async def` holds up all others, one by one


def test_reading_gives_back(uncollected: Todos) -> None:
    """After GET of the list and of one todo no connection stays checked out."""
    made = watch(uncollected, "To be read")
    returned(uncollected, uncollected.server.exchanges[-1])
    for path in ("/todos", f"/todos/{made['id']}"):
        returned(uncollected, uncollected.server.get(path))


def test_writing_gives_back(uncollected: Todos) -> None:
    """After POST, PUT and DELETE no connection stays checked out."""
    made = watch(uncollected, "To be changed and deleted")
    returned(uncollected, uncollected.server.exchanges[-1])
    if uncollected.can_update(title="Changed"):
        uncollected.update(made, title="Changed")
        returned(uncollected, uncollected.server.exchanges[-1])
    if uncollected.can_delete:
        uncollected.delete(made)
        returned(uncollected, uncollected.server.exchanges[-1])


def test_failing_gives_back(uncollected: Todos) -> None:
    """After requests that fail, with 404 or 422, no connection stays checked out."""
    made = watch(uncollected, "To be left alone")
    missing = path_of_none(made)
    failing: list[Request] = [
        ("GET", missing, None),
        ("PUT", missing, BODY),
        ("DELETE", missing, None),
        ("GET", "/todos/no-number", None),
        ("POST", "/todos", UNFIT),
        ("PUT", f"/todos/{made['id']}", UNFIT),
        ("DELETE", "/todos/no-number", None),
    ]
    known = uncollected.server.connections_out()  # what POST has kept is the matter of other checks
    for request in failing:
        returned(uncollected, uncollected.server.request(*request), known)


def test_a_refused_write_gives_back(uncollected: Todos) -> None:
    """After a write that the database refused, no connection stays checked out."""
    watch(uncollected, "To be listed")
    known = uncollected.server.connections_out()  # what POST keeps is the matter of other checks
    answer = refused_write(uncollected)
    if out := more_than(known, uncollected):
        raise CheckFailed(
            expected="no connection checked out after a POST that the database refused",
            actual=f"{len(out)} still checked out after {answer.status}",
            help="An error of the database is no HTTPException. Which errors leave your dependency "
            "with its session closed?",
        )


def test_everything_else_gives_back(uncollected: Todos) -> None:
    """After whatever else the app's OpenAPI document offers, no connection stays checked out."""
    made = watch(uncollected, "For the other routes")
    for request in other_requests(uncollected, made):
        try:
            answer = uncollected.server.request(*request)
        except NoAnswer:
            # It is not over, as that of a stream of events never is: it may keep what it has.
            uncollected.server.restart(kill=True)
            continue
        returned(uncollected, answer)


def test_many_at_once_give_back(todos: Todos) -> str | None:
    """After 40 requests at the same time no connection stays checked out."""
    todos.server.collect = False
    todos.server.pool_timeout = POOL_TIMEOUT  # where all have leaked, nobody need wait for 30 s
    todos.server.start()
    made = watch(todos, "For many")
    kinds: list[Request] = [("GET", "/todos", None), ("GET", path_of_none(made), None)]
    known = todos.server.connections_out()
    answers = todos.server.at_once(kinds * 20)
    if out := more_than(known, todos):
        failed = sum(answer.status >= 500 for answer in answers)
        raise CheckFailed(
            expected=f"0 connections checked out after {len(answers)} requests at once",
            actual=f"{len(out)} still checked out"
            + taken(out[0].frame)
            + (f"; {failed} of the requests were answered with 500" if failed else ""),
            help="Each of these connections was taken for a request that is over. The pool has no "
            "more than it has: who waits for one in vain, gets a 500.",
        )
    return starved(todos)


def starved(todos: Todos) -> str | None:
    """In words, what more requests at once than FastAPI has threads have seen of a small pool.

    None where they went through, and where no more is known than that they took their time.
    """
    since = len(todos.server.events)
    try:
        answers = todos.server.at_once([("GET", "/todos", None)] * CROWD)
    except NoAnswer:
        return None
    in_vain = [each for each in answers if each.status >= 500]
    todos.server.settle()
    events = todos.server.events.all()[since:]
    first = next((n for n, each in enumerate(events) if gave_up(each)), None)
    if first is None:
        return None
    before = [each["event"] for each in events[:first]]
    if "checkin" in before:
        return None  # connections came back meanwhile: the machine was slow
    return (
        f"Every connection comes back. But of {CROWD} requests for the list at one instant "
        f"{len(in_vain)} were answered 500: they waited for one of the {before.count('checkout')} "
        f"connections of the pool, and in {POOL_TIMEOUT:g} s not one came back. FastAPI has 40 "
        "threads for what is no `async def`, and who waits in one keeps it; who waits in an `async "
        "def` keeps all the others. What does a request need to give its connection back?"
    )


def gave_up(event: Event) -> bool:
    """Whether a request ended since the pool had no connection for it in time."""
    crash = crash_of(event["crash"]) if event["event"] == "done" else None
    return crash is not None and lacks_connection(crash)


def watch(todos: Todos, title: str) -> Todo:
    """Make a todo, in sessions of SQLAlchemy that no garbage collector closes by luck."""
    made = todos.create(title)
    must_use_sqlalchemy(todos.server)
    return made


def returned(todos: Todos, answer: Exchange, known: Sequence[Connection] = ()) -> None:
    """Raise CheckFailed where a connection is still checked out after this request.

    Those that are `known` to be out already are not this request's.
    """
    out = more_than(known, todos)
    if not out:
        return
    raise CheckFailed(
        expected=f"0 connections checked out after {answer.method} {answer.path}",
        actual=f"{len(out)} still checked out after {answer.status}" + taken(out[0].frame),
        help=kept(out[0], answer),
    )


def more_than(known: Sequence[Connection], todos: Todos) -> list[Connection]:
    """Return the connections that are out now and were not when the others were known to be."""
    numbers = {connection.number for connection in known}
    return [each for each in todos.server.connections_out() if each.number not in numbers]


def taken(frame: Frame | None) -> str:
    """Where a connection was taken, as far as it is known."""
    return f", taken at {frame}" if frame else ""


def kept(connection: Connection, answer: Exchange) -> str:
    """Return what a connection that is out says about where to look."""
    if connection.frame and connection.frame.function == "<module>":
        return "It was taken when the app was imported, and all requests share it, for ever."
    when = "the request has failed" if answer.status >= 400 else "the request is over"
    if connection.frame:
        return (
            f"The session or connection that this line uses is still open, now that {when}. Which "
            "line should close it, and does it run? Or is it one that all requests share?"
        )
    return (
        "No line of yours took it: after a commit a session reads a todo again by itself, for the "
        f"answer, say. That session is still open, now that {when}. Which line should close it, "
        "and does it run? Or is it one that all requests share?"
    )


def other_requests(todos: Todos, made: Todo) -> list[Request]:
    """Return requests for each operation that the other checks leave out.

    What is about a todo is asked for one that is not there as well, and what reads, once with each
    parameter that its query may have. What deletes comes last.
    """
    found: list[Request] = []
    none = path_of_none(made).removeprefix("/todos/")
    document = todos.server.document()
    for path, methods in document.paths():
        place = PARAMETER.sub("{}", path).rstrip("/")
        ids = (made["id"], none) if "{" in path else (made["id"],)
        for method in ("get", "post", "put", "patch", "delete"):
            if method in methods and (method, place) not in KNOWN:
                body = None if method in ("get", "delete") else BODY
                found += [(method.upper(), PARAMETER.sub(str(id), path), body) for id in ids]
        filled = PARAMETER.sub(str(made["id"]), path)
        asked = queries(document, inside(methods, "get"))
        found += [("GET", f"{filled}?{query}", None) for query in asked]
    return sorted(found, key=lambda request: request[0] == "DELETE")


def queries(document: Document, operation: Mapping[str, object]) -> Iterator[str]:
    """Yield a query for each parameter that an operation may have there, with that one alone."""
    parameters = operation.get("parameters")
    for each in parameters if isinstance(parameters, list) else ():
        if inside({"": each}, "").get("in") == "query":
            name = str(each.get("name"))
            value = value_for(document, each.get("schema"), name)
            if value is not None:
                yield urlencode({name: json.dumps(value) if isinstance(value, bool) else value})
