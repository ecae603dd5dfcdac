"""fix-25: the list needs as many statements for many todos as for few, and has all of them."""

from collections.abc import Iterable

from lab.answers import Todo
from lab.model import CheckFailed
from lab.verify.experiments.statements import growth_of_the_list
from lab.verify.todos import Todos

# By their names, those of one todo are not beside each other; and two todos have one of them.
TAGS = (["home", "today, or tomorrow"], ["shop"], ["home"])


def test_as_many_statements_for_more_todos(running: Todos) -> None:
    """GET /todos needs the same number of statements when it lists more todos."""
    found = growth_of_the_list(running)
    if found.many > found.few:
        raise CheckFailed(
            expected=f"GET /todos needs {found.few} statements, also when there are more todos",
            actual=str(found),
            help="It comes once for each todo. Who asks for it, and could it be asked for all of "
            "them at once?",
        )
    must_have(running, found.made, f"where there are {len(found.made)} todos")


def test_each_todo_has_its_own_tags(running: Todos) -> None:
    """The list shows the tags that each todo was made with, also after SIGKILL and a start."""
    made = [(running.create("Of the same title", tags=tags), tags) for tags in TAGS]
    must_have(running, made, "once they are made")
    for todo, _ in made:
        running.find(todo)  # which raises where it is an error now, as with lazy="raise"
    running.server.restart(kill=True)
    must_have(running, made, "after a restart")


def test_each_todo_is_listed_once(running: Todos) -> None:
    """The list has each todo once: that with two tags, and that with none."""
    two, none = running.create("two tags", tags=TAGS[0]), running.create("none", tags=[])
    listed = [todo["id"] for todo in running.all()]
    for made, has in ((two, "two tags"), (none, "no tags")):
        if (times := listed.count(made["id"])) != 1:
            raise CheckFailed(
                expected=f"the todo with {has} is in the list once",
                actual=f"it is there {times} times",
                help="Two tables in one SELECT give a row for each pair that fits. How many are "
                "there of two tags, and how many of none?",
            )


def test_the_list_follows_the_todos(running: Todos) -> None:
    """What was changed, deleted or made since the last list is so in the next one."""
    changed, gone = (running.create(title, tags=TAGS[1]) for title in ("to be changed", "to go"))
    running.all()
    for changes in running.by_request(title="changed"):
        running.update(changed, **changes)
        listed = [todo for todo in running.all() if todo["id"] == changed["id"]]
        if [todo.get("title") for todo in listed] != ["changed"]:
            raise CheckFailed(
                expected=f"the todo {changed['id']} in the list with its new title, 'changed'",
                actual=str(running.server.exchanges[-1]),
                help="Each list says how the todos are by then. From when is this one?",
            )
    if running.can_delete and running.server.delete(f"/todos/{gone['id']}").ok:
        made = running.create("made afterwards", tags=[])
        ids = [todo["id"] for todo in running.all()]
        if made["id"] != gone["id"] and gone["id"] in ids:
            raise CheckFailed(
                expected=f"the list without the todo {gone['id']}, which was deleted",
                actual=str(running.server.exchanges[-1]),
                help="Each list says how the todos are by then. From when is this one?",
            )
        if made["id"] in ids:  # whether it is, another check says
            must_have(running, [(made, [])], "after another one was deleted, which had tags")


def must_have(todos: Todos, made: Iterable[tuple[Todo, list[str]]], when: str) -> None:
    """Raise CheckFailed where the list shows other tags of a todo than its own."""
    listed = {todo["id"]: todo for todo in todos.all()}
    for todo, tags in made:
        found = listed.get(todo["id"], {})
        shown = found.get("tags")
        if not isinstance(shown, list) or sorted(map(str, shown)) != sorted(tags):
            raise CheckFailed(
                expected=f"in the list, todo {todo['id']} has the tags {tags} {when}",
                actual=f"tags = {shown!r}" if "tags" in found else f"no tags in {found}",
                help="The tags go from the body of the POST into a table, and from there into the "
                "answer. Where do those of this todo stay?",
            )
