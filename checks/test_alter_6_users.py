"""alter-6: users with an e-mail of their own, and todos that belong to one of them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

from lab.answers import Todo, many_in, one_in
from lab.model import CheckFailed, Exchange
from lab.verify.error_responses import explain
from lab.verify.todos import Todos, seen
from lab.workspace import databases

User = dict[str, Any]
REFUSED = {404, 409, 422}


def test_users_are_made_and_listed(running: Todos) -> None:
    """POST /users makes a user with an id, GET /users lists all of them, over a restart."""
    made = [user(running, "ada@example.com"), user(running, "grace@example.com")]
    listed(running, made, "after two POSTs")
    running.server.restart(kill=True)
    listed(running, made, "after a restart")


def test_an_email_is_taken_once(running: Todos) -> None:
    """A second user with the same e-mail gets a 409, and is not made."""
    ada = user(running, "ada@example.com")
    answer = running.server.post("/users", {"email": "ada@example.com"})
    if answer.status != 409:
        raise CheckFailed(
            expected="409 for a POST /users with an e-mail that another user has",
            actual=seen(answer),
            help="The database has refused it, and the client should hear so: what does commit() "
            "raise?"
            if answer.crash
            else "Who is to notice that it is there already?"
            if answer.ok
            else "It was refused. Which status tells a client of a conflict with what is there?",
        )
    listed(running, [ada, user(running, "grace@example.com")], "after an e-mail was refused")
    same = [one for one in users(running) if one.get("email") == "ada@example.com"]
    if len(same) != 1:
        raise CheckFailed(
            expected="one user with the e-mail that was sent twice",
            actual=f"GET /users lists {len(same)} of them",
            help="It was answered with 409. Was it stored all the same?",
        )


def test_the_table_refuses_a_second_one(todos: Todos) -> None:
    """The table of the users itself allows each e-mail once."""
    todos.server.start()
    user(todos, "ada@example.com")
    files = todos.server.databases()
    todos.server.stop()
    places = [place for path in files for place in email_columns(path)]
    if any(unique(*place) for place in places):
        return
    for path, table, column in places:
        raise CheckFailed(
            expected=f"a table that allows each {column} once",
            actual=f"the table {table} of {path.name} takes any number of the same",
            help="Two requests at the same moment both look, find nobody, and both "
            "insert. Only the table can tell them apart.",
        )
    raise CheckFailed(
        expected="a table with the e-mail of the user that was made",
        actual="no table of the app's database holds it",
        help="Where are the users kept?",
    )


def test_a_todo_belongs_to_a_user(running: Todos) -> None:
    """A todo made with a user_id shows it, where it is made, read and listed, over a restart."""
    ada, grace = user(running, "ada@example.com"), user(running, "grace@example.com")
    hers = owned(running, "hers", ada)
    belongs(hers, ada, "the answer to POST /todos")
    other = owned(running, "another's", grace)
    belongs_everywhere(running, [(hers, ada), (other, grace)])
    running.server.restart(kill=True)
    belongs_everywhere(running, [(hers, ada), (other, grace)])
    if not running.can_update(title="changed"):
        return
    # Whose it is after a PUT that names nobody is left open; that the answer says so is not.
    running.update(owned(running, "to be changed", ada), title="changed")
    told = running.told(running.server.exchanges[-1])
    if told and "title" in told and "user_id" not in told:
        raise CheckFailed(
            expected="a user_id in the answer to PUT, which shows the todo",
            actual=f"{told}",
            help="What a client gets back is decided by the response schema.",
        )


def test_a_todo_may_belong_to_nobody(running: Todos) -> None:
    """A todo without a user_id is made, listed, changed and deleted as before."""
    made = running.create("nobody's")
    running.update(made, title="still nobody's", completed=True)
    found = running.find(made)
    if not found or found.get("title") != "still nobody's":
        raise CheckFailed(
            expected="a todo without a user_id can be changed",
            actual=f"{found}",
            help="The task lets a user_id be left out. What does PUT make of such a todo?",
        )
    if found.get("user_id") is not None:
        raise CheckFailed(
            expected="no user_id for a todo that was made without one",
            actual=f"user_id = {found['user_id']!r} in {found}",
            help="Nobody has said whose it is. Where does this value come from?",
        )
    running.delete(made)


def test_a_user_must_be_there(running: Todos) -> None:
    """A todo for a user that nobody is gets a 404, 409 or 422, and is not made."""
    gone, ada = user(running, "joan@example.com"), user(running, "ada@example.com")
    was_there = [gone["id"]] if running.server.delete(f"/users/{gone['id']}").ok else []
    # Two clients at once leave two connections, and a PRAGMA may have been sent on one of them.
    post, read = ("POST", "/todos", {"title": "beside a reader"}), ("GET", "/users", None)
    running.server.interleave(post, "write", read)
    is_number = isinstance(ada["id"], int)
    missing = ada["id"] + 4711 if is_number else str(uuid4())
    # Once more on the other connection; 0 is a user_id as well, which Python takes for false.
    zero = [0] if is_number else []
    for nobody in (missing, missing, *zero, *was_there):
        answer = running.server.post("/todos", {"title": "an orphan", "user_id": nobody})
        if answer.status not in REFUSED:
            raise CheckFailed(
                expected=f"404, 409 or 422 for a todo of user {nobody}, who is not there",
                actual=seen(answer),
                help=not_refused(answer, nobody),
            )
    if any(todo.get("title") == "an orphan" for todo in running.all()):
        raise CheckFailed(
            expected="a todo that was refused is not there",
            actual=f"GET /todos lists it: {running.server.exchanges[-1]}",
            help="The answer was right, and came too late: it was stored before.",
        )
    hers = owned(running, "hers", ada)
    # Whether PUT takes a user_id is left open: what it makes of one that nobody has is not.
    body = {"title": "given away", "completed": False, "user_id": missing}
    running.server.put(f"/todos/{hers['id']}", body)
    if any(todo.get("user_id") == missing for todo in running.present([hers])):
        raise CheckFailed(
            expected="no todo that points to a user who is not there, after a PUT either",
            actual=f"{running.present([hers])[0]}, and no user has the id {missing}",
            help="POST is not the only request that sets a user_id. Who looks, whichever it is: "
            "your code, or the database? SQLite looks at foreign keys only where it was asked to.",
        )


def test_no_todo_outlives_its_user(running: Todos) -> None:
    """A user with todos is not deleted, or the todos go along: none points to nobody."""
    grace = user(running, "grace@example.com")
    other = owned(running, "another's", grace)
    for email, is_done in (("ada@example.com", False), ("joan@example.com", True)):
        owner = user(running, email)
        hers = [owned(running, title, owner) for title in ("hers", "hers as well")]
        if is_done and running.can_update(completed=True):
            for todo in hers:
                running.update(todo, completed=True)
        must_go_together(running, owner, hers)
    belongs_everywhere(running, [(other, grace)])


def test_a_user_without_todos_can_go(running: Todos) -> None:
    """DELETE removes a user who has no todos."""
    ada, grace = user(running, "ada@example.com"), user(running, "grace@example.com")
    ok(running.server.delete(f"/users/{ada['id']}"), "removes a user without todos")
    listed(running, [grace], "after the other one was deleted")
    if any(one.get("id") == ada["id"] for one in users(running)):
        raise CheckFailed(
            expected="a user who was deleted is not listed",
            actual=seen(running.server.exchanges[-1]),
            help="DELETE answered 2xx. Is the deletion made final?",
        )


def not_refused(answer: Exchange, nobody: object) -> str:
    """Return what another answer to a todo of a user who is not there says about where to look."""
    if answer.crash:
        return (
            "The database has refused it, and the client should hear so: what does commit() raise?"
        )
    if not answer.ok:
        return "It was refused, with a status that the task does not name."
    if nobody == 0:
        return (
            "An id that is too high was refused, and 0 was taken. Which test in your code tells "
            "a user_id that was left out from one that was sent? Think of what Python takes for "
            "false."
        )
    return (
        "It was taken. Is there a foreign key? SQLite looks at it only where it is asked, by each "
        "connection anew."
    )


def user(todos: Todos, email: str) -> User:
    """POST a user: the user that came back. Raises CheckFailed."""
    answer = todos.server.post("/users", {"email": email})
    ok(answer, "makes a user")
    made = one_in(answer.json)
    if made is None or made.get("email") != email:
        raise CheckFailed(
            expected=f"POST /users answers with an id and the email {email}",
            actual=seen(answer),
            help="What a client gets back is decided by the response schema.",
        )
    return made


def users(todos: Todos) -> list[User]:
    """GET /users."""
    answer = todos.server.get("/users")
    ok(answer, "lists the users")
    found = many_in(answer.json)
    if found is None:
        raise CheckFailed(
            expected="GET /users answers with a list of users",
            actual=seen(answer),
            help="The answer is no JSON list, and no object that holds one.",
        )
    return found


def listed(todos: Todos, made: list[User], when: str) -> None:
    """Raise CheckFailed where a user is not listed."""
    have = [(one.get("id"), one.get("email")) for one in users(todos)]
    for one in made:
        if (one["id"], one["email"]) not in have:
            raise CheckFailed(
                expected=f"GET /users lists {one['email']} with id {one['id']} {when}",
                actual=seen(todos.server.exchanges[-1]),
                help="POST /users answered 2xx. Is the user in the database, and final?",
            )


def must_go_together(running: Todos, owner: User, hers: list[Todo]) -> None:
    """Raise CheckFailed where a user whose todos these are goes, and one points to nobody."""
    answer = running.server.delete(f"/users/{owner['id']}")
    if not answer.ok and answer.status != 409:
        raise CheckFailed(
            expected="409, or a 2xx, for a DELETE of a user who has todos",
            actual=seen(answer),
            help=explain(answer) if answer.crash else "There is such a user. Is there a DELETE?",
        )
    there = [one for one in users(running) if one.get("id") == owner["id"]]
    if answer.ok and there:
        raise CheckFailed(
            expected="a user whose DELETE was answered with a 2xx is gone",
            actual=f"GET /users lists {there[0]}",
            help="Is the deletion made final?",
        )
    if not answer.ok:
        if not there:
            raise CheckFailed(
                expected="a user whose DELETE was refused is still there",
                actual=seen(running.server.exchanges[-1]),
                help="The answer says no, and the user is gone.",
            )
        belongs_everywhere(running, [(todo, owner) for todo in hers])
    orphans = [todo for todo in running.present(hers) if todo.get("user_id") == owner["id"]]
    if answer.ok and orphans:
        raise CheckFailed(
            expected="no todo that points to a user who is gone",
            actual=f"{orphans[0]}, and no user has the id {owner['id']}",
            help="Who looks after the todos when their user goes: your code, or the database? "
            "SQLite looks at foreign keys only where it was asked to.",
        )


def owned(todos: Todos, title: str, owner: User) -> Todo:
    """POST a todo of this user."""
    return todos.create(title, user_id=owner["id"])


def belongs(todo: Todo, owner: User, where: str) -> None:
    """Raise CheckFailed where a todo shows another user_id."""
    if todo.get("user_id") == owner["id"]:
        return
    raise CheckFailed(
        expected=f"user_id {owner['id']!r} in {where}",
        actual=f"{todo}",
        help="What a client gets back is decided by the response schema."
        if "user_id" not in todo
        else "The client's value got lost on its way: create schema, model, table. Where?",
    )


def belongs_everywhere(todos: Todos, pairs: list[tuple[Todo, User]]) -> None:
    """Raise CheckFailed where GET one or the list shows another user_id, or no todo."""
    for todo, owner in pairs:
        found = [todos.find(todo), *todos.present([todo])]
        for one, where in zip(found, (f"GET /todos/{todo['id']}", "GET /todos"), strict=False):
            if one is None:
                raise CheckFailed(
                    expected=f"the todo with id {todo['id']}",
                    actual=seen(todos.server.exchanges[-1]),
                    help="It is not there any more, and its user is.",
                )
            belongs(one, owner, where)


def ok(answer: Exchange, does: str) -> None:
    """Raise CheckFailed where the answer is no 2xx."""
    if answer.ok:
        return
    missing = answer.status in {404, 405} and not answer.crash
    raise CheckFailed(
        expected=f"{answer.method} {answer.path} {does}",
        actual=seen(answer),
        help=f"There is no {answer.method} at this address yet: it is yours to write."
        if missing
        else explain(answer),
    )


def email_columns(path: Path) -> Iterator[tuple[Path, str, str]]:
    """Yield the columns of a file in which the user's e-mail stands, each with its table.

    It may stand beside what was sent, in small letters, and in a table that logs who came.
    """
    for table in databases.tables(path):
        found = databases.rows(path, table)
        for name, *values in zip(found.columns, *found.rows, strict=True):
            if "ada@example.com" in (str(value).casefold() for value in values):
                yield path, table, name


def unique(path: Path, table: str, column: str) -> bool:
    """Whether the table allows each value of the column once."""
    return any(set(columns) <= {column, ""} for columns in databases.unique(path, table))
