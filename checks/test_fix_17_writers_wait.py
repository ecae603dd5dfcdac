"""fix-17: several clients write at the same moment; each is answered 2xx, and nothing is lost."""

from lab.appserver.server import COMMIT
from lab.model import CheckFailed
from lab.verify.experiments.writers import CLIENTS, Created, create_at_once
from lab.verify.todos import Todos, seen
from lab.workspace.operations import Request


def test_each_is_answered(running: Todos) -> None:
    """Of three clients that create a todo at once, each is answered 2xx."""
    found = create_at_once(running)
    if found.refused:
        raise CheckFailed(
            expected=f"{CLIENTS} POSTs at once, each answered 2xx",
            actual=str(found),
            help=where_to_look(found),
        )


def test_nothing_is_lost(running: Todos) -> None:
    """What was answered 2xx is there once, also after the server was killed."""
    found = create_at_once(running)
    beside = "made while somebody reads"
    write: Request = ("POST", "/todos", {"title": beside})
    held = running.server.interleave(write, COMMIT, ("GET", "/todos", None)).held
    if not held.ok:
        raise CheckFailed(
            expected="a POST is answered 2xx where somebody lists the todos before its COMMIT",
            actual=seen(held),
            help="Who reads ends no transaction but his own. What do the two share?",
        )
    running.server.restart(kill=True)
    listed = titles_of(running)
    for title in (*found.acknowledged, beside):
        if (times := listed.count(title)) != 1:
            raise CheckFailed(
                expected=f"{title!r} is in the list once: its POST was answered 2xx",
                actual=f"it is there {times} times, and the answers were {found}",
                help="A write that failed, or was not over yet, was acknowledged. Who answers, "
                "and who knows whether the commit went well?"
                if not times
                else "One request has made more than one. Is it added twice, or tried again, when "
                "it was done the first time already?",
            )
    for title in found.acknowledged[:1]:
        again = running.server.post("/todos", {"title": title})  # a title may be refused
        if again.ok and (times := titles_of(running).count(title)) != 2:
            raise CheckFailed(
                expected=f"{title!r} is in the list twice: two POSTs of it were answered 2xx",
                actual=f"it is there {times} times",
                help="Two clients may want the same. By what does the app know that it has made a "
                "todo already?",
            )


def titles_of(todos: Todos) -> list[str | None]:
    """Return the titles in the list."""
    return [todo.get("title") for todo in todos.all()]


def where_to_look(found: Created) -> str:
    """Return what the answers say about where to look."""
    if found.crash and "locked" in found.crash.message:
        return (
            "One holds the lock, and the others have waited for its COMMIT as long as they may; "
            "who has read in its transaction may not wait at all. What does a request do between "
            "its first statement and its COMMIT, and does all of it belong there?"
        )
    if found.crash:
        return "It fails only where several write at the same moment. What do they share?"
    return (
        "Its client has to come again, though nothing but patience was missing. Who could wait, "
        "and for what?"
    )
