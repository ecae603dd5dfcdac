"""Changes to a learner's own code. Each applies exactly once, or not at all.

An edit is declared in one line and is pure: it reads sources and returns the files that
change, as bytes. Whoever applies it writes them. Where it cannot understand the code it
raises EditNotApplicable, where the code has the change already AlreadyThere.
"""

from lab.codemods.declared import (
    AddChanging,
    AddColumn,
    AddCount,
    AddField,
    AddFilter,
    AddMigrations,
    AddNewColumn,
    AddUsers,
    AfterCommit,
    AnswerMissing,
    Edit,
    PlaceDatabase,
    PortToSqlmodel,
    RemoveChanging,
    ReturnSession,
    SetJournal,
    YieldSession,
    apply_all,
)
from lab.codemods.declared_mistakes import (
    AlignLayers,
    CommitWrites,
    CreateEarly,
    CreateLate,
    DriftApart,
    FlushOnly,
    OwnSession,
    PingConnections,
    ReadUrl,
    ShareSession,
    UnguardSession,
)
from lab.codemods.project import Project
from lab.codemods.sources import Sources, diff, read_sources
from lab.model import AlreadyThere, EditNotApplicable

__all__ = [
    "AddChanging",
    "AddColumn",
    "AddCount",
    "AddField",
    "AddFilter",
    "AddMigrations",
    "AddNewColumn",
    "AddUsers",
    "AfterCommit",
    "AlignLayers",
    "AlreadyThere",
    "AnswerMissing",
    "CommitWrites",
    "CreateEarly",
    "CreateLate",
    "DriftApart",
    "Edit",
    "EditNotApplicable",
    "FlushOnly",
    "OwnSession",
    "PingConnections",
    "PlaceDatabase",
    "PortToSqlmodel",
    "Project",
    "ReadUrl",
    "RemoveChanging",
    "ReturnSession",
    "SetJournal",
    "ShareSession",
    "Sources",
    "UnguardSession",
    "YieldSession",
    "apply_all",
    "diff",
    "read_sources",
]
