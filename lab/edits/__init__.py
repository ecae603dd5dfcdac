"""Changes to a learner's own code. Each applies exactly once, or not at all.

An edit is declared in one line and is pure: it reads sources and returns the files that
change, as bytes. Whoever applies it writes them. Where it cannot understand the code it
raises EditNotApplicable, where the code has the change already AlreadyThere.
"""

from lab.edits.declared import (
    AddColumn,
    AddCount,
    AddField,
    AddFilter,
    AddNewColumn,
    Edit,
    ReturnSession,
    YieldSession,
    apply_all,
)
from lab.edits.files import Sources, diff, read_sources
from lab.model import AlreadyThere, EditNotApplicable

__all__ = [
    "AddColumn",
    "AddCount",
    "AddField",
    "AddFilter",
    "AddNewColumn",
    "AlreadyThere",
    "Edit",
    "EditNotApplicable",
    "ReturnSession",
    "Sources",
    "YieldSession",
    "apply_all",
    "diff",
    "read_sources",
]
