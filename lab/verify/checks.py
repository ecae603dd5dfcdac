"""The checks of an exercise: the test functions of its files under checks/."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

from lab.course import catalogue
from lab.course.catalogue import check_files
from lab.model import LabError
from lab.scenario import Exercise
from lab.verify.todos import Todos

PREFIX = "test_"
# What a check is given, by the name of its parameter: a server of its own, not started yet,
#   todos        on an empty database; on `own`, where the app needs that
#   own          on a copy of the workspace's own database
#   fresh        on an empty database in any case
# or one that runs, perhaps after other checks, on a database as new, or as for `todos`:
#   running      as anywhere
#   uncollected  without Python's cyclic garbage collector, which closes leaked sessions by luck
RUNNING, UNCOLLECTED = "running", "uncollected"
PARAMETERS = ("todos", "own", "fresh", RUNNING, UNCOLLECTED)


class BadCheck(LabError):
    """A file of checks that cannot be used. Its author is at fault, never a learner."""

    def __init__(self, file: Path, problem: str) -> None:
        super().__init__(
            f"A file of checks cannot be read: {file.name}: {problem}.",
            "This is a defect of the lab: `lab dev check` is for its authors.",
        )


@dataclass(frozen=True)
class Check:
    """One test function, which gets the API on a server."""

    file: Path
    # Not compared: each import makes another one. It may return what it has seen beside what it
    # asks for.
    function: Callable[[Todos], str | None] = field(compare=False)
    function_name: str
    parameter: str

    @property
    def name(self) -> str:
        """The function's name without `test_`."""
        return self.function_name.removeprefix(PREFIX)

    @property
    def shares(self) -> bool:
        """Whether it may run on a server that others have used, where its database is as new."""
        return self.parameter in (RUNNING, UNCOLLECTED)

    @property
    def collects(self) -> bool:
        """Whether the server that it is given runs with Python's cyclic garbage collector."""
        return self.parameter != UNCOLLECTED

    @property
    def says(self) -> str:
        """The first line of its docstring: the sentence that the learner reads."""
        return (inspect.getdoc(self.function) or self.name).splitlines()[0].rstrip(".")


def of_exercise(id: str) -> list[Check]:
    """Return the checks of an exercise and then of those it includes. Raises BadCheck."""
    entry = catalogue.load().exercises.get(id)
    included = entry.includes if isinstance(entry, Exercise) else ()
    files = [file for each in (id, *included) for file in check_files(each)]
    return [check for file in files for check in in_file(file)]


def in_file(file: Path) -> list[Check]:
    """Import a file and return its checks, in their order there. Raises BadCheck."""
    return [
        as_check(file, name, function)
        for name, function in vars(_imported(file)).items()
        if name.startswith(PREFIX) and inspect.isfunction(function)
    ]


def as_check(file: Path, name: str, function: Callable[[Todos], str | None]) -> Check:
    """Return a test function as a check. Raises BadCheck where it asks for what there is not."""
    parameters = tuple(inspect.signature(function).parameters)
    if len(parameters) != 1 or parameters[0] not in PARAMETERS:
        raise BadCheck(file, f"{name} must have one parameter, one of {', '.join(PARAMETERS)}")
    return Check(file, function, name, parameters[0])


def _imported(file: Path) -> ModuleType:
    name = f"lab_checks.{file.stem}"
    spec = spec_from_file_location(name, file)
    assert spec and spec.loader
    module = module_from_spec(spec)
    sys.modules[name] = module  # where dataclasses and the like look for it
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise BadCheck(file, f"{type(error).__name__}: {error}") from error
    return module
