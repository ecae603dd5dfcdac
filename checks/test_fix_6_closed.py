"""fix-6: the session is closed whatever becomes of the request. fix-3's checks come on top."""

from lab.model import CheckFailed
from lab.verify.database_use import must_use_sqlalchemy
from lab.verify.experiments.unreadable_row import make_unreadable
from lab.verify.todos import Todos, seen


def test_an_answer_that_fails_gives_back(uncollected: Todos) -> None:
    """After a request for a todo of which no answer can be made, no connection stays out."""
    made = uncollected.create("to be spoilt")
    must_use_sqlalchemy(uncollected.server)
    make_unreadable(uncollected, made)
    before = uncollected.server.connections_out()  # the matter of other checks
    known = {each.number for each in before}
    for path in (f"/todos/{made['id']}", "/todos"):
        answer = uncollected.server.get(path)
        out = [each for each in uncollected.server.connections_out() if each.number not in known]
        if out:
            raise CheckFailed(
                expected=f"0 connections checked out after GET {path}, whose todo has no readable "
                "title in the table",
                actual=f"{len(out)} still checked out after {seen(answer)}",
                help=f"The request ended with {answer.crash.kind}. After which errors does your "
                "code close the session, and is this one of them?"
                if answer.crash
                else "The request is over. Which line should close its session, and does it run?",
            )
