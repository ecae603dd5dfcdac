"""persist: what was written over HTTP is there after a restart, however the server ended."""

import signal
from collections.abc import Iterator

from lab.answers import Title, Todo
from lab.model import AppFailed, CheckFailed
from lab.verify.diagnosis import of_burst, of_changed, of_lost, of_returned
from lab.verify.experiments.further_requests import do_the_rest, still_done
from lab.verify.experiments.many_todos import copy_last_row
from lab.verify.experiments.titles import in_letters
from lab.verify.experiments.whole_todos import change_whole, make_whole
from lab.verify.todos import Todos, kept, seen
from lab.workspace.operations import Request

RUNNING = "the writes, with the server still running"
LATER = "a stop, a start and one more POST"
TERMINATED = "SIGTERM, as a service is stopped by, and a start"
LONG = 9_999  # an id that no table has counted up to
KILLED = "one more POST, SIGKILL and a start"


def test_survives_a_stop(running: Todos) -> None:
    """What was made, changed and deleted is so after the server was stopped and started again."""
    expected, deleted = write_some(running)
    whole = [*make_whole(running), *change_whole(running)]
    done = do_the_rest(running)
    if done and len(now := running.whole(expected)) == len(expected):
        expected = [kept(todo) for todo in now]  # of those, too, it may have changed something
    before = running.all()
    running.server.restart(by=signal.SIGINT)
    compare(running, expected, deleted, "a stop and a start")
    still_done(running, done)
    found = [todo for each in whole if (todo := running.find(each))]
    agree(running, found, whole, "a stop and a start")
    still_listed(running, before)
    running.create("Made after the start")
    compare(running, expected, [], LATER)
    take_back(running, expected[2])
    if running.can_delete:
        delete_what_was_listed(running, expected[0])
    # Whether two todos may have one title is left open.
    both = of_one_title(running)
    if has_numbers(running, expected[1]):
        running.server.is_fork = False
    running.server.restart()
    compare(running, [expected[1], *both], [], TERMINATED)
    survives_a_kill_as_well(running, expected[1])


def test_survives_a_kill(running: Todos) -> None:
    """What was made, changed or deleted just before the server was killed is so afterwards."""
    expected, deleted = write_some(running)
    running.server.end_with_success()
    answer = running.post("Made before the kill")
    running.server.restart(kill=True)
    last = running.made(answer)
    made = {"id": last["id"], "title": "Made before the kill"}
    compare(running, [*expected, made], deleted, "SIGKILL right after a POST")

    for changes in running.by_request(title="Changed before the kill", completed=True):
        running.server.end_with_success()
        running.update(last, **changes)
        running.server.restart(kill=True)
        made |= {"id": last["id"], **changes}
    expected.append(made)
    compare(running, expected, deleted, "SIGKILL right after a PUT")

    if running.can_delete:
        running.server.end_with_success()
        running.delete(last)
        running.server.restart(kill=True)
        compare(running, expected[:-1], [*deleted, last], "SIGKILL right after a DELETE")


def test_survives_a_kill_in_a_burst(running: Todos) -> str | None:
    """Of a burst of writes that SIGKILL cuts short, each that was answered is there."""
    before = [running.create(f"There before {in_letters(number)}") for number in range(10)]

    def writes() -> Iterator[Request]:
        for number in range(5000):
            yield "POST", "/todos", {"title": f"Burst write {in_letters(number)}"}
            if number < len(before) and running.can_update(title="Changed"):
                body = {"title": f"Changed in burst {in_letters(number)}", "completed": True}
                yield "PUT", f"/todos/{before[number]['id']}", body

    burst = running.server.kill_during(writes(), answers=40)
    answered = [done for done in burst if done.ok]
    if not answered:
        raise CheckFailed(
            expected="a burst of POST /todos and PUT /todos/{id} is answered",
            actual="not one write of the burst was answered with 2xx",
            help="Each write works alone. Look at what several at the same time share.",
        )
    running.server.start()
    listed = {todo.get("title") for todo in running.all()}
    lost = []
    for done in answered:
        # A list may be cut into pages: what it lacks is asked for by its id.
        title, todo = Title(done.sent["title"]), running.told(done)
        if title not in listed:
            found = running.find(todo) if todo else None
            if not found or found.get("title") != title:
                lost.append(done)
    if lost:
        raise CheckFailed(
            expected=f"after SIGKILL, all {len(answered)} writes of the burst that had a 2xx",
            actual=f"{len(lost)} of them lost, such as {running.asked(lost[0])} {lost[0].sent}",
            help=of_burst(running.server, [done.sent["title"] for done in lost]),
        )
    refused = [done for done in burst if done.status >= 500]
    if not refused:
        return None
    return (
        f"What was answered 2xx is there. But of {len(burst)} writes from four clients at once "
        f"{len(refused)} failed, such as {refused[0].method} {refused[0].path}: {seen(refused[0])}"
    )


