"""fix-20: a backup of the running API's database has every todo that was answered before."""

from contextlib import ExitStack

from lab.model import CheckFailed
from lab.verify.experiments.backups import READ_SECONDS, WRITE_SECONDS, Backups
from lab.verify.todos import Todos, kept

FILE, OTHER = "backup.db", "before-the-weekend.db"


def test_the_backup_has_every_todo(todos: Todos) -> None:
    """The API on the backup has every todo as it was: made, changed, or deleted before."""
    backups = started(todos)
    if todos.can_update(completed=True):
        todos.update(todos.create("to be completed"), completed=True)
    if todos.can_delete:
        todos.delete(todos.create("to be deleted"))
    listed = todos.all()
    backups.make(OTHER)
    todos.create("made after the backup")  # a second name of the same file would have it
    backups.must_have(listed, OTHER)


def test_a_reader_is_no_obstacle(todos: Todos) -> None:
    """While somebody still reads what was there before, the backup has every todo."""
    backups = started(todos)
    with ExitStack() as held:
        held.enter_context(backups.reader())
        todos.create("made while somebody reads")
        listed = todos.all()
        backups.make_beside(held, READ_SECONDS, FILE)
    backups.must_have(listed, FILE)


def test_a_writer_is_no_obstacle(todos: Todos) -> None:
    """While somebody is in the middle of a write, the backup has what was there before."""
    backups = started(todos)
    listed = todos.all()
    with ExitStack() as held:
        held.enter_context(backups.writer())
        backups.make_beside(held, WRITE_SECONDS, FILE)
    backups.must_have(listed, FILE)


def test_the_app_goes_on(todos: Todos) -> None:
    """The running API has its todos after the backup, takes new ones, and keeps them all."""
    backups = started(todos)
    before = todos.all()
    backups.make(FILE)
    todos.create("made after the backup")
    listed = todos.all()
    todos.server.restart(kill=True)
    found = [kept(todo) for todo in todos.all()]
    if found != [kept(todo) for todo in listed] or len(listed) != len(before) + 1:
        raise CheckFailed(
            expected=f"{len(before) + 1} todos after a backup and a POST, and after SIGKILL",
            actual=f"{len(listed)} before SIGKILL, and after it {found}",
            help="The script has changed more than the file that it was given. What has the API "
            "open, while it runs?",
        )


def test_a_second_backup(todos: Todos) -> None:
    """Run with the same file again, it makes the new backup, or refuses and keeps the old one."""
    backups = started(todos)
    made = todos.create("to be deleted between the two")
    changed = todos.create("to be changed between the two")
    todos.create("made last")  # its id, the highest, could be given again
    first = todos.all()
    backups.make(FILE)
    if todos.can_delete:
        todos.delete(made)
    if todos.can_update(title="changed"):
        todos.update(changed, title="changed between the two")
    todos.create("made after the first backup")
    second = todos.all()
    ran = backups.run(FILE)
    backups.must_have(second if ran.code == 0 else first, FILE)


def started(todos: Todos) -> Backups:
    """Start the API, with two todos."""
    todos.server.start()
    todos.create("made first")
    todos.create("made second")
    return Backups(todos)
