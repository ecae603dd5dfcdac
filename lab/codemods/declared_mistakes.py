"""The edits of the further track's breaks and fixes, as scenarios declare them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lab.codemods.declared import apply_all
from lab.codemods.project import Project
from lab.model import AlreadyThere

if TYPE_CHECKING:
    from libcst import Module


def _written(modules: dict[str, Module]) -> dict[str, bytes]:
    return {path: module.bytes for path, module in modules.items()}


@dataclass(frozen=True)
class FlushOnly:
    """Every commit() of a session becomes a flush()."""

    def apply(self, project: Project) -> dict[str, bytes]:
        from lab.codemods.commits import flush_only

        return _written(flush_only(project))


@dataclass(frozen=True)
class CommitWrites:
    """Every function that writes commits what it wrote."""

    def apply(self, project: Project) -> dict[str, bytes]:
        from lab.codemods.commits import commit_writes

        return _written(commit_writes(project))


@dataclass(frozen=True)
class ShareSession:
    """The session dependency returns one session, made when the app is imported."""

    def apply(self, project: Project) -> dict[str, bytes]:
        from lab.codemods.shared_session import share_session

        return _written(share_session(project))


@dataclass(frozen=True)
class OwnSession:
    """The session dependency opens a session for each request, lends it and closes it."""

    def apply(self, project: Project) -> dict[str, bytes]:
        from lab.codemods.session_dependency import yield_session
        from lab.codemods.shared_session import own_session

        changed = _written(own_session(project))
        try:
            return changed | _written(yield_session(project.changed(changed)))
        except AlreadyThere:
            return changed


@dataclass(frozen=True)
class UnguardSession:
    """The session is closed after `yield`, and not in a `finally`."""

    def apply(self, project: Project) -> dict[str, bytes]:
        from lab.codemods.shared_session import unguard_session

        return _written(unguard_session(project))


@dataclass(frozen=True)
class ReadUrl:
    """The engine takes its URL from DATABASE_URL, and no option that SQLite alone knows."""

    def apply(self, project: Project) -> dict[str, bytes]:
        from lab.codemods.engine_options import read_url

        return _written(read_url(project))


@dataclass(frozen=True)
class PingConnections:
    """The pool tests each connection before it lends it, or does not."""

    on: bool = True

    def apply(self, project: Project) -> dict[str, bytes]:
        from lab.codemods.engine_options import ping

        return _written(ping(project, self.on))


@dataclass(frozen=True)
class CreateEarly:
    """create_all() runs right below the base class, where no model is known."""

    def apply(self, project: Project) -> dict[str, bytes]:
        from lab.codemods.create_all import create_early

        return _written(create_early(project))


@dataclass(frozen=True)
class CreateLate:
    """create_all() runs once the models are known."""

    def apply(self, project: Project) -> dict[str, bytes]:
        from lab.codemods.create_all import create_late

        return _written(create_late(project))


@dataclass(frozen=True)
class DriftApart:
    """The create schema gets two fields: the model lacks the one, the answers lack the other."""

    unknown: str = "remark"
    unseen: str = "place"

    def apply(self, project: Project) -> dict[str, bytes]:
        from lab.codemods.layers import drifting

        return apply_all(drifting(project, self.unknown, self.unseen), project)


@dataclass(frozen=True)
class AlignLayers:
    """Every layer knows every field that a new todo may have."""

    def apply(self, project: Project) -> dict[str, bytes]:
        from lab.codemods.layers import aligning

        return apply_all(aligning(project), project)