def write_some(todos: Todos) -> tuple[list[Todo], list[Todo]]:
    """Make, change and delete, as far as the app can: (the todos as they are then, the deleted).

    Of todos that the app has made itself, the first one goes too, where it may: no start brings it
    back.
    """
    made = [todos.create("Made at first")]
    # What comes with a later one of ours may have the highest id, which SQLite would give again.
    there = [todo for todo in todos.all() if todo["id"] != made[0]["id"]][:1]
    made.append(todos.create("To be changed"))
    gone_by_now = [todos.create("To be deleted")] if todos.can_delete else []
    # Not the deleted one last: SQLite may give its id to the next.
    made.append(todos.create("To be completed"))
    wanted = [{"id": todo["id"], "title": todo["title"]} for todo in made]
    if todos.server.resource.completed:
        wanted = [{**each, "completed": False} for each in wanted]
    for which, changes in ((1, {"title": "Changed after all"}), (2, {"completed": True})):
        if todos.can_update(**changes):
            todos.update(made[which], **changes)
            wanted[which] |= {"id": made[which]["id"], **changes}
    for todo in gone_by_now:
        todos.delete(todo)
    before = [kept(todo) for todo in todos.whole(wanted)]
    agree(todos, before, wanted, RUNNING)
    if todos.can_delete:
        gone_by_now += [t for t in there if todos.server.delete(f"/todos/{t['id']}").ok]
    gone(todos, gone_by_now, RUNNING)
    return before, gone_by_now


def of_one_title(todos: Todos) -> list[Todo]:
    """Make two todos with one title, and return both; none where the app refuses that."""
    body = {"title": "There are two of it"}
    answers = [todos.server.post("/todos", body), todos.server.post("/todos", body)]
    told = [todo for answer in answers if answer.ok and (todo := todos.told(answer))]
    ids = [todo["id"] for todo in told]
    return [{"id": id, **body} for id in ids] if len({*ids}) == len(answers) else []


def has_numbers(todos: Todos, made: Todo) -> bool:
    """Whether an id, or a file's name, may be made of what each process has for itself.

    As of its parent's number, of an address or a hash: forks of one process have the same.
    """
    names = (path.stem for path in todos.server.databases())
    is_long = isinstance(made["id"], int) and made["id"] > LONG
    return is_long or any(char.isdigit() for name in names for char in name)


def survives_a_kill_as_well(todos: Todos, before: Todo) -> None:
    """Raise CheckFailed where a SIGKILL takes what was there when the server was last stopped.

    Or what came after it; or where a start leaves the first of many todos out.
    """
    made = todos.create("Made after a stop")
    # Of what a list leaves out where there are many, nobody would know that it is there.
    copies = copy_last_row(todos) if todos.can_read_one else 0
    try:
        todos.server.restart(kill=True)
    except AppFailed:
        if copies:  # which the app has not made itself
            return
        raise
    if copies and not todos.server.get("/todos").ok:
        return
    many = f", with {copies} copies of its row" if copies else ""
    compare(todos, [before, {"id": made["id"], "title": made["title"]}], [], KILLED + many)


def take_back(todos: Todos, completed: Todo) -> None:
    """Raise CheckFailed where a completed todo is answered as pending again, and is not when read.

    Whether it may be taken back is left open.
    """
    if not completed.get("completed") or not todos.can_update(completed=False):
        return
    answer = todos.reopen(completed)
    told = todos.told(answer) if answer.ok else None
    if told and told.get("completed") is False:
        wanted = {"id": completed["id"], "completed": False}
        for found in todos.whole([wanted]):
            if found.get("completed"):
                raise CheckFailed(
                    expected=f"{todos.asked(answer)} has done what it answers: {told}",
                    actual=f"GET shows {found}",
                    help="Was the answer read from the row, or made of what was sent? And what "
                    "does the function do with a value that is false?",
                )


def delete_what_was_listed(todos: Todos, listed: Todo) -> None:
    """Delete a todo that this server has listed, and raise CheckFailed where it still does."""
    todos.delete(listed)
    if listed["id"] in [todo["id"] for todo in todos.all()]:
        raise CheckFailed(
            expected="a todo is not listed any more once its DELETE was answered 2xx",
            actual=f"GET /todos lists the todo {listed['id']}, as it did before the DELETE",
            help="Is the row gone? Then does the list ask the database each time, or is it kept?",
        )


