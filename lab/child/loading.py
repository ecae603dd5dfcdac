"""Finds the learner's app as uvicorn's and FastAPI's own commands do, and imports it."""

from __future__ import annotations

import importlib
import inspect
import sys
from pathlib import Path
from typing import Any

from lab.child.probe import Application

# Where FastAPI's own command looks, in its order.
SRC = "src"  # a folder of packages, and none itself
MODULE_NAMES = ("main", "app", "api")


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
    files = _candidates(folder)
    for file in files:
        src = folder / SRC
        is_package = (src / "__init__.py").is_file()
        root = src if file.is_relative_to(src) and not is_package else folder
        if root != folder:
            sys.path.insert(0, str(root))
        module_name = ".".join(file.relative_to(root).with_suffix("").parts)
        if file.parent != root and not (file.parent / "__init__.py").is_file():
            # Not a package: FastAPI's command then imports the file from its own folder.
            sys.path.insert(0, str(file.parent))
            module_name = file.stem
        found = _in_module(importlib.import_module(module_name))
        if found:
            return f"{module_name}:{found[0]}", found[1]
    looked = ", ".join(file.relative_to(folder).as_posix() for file in files)
    raise NoApp(
        f"no FastAPI app in {looked}" if looked else "no main.py, app.py or api.py in the folder"
    )


def _reach(folder: Path, module_name: str) -> None:
    """Put the folder inside the learner's that holds the module on the search path.

    Nothing where the learner's own folder holds it, as where uvicorn needs no `--app-dir`.
    """
    first = module_name.partition(".")[0]
    for place in [folder, *_inner(folder)]:
        if (place / f"{first}.py").is_file() or (place / first).is_dir():
            if place != folder:
                sys.path.insert(0, str(place))
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


def _candidates(folder: Path) -> list[Path]:
    inner = _inner(folder)
    if folder / SRC in inner:
        inner += _inner(folder / SRC)
    places = [place / f"{name}.py" for place in [folder, *inner] for name in MODULE_NAMES]
    alone = list(folder.glob("*.py"))
    return [file for file in places if file.is_file()] or (alone if len(alone) == 1 else [])


def _inner(folder: Path) -> list[Path]:
    inner = sorted(
        path
        for path in folder.iterdir()
        if path.is_dir() and path.name.isidentifier() and path.name not in {"tests", "venv"}
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
    return None
