"""A learner's sources: read from a folder, compared as text, understood by Python."""

from __future__ import annotations

import ast
import os
import warnings
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from lab import regular_files
from lab.child.app_files import candidates, makes_app
from lab.unified_diff import unified_diff

Sources = Mapping[str, bytes]  # posix path, relative to the learner's folder -> contents

SKIPPED = frozenset(
    {"__pycache__", "node_modules", "site-packages", "venv", "env", "tests", "test"}
)

DEEPEST = 100  # of statements and expressions, one inside another
DEEPEST_PATTERN = 10  # of `case`: LibCST takes twice as long for each level


def read_sources(folder: Path) -> dict[str, bytes]:
    """Return every Python file of the learner's own app below `folder`, by its relative path.

    Left out: hidden folders, virtual environments, installed packages, tests, Alembic's
    migrations and the folders of other apps, as copies are, because none of them is the app.
    """
    found = [path for path in sorted(_python(folder)) if path.is_file()]
    others = _other_apps(folder, found)
    return {
        path.relative_to(folder).as_posix(): regular_files.read(path.resolve())
        for path in found
        if others.isdisjoint(path.parents)
    }


def _other_apps(folder: Path, found: Iterable[Path]) -> set[Path]:
    """Return the folders of apps that have the name of the likeliest one, and are elsewhere."""
    app = next(candidates(folder), None)
    return {
        path.parent
        for path in found
        if app and path.name == app.name
        if not app.is_relative_to(path.parent) and not path.is_relative_to(app.parent)
        if makes_app(path)
    }


def _python(folder: Path) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder):
        here = Path(parent)
        folders[:] = [name for name in folders if not _skipped(here / name)]
        for name in files:
            test = name == "conftest.py" or name.startswith("test_") or name.endswith("_test.py")
            if name.endswith(".py") and not test and not _is_alembic(here):
                yield here / name


def _skipped(folder: Path) -> bool:
    return (
        folder.name.startswith(".")
        or folder.name in SKIPPED
        or (folder / "pyvenv.cfg").exists()
        or (folder.name == "versions" and _is_alembic(folder.parent))
    )


def _is_alembic(folder: Path) -> bool:
    return (folder / "script.py.mako").exists()


def diff(before: Sources, after: Mapping[str, bytes]) -> str:
    """Return the unified diff of the files in `after` that differ from `before`, or ""."""
    return "".join(unified_diff(path, before.get(path), after[path]) for path in sorted(after))


class UnreadableSource(Exception):
    """Python cannot read a file of the learner's, or the lab does not dare to."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line
        self.reason = reason


def python_tree(content: bytes, name: str) -> ast.Module:
    """Return the syntax tree of a file as Python reads it. Nothing of the file is run.

    Raises UnreadableSource where Python could not run it either.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of invalid escapes and the like
            tree = ast.parse(content, name)
            compile(tree, name, "exec", dont_inherit=True)
    except SyntaxError as error:
        raise UnreadableSource(error.lineno or 1, error.msg or "invalid syntax") from error
    except ValueError as error:  # a NUL character, as UTF-16 has them
        raise UnreadableSource(1, str(error)) from error
    except (RecursionError, MemoryError) as error:  # so Python's own parser protects itself
        raise UnreadableSource(1, "it is nested too deep") from error
    return tree


def must_be_shallow(tree: ast.Module) -> None:
    """Raise UnreadableSource where code is nested so deep that LibCST would crash or not end."""
    waiting: list[tuple[ast.AST, int, int]] = [(tree, 0, 0)]
    while waiting:
        node, depth, patterns = waiting.pop()
        depth += len(node.values) - 1 if isinstance(node, ast.BoolOp) else 1  # LibCST nests `or`
        patterns += isinstance(node, ast.pattern)
        if depth > DEEPEST or patterns > DEEPEST_PATTERN:
            raise UnreadableSource(getattr(node, "lineno", 1), "it is nested too deep for the lab")
        waiting += [(child, depth, patterns) for child in ast.iter_child_nodes(node)]