def compare(todos: Todos, expected: list[Todo], deleted: list[Todo], after: str) -> None:
    """Raise CheckFailed where the API has other todos than these."""
    agree(todos, todos.whole(expected), expected, after)
    gone(todos, deleted, after)


def still_listed(todos: Todos, before: list[Todo]) -> None:
    """Raise CheckFailed where a todo that can be read by its id is listed no more.

    So it does where its title is written another way.
    """
    now = {todo["id"]: todo for todo in todos.all()}
    if missing := [todo for todo in before if todo["id"] not in now]:
        raise CheckFailed(
            expected=f"GET /todos lists after a start what it listed before: {len(before)} todos",
            actual=f"it lists {len(now)} of them, without the todo {missing[0]['id']}",
            help="The todo itself is there, under its id. What does the list ask for, that was so "
            "before the start and is not so any more?",
        )
    for todo in before:
        was, title = (str(each.get("title")) for each in (todo, now[todo["id"]]))
        if title != was:  # how an API writes a title is left open, and not that it stays so
            raise CheckFailed(
                expected=f"title = {was!r} after a stop and a start, letter by letter",
                actual=f"title = {title!r} in {now[todo['id']]}",
                help="Nobody has asked to change this todo. What does a start do to the rows that "
                "it finds?",
            )


def agree(todos: Todos, have: list[Todo], expected: list[Todo], after: str) -> None:
    """Raise CheckFailed where an expected todo is missing or differs in an expected field."""
    by_id = {todo["id"]: todo for todo in have}
    for wanted in expected:
        found = by_id.get(wanted["id"])
        if found is None:
            listed = todos.all()
            raise CheckFailed(
                expected=f"{wanted} after {after}",
                actual=f"no todo with id {wanted['id']}; GET /todos lists {listed}",
                help=lost(todos, wanted, listed, after),
            )
        # An answer without what has its default leaves out false.
        told = {"completed": False, **found}
        wrong = [name for name in wanted if told.get(name) != wanted[name]]
        if wrong:
            raise CheckFailed(
                expected=f"{wrong[0]} = {wanted[wrong[0]]!r} after {after}",
                actual=f"{wrong[0]} = {found.get(wrong[0])!r} in {found}",
                help=changed(todos, wrong[0], wanted, found, expected, after),
            )


def lost(todos: Todos, wanted: Todo, listed: list[Todo], after: str) -> str:
    """Return what the rest that is there, and the files, say about a todo that is not."""
    same = [todo for todo in listed if "title" in wanted and todo.get("title") == wanted["title"]]
    if same and same[0].get("id") != wanted["id"]:
        return (
            f"The todo is there, as id {same[0].get('id')}. A client finds it by the id that it "
            "was given. Where does the id come from, and is it kept?"
        )
    if after == RUNNING:
        return "It was answered 2xx. Was it made final in the database, before the answer?"
    if after == LATER:
        return "It was there after the start. What else does a POST do, but add a row?"
    return of_lost(todos.server, wanted)


def changed(
    todos: Todos, name: str, wanted: Todo, found: Todo, expected: list[Todo], after: str
) -> str:
    """Return what another value in a field says about where to look."""
    if name == "created_at":
        return (
            "It is another moment than the one that was answered before. When is it decided: once, "
            "when the todo is made, or anew at each answer or each start? And where is it kept?"
        )
    if after == LATER:
        return (
            "After the start it was right: the POST has written over it. Where does a new todo's "
            "id come from, and does that know of the todos from before the start?"
        )
    others = [todo for todo in expected if todo["id"] != found["id"]]
    if name == "title" and any(todo.get("title") == found.get("title") for todo in others):
        return (
            "That is the title of another todo. Which rows does a change touch? And where does an "
            "id come from?"
        )
    if name == "title" and after != RUNNING:
        return of_changed(todos.server, wanted["title"])
    if after != RUNNING:
        return (
            f"With the server still running it was {wanted[name]!r}. Was that in the file by then? "
            "Or does a start change it?"
        )
    return "The change was answered 2xx. Was it made final in the database, before the answer?"


def gone(todos: Todos, deleted: list[Todo], after: str) -> None:
    """Raise CheckFailed where a deleted todo is still listed."""
    ids = [todo["id"] for todo in deleted]
    back = [todo for todo in todos.all() if todo.get("id") in ids]
    if back:
        raise CheckFailed(
            expected=f"the deleted todo is not listed after {after}",
            actual=f"GET /todos lists it: {back[0]}",
            help="DELETE was answered 2xx. Was the deletion made final in the database?"
            if after == RUNNING
            else of_returned(todos.server, back[0]),
        )
