"""alter-2: GET /todos?completed=..."""

from lab.answers import Todo, is_completed, many_in
from lab.model import CheckFailed
from lab.verify.experiments.many_todos import make_many
from lab.verify.todos import Todos, require_2xx


def test_lists_all_without_the_parameter(running: Todos) -> None:
    """Without ?completed, all todos are listed, whatever was asked for before."""
    done, pending = mixed(running)
    running.server.get("/todos?completed=false")
    before = many_in(running.server.get("/todos?completed=true").json) or []
    ids = {todo["id"] for todo in running.all()}
    missing = [todo for todo in done + pending if todo["id"] not in ids]
    if missing:
        raise CheckFailed(
            expected=f"GET /todos lists all {len(done + pending)} todos",
            actual=f"{len(ids)} listed; missing are the ids {[todo['id'] for todo in missing]}, "
            + kinds(missing, done),
            help="When the client does not send the parameter, what value has it in your function?"
            if ids != {todo.get("id") for todo in before}
            else "These are the todos of ?completed=true, which was the request before. When the "
            "client does not send the parameter, what value has it in your function, and whence?",
        )


def test_filters_by_true(running: Todos) -> None:
    """?completed=true lists only what is completed."""
    done, _ = mixed(running)
    only(running, "true", done)


def test_filters_by_false(running: Todos) -> None:
    """?completed=false lists only what is pending."""
    _, pending = mixed(running)
    only(running, "false", pending)


def test_looks_at_every_todo(running: Todos) -> None:
    """The filter looks at all todos, also where there are many of the other kind between."""
    running.clear()
    # Whichever end the list begins at, one of the two comes after all that is pending.
    wanted = [running.create_completed("Completed, and the first")]
    pending = make_many(running, "pending")
    wanted.append(running.create_completed("Completed, and the last"))
    ids = {todo["id"] for todo in wanted}
    before = {todo["id"] for todo in running.all("?completed=true")}
    running.server.restart()  # what is done is in the table, and not known to a process alone
    listed = {todo["id"] for todo in running.all("?completed=true")}
    if listed < ids <= before:
        raise CheckFailed(
            expected="2 todos that are completed, after a restart as before it",
            actual=count(len(listed)),
            help="Before the restart both were listed. What does the filter look at: the row, or "
            "something that the process has kept?",
        )
    if listed < ids:
        raise CheckFailed(
            expected=f"2 todos, the first and the last of {pending + 2}, the only ones that are "
            "completed",
            actual=count(len(listed)),
            help=f"Between them come {pending} pending ones. If a short list is filtered well: is "
            "something cut off before the filter sees it?",
        )
    only(running, "true", wanted)
    if len(running.all()) == pending + len(wanted):  # else it is cut into pages, as this one may be
        listed_pending = len(running.all("?completed=false"))
        if listed_pending != pending:
            raise CheckFailed(
                expected=f"{pending} todos that are pending: GET /todos lists all "
                f"{pending + len(wanted)}",
                actual=count(listed_pending),
                help="What does the filtered list do that the whole one does not? Is it cut off, "
                "or does it take some todos for the same?",
            )


def test_follows_changes(running: Todos) -> None:
    """A todo that is completed, made pending again or deleted leaves its list at once."""
    running.clear()
    pending = [running.create(f"Pending {number}") for number in range(3)]
    done = [running.create_completed(f"Completed {number}") for number in range(2)]
    only(running, "true", done)
    only(running, "false", pending)
    running.update(pending[0], completed=True)
    running.update(done[0], completed=False)
    only(running, "true", [pending[0], *done[1:]])
    only(running, "false", [done[0], *pending[1:]])
    running.delete(pending[0])
    running.delete(pending[1])
    only(running, "true", done[1:])
    only(running, "false", [done[0], *pending[2:]])


