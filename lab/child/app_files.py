"""Finds the files that may have the app of a project. Nothing of them is run."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

# Where FastAPI's own command looks, in its order.
SRC = "src"  # a folder of packages, and none itself
MODULE_NAMES = ("main", "app", "api")
FACTORIES = ("create_app", "get_app", "make_app", "build_app", "create_application")
KNOWN = ("app", "todos_app")  # folders: the one that FastAPI's command knows, and the course's own
OTHERS = {"tests", "venv", "env", "node_modules"}  # folders in which no app is
LEVELS = 4  # of folders in each other, in which an app is looked for


def candidates(folder: Path) -> Iterator[Path]:
    """Yield the files that may have the app, the likeliest first."""
    inner = _inner(folder)
    if folder / SRC in inner:
        inner += _inner(folder / SRC)
    places = [place / f"{name}.py" for place in [folder, *inner] for name in MODULE_NAMES]
    alone = list(folder.glob("*.py"))
    files = [file for file in places if file.is_file()] or (alone if len(alone) == 1 else [])
    yield from files
    making = [file for file in _below(folder, LEVELS) if file not in files and makes_app(file)]
    named = [file for file in making if file.stem in MODULE_NAMES]
    yield from named or (making if len(making) == 1 else [])


def copies(folder: Path, file: Path) -> Iterator[Path]:
    """Yield the files that may have the app as well as `file`: by its path but for one folder.

    None where the name of that folder says which of them is meant.
    """
    parts = file.relative_to(folder).parts
    for level, name in enumerate(parts[:-1]):
        if name in KNOWN:
            continue
        for other in _inner(folder.joinpath(*parts[:level])):
            copy = other.joinpath(*parts[level + 1 :])
            if other.name != name and copy.is_file() and makes_app(copy):
                yield copy


def folders_within(folder: Path, levels: int) -> Iterator[Path]:
    """Yield the folders inside a folder, and those inside them, down to so many levels."""
    inner = _inner(folder) if levels else []
    yield from inner
    for place in inner:
        yield from folders_within(place, levels - 1)


def _below(folder: Path, levels: int) -> Iterator[Path]:
    """Yield the modules in a folder and in those inside it, down to so many levels."""
    for place in [folder, *folders_within(folder, levels)]:
        yield from sorted(place.glob("*.py"))


def makes_app(file: Path) -> bool:
    """Whether a module gives a name to an app: to FastAPI(...), or to what a factory makes."""
    try:
        statements = ast.parse(file.read_bytes()).body
    except (OSError, SyntaxError, ValueError):
        return False
    for each in statements:
        match each:
            case ast.Assign([ast.Name(name)], ast.Call(func)) | ast.AnnAssign(
                ast.Name(name), _, ast.Call(func)
            ):
                if name in MODULE_NAMES or ast.unparse(func).endswith("FastAPI"):
                    return True
            case ast.FunctionDef(name) if name in FACTORIES:
                return True
    return False


def _inner(folder: Path) -> list[Path]:
    inner = sorted(
        path
        for path in folder.iterdir()
        if path.is_dir() and not path.name.startswith(".") and path.name not in OTHERS
        if not (path / "pyvenv.cfg").is_file()
    )
    inner.sort(key=lambda path: KNOWN.index(path.name) if path.name in KNOWN else len(KNOWN))
    return inner
