"""fix-32: clients who come at one instant, however many, are all answered."""

from contextlib import suppress

from lab.appserver.refused_writes import NoTable, refusing
from lab.model import CheckFailed, DatabaseLocked
from lab.verify.experiments.crowd import CROWD, Standstill, crowd, must_answer, standing
from lab.verify.experiments.not_found import BODY, UNFIT, path_of_none
from lab.verify.todos import Todos
from lab.workspace.operations import Request

READERS = 400
FEW = 20  # more than a pool has connections
NO_CROWD = 10  # fewer than that


def test_a_crowd_of_readers_is_answered(todos: Todos) -> None:
    """Of 400 clients who read at one instant, each is answered, and sees what is there."""
    todos.server.start()
    made = todos.create("There before the crowd")
    requests: list[Request] = [("GET", "/todos", None)]
    if todos.can_read_one:
        requests.append(("GET", f"/todos/{made['id']}", None))
    alone = {request[1]: todos.server.request(*request).text for request in requests}
    for answer in must_answer(todos, requests * (READERS // len(requests))):
        if made["title"] not in answer.text and made["title"] in alone[answer.path]:
            raise CheckFailed(
                expected=f"{answer.method} {answer.path} shows the todo that is there",
                actual=str(answer),
                help="Who is answered without what is there, has been turned away.",
            )


def test_a_crowd_of_writers_is_answered(todos: Todos) -> None:
    """Of many clients who create a todo at one instant, each is answered 2xx, and its todo kept."""
    todos.server.start()
    clients = [f"Made by client {number}" for number in range(CROWD)]
    answers = must_answer(todos, [("POST", "/todos", {"title": title}) for title in clients])
    made = [todos.made(answer) for answer in answers]
    titles = [answer.sent["title"] for answer in answers]
    there = [todo.get("title") for todo in todos.present(made)]
    if lost := [title for title in titles if there.count(title) != 1]:
        raise CheckFailed(
            expected=f"each of {len(titles)} new todos is there once: its POST was answered 2xx",
            actual=f"{lost[0]!r} is there {there.count(lost[0])} times",
            help="Who answers, and who knows whether the todo is in the database by then?",
        )


def test_a_crowd_of_changes_is_answered(todos: Todos) -> None:
    """Of many clients who change a todo each at one instant, each is answered 2xx, and has it.

    At that instant others come, who list, make and read: turns of their own for each kind of
    request are that many more.
    """
    todos.server.start()
    if not todos.can_update(title="changed"):
        raise todos.no_way("changes a todo")
    made = [todos.create("Changed first")]
    todos.update(made[0], title="Changed alone")
    body = todos.server.exchanges[-1].sent
    for number in range(0, CROWD, NO_CROWD):
        titles = [f"Number {each}" for each in range(number, number + NO_CROWD)]
        answers = todos.server.at_once([("POST", "/todos", {"title": title}) for title in titles])
        made += map(todos.made, answers)
    changes = {todo["id"]: {**body, "title": f"Changed {todo['id']}"} for todo in made}
    requests: list[Request] = []
    for id, change in changes.items():
        one, title = f"/todos/{id}", f"Made beside {id}"
        requests += [("PUT", one, change), ("GET", "/todos", None)]
        requests.append(("POST", "/todos", {"title": title}))
        requests += [("GET", one, None)] if todos.can_read_one else []
    answers = must_answer(todos, requests)
    changed = {answer.path for answer in answers if answer.method == "PUT"}
    for todo in todos.present([todo for todo in made if f"/todos/{todo['id']}" in changed]):
        title = changes[todo["id"]]["title"]
        if todo.get("title") != title:
            raise CheckFailed(
                expected=f"the todo {todo['id']} is {title!r}, as its PUT was answered 2xx",
                actual=f"the list has {todo}",
                help="Who answers, and who knows whether the change is in the database by then?",
            )


def test_who_fails_gives_back_what_it_took(todos: Todos) -> None:
    """After many requests that have failed, with 404, 422 or 500, others are still answered."""
    todos.server.start()
    missing = path_of_none(todos.create("To be listed"))
    failing: list[Request] = [
        ("GET", missing, None),
        ("PUT", missing, BODY),
        ("POST", "/todos", UNFIT),
    ]
    must_come_to_an_end(todos, failing * FEW)
    with suppress(NoTable, DatabaseLocked), refusing(todos.server):
        must_come_to_an_end(todos, [("POST", "/todos", {"title": "Refused"})] * FEW)
    must_answer(todos, [("GET", "/todos", None)] * FEW)


def must_come_to_an_end(todos: Todos, requests: list[Request]) -> None:
    """Raise CheckFailed where some of these requests at one instant are never answered."""
    found = crowd(todos, requests)
    if isinstance(found, Standstill):
        raise standing(found, "requests that fail, and give back what they took")
