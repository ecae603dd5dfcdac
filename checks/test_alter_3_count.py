"""alter-3: GET /todos/count"""

from typing import Any

from lab.answers import is_completed, many_in
from lab.model import AppFailed, CheckFailed, Exchange
from lab.verify.error_responses import explain
from lab.verify.experiments.many_todos import LIMIT, POSTS, make_many
from lab.verify.experiments.not_found import BODY, UNFIT
from lab.verify.todos import Todos, seen
from lab.workspace import databases

KEYS = ("total", "completed", "pending")


def test_counts_an_empty_table(running: Todos) -> None:
    """Without a single todo, all three counts are 0."""
    running.clear()
    counts(running, 0, 0, "with no todo at all")


def test_counts_what_was_made(running: Todos) -> None:
    """After some POSTs and PUTs the counts are right: total, completed, pending."""
    running.clear()
    made = [running.create(f"Todo {number}") for number in range(5)]
    counts(running, 5, 0, "after 5 POSTs")
    running.post(str(made[0]["title"]))
    counts(running, 6, 0, "after one more, of a title that is there already")
    running.update(made[0], completed=True)
    running.update(made[3], completed=True)
    counts(running, 6, 2, "after 2 of 6 were completed")
    if running.server.resource.by_change:  # an action might turn it round
        running.update(made[0], completed=True)
        counts(running, 6, 2, "after one of them was completed once more")
    running.update(made[3], completed=False)
    counts(running, 6, 1, "after 1 of them was made pending again")
    last = running.create("Completed from the start, where POST takes that", completed=True)
    done = running.find(last) or last
    counts(running, 7, 2 if done.get("completed") is True else 1, "after one more POST")


def test_counts_what_was_deleted(running: Todos) -> None:
    """After some DELETEs the counts are right, of completed todos and of pending ones."""
    running.clear()
    made = [running.create(f"Todo {number}") for number in range(4)]
    running.update(made[0], completed=True)
    running.update(made[1], completed=True)
    running.delete(made[0])
    counts(running, 3, 1, "after a completed todo was deleted")
    running.delete(made[2])
    counts(running, 2, 1, "after a pending todo was deleted too")
    running.delete(made[3])
    counts(running, 1, 1, "after the last pending one was deleted")
    running.server.delete(f"/todos/{made[3]['id']}")
    running.server.put(f"/todos/{made[3]['id']}", BODY)
    counts(running, 1, 1, "after a DELETE and a PUT of one that was deleted before")
    running.server.post("/todos", UNFIT)
    counts(running, 1, 1, "after a POST of what is no todo")


def test_counts_after_a_restart(running: Todos) -> None:
    """After the server was killed and started again, the counts are what they were."""
    running.clear()
    made = [running.create(f"Todo {number}") for number in range(3)]
    running.update(made[0], completed=True)
    counts(running, 3, 1, "before the restart")
    running.server.restart(kill=True)
    counts(running, 3, 1, "after the restart")


def test_counts_many(running: Todos) -> None:
    """With many todos all of them are counted, however many a list shows."""
    running.clear()
    many = make_many(running, "one of many", LIMIT)
    running.server.restart()
    if unaware(running):
        many = 1 + POSTS
        for number in range(POSTS):
            running.create(f"one of many, {number}")
    counts(running, many, 0, f"with {many} todos in the table")


def test_counts_the_own_todos(own: Todos) -> None:
    """In the workspace's own database, the todos that are listed are counted."""
    if not databases.find(own.server.folder):
        return
    try:
        own.server.start()
    except AppFailed:  # whether the app can use it at all is for fix-2
        return
    listed, answer = own.server.get("/todos"), own.server.get("/todos/count")
    todos, body = many_in(listed.json) if listed.ok else None, answer.json
    if not todos or not answer.ok or not isinstance(body, dict):
        return
    done = sum(map(is_completed, todos))
    # No more than that: the list may be cut into pages.
    for key, least in zip(KEYS, (len(todos), done, len(todos) - done), strict=True):
        if type(body.get(key)) is int and body[key] < least:
            raise CheckFailed(
                expected=f"{key} of at least {least}, as GET /todos lists",
                actual=f"{key} = {body[key]} in {body}",
                help="These todos were in your own database before there was a count. Is it made "
                "of the rows, or kept beside them, and from when on?",
            )


def unaware(todos: Todos) -> bool:
    """Whether what the lab has put into the table is not counted, and what was sent is.

    So it is where the app keeps its counts in a table, and writes both in one transaction.
    """
    return bool(todos.server.get("/todos/count").json == dict(zip(KEYS, (1, 0, 1), strict=True)))


