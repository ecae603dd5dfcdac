"""persist for check50: each check has a process and a folder of its own, several at a time."""

import check50
import persist as checks
from todo_api import Api, Wrong


def judge(judged):
    """Run one check on a server of its own."""
    api = Api()
    try:
        judged(api)
    except Wrong as wrong:
        raise check50.Failure(str(wrong)) from wrong
    finally:
        api.kill()


@check50.check()
def survives_a_stop():
    """What was written is there after a stop and a start."""
    judge(checks.survives_a_stop)


@check50.check()
def survives_a_kill():
    """What was written is there after SIGKILL and a start."""
    judge(checks.survives_a_kill)


@check50.check()
def survives_a_kill_in_a_burst():
    """What was answered in a burst is there after SIGKILL."""
    judge(checks.survives_a_kill_in_a_burst)
