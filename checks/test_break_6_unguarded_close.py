"""break-6: the session is closed where a request works, and not where it fails."""

from lab.model import CheckFailed
from lab.verify.experiments.not_found import path_of_none
from lab.verify.todos import Todos


def test_a_404_leaks(uncollected: Todos) -> None:
    """After a request that works no connection stays checked out; after a 404 one does."""
    made = uncollected.create("found")
    uncollected.all()
    if out := uncollected.server.connections_out():
        raise CheckFailed(
            expected="0 connections checked out after requests that work",
            actual=f"{len(out)} still checked out after GET /todos",
            help="A request that works has left its session open, too. Here only one that fails "
            "is to do so; break-3 is about the others.",
        )
    answer = uncollected.server.get(path_of_none(made))
    if not uncollected.server.connections_out():
        raise CheckFailed(
            expected="a connection that stays checked out after a request that fails",
            actual=f"0 checked out after GET {answer.path}, which answers {answer.status}",
            help="Nothing was raised: this app answers 2xx for a todo that does not exist."
            if answer.ok
            else "Something still closes the session when the endpoint raises an error.",
        )
