"""fix-29: each todo is told once, with the comments that are its own."""

from collections.abc import Mapping, Sequence

from lab.answers import Title, Todo
from lab.model import CheckFailed
from lab.verify.experiments.comments import PATH, comment, commented
from lab.verify.todos import Todos

MANY = 30


def test_a_comment_is_there_as_soon_as_it_is_made(running: Todos) -> None:
    """Each todo shows the comment that it was given, before and after the next one gets its own."""
    first, second = running.create("Of the same title"), running.create("Of the same title")
    for todo, text in ((first, "on the first"), (second, "on the second")):
        comment(running, todo, text)
        must_show(running, {text: (todo, [text])}, "as soon as it was made")
    both = {"first": (first, ["on the first"]), "second": (second, ["on the second"])}
    must_show(running, both, "when both have one")


def test_a_todo_without_comments_is_told(running: Todos) -> None:
    """A todo that has no comments is there, with an empty list."""
    commented(running)  # of no todo at all, an empty list
    made = running.create("Without a comment")
    comment(running, running.create("With a comment"), "the comment")
    must_show(running, {"none": (made, [])}, "though it has none")


def test_the_list_follows_the_todos(running: Todos) -> None:
    """What was made, changed or deleted since the last list is so in the next one."""
    gone, stays = running.create("To be deleted"), running.create("To stay")
    for todo, text in ((gone, "of the deleted one"), (stays, "of the other one")):
        comment(running, todo, text)
    commented(running)
    made = running.create("Made since")
    must_show(running, {"made": (made, [])}, "after a list in which it could not be yet")
    comment(running, made, "of the last one")
    for changes in running.by_request(title="Changed since"):
        running.update(stays, **changes)
        stays = {**stays, **changes}
    # The id of the last one may come again.
    paths = [f"/todos/{todo['id']}" for todo in (gone, made)]
    if running.can_delete and all(running.server.delete(path).ok for path in paths):
        made = running.create("Made afterwards")
        must_show(running, {"made": (made, [])}, "after those were deleted that had comments")
    must_show(running, {"stays": (stays, ["of the other one"])}, "as it is by then")


def test_a_todo_with_several_comments_is_told_once(running: Todos) -> None:
    """A todo with three comments is there once, with all of them."""
    made, texts = running.create("With three"), ["one, or more", "two", "two"]
    comment(running, made, *texts)
    must_show(running, {"three": (made, texts)}, "with all three")


def test_comments_outlive_a_restart(todos: Todos) -> None:
    """After SIGKILL and a new start, each todo has the comments that it had before."""
    todos.server.start()
    made = todos.create("Made before a restart")
    comment(todos, made, "written before a restart")
    todos.server.restart(kill=True)
    must_show(todos, {"": (made, ["written before a restart"])}, "after a restart")


def test_thirty_todos_have_their_comments(running: Todos) -> None:
    """Of thirty todos each is there, with its own comment."""
    made = [running.create(f"Todo {number}") for number in range(MANY)]
    wanted = {}
    for number, todo in enumerate(made):
        comment(running, todo, f"on todo {number}")
        wanted[f"todo {number}"] = todo, [f"on todo {number}"]
    must_show(running, wanted, f"of {MANY}")


def must_show(todos: Todos, wanted: Mapping[str, tuple[Todo, Sequence[str]]], when: str) -> None:
    """Raise CheckFailed where a todo is not told once, with its title and these comments."""
    told = commented(todos)
    for todo, texts in wanted.values():
        of_its_id = [each for each in told if each.get("id") == todo["id"]]
        names = {"title", todos.server.resource.title}  # the task's word, or the app's own
        title = todo.get("title")
        if of_its_id and not any(Title(of_its_id[0].get(name)) == title for name in names):
            raise CheckFailed(
                expected=f"GET {PATH} has the todo {todo['id']} with its title, {title!r}",
                actual=str(of_its_id[0]),
                help="Which names does the task give to what a todo is told with? And from when is "
                "what this list has?",
            )
        shown = [each["comments"] for each in of_its_id]
        if [sorted(map(str, each)) for each in shown] != [sorted(texts)]:
            raise CheckFailed(
                expected=f"GET {PATH} has the todo {todo['id']} once, with {list(texts)}, {when}",
                actual=f"it is there {len(shown)} times, with {shown}"
                if shown
                else f"it is not among the {len(told)} todos there",
                help="Which rows does the query give, for a todo with several comments, with one, "
                "and with none? And where do the comments stay until then?",
            )
