"""test-2: a test that fails where the list is filtered wrongly, and passes where it is right."""

from lab.codemods import Edit, Patch, Replace
from lab.verify.experiments.written_tests import must_fail, must_leave_todos, must_pass
from lab.verify.todos import Todos

FILE = "tests/test_filter.py"
RIGHT = Patch("alter_2_filter.patch")


def changed(old: str, new: str) -> tuple[Edit, Edit]:
    """Return the edits that filter, with one text of them another."""
    return RIGHT, Replace("todos_app/main.py", old, new)


# As right: what ?completed=maybe gets is left open.
READ_AS_TEXT = (
    *changed("completed: bool | None = None", "completed: str | None = None"),
    Replace("todos_app/main.py", "completed == completed", 'completed == (completed == "true")'),
)


def test_passes_on_a_right_api(fresh: Todos) -> None:
    """Your test passes on APIs whose filter is right, however they read the parameter."""
    must_pass(fresh, FILE, RIGHT)
    must_pass(fresh, FILE, *READ_AS_TEXT)


def test_leaves_your_todos_alone(fresh: Todos) -> None:
    """Your test leaves the todos in your own database alone."""
    must_leave_todos(fresh, FILE, RIGHT)


def test_sees_a_filter_that_is_not_there(fresh: Todos) -> None:
    """Your test fails on an API that lists every todo, whatever it is asked for."""
    must_fail(fresh, FILE, "that lists all, whatever is asked for")


def test_sees_false_taken_for_nothing(fresh: Todos) -> None:
    """Your test fails on an API that lists every todo where completed=false is asked for."""
    edits = changed("if completed is not None:", "if completed:")
    must_fail(fresh, FILE, "that lists all for ?completed=false", *edits)


def test_sees_true_taken_for_nothing(fresh: Todos) -> None:
    """Your test fails on an API that lists every todo where completed=true is asked for."""
    edits = changed("if completed is not None:", "if completed is False:")
    must_fail(fresh, FILE, "that lists all for ?completed=true", *edits)


def test_sees_a_filter_turned_round(fresh: Todos) -> None:
    """Your test fails on an API that takes the one for the other."""
    edits = changed("Todo.completed == completed", "Todo.completed != completed")
    must_fail(fresh, FILE, "that lists what is not done for ?completed=true", *edits)


def test_sees_a_filter_that_lists_nothing(fresh: Todos) -> None:
    """Your test fails on an API that lists no todo where it is asked for a part of them."""
    edits = changed("Todo.completed == completed", "Todo.completed is completed")
    must_fail(fresh, FILE, "that lists nothing for ?completed=true and ?completed=false", *edits)


def test_sees_a_list_that_is_cut(fresh: Todos) -> None:
    """Your test fails on an API that leaves todos out where nothing is asked for."""
    edits = changed("completed: bool | None = None", "completed: bool | None = False")
    must_fail(fresh, FILE, "whose GET /todos lists only what is not done", *edits)