def test_lists_nothing_where_there_is_nothing(running: Todos) -> None:
    """Where no todo is completed, ?completed=true answers with an empty list."""
    running.clear()
    made = running.create("Pending")
    only(running, "true", [])
    running.delete(made)
    running.create_completed("Completed")
    only(running, "false", [])


def test_keeps_the_shape(running: Todos) -> None:
    """A filtered list has the same shape, and the same todos in it, as the whole list."""
    mixed(running)
    whole = running.server.get("/todos")
    require_2xx(whole, "lists todos")
    by_id = {todo["id"]: todo for todo in many_in(whole.json) or [] if "id" in todo}
    for value in ("true", "false"):
        part = running.server.get(f"/todos?completed={value}")
        require_2xx(part, "lists some of the todos")
        if shape(part.json) != shape(whole.json):
            raise CheckFailed(
                expected=f"?completed={value} answers with {shape(whole.json)}, as GET /todos does",
                actual=f"{shape(part.json)}: {part}",
                help="Only which todos are listed should change, not how.",
            )
        for todo in many_in(part.json) or []:
            first = by_id.get(todo.get("id"), todo)
            if todo != first and differs(running, first, todo, value):
                raise CheckFailed(
                    expected=f"the same todo as in GET /todos: {first}",
                    actual=f"?completed={value} has {todo}",
                    help="Only which todos are listed should change, not how.",
                )


def mixed(todos: Todos) -> tuple[list[Todo], list[Todo]]:
    """Two completed todos and three pending ones, and no other.

    The one was completed after it was made, the other was made so where POST can say it. One of
    the pending ones has the title of a completed one.
    """
    todos.clear()
    pending = [todos.create(f"Pending {number}") for number in range(2)]
    later = todos.create_completed("Completed later")
    twin = todos.create("Completed later")
    if twin["id"] == later["id"]:  # an app that has each title once, and says so in no answer
        todos.delete(twin)
        later, twin = todos.create_completed("Completed at last"), todos.create("Pending 2")
    pending.append(twin)
    return [later, made_completed(todos, "completed from the start")], pending


def made_completed(todos: Todos, title: str) -> Todo:
    """POST a completed todo; where POST cannot say so, or takes no notice, complete it then."""
    resource = todos.server.resource
    if resource.create.carries(resource.completed):
        answer = todos.server.post("/todos", {"title": title, "completed": True})
        if answer.ok:
            made = todos.made(answer)
            if not is_completed(made):
                todos.update(made, completed=True)
            return made
    return todos.create_completed(title)


def only(todos: Todos, value: str, expected: list[Todo]) -> None:
    """Raise CheckFailed where ?completed=value lists other todos than the expected ones."""
    listed = todos.all(f"?completed={value}")
    word = "completed" if value == "true" else "pending"
    alien = [todo for todo in listed if is_completed(todo) is not (value == "true")]
    if alien:
        todos.must_have_written()
        todos.all(f"?completed={value}")  # the last request is the one that is shown
        raise CheckFailed(
            expected=f"{count(len(expected))}, all {word}"
            if expected
            else f"no todo: none of them is {word}",
            actual=f"{count(len(listed))}; not {word}: ids {[todo.get('id') for todo in alien]}",
            help=not_filtered(todos, value, listed, alien)
            if expected
            else f"No todo is {word} here, so there is nothing to list. Which filter let these by?",
        )
    ids = [todo["id"] for todo in listed]
    wanted = [todo["id"] for todo in expected]
    missing = [id for id in wanted if id not in ids]
    extra = [id for id in ids if id not in wanted]
    if missing or len(ids) != len(wanted):
        todos.must_have_written()
        todos.all(f"?completed={value}")
        raise CheckFailed(
            expected=f"{count(len(expected))}, all {word}: ids {wanted}",
            actual=f"{count(len(listed))}: ids {ids}",
            help=misses(word, ids, missing, extra),
        )


