"""Finds the scenarios under scenarios/, checks them, and gives the exercises in course order."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import TypeAlias

from lab import resources
from lab.codemods import Patch
from lab.model import LabError, UsageError
from lab.scenario import KINDS, MINUTES, Demo, Exercise, Prediction, Scenario
from lab.scenario.explanation import Explanation

Entry: TypeAlias = Exercise | Explanation

# persist.py, alter_1_priority.py, demo_memory.py: a file's name gives its exercises their ids.
NAME = re.compile(r"(?P<kind>[a-z]+)(_(?P<number>\d+))?(_(?P<rest>\w+))?")
HINTS = 3  # where to look, what to ask, what to type
CHOICES = 3
DEMO = "demo"


class BadScenario(LabError):
    """A scenario file that does not keep the rules. Its author is at fault, never a learner."""

    def __init__(self, file: str, problem: str) -> None:
        super().__init__(f"scenarios/{file}: {problem}.", "Mend the scenario: `lab dev check`.")


@dataclass(frozen=True)
class Catalogue:
    """Everything that scenarios declare, in the order of the course."""

    exercises: Mapping[str, Entry]
    demos: Mapping[str, Demo]

    def exercise(self, id: str) -> Entry:
        """Return the exercise of that id. Raises UsageError, with the nearest ids."""
        if id.lower() not in self.exercises:
            raise _unknown(id, "exercise", list(self.exercises), "lab list")
        return self.exercises[id.lower()]

    def playable(self, id: str) -> Exercise:
        """Return the exercise of that id, one that can be played. Raises UsageError."""
        found = self.exercise(id)
        if not isinstance(found, Exercise):
            raise UsageError(
                f"{found.id} is about words: there is nothing to run.", f"`lab explain {found.id}`."
            )
        return found

    def showing(self, name: str) -> Demo | tuple[Exercise, ...]:
        """Return the demo of that name, or the exercises that an exercise's full circle is made of.

        Raises UsageError, with the nearest names, where there is neither.
        """
        if name.lower() in self.demos:
            return self.demos[name.lower()]
        if name.lower() not in self.exercises:
            raise _unknown(name, "demo", [*self.demos, *self.exercises], "lab demo --help")
        chosen = self.playable(name)
        return tuple(
            entry
            for entry in self.exercises.values()
            if isinstance(entry, Exercise)
            and entry.number == chosen.number
            and _told_together(entry.kind) == _told_together(chosen.kind)
        )

    def without_checks(self) -> list[str]:
        """Return the ids of the exercises to be played that no file under checks/ judges.

        A claim needs none: the journal says whether it was settled.
        """
        entries = self.exercises.values()
        return [
            e.id
            for e in entries
            if isinstance(e, Exercise) and e.kind != "claim" and not check_files(e.id)
        ]


@cache
def load(folder: Path | None = None) -> Catalogue:
    """Read every scenario in the folder, the lab's own where none is given.

    Raises BadScenario where one breaks a rule or two share an id.
    """
    exercises: dict[str, Entry] = {}
    demos: dict[str, Demo] = {}
    for path in sorted((folder or resources.folder("scenarios")).glob("*.py"), key=_place):
        for found in _declared(path):
            known = demos if isinstance(found, Demo) else exercises
            name = found.name if isinstance(found, Demo) else found.id
            if name in known:
                raise BadScenario(path.name, f"another file has {name} already")
            if isinstance(found, Demo):
                demos[name] = found
            else:
                exercises[name] = found
    return Catalogue(exercises, demos)


def exercises(everything: bool = False) -> Mapping[str, Entry]:
    """Return the documented exercises by their ids; with `everything`, the further ones too."""
    return {
        id: entry
        for id, entry in load().exercises.items()
        if everything or not (isinstance(entry, Exercise) and entry.topic)
    }


def exercise(id: str) -> Entry:
    """Return the exercise of that id. Raises UsageError, with the nearest ids."""
    return load().exercise(id)


def check_files(exercise: str) -> list[Path]:
    """Return the files under checks/ that judge an exercise, by their names."""
    stem = "test_" + exercise.replace("-", "_")
    folder = resources.folder("checks")
    return sorted([*folder.glob(f"{stem}.py"), *folder.glob(f"{stem}_*.py")])


def _told_together(kind: str) -> str:
    return "break" if kind == "fix" else kind


def _place(path: Path) -> tuple[int, int, str]:
    """Where a file stands in the course: by its kind, its number, its name."""
    name = NAME.fullmatch(path.stem)
    order = [*KINDS, "explain", DEMO]
    kind = name["kind"] if name else ""
    place = order.index(kind) if kind in order else len(order)
    return place, int(name["number"] or 0) if name else 0, path.stem


def _declared(path: Path) -> Iterator[Entry | Demo]:
    """Yield what one file declares, with names and ids. Raises BadScenario."""
    name = NAME.fullmatch(path.stem)
    declared = _read(path)
    is_demo = path.stem.startswith(f"{DEMO}_")
    if name is None or (isinstance(declared, Scenario) and bool(declared.demo) != is_demo):
        raise BadScenario(path.name, "name it as break_2_stale_schema.py or demo_memory.py")
    problems = list(_problems(declared))
    if problems:
        raise BadScenario(path.name, "; ".join(problems))
    number = name["number"]
    if isinstance(declared, Explanation):
        yield replace(declared, id=f"explain-{number}", number=int(number or 0))
        return
    for exercise in declared.exercises:
        yield replace(
            exercise,
            id=f"{exercise.kind}-{number}" if number else exercise.kind,
            number=int(number or 0),
            source=declared.source,
            topic=declared.topic,
            minutes=exercise.minutes or MINUTES[exercise.kind],
        )
    if declared.demo:
        yield replace(declared.demo, name=path.stem.removeprefix(f"{DEMO}_"))


def _read(path: Path) -> Scenario | Explanation:
    """Run one file and return its `scenario`. Raises BadScenario."""
    spec = spec_from_file_location(f"lab_scenarios.{path.stem}", path)
    assert spec and spec.loader
    module = module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except (SyntaxError, ImportError, NameError, TypeError, AttributeError, ValueError) as error:
        raise BadScenario(path.name, f"it cannot be read: {error}") from error
    declared = getattr(module, "scenario", None)
    if not isinstance(declared, Scenario | Explanation):
        raise BadScenario(path.name, "it declares no `scenario`")
    return declared


def _problems(declared: Scenario | Explanation) -> Iterator[str]:
    """Yield what is wrong with a scenario, a few words each."""
    if not declared.source.strip():
        yield "it names no source"
    if isinstance(declared, Explanation):
        yield from _texts("the explanation", declared)
        return
    if not declared.exercises and not declared.demo:
        yield "it declares neither an exercise nor a demo"
    if declared.demo:
        yield from _empty("the demo", title=declared.demo.title, teaches=declared.demo.teaches)
        if not declared.demo.steps:
            yield "the demo shows nothing"
    for exercise in declared.exercises:
        yield from _texts(f"the {exercise.kind}", exercise)
        yield from _parts(f"the {exercise.kind}", exercise)


def _texts(of: str, entry: Entry) -> Iterator[str]:
    yield from _empty(of, title=entry.title, teaches=entry.teaches, task=entry.task)
    if len(entry.hints) != HINTS or not all(hint.strip() for hint in entry.hints):
        yield f"{of} has not {HINTS} hints"


def _parts(of: str, exercise: Exercise) -> Iterator[str]:
    if exercise.kind not in KINDS:
        yield f"{of} is of no known kind"
    yield from _prediction(of, exercise.prediction)
    if not exercise.after:
        yield f"{of} shows nothing"
    if (exercise.kind == "break") != (exercise.symptom is not None):
        yield f"{of} has no symptom, or is no break and has one"
    if (exercise.kind == "fix") != (exercise.needed is not None):
        yield f"{of} does not say when it is needed, or is no fix and does"
    if (exercise.kind == "claim") != bool(exercise.app):
        yield f"{of} has no app of its own, or is no claim and has one"
    if (exercise.kind == "test") != bool(exercise.file):
        yield f"{of} names no file to write, or is no test and does"
    if exercise.kind in ("alter", "break", "test") and not exercise.variants:
        yield f"{of} changes nothing"
    for variant in filter(None, (*exercise.variants, exercise.start)):
        yield from _empty(f"a variant of {of}", says=variant.says)
    names = [variant.name for variant in exercise.variants]
    if len(set(names)) < len(names):
        yield f"two variants of {of} share a name"


def _empty(of: str, **texts: str) -> Iterator[str]:
    for name, text in texts.items():
        if not text.strip():
            yield f"{of} has no {name}"


def _prediction(of: str, prediction: Prediction | None) -> Iterator[str]:
    if prediction is None:
        yield f"{of} asks for no prediction"
        return
    yield from _empty(f"the prediction of {of}", question=prediction.question, why=prediction.why)
    if len(set(prediction.texts)) < CHOICES or not all(text.strip() for text in prediction.texts):
        yield f"the prediction of {of} has fewer than {CHOICES} choices"


def adds(broken: Exercise) -> bool:
    """Whether a break adds what the reference does not have, and its fix is then about."""
    edits = (edit for variant in broken.variants for edit in variant.edits)
    return any(isinstance(edit, Patch) and edit.adds for edit in edits)


def _unknown(asked: str, what: str, known: list[str], command: str) -> UsageError:
    near = get_close_matches(asked.lower(), known, n=3, cutoff=0.5)
    meant = f"Did you mean {' or '.join(near)}? " if near else ""
    return UsageError(f"There is no {what} {asked!r}.", f"{meant}`{command}` shows what there is.")
