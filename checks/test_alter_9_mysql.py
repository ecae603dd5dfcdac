"""alter-9: the todos have moved to MySQL or MariaDB, and the app with them."""

from lab.verify.experiments.moved_todos import (
    test_every_todo_has_arrived,
    test_moved_todos_are_listed,
    test_new_todos_follow,
)

__all__ = [
    "test_every_todo_has_arrived",
    "test_moved_todos_are_listed",
    "test_new_todos_follow",
]
