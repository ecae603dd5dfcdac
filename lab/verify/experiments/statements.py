"""How the number of SQL statements of the list grows with the todos that it shows."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from lab.answers import Todo
from lab.appserver.statements import request_and_statements
from lab.verify.database_use import must_use_sqlalchemy
from lab.verify.todos import Todos

FEW, MORE = 2, 6  # together no more than the shortest page of a list has


@dataclass(frozen=True)
class Growth:
    """The statements of GET /todos for some todos, and for MORE of them."""

    few: int
    many: int
    again: str  # the statement that came most often in the end
    made: tuple[tuple[Todo, list[str]], ...]  # the todos, each with its tags

    @property
    def of_each(self) -> bool:
        """Whether each todo took a statement of its own."""
        return self.many - self.few >= MORE

    def __str__(self) -> str:
        return (
            f"{self.few} statements, and {self.many} once there are {MORE} todos more. "
            f"Most often: {self.again}"
        )


def growth_of_the_list(todos: Todos) -> Growth:
    """Make todos, each with tags of its own, and count what the list of them needs.

    Raises NotApplicable where the statements do not go through SQLAlchemy, CheckFailed.
    """
    made = _make(todos, "few", FEW)
    must_use_sqlalchemy(todos.server)
    few = _statements(todos)
    made += _make(todos, "more", MORE)
    many = _statements(todos)
    ((again, _),) = Counter(many).most_common(1) or [("none", 0)]
    return Growth(len(few), len(many), " ".join(again.split()), made)


def _make(todos: Todos, title: str, count: int) -> tuple[tuple[Todo, list[str]], ...]:
    made = []
    for number in range(count):
        tags = [f"{title}-{number}", f"also-{title}-{number}"]
        made.append((todos.create(f"{title} {number}", tags=tags), tags))
    return tuple(made)


def _statements(todos: Todos) -> tuple[str, ...]:
    """Return the statements of a GET /todos: of two, since a task may work beside a request.

    Each is the first one of its process: what was read for a todo, and kept, has to be read there.
    """
    found = []
    for _ in range(2):
        todos.server.restart()
        answer, statements = request_and_statements(todos.server, ("GET", "/todos", None))
        todos.require_2xx(answer, "lists todos")
        found.append(statements)
    return min(found, key=len)
