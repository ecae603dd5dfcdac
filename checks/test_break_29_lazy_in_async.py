"""break-29: an attribute would send a statement in async code, where nobody awaits it."""

from lab.model import CheckFailed
from lab.verify.experiments.comments import PATH, comment
from lab.verify.todos import Todos, seen


def test_the_attribute_cannot_wait(running: Todos) -> None:
    """GET /comments fails, since the comments of a todo are loaded when they are touched."""
    comment(running, running.create("With a comment"), "the comment")
    answer = running.server.get(PATH)
    if not answer.crash or "MissingGreenlet" not in f"{answer.crash.kind} {answer.crash.message}":
        raise CheckFailed(
            expected=f"GET {PATH} fails with MissingGreenlet: it touches what no query has loaded",
            actual=seen(answer),
            help="When are the comments of a todo read: where you await the query, or where you "
            "touch them?",
        )
