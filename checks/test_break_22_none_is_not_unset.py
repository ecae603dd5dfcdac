"""break-22: a note can be set and changed, and a null does not take it away."""

from lab.model import CheckFailed
from lab.verify.experiments.notes import OTHER, create_with_note, must_have
from lab.verify.todos import Todos


def test_a_null_leaves_the_note(running: Todos) -> None:
    """PUT changes a note, and a PUT of null is answered 2xx and leaves it as it was."""
    made = create_with_note(running)
    running.update(made, note=OTHER)
    must_have(running, made, {"note": OTHER}, "a PUT that has it")
    running.update(made, note=None)
    found = running.find(made) or {}
    if found.get("note") != OTHER:
        raise CheckFailed(
            expected="the note is there still after a PUT of null",
            actual=f"note = {found.get('note')!r}",
            help="PUT stores what was sent. What would leave out a null, and a field that was not "
            "sent, alike?",
        )
