"""Finds the learner's app as uvicorn's and FastAPI's own commands do, and imports it."""

from __future__ import annotations

import ast
import importlib
import inspect
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from lab.child.probe import Application

# Where FastAPI's own command looks, in its order.
SRC = "src"  # a folder of packages, and none itself
MODULE_NAMES = ("main", "app", "api")
FACTORIES = ("create_app", "get_app", "make_app", "build_app", "create_application")
OTHERS = {"tests", "venv", "env", "node_modules"}  # folders in which no app is
LEVELS = 4  # of folders in each other, in which an app is looked for


class NoApp(Exception):
    """No FastAPI app in the folder, or not under the name that was given."""


def load(folder: Path, app: str | None) -> tuple[str, Application]:
    """Import the learner's app: (its name as "module:attr", the app).

    Raises NoApp where there is none, and whatever the learner's code raises.
    """
    if app:
        module_name, _, attribute = app.partition(":")
        _reach(folder, module_name)
        return _named(module_name, attribute)
    looked = []
    for file in _candidates(folder):
        looked.append(file.relative_to(folder).as_posix())
        name, module = _imported(folder, file)
        if found := _in_module(module):
            return f"{name}:{found[0]}", found[1]
    raise NoApp(
        f"no FastAPI app in {', '.join(looked)}"
        if looked
        else "no main.py, app.py or api.py in the folder"
    )


def _imported(folder: Path, file: Path) -> tuple[str, ModuleType]:
    src = folder / SRC
    is_package = (src / "__init__.py").is_file()
    root = src if file.is_relative_to(src) and not is_package else _root(folder, file)
    if root != folder:
        sys.path.insert(0, str(root))
    name = ".".join(file.relative_to(root).with_suffix("").parts)
    if file.parent != root and not (file.parent / "__init__.py").is_file():
        # Not a package: FastAPI's command then imports the file from its own folder. Where the
        # name is taken, as by a main.py that only starts the server, it is that of a package.
        sys.path.insert(0, str(file.parent))
        name = name if file.stem in sys.modules else file.stem
    return name, importlib.import_module(name)


def _root(folder: Path, file: Path) -> Path:
    """Return the folder that whoever starts a file begins in: its own, or that of its package."""
    package = file.parent
    if not package.name.isidentifier() and package != folder:
        return package  # todo-app: nobody can import it, whoever starts it begins inside
    if len(file.relative_to(folder).parts) <= 2:
        return folder
    while (package.parent / "__init__.py").is_file() and package.parent != folder:
        package = package.parent
    return package.parent


def _reach(folder: Path, module_name: str) -> None:
    """Put the folder inside the learner's that holds the module on the search path.

    Nothing where the learner's own folder holds it, as where uvicorn needs no `--app-dir`.
    """
    first = module_name.partition(".")[0]
    for place in [folder, *_within(folder, LEVELS)]:
        if (place / f"{first}.py").is_file() or (place / first).is_dir():
            if place.parent not in (folder, folder.parent):
                sys.path.insert(0, str(place.parent))
            if place != folder:
                sys.path.insert(0, str(place))
            own = place.joinpath(*module_name.split(".")[:-1])
            if not (own / "__init__.py").is_file():
                sys.path.append(str(own))
            return


def _named(module_name: str, attribute: str) -> tuple[str, Application]:
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        missing = error.name or ""
        if missing == module_name or module_name.startswith(missing + "."):
            raise NoApp(f"there is no module {module_name}") from error
        raise
    if not attribute:
        found = _in_module(module)
        if not found:
            raise NoApp(f"no FastAPI app in {module_name}")
        return f"{module_name}:{found[0]}", found[1]
    target: Any = module
    for part in attribute.split("."):
        if not hasattr(target, part):
            raise NoApp(f"there is no {attribute} in {module_name}")
        target = getattr(target, part)
    if inspect.isfunction(target) and not inspect.signature(target).parameters:
        target = target()  # an application factory, as uvicorn understands it
    return f"{module_name}:{attribute}", target


def _candidates(folder: Path) -> Iterator[Path]:
    """Yield the files that may have the app, the likeliest first."""
    inner = _inner(folder)
    if folder / SRC in inner:
        inner += _inner(folder / SRC)
    places = [place / f"{name}.py" for place in [folder, *inner] for name in MODULE_NAMES]
    alone = list(folder.glob("*.py"))
    files = [file for file in places if file.is_file()] or (alone if len(alone) == 1 else [])
    yield from files
    making = [file for file in _below(folder, LEVELS) if file not in files and _makes_app(file)]
    named = [file for file in making if file.stem in MODULE_NAMES]
    yield from named or (making if len(making) == 1 else [])


def _within(folder: Path, levels: int) -> Iterator[Path]:
    """Yield the folders inside a folder, and those inside them, down to so many levels."""
    inner = _inner(folder) if levels else []
    yield from inner
    for place in inner:
        yield from _within(place, levels - 1)


def _below(folder: Path, levels: int) -> Iterator[Path]:
    """Yield the modules in a folder and in those inside it, down to so many levels."""
    for place in [folder, *_within(folder, levels)]:
        yield from sorted(place.glob("*.py"))


def _makes_app(file: Path) -> bool:
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
    inner.sort(key=lambda path: path.name != "app")  # FastAPI's command knows this one alone
    return inner


def _in_module(module: Any) -> tuple[str, Application] | None:
    from fastapi import FastAPI

    names = ["app", "api", *vars(module)]
    for name in names:
        value = getattr(module, name, None)
        if isinstance(value, FastAPI):
            return name, value
    for name in FACTORIES:
        value = getattr(module, name, None)
        if inspect.isfunction(value) and not inspect.signature(value).parameters:
            made = value()  # as for `uvicorn --factory`
            if isinstance(made, FastAPI):
                return name, made
    return None
