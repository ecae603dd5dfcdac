"""break-16: a power cut takes what was acknowledged, and a kill takes nothing."""

from lab.model import CheckFailed
from lab.verify.experiments.disks import cut_power
from lab.verify.todos import Todos


def test_a_power_cut_takes_what_was_acknowledged(todos: Todos) -> None:
    """On some disk that a power cut could leave, a todo that was answered 2xx is missing."""
    found = cut_power(todos)
    if not found.lacking:
        raise CheckFailed(
            expected="a disk that a power cut could leave, and that lacks an acknowledged todo",
            actual=f"{found.lacking} of {found.tried} disks lack one, {found.damaged} are damaged",
            help="What is acknowledged is synced. When does SQLite wait for the disk, and which "
            "pragma tells it not to?",
        )


def test_a_kill_takes_nothing(running: Todos) -> None:
    """What was answered 2xx is there after SIGKILL and a start."""
    made = running.create("made before the kill")
    running.server.restart(kill=True)
    help = "This breaks something else: the todo has to be committed."
    running.must_have(made, "after SIGKILL and a start", help)
