"""fix-22: a null that is sent is stored, and what is not sent stays as it is."""

from typing import Any

from lab.answers import Todo
from lab.model import CheckFailed, Exchange
from lab.verify.experiments.notes import NOTE, OTHER, create_with_note, must_have
from lab.verify.todos import Todos, seen

NULL = "Was the null sent, or was the field not there at all? Where can these two be told apart?"
ABSENT = "Nobody has sent this field. What has the update put in its place?"
OTHERS = "Nobody has asked for this todo. Which rows does the change touch?"
FALSE = "It was sent, and is as good a value as any. Does something ask whether it is true?"


def test_a_null_takes_the_note_away(running: Todos) -> None:
    """A PUT of null takes the note away, that of no other todo, and another PUT sets it again."""
    made, alone, kept = (create_with_note(running) for _ in range(3))
    running.all()  # what is kept of a list has the note
    running.update(made, note=None)
    must_have(running, made, {"note": None}, "a PUT of null", NULL)
    for listed in running.present([made]):
        if listed.get("note") is not None:
            raise CheckFailed(
                expected="note = None in the list, as GET has it for the todo alone",
                actual=f"in the list, the todo is {listed}",
                help="Each of them shows a note. From where does the list have this one?",
            )
    if put(running, alone, {"note": None}).ok:  # it may ask for more of the todo
        must_have(running, alone, {**only(alone), "note": None}, "a PUT of null alone", NULL)
    must_have(running, kept, {"note": NOTE}, "a PUT of null for another todo", OTHERS)
    running.update(made, note=OTHER)
    must_have(running, made, {"note": OTHER}, "a PUT of null and another one of a text")


def test_what_is_not_sent_stays(running: Todos) -> None:
    """A PUT that lacks a field leaves it as it is, or is refused."""
    made = create_with_note(running)
    before = running.find(made) or made
    titled = {"title": "a note is no null", "completed": False}  # these words are no values here
    for body in (titled, {"note": OTHER}, {"completed": True}):
        if put(running, made, body).ok:
            before = {**before, **body}
        must_have(running, made, only(before), f"a PUT of {body}", ABSENT)


def test_false_and_an_empty_text_are_values(running: Todos) -> None:
    """A PUT stores false as it was sent, and an empty note, unless it refuses that."""
    made = create_with_note(running)
    if running.can_update(completed=True) and running.can_update(completed=False):
        running.update(made, completed=True)
        running.update(made, completed=False)
        must_have(running, made, {"completed": False}, "a PUT of false", FALSE)
    if put(running, made, {"title": "with a note", "completed": False, "note": ""}).ok:
        must_have(running, made, {"note": ""}, 'a PUT of ""', FALSE)


def test_no_title_and_no_state_of_null(running: Todos) -> None:
    """A PUT of null for title or completed is refused, or changes nothing."""
    made = create_with_note(running)
    if running.can_update(completed=True):
        running.update(made, completed=True)  # a null may be taken for false
    before = only(running.find(made) or made)
    for name in ("title", "completed"):
        body = {"completed": False, **before, name: None}
        put(running, made, body)
        must_have(running, made, before, f"a PUT of null for {name}", "May this field be empty?")


def test_it_lasts(running: Todos) -> None:
    """A note that was taken away, and one that was set, are so after SIGKILL and a start."""
    cleared, changed = create_with_note(running), create_with_note(running)
    running.update(cleared, note=None)
    running.update(changed, note=OTHER)
    running.server.restart(kill=True)
    must_have(running, cleared, {"note": None}, "a PUT of null and a restart", NULL)
    must_have(running, changed, {"note": OTHER}, "a PUT and a restart")


def put(todos: Todos, todo: Todo, body: dict[str, Any]) -> Exchange:
    """PUT a body as it is. Raises CheckFailed where the app fails on it."""
    answer = todos.server.put(f"/todos/{todo['id']}", body)
    if answer.status >= 500:
        raise CheckFailed(
            expected=f"a PUT of {body} is answered 2xx, or refused with 4xx",
            actual=seen(answer),
            help="What came through to the database, that it cannot store? The schema decides what "
            "a client may send.",
        )
    return answer


def only(todo: Todo) -> Todo:
    """Return of a todo what a PUT is about."""
    return {name: todo[name] for name in ("title", "completed", "note") if name in todo}
