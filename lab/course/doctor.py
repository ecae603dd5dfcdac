"""What this machine offers and lacks, looked at and tried out."""

from __future__ import annotations

import os
import platform
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from lab import resources
from lab.appserver.discovery.adopted import discovered
from lab.appserver.launchers import choose
from lab.appserver.server import Server
from lab.child.disk_recorder import can_record
from lab.model import LabError
from lab.workspace import temporary
from lab.workspace.resource import Resource
from lab.workspace.workspace import Workspace

NEEDED = ("fastapi", "sqlalchemy", "pydantic", "uvicorn", "httpx", "pytest", "libcst", "alembic")
EXTRAS = {
    "sqlmodel": "exercises with SQLModel",
    "aiosqlite": "apps with an async engine",
    "psycopg": "PostgreSQL",
    "pymysql": "MySQL and MariaDB",
}
ROOM = 200_000_000  # bytes that the copies of a session may take


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    name: str
    value: str
    fine: bool = True
    needed: bool = True


@dataclass(frozen=True)
class Machine:
    """All findings."""

    findings: tuple[Finding, ...]

    @property
    def sound(self) -> bool:
        """Whether nothing that the lab needs is missing."""
        return all(finding.fine for finding in self.findings if finding.needed)


def examine(workspace: Workspace | None = None) -> Machine:
    """Look at this machine, and at the workspace's app; servers are started and killed for it."""
    of_app = (_todos(workspace),) if workspace else ()
    return Machine((*_findings(), *of_app))


def _todos(workspace: Workspace) -> Finding:
    """Return what the workspace's app has for what the exercises say."""
    try:
        with closing(choose()) as launcher:
            found = discovered(workspace, launcher)
    except LabError as error:
        return Finding("todos", error.message, fine=False, needed=False)
    said = f"I take {found}" if isinstance(found, Resource) else str(found or "no list of todos")
    return Finding("todos", said, isinstance(found, Resource), needed=False)


def _findings() -> Iterator[Finding]:
    yield _package("persistence-lab", needed=True)
    yield Finding("system", f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores")
    yield Finding("Python", platform.python_version())
    yield Finding("SQLite", sqlite3.sqlite_version)
    for name in NEEDED:
        yield _package(name, needed=True)
    for name, use in EXTRAS.items():
        found = _package(name, needed=False)
        yield Finding(name, f"{found.value} ({use})", found.fine, needed=False)
    yield _room()
    yield _disk()
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    yield Finding("editor", editor or "neither $VISUAL nor $EDITOR is set", bool(editor), False)
    yield Finding("launcher", os.environ.get("LAB_LAUNCHER") or "the default")
    yield _start()


def _package(name: str, *, needed: bool) -> Finding:
    try:
        return Finding(name, version(name), needed=needed)
    except PackageNotFoundError:
        return Finding(name, "not installed", fine=False, needed=needed)


def _room() -> Finding:
    folder = temporary.outside()
    free = shutil.disk_usage(folder).free
    return Finding("room", f"{free // 1_000_000} MB free in {folder}", free >= ROOM)


def _disk() -> Finding:
    """Whether `lab power-cut` can record what SQLite asks of the disk."""
    said = "can be recorded" if can_record() else "cannot be recorded: SQLite is built in"
    return Finding("power-cut", said, can_record(), needed=False)


def _start() -> Finding:
    """Whether a server starts here, and how long a start takes after the first one."""
    with tempfile.TemporaryDirectory(prefix="lab-doctor-") as place:
        folder = Path(place) / "app"
        shutil.copytree(resources.folder("todos_app"), folder / "todos_app")
        try:
            with closing(choose()) as launcher, Server(folder, launcher, resources.APP) as server:
                server.start()
                began = time.perf_counter()
                server.restart(kill=True)
                server.get("/todos")
                took = time.perf_counter() - began
        except LabError as error:
            return Finding("a server", error.message, fine=False)
    return Finding("a server", f"from kill to answer in {took * 1000:.0f} ms")
