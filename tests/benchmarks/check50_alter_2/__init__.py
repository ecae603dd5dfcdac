"""alter-2 for check50: each check has a process and a folder of its own, several at a time."""

import alter_2 as checks
import check50
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
def lists_all():
    """Without ?completed, all todos are listed."""
    judge(checks.lists_all)


@check50.check()
def filters_by_true():
    """?completed=true lists only what is completed."""
    judge(checks.filters_by_true)


@check50.check()
def filters_by_false():
    """?completed=false lists only what is pending."""
    judge(checks.filters_by_false)


@check50.check()
def follows_changes():
    """A todo that changes leaves its list at once."""
    judge(checks.follows_changes)


@check50.check()
def lists_nothing():
    """Where no todo is completed, ?completed=true lists nothing."""
    judge(checks.lists_nothing)


@check50.check()
def keeps_the_shape():
    """A filtered list has the same todos in it as the whole list."""
    judge(checks.keeps_the_shape)


@check50.check()
def looks_at_every_todo():
    """The filter looks at all todos."""
    judge(checks.looks_at_every_todo)
