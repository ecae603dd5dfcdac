"""break-15: two changes are answered 2xx, and one of them is gone."""

from lab.model import CheckFailed
from lab.verify.experiments.lost_update import CHANGES, change_at_once
from lab.verify.todos import Todos


def test_an_acknowledged_change_is_gone(running: Todos) -> None:
    """Two clients change different fields at once; both are answered 2xx, and one is lost."""
    found = [change_at_once(running, held) for held in CHANGES]
    if not any(each.lost for each in found):
        raise CheckFailed(
            expected="two changes answered 2xx, one of which is gone",
            actual=f"of a todo that two clients change at once, {found[0]}",
            help="Nothing is lost. Does PUT write back what it has read, or only what was sent?",
        )