def not_filtered(todos: Todos, value: str, listed: list[Todo], alien: list[Todo]) -> str:
    """Return what todos of the other kind in a filtered list say about where to look."""
    other = "false" if value == "true" else "true"
    if alien == listed:
        return (
            f"These are todos that ?completed={other} should list. Which value does your code "
            f"get for {value}, and what does it compare it with?" + answered_before(todos, other)
        )
    filtered = todos.server.get(f"/todos?completed={other}")
    found = many_in(filtered.json) if filtered.ok else None
    works = found is not None and all(is_completed(t) is (other == "true") for t in found)
    todos.server.get(f"/todos?completed={value}")  # the last request is the one that is shown
    if works and found:
        return (
            f"?completed={other} is filtered, ?completed={value} is not. Which test in your code "
            f"lets {other} through and not {value}? Think of what Python takes for false."
        )
    whole = todos.all()
    todos.server.get(f"/todos?completed={value}")  # the last request is the one that is shown
    ids = [[todo.get("id") for todo in some] for some in (whole, listed, found or ())]
    if not ids[0] == ids[1] == ids[2]:
        return (
            f"Of {count(len(whole))} in the whole list, {len(listed)} came for {value} and "
            f"{'no list' if found is None else len(found)} for {other}. By what are they chosen?"
        )
    return (
        "GET /todos lists the same: neither true nor false changes it. Print `completed` in the "
        "function that should answer: is it printed at all, and is it a bool? And does the query "
        "that is executed depend on it?"
    )


def differs(todos: Todos, first: Todo, filtered: Todo, value: str) -> bool:
    """Whether a filtered todo is another than in the whole list, where that one stays the same.

    An age, say, is another one in each answer, filtered or not.
    """
    again = todos.server.get("/todos")
    by_id = {todo.get("id"): todo for todo in many_in(again.json) or []}
    todos.server.get(f"/todos?completed={value}")  # the last request is the one that is shown
    second = by_id.get(first["id"], first)
    names = {
        name for name in {*first, *filtered} if first.get(name, ...) != filtered.get(name, ...)
    }
    return any(first.get(name, ...) == second.get(name, ...) for name in names)


def answered_before(todos: Todos, other: str) -> str:
    """One more question, where the last answer is, to the letter, one to the `other` value."""
    last = todos.server.exchanges[-1]
    asked = [each for each in todos.server.exchanges if each.path == f"/todos?completed={other}"]
    if not asked or asked[-1].text != last.text:
        return ""
    return f" Or is this the answer to ?completed={other}, kept without the query that it was for?"


def kinds(missing: list[Todo], done: list[Todo]) -> str:
    """Which of the todos are missing, in a word."""
    completed = [todo for todo in missing if todo in done]
    if not completed:
        return "all pending"
    return "all completed" if completed == missing else "pending ones and completed ones"


def misses(word: str, ids: list[object], missing: list[object], extra: list[object]) -> str:
    """Return what a wrong set of todos says about where to look."""
    if missing and not ids:
        return (
            f"Nothing was listed. By the last answers of the API {word}: ids {missing}. What "
            "exactly does the query compare, and with which value?"
        )
    if missing and len(ids) == 1 and not extra:
        return f"One was listed. As well {word}: ids {missing}. Is it only the first of them?"
    if missing:
        return (
            f"Left out, and {word} by the last answers of the API: ids {missing}. What leaves "
            "todos out: something before the filter, or an older list that is kept somewhere?"
        )
    if extra:
        return (
            f"Deleted by now: ids {extra}. Does GET /todos alone leave them out? Then what does it "
            "do that the filtered list does not?"
        )
    return "A todo is listed more than once."


def count(number: int) -> str:
    """Return the number with its word."""
    return f"{number} todo" if number == 1 else f"{number} todos"


def shape(body: object) -> str:
    """Return the kind of a JSON answer, in words."""
    if isinstance(body, dict):
        return f"an object with {', '.join(sorted(body))}"
    return "a list" if isinstance(body, list) else f"a {type(body).__name__}"
