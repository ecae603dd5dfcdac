"""Several clients who create a todo at the same moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lab.model import Crash, Exchange
from lab.verify.todos import Todos

CLIENTS = 3


@dataclass(frozen=True)
class Created:
    """What the clients were answered, each in its place."""

    titles: Sequence[str]
    answers: Sequence[Exchange]

    @property
    def crash(self) -> Crash | None:
        """The error that ended one of the requests; None where none has raised any."""
        return next((answer.crash for answer in self.answers if answer.crash), None)

    @property
    def refused(self) -> list[Exchange]:
        """The answers that are no 2xx."""
        return [answer for answer in self.answers if not answer.ok]

    @property
    def acknowledged(self) -> list[str]:
        """The titles that were answered 2xx."""
        pairs = zip(self.titles, self.answers, strict=True)
        return [title for title, answer in pairs if answer.ok]

    def __str__(self) -> str:
        statuses = " and ".join(str(answer.status) for answer in self.answers)
        return f"{statuses} ({self.crash})" if self.crash else statuses


def create_at_once(todos: Todos) -> Created:
    """Create a todo from each client at the same moment."""
    titles = [f"made by client {number} of {CLIENTS}" for number in range(1, CLIENTS + 1)]
    return Created(titles, todos.server.at_once([("POST", "/todos", {"title": t}) for t in titles]))
