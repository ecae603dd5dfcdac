"""Two workers of one app, on one folder: what each of them shows of a todo."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TypeVar

from lab.answers import Todo
from lab.faults.forked_workers import crossed
from lab.verify.todos import Todos

LIST, ID = "in its list", "by its id"
Written = TypeVar("Written")
WAITS_SECONDS = 1.0  # for who reads, until he is said to wait for who writes
READERS = 3  # at once: what a worker knows by one connection alone, another one does not have


@contextmanager
def second_worker(todos: Todos) -> Iterator[tuple[Todos, Todo]]:
    """Give a second worker beside the one that runs, and a todo that both have shown by now."""
    made = todos.create("made before the second worker came")
    with todos.server.beside() as server:
        second = Todos(server)
        for worker in (todos, second):
            worker.server.at_once([("GET", "/todos", None)] * READERS)
            shown(worker, made)
        yield second, made


def shown(worker: Todos, todo: Todo) -> Mapping[str, Todo | None]:
    """Return what a worker shows of a todo in each place; None where it does not."""
    listed = next((each for each in worker.all() if each["id"] == todo["id"]), None)
    return {LIST: listed, ID: worker.find(todo)}


def written_while_listed(writer: Todos, reader: Todos, write: Callable[[], Written]) -> Written:
    """Write at one worker, while the other one is asked for its list right before the COMMIT.

    What that one keeps of its answer, it has from a moment at which the write was under way.
    """
    # Whether it is answered is left open: who reads may have to wait for who writes.
    return crossed(
        writer.server,
        reader.server,
        write,
        lambda: reader.server.get("/todos"),
        seconds=WAITS_SECONDS,
    ).held
