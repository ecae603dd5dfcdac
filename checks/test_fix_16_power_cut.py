"""fix-16: what is acknowledged is on every disk that a power cut could leave."""

from lab.model import CheckFailed
from lab.verify.experiments.disks import cut_power
from lab.verify.todos import Todos


def test_no_power_cut_takes_what_was_acknowledged(todos: Todos) -> None:
    """Every todo that was answered 2xx is on every disk that a power cut could leave."""
    found = cut_power(todos)
    if found.holds:
        return
    raise CheckFailed(
        expected=f"every acknowledged todo on each of the {found.tried} disks, and none damaged",
        actual=f"{found.lacking} lack an acknowledged todo, {found.damaged} are damaged; in all "
        f"{found.syncs} syncs for {found.acknowledged} todos",
        help="When does SQLite wait until the disk has what it wrote: at each commit, before the "
        "answer, on every connection, whoever reads meanwhile? `lab power-cut` shows what a "
        "client sees afterwards.",
    )


def test_the_next_start_has_them_all(running: Todos) -> None:
    """What was answered 2xx is there after SIGKILL and a start."""
    made = running.create("made before the kill")
    running.server.restart(kill=True)
    help = "A kill takes less than a power cut does. What does a start do with the files?"
    running.must_have(made, "after SIGKILL and a start", help)
