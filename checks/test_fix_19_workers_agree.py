"""fix-19: of two workers each shows what the other one has written."""

from functools import partial

from lab.answers import Todo
from lab.model import CheckFailed
from lab.verify.experiments.two_workers import second_worker, shown, written_while_listed
from lab.verify.todos import Todos


def test_what_one_makes_the_other_shows(running: Todos) -> None:
    """A todo that one worker has made is shown by the other one, too."""
    with second_worker(running) as (second, _):
        for workers in ((running, second), (second, running)):
            # Of two, the first is seen by one connection of the other worker, and not by the next.
            workers[0].create("made first at one of two workers")
            write = partial(workers[0].create, "made at one of two workers")
            made = written_while_listed(*workers, write)
            must_show(workers, made, {"title": "made at one of two workers"}, "a POST")


def test_what_one_changes_the_other_shows(running: Todos) -> None:
    """A todo that one worker has changed is shown so by the other one, too."""
    with second_worker(running) as (second, made):
        wanted = running.possible(title="changed at one of two workers", completed=True)
        if not wanted:
            raise running.no_way("changes a todo")
        for name, value in wanted.items():  # each alone: as many todos as before, say, are done
            changes = {name: value}
            written_while_listed(running, second, partial(running.update, made, **changes))
            must_show((running, second), made, changes, "a PUT")


def test_what_one_deletes_is_gone_at_the_other(running: Todos) -> None:
    """A todo that one worker has deleted is not shown by the other one any more."""
    with second_worker(running) as (second, made):
        written_while_listed(running, second, partial(running.delete, made))
        must_show((running, second), made, None, "a DELETE")


def must_show(workers: tuple[Todos, Todos], todo: Todo, wanted: Todo | None, after: str) -> None:
    """Raise CheckFailed where a worker does not show a todo so; with None, where it shows it."""
    workers[0].server.settle()
    # The other one is asked first, as soon as it may be: what it keeps, it may not keep for long.
    by_other, by_itself = shown(workers[1], todo), shown(workers[0], todo)
    for worker, name, places in (
        (workers[0], "the worker that did it", by_itself),
        (workers[1], "the other worker", by_other),
    ):
        for place, found in places.items():
            if not is_as_wanted(found, wanted):
                raise CheckFailed(
                    expected=f"after {after} at one of two workers, both show "
                    + (f"the todo {todo['id']} with {wanted}" if wanted else "it no more"),
                    actual=f"{place}, {name} shows {found or 'no such todo'}",
                    help="What has this process kept since it was asked before, and who would tell "
                    "it that another one has written?"
                    if worker is workers[1]
                    else "It has done it itself, and does not show it. Is the write in the "
                    "database, and what does the answer come from?",
                )


def is_as_wanted(found: Todo | None, wanted: Todo | None) -> bool:
    """Whether a todo is there with these values; with None, whether it is not there."""
    if found is None or wanted is None:
        return found is wanted
    return all(found.get(name) == value for name, value in wanted.items())
