"""A learner's sources as bytes: read from a folder, compared as text."""

from __future__ import annotations

import difflib
import io
import os
import tokenize
from collections.abc import Iterator, Mapping
from pathlib import Path

Sources = Mapping[str, bytes]  # posix path, relative to the learner's folder -> contents

SKIPPED = frozenset(
    {"__pycache__", "node_modules", "site-packages", "venv", "env", "tests", "test"}
)


def read_sources(folder: Path) -> dict[str, bytes]:
    """Return every Python file of the learner's own app below `folder`, by its relative path.

    Left out: hidden folders, virtual environments, installed packages, tests and Alembic's
    migrations, because none of them is the app.
    """
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(_python(folder))
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
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
        for path in sorted(after)
        if before.get(path) != after[path]
        for line in difflib.unified_diff(
            _lines(before.get(path, b"")), _lines(after[path]), f"a/{path}", f"b/{path}"
        )
    )


def _lines(content: bytes) -> list[str]:
    try:
        encoding = tokenize.detect_encoding(io.BytesIO(content).readline)[0]
        text = content.decode(encoding)
    except (SyntaxError, UnicodeDecodeError):  # the learner may have saved it as anything
        text = content.decode("latin-1")
    return text.replace("\r\n", "\n").splitlines(keepends=True)
