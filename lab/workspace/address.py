"""Where an app has its todos: at /todos, or, in a project that was adopted, perhaps elsewhere."""

from __future__ import annotations

import re
from dataclasses import dataclass

TODOS = "/todos"
# The first part of a path, which is the whole name of what it leads to.
FIRST = re.compile(r"(?<![\w./])/(?:todos|users)(?![\w-]|\.\w)")


@dataclass(frozen=True)
class Address:
    """The path of an app's todos, such as /api/v1/todos. The exercises say /todos for it.

    What is not about todos is looked for beside them: /users at /api/v1/users.
    """

    todos: str = TODOS

    def real(self, path: str) -> str:
        """The app's own path for one that an exercise says."""
        if self.todos == TODOS or not FIRST.match(path):
            return path
        if not path.startswith(TODOS):
            return self.todos.rstrip("/").rpartition("/")[0] + path
        rest = path.removeprefix(TODOS)
        # The slash at the end is the list's own: /tasks/, but /tasks/1.
        return self.todos.rstrip("/") + rest if rest.startswith("/") else self.todos + rest

    def said(self, path: str) -> str:
        """The path that an exercise says for one of the app's own."""
        base = self.todos.rstrip("/")
        if path == self.todos:
            return TODOS
        return TODOS + path.removeprefix(base) if path.startswith(f"{base}/") else path

    def in_words(self, text: str) -> str:
        """A text of an exercise with the app's own paths in it."""
        return FIRST.sub(lambda found: self.real(found.group()).rstrip("/"), text)