def counts(todos: Todos, total: int, completed: int, when: str) -> None:
    """Raise CheckFailed where GET /todos/count answers with other numbers."""
    wanted = dict(zip(KEYS, (total, completed, total - completed), strict=True))
    before = list(todos.server.exchanges)
    answer = todos.server.get("/todos/count")
    body: Any = answer.json
    if not answer.ok or not isinstance(body, dict):
        raise CheckFailed(
            expected=f"GET /todos/count answers {wanted} {when}",
            actual=seen(answer),
            help=refused(answer, wanted),
        )
    for key, value in wanted.items():
        actual = body.get(key)
        if type(actual) is not int or actual != value:
            todos.must_have_written()
            todos.server.get("/todos/count")  # the last request is the one that is shown
            raise CheckFailed(
                expected=f"{key} = {value}, of {wanted}, {when}",
                actual=f"{key} = {body[key]!r} in {body}"
                if key in body
                else f"no {key!r} in {body}",
                help=advice(key, body, wanted) + kept(before, answer),
            )


def kept(before: list[Exchange], answer: Exchange) -> str:
    """One more question, where the answer is, to the letter, the one from before some writes."""
    asked = [number for number, each in enumerate(before) if each.path == "/todos/count"]
    since = before[asked[-1] :] if asked else []
    if not any(each.method != "GET" for each in since) or since[0].text != answer.text:
        return ""
    return " This is the very answer from before the last writes. Is it counted anew?"


def refused(answer: Exchange, wanted: dict[str, int]) -> str:
    """Return what an answer that is no count says about where to look."""
    if answer.status == 422 and "count" in answer.text:
        return (
            "'count' was taken for an id: another route took the request. Is there one for GET "
            "/todos/count? FastAPI tries the routes in the order in which they are declared."
        )
    if answer.status == 404 and not wanted["total"]:
        return "Without a todo there is still something to say: three times 0."
    if answer.status == 404:
        return "No route took the request, or one that looked for a todo called 'count'."
    if answer.ok:
        return (
            f"The status is right. The task asks for a JSON object with {', '.join(KEYS)}, and "
            "the answer is something else."
        )
    if answer.crash and 0 in wanted.values():
        none = ", ".join(key for key, value in wanted.items() if not value)
        return f"{explain(answer)} These should be 0: {none}. What does that line get instead?"
    return explain(answer)


def advice(key: str, body: dict[str, Any], wanted: dict[str, int]) -> str:
    """Return what the wrong value that was seen says about where to look."""
    if key not in body:
        return absent(key, body, wanted)
    actual, value = body[key], wanted[key]
    if actual is None:
        return "null: that is what SUM makes of no rows at all. COUNT makes 0 of them."
    if type(actual) is not int:
        return "A count is an integer: no text, no fraction, no true or false."
    total, completed, pending = (body.get(each) for each in KEYS)
    swapped = (completed, pending) == (wanted["pending"], wanted["completed"])
    if swapped and completed == total:
        return (
            "Every pending todo counts as completed. Have the two each other's number, or is "
            "something counted that every row has?"
        )
    if swapped:
        return "completed and pending have each other's number."
    if key == "completed" and actual == total:
        return "Every todo is counted as completed. What is counted: rows, or true ones?"
    if key == "pending" and actual == total:
        return "Every todo is counted as pending, completed ones too."
    if key == "pending" and actual == 0:
        return "Not one counts as pending. What has `completed` in the row of a pending todo?"
    if key == "completed" and actual == 0:
        return "Not one counts as completed. What is `completed` compared with?"
    if key == "total" and actual > value:
        return (
            f"That is {actual - value} too many: GET /todos lists {value}. Is something counted "
            "that is no todo there, or is a todo counted more than once?"
        )
    if key == "total" and 0 < actual < value:
        return (
            "Some are left out. What is counted: every row, the first so many of them, or only "
            "what differs in something?"
        )
    if actual < 0:
        return "A count is never below 0. What is taken away from what?"
    return f"It should be {value}. What exactly is counted for {key!r}?"


def absent(key: str, body: dict[str, Any], wanted: dict[str, int]) -> str:
    """Return what it says that a key is not in the answer."""
    inner = [name for name, value in body.items() if isinstance(value, dict) and key in value]
    if inner:
        return f"{key!r} is one level too deep, inside {inner[0]!r}."
    if other := [name for name in body if name not in KEYS]:
        return f"The object has {', '.join(map(repr, other))}. The task gives the names."
    if not wanted[key] and all(each in body for each in KEYS if wanted[each]):
        return f"{key!r} is left out where there is none. 0 is a count, too."
    return f"The object has no {key!r}. The task names its three keys."
