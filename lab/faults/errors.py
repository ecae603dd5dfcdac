"""Why a fault cannot be made."""

from __future__ import annotations

from lab.model import Exchange, NotPossible


class MakesNoTodos(NotPossible):
    """The API makes no todo, so nothing of it can be lost."""

    def __init__(self, answer: Exchange) -> None:
        said = f"{answer}; {answer.crash}" if answer.crash else f"{answer}"
        super().__init__(f"Your API makes no todos: {said}.", "Try `lab verify persist` first.")
