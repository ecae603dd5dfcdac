"""fix-27: both counts are right, also when many ask for them at the same moment."""

from lab.answers import parsed
from lab.model import CheckFailed, Exchange
from lab.verify.experiments.many_at_once import CLIENTS, summaries_at_once
from lab.verify.todos import Todos, seen


def test_both_counts_are_right(running: Todos) -> None:
    """GET /summary counts what is done and what is not, as the list has it by then."""
    must_be(running, done=0, pending=0)
    made = [running.create(f"pending {number}") for number in range(3)]
    must_be(running, done=0, pending=3)
    running.create_completed("done")
    must_be(running, done=1, pending=3)
    done, pending = 1, 3
    if running.can_update(completed=True):
        running.update(made[0], completed=True)
        done, pending = 2, 2
        must_be(running, done=done, pending=pending)
    if running.can_delete:
        running.delete(made[1])
        must_be(running, done=done, pending=pending - 1)


def test_many_are_answered_at_once(todos: Todos) -> None:
    """Of twenty clients that ask for the summary at the same moment, each gets both counts."""
    answers = summaries_at_once(todos)
    if failed := [answer for answer in answers if not answer.ok]:
        raise CheckFailed(
            expected=f"{CLIENTS} times GET /summary at once, each answered 2xx",
            actual=f"{len(failed)} of them are not: {seen(failed[0])}",
            help="What do several requests, or several tasks of one, use at the same time, though "
            "it is made for one of them?",
        )
    help = "What does your endpoint answer a client that asks while it is at work for another one?"
    for answer in answers:
        must_count(answer, help, done=0, pending=1)


def must_be(todos: Todos, **counts: int) -> None:
    """Raise CheckFailed where the summary has other counts than these."""
    answer = todos.server.get("/summary")
    todos.require_2xx(answer, "counts the todos")
    help = "Which todos does each of the two statements count, and when does it do so?"
    must_count(answer, help, **counts)


def must_count(answer: Exchange, help: str, **counts: int) -> None:
    """Raise CheckFailed where an answer has other counts than these."""
    # As it was sent: "done" may be the app's own word for completed.
    found = parsed(answer.text)
    if not isinstance(found, dict) or any(found.get(name) != counts[name] for name in counts):
        raise CheckFailed(
            expected=f"GET /summary answers with {counts}",
            actual=seen(answer),
            help=help,
        )
