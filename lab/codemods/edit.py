"""What an edit is, and how several are applied as one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from lab.codemods.project import Project
from lab.codemods.sources import Sources
from lab.model import AlreadyThere


class Edit(Protocol):
    """A change to the learner's sources, declared as a frozen dataclass."""

    def apply(self, project: Project) -> dict[str, bytes]:
        """Return the files that change, whole.

        Raises AlreadyThere where nothing is left to change, EditNotApplicable where the code
        is not understood.
        """
        ...


def apply_all(edits: Sequence[Edit], sources: Sources) -> dict[str, bytes]:
    """Return the files that change when all edits are applied, one after the other.

    A part that is there already is passed over. Raises AlreadyThere where all parts are,
    EditNotApplicable where one of them has no place: then nothing at all is changed.
    """
    project = sources if isinstance(sources, Project) else Project(sources)
    changed: dict[str, bytes] = {}
    present: list[AlreadyThere] = []
    for edit in edits:
        try:
            new = edit.apply(project)
        except AlreadyThere as error:
            present.append(error)
        else:
            changed |= new
            project = project.changed(new)
    if present and len(present) == len(edits):
        raise present[0]
    return changed
