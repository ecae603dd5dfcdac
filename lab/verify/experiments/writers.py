"""Several clients who create a todo at the same moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lab.model import Crash, Exchange
from lab.verify.todos import Todos

CLIENTS = 3


@dataclass(frozen=True)
class Created:
    """What the clients were answered, each in its place, and the first error that was raised."""

    titles: Sequence[str]
    answers: Sequence[Exchange]
    crash: Crash | None

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
    since = len(todos.server.events)
    answers = todos.server.at_once([("POST", "/todos", {"title": title}) for title in titles])
    failed = any(answer.status >= 500 for answer in answers)
    return Created(titles, answers, todos.server.first_crash(since) if failed else None)
