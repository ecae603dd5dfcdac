"""The lab's own solutions: what a check must pass on before it may fail a learner."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from lab import kit
from lab.launchers import Launcher
from lab.workspace import Workspace


@dataclass(frozen=True)
class Reference:
    launcher: Launcher

    def build(self, exercise: str, into: Path) -> Workspace:
        shutil.copytree(kit.folder("todos_app"), into / "todos_app")
        return Workspace.bare(into, "todos_app.main:app")
