"""fix-28: the database is on the volume, and outlives the folder that the code is in."""

from lab.answers import Todo
from lab.model import CheckFailed
from lab.verify.experiments.deployments import deployed
from lab.verify.experiments.killed_at_answer import is_there
from lab.verify.todos import Todos, kept


def test_todos_outlive_deployments(todos: Todos) -> None:
    """What was made, changed and deleted before a deployment is so after it, and after the next."""
    with deployed(todos) as deploy:
        gone = todos.create("Deleted before a deployment")
        made = todos.create("Made before a deployment")
        changed = todos.create("To be changed")
        for changes in todos.by_request(title="Changed before a deployment", completed=True):
            todos.update(changed, **changes)
        if todos.can_delete:
            todos.delete(gone)
        before = todos.present([made, changed, gone])
        for after in ("a deployment", "the second deployment"):
            todos.server.stop()
            deploy()
            must_be_as(todos, before, after)
            if todos.can_delete:
                must_be_gone(todos, gone)
            before += todos.present([todos.create("Made before the second deployment")])


def test_todos_outlive_a_deployment_after_a_kill(todos: Todos) -> None:
    """What was made before the server was killed is there after the deployment."""
    with deployed(todos) as deploy:
        made = todos.present([todos.create("Made before a kill")])
        todos.server.end_with_success()
        last = todos.post("Made in the moment of a kill")
        deploy()
        must_be_as(todos, made, "a kill, and the deployment that followed")
        if not is_there(todos, last):
            raise CheckFailed(
                expected="the todo that was made last, after a kill in the moment in which the "
                "answer was out, and a deployment",
                actual="it is not there",
                help="What has to be done until it is on the volume, and has that been done when "
                "the answer goes out?",
            )


def test_todos_outlive_an_image_with_a_database(todos: Todos) -> None:
    """What was made before a deployment is there after it where the image has its own todos.db."""
    todos.server.start()
    titles = ["In the image, and to be changed", "In the image, and to be deleted"]
    for title in titles:
        todos.create(title)
    todos.server.stop()
    with deployed(todos, with_databases=True) as deploy:
        made = todos.create("Made before a deployment")
        # An empty volume may begin with those of the image: from then on they are the volume's.
        begun = [todo for title in titles for todo in todos.all() if todo.get("title") == title]
        for changed in begun[:1]:
            for changes in todos.by_request(title="Changed before a deployment", completed=True):
                todos.update(changed, **changes)
        gone = begun[1:] if todos.can_delete else []
        for todo in gone:
            todos.delete(todo)
        before = todos.present([made, *begun[:1]])
        todos.server.stop()
        deploy()
        must_be_as(todos, before, "the deployment of an image that has a todos.db of its own")
        for todo in gone:
            must_be_gone(todos, todo)


def test_the_variable_says_where_the_volume_is(todos: Todos) -> None:
    """Where TODOS_DATA names another folder, the todos outlive a deployment there."""
    with deployed(todos, "another-volume") as deploy:
        made = todos.present([todos.create("Made on another volume")])
        todos.server.stop()
        deploy()
        must_be_as(todos, made, f"a deployment with TODOS_DATA={todos.server.volume}")


def test_it_starts_without_the_variable(todos: Todos) -> None:
    """Started by hand, without TODOS_DATA, the app keeps its todos over a restart."""
    todos.server.start()
    made = todos.present([todos.create("Made by hand")])
    todos.server.restart()
    must_be_as(todos, made, "a restart without TODOS_DATA")


def must_be_gone(todos: Todos, gone: Todo) -> None:
    """Raise CheckFailed where a todo is there that was deleted before the deployment."""
    if todos.present([gone]):
        raise CheckFailed(
            expected=f"after a deployment the todo {gone['id']}, which was deleted, is gone",
            actual=f"it is there again: {todos.server.exchanges[-1]}",
            help="From when is the file that the app has opened, and who has written to it since?",
        )


def must_be_as(todos: Todos, before: list[Todo], after: str) -> None:
    """Raise CheckFailed where one of the todos is not as it was."""
    now = {todo["id"]: todo for todo in todos.present(before)}
    for todo in before:
        found = now.get(todo["id"])
        if found is None or kept(found) != kept(todo):
            server = todos.server
            files = [path.relative_to(server.folder) for path in server.databases()]
            raise CheckFailed(
                expected=f"{kept(todo)} after {after}",
                actual=(f"it is {kept(found)}" if found else "GET /todos without it")
                + f"; the app has opened {', '.join(map(str, files)) or 'no file'}",
                help="In which folder is that file, and does this folder stay? Who has told your "
                "code of it?",
            )
