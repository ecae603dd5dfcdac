"""Finds the learner's app as uvicorn's and FastAPI's own commands do, and imports it."""

from __future__ import annotations

import importlib
import inspect
import sys
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any, TypeGuard

from lab.child.app_files import FACTORIES, LEVELS, SRC, candidates, copies, folders_within
from lab.child.probe import Application


class NoApp(Exception):
    """No FastAPI app in the folder, several of which none is likelier, or none of a given name."""


def load(folder: Path, app: str | None) -> tuple[str, Application]:
    """Import the learner's app: (its name as "module:attr", the app).

    Raises NoApp where there is none, and whatever the learner's code raises.
    """
    if app:
        module_name, _, attribute = app.partition(":")
        _reach(folder, module_name)
        return _named(module_name, attribute)
    looked = []
    for file in candidates(folder):
        looked.append(file.relative_to(folder).as_posix())
        name, module = _imported(folder, file)
        if found := _in_module(module):
            if other := next(copies(folder, file), None):
                both = f"{looked[-1]} and {other.relative_to(folder).as_posix()}"
                raise NoApp(f"it may be one of two, and nothing says which: {both}")
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
    for place in [folder, *folders_within(folder, LEVELS)]:
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
    if _is_factory(target):
        target = target()  # an application factory, as uvicorn understands it
    return f"{module_name}:{attribute}", target


def _is_factory(value: Any) -> TypeGuard[FunctionType]:
    """Whether it is a function that can be called with nothing."""
    if not inspect.isfunction(value):
        return False
    taken = inspect.signature(value).parameters.values()
    needed = (each for each in taken if each.default is each.empty)
    return all(each.kind in (each.VAR_POSITIONAL, each.VAR_KEYWORD) for each in needed)


def _in_module(module: Any) -> tuple[str, Application] | None:
    from fastapi import FastAPI

    names = ["app", "api", *vars(module)]
    for name in names:
        value = getattr(module, name, None)
        if isinstance(value, FastAPI):
            return name, value
    for name in FACTORIES:
        value = getattr(module, name, None)
        if _is_factory(value):
            made = value()  # as for `uvicorn --factory`
            if isinstance(made, FastAPI):
                return name, made
    return None
