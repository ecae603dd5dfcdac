"""Who may import whom, so that the folders keep meaning what they say."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.workspace import creation

ROOT = Path(__file__).parent.parent

# The folders of lab/ from the bottom up, and what each may import beside itself and the base.
BASE = (
    "lab.model",
    "lab.answers",
    "lab.known_errors",
    "lab.resources",
    "lab.regular_files",
    "lab.optional_dependencies",
    "lab.texts",
    "lab.unified_diff",
)
FOLDERS: dict[str, tuple[str, ...]] = {
    "child": (),
    "codemods": ("child",),
    "workspace": (),
    "scenario": ("codemods",),
    "dbserver": ("workspace",),
    "appserver": ("workspace", "dbserver"),
    "course": ("child", "workspace", "codemods", "scenario", "appserver"),
    "faults": ("child", "workspace", "codemods", "scenario", "appserver", "course"),
    "play": ("workspace", "codemods", "scenario", "dbserver", "appserver", "faults"),
    "quiz": ("workspace", "scenario", "appserver", "course"),
    "verify": (
        *("workspace", "codemods", "scenario", "dbserver", "appserver"),
        *("play", "course", "quiz", "faults"),
    ),
    "grade": (
        *("child", "workspace", "codemods", "scenario", "dbserver", "appserver"),
        *("play", "course", "quiz", "verify"),
    ),
    "watch": (
        *("workspace", "codemods", "scenario", "dbserver", "appserver"),
        *("play", "course", "quiz", "verify"),
    ),
    "terminal": (
        *("workspace", "codemods", "scenario", "dbserver", "appserver"),
        *("play", "course", "quiz", "verify", "watch", "faults", "grade"),
    ),
    "board": ("workspace", "scenario", "appserver", "play", "watch", "grade"),
}
CHECKS = (
    "appserver",
    "verify",
    "workspace",
    "dbserver",
    "codemods",
)  # wrong APIs are edits of ours
EVERYTHING = ("dev", "cli", "command")  # they may import whatever they call
ALLOWED = {
    "todos_app": ("todos_app",),
    "checks": (*BASE, *(f"lab.{n}" for n in CHECKS)),
    "scenarios": (*BASE, "lab.scenario", "lab.codemods"),
    **{
        f"lab/{folder}": (*BASE, *(f"lab.{other}" for other in (folder, *below)))
        for folder, below in FOLDERS.items()
    },
}
ALLOWED["lab/child"] = ("lab.child",)  # a server process imports nothing else of the lab
OURS = ("lab", "scenarios", "checks", "todos_app", "tests")


def imports(path: Path) -> Iterator[str]:
    """The modules of ours that a file imports, with absolute names."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def ours(path: Path) -> list[str]:
    return [name for name in imports(path) if name.split(".")[0] in OURS]


@pytest.mark.parametrize("folder", ALLOWED)
def test_a_folder_imports_only_what_it_may(folder: str) -> None:
    for path in (ROOT / folder).rglob("*.py"):
        for name in ours(path):
            assert name.startswith(ALLOWED[folder]), f"{path.relative_to(ROOT)} imports {name}"


def test_what_judges_knows_nothing_of_a_single_exercise() -> None:
    for path in (ROOT / "lab" / "verify").glob("*.py"):
        assert not [name for name in ours(path) if name.startswith("lab.verify.experiments")], path


def test_every_folder_has_its_place_in_the_order() -> None:
    folders = {path.parent.name for path in (ROOT / "lab").glob("*/*.py")}
    assert folders == {*FOLDERS, *EVERYTHING}


def test_nobody_imports_the_reference_the_scenarios_or_the_checks() -> None:
    for path in [*(ROOT / "lab").rglob("*.py"), *(ROOT / "tests").rglob("test_*.py")]:
        for name in ours(path):
            assert name.split(".")[0] in {"lab", "tests"}, f"{path.name} imports {name}"


def test_only_the_terminal_prints() -> None:
    for path in (ROOT / "lab").rglob("*.py"):
        if path.parent.name == "terminal":
            continue
        calls = list(ast.walk(ast.parse(path.read_text("utf-8"))))
        printed = [
            node
            for node in calls
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "print"
        ]
        assert not printed, f"{path.relative_to(ROOT)} prints"


HEAVY = ("fastapi", "sqlalchemy", "pytest", "libcst", "httpx", "alembic", "uvicorn")


@pytest.mark.parametrize(
    ("command", "heavy"),
    [
        ("--help", (*HEAVY, "lab.terminal", "lab.appserver", "lab.scenario")),
        ("list", (*HEAVY, "lab.appserver")),
        ("list --json", (*HEAVY, "lab.appserver")),
        ("show break-2", (*HEAVY, "lab.appserver")),
        ("run persist --no-predict", ("pytest",)),
        ("verify persist", ("pytest",)),
    ],
)
def test_light_commands_import_nothing_heavy(
    command: str, heavy: tuple[str, ...], tmp_path: Path
) -> None:
    creation.create(tmp_path / "my-todos")
    program = (
        "import sys; sys.argv = sys.argv[1:]; from lab.cli import main\n"
        "try: main()\n"
        "except SystemExit as ended: assert not ended.code\n"
        "print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "lab", *command.split()],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    imported = set(done.stdout.splitlines()[-1].split())
    assert "typer" in imported
    assert imported.isdisjoint(heavy)
