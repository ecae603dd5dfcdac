"""Exercises and demos: their texts, their predictions, and what they are made of. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

from lab.scenario.steps import MoveDatabase, Start, Step

if TYPE_CHECKING:
    from lab.codemods import Edit
    from lab.scenario.observations import Seen

Kind = Literal["persist", "alter", "break", "fix", "claim", "test"]
Test: TypeAlias = "Callable[[Seen], bool]"
START = "start"  # the name of an exercise's `start` among its variants
Database = Literal["sqlite", "postgresql", "mysql"]
FILE: tuple[Database, ...] = ("sqlite",)
SERVERS: tuple[Database, ...] = ("postgresql", "mysql")
ALL: tuple[Database, ...] = (*FILE, *SERVERS)
KINDS: tuple[Kind, ...] = ("persist", "alter", "break", "fix", "claim", "test")
# That an exercise of a kind takes, unless it says otherwise.
MINUTES: Mapping[Kind, int] = {
    "persist": 10, "alter": 20, "break": 5, "fix": 10, "claim": 5, "test": 20,
}  # fmt: skip
Topic = Literal["durability", "sessions", "schema", "concurrency", "async", "answers", "operations"]
TOPICS: tuple[Topic, ...] = get_args(Topic)


@dataclass(frozen=True)
class Prediction:
    """A question before something happens. Which choice is right is measured, never declared.

    `of` reduces what was seen to the key of the choice that came true, or to something else where
    none of them did. `why` is a general truth about the question, shown after the comparison.
    """

    question: str
    of: Callable[[Seen], object]
    choices: Mapping[Any, str]
    why: str

    @property
    def texts(self) -> tuple[str, ...]:
        """The choices as the learner reads them, in their order."""
        return tuple(self.choices.values())

    def happened(self, seen: Seen) -> int | None:
        """Return the index of the choice that came true; None where none of them did."""
        key = self.of(seen)
        return list(self.choices).index(key) if key in self.choices else None


@dataclass(frozen=True)
class Variant:
    """One way to bring a change about. The first of an exercise is the one without an option.

    `edits` change the sources, all of them or none; the `steps` come after them. A fix `undoes`
    the edits of its break: it gives back what they changed, and keeps what came since.
    """

    says: str
    edits: tuple[Edit, ...] = ()
    undoes: tuple[Edit, ...] = ()
    steps: tuple[Step, ...] = ()
    name: str = ""

    @property
    def only_starts(self) -> bool:
        """Whether a start is all of it, which leaves nothing for a learner to write."""
        changes = self.edits or self.undoes
        return not changes and all(isinstance(step, Start) for step in self.steps)


@dataclass(frozen=True)
class Exercise:
    """One exercise. `id`, `number`, `source` and `topic` are given by the catalogue.

    The play is `before`, the change, `after`. A break refuses to start where `before` does not
    show a healthy app; a fix does nothing where `needed` does not hold after `before`.
    A fix has worked where `mended` holds; without one, where no request crashed.
    A test is judged by what the learner's own tests say of APIs of the lab's, right and wrong.
    A claim is played on an `app` of its own, and is settled by a prediction and a look.
    `start` takes out of the app what the learner is to write; it is judged only after that.
    `databases` are those on which it has a meaning; where no "sqlite" is among them, it is played
    and judged on a server. It `includes` the checks of other exercises, by their ids.
    """

    kind: Kind
    title: str
    teaches: str
    task: str
    hints: tuple[str, ...]
    after: tuple[Step, ...]
    before: tuple[Step, ...] = ()
    variants: tuple[Variant, ...] = ()
    start: Variant | None = None
    databases: tuple[Database, ...] = FILE
    includes: tuple[str, ...] = ()
    needs: str = ""  # a package that an extra of this name brings
    file: str = ""  # of a test: the one that the learner writes
    app: Mapping[str, str] = field(default_factory=dict)  # file name -> source
    prediction: Prediction | None = None
    symptom: Test | None = None
    needed: Test | None = None
    mended: Test | None = None
    id: str = ""
    number: int = 0
    source: str = ""
    topic: Topic | None = None
    minutes: int = 0  # that it takes, about; 0: as long as its kind

    @property
    def is_written(self) -> bool:
        """Whether the learner writes something that was not there."""
        return self.kind in ("alter", "test")

    @property
    def moves(self) -> bool:
        """Whether it is about todos that move to a server."""
        return any(MoveDatabase() in variant.steps for variant in self.variants)

    def variant(self, name: str | None) -> Variant | None:
        """Return the variant of that name, the first one for None; None where there is none."""
        if not name:
            return self.variants[0] if self.variants else None
        if name == START and self.start:
            return self.start
        return next((variant for variant in self.variants if variant.name == name), None)


@dataclass(frozen=True)
class Demo:
    """Something to show to others, on a throw-away copy. `app` replaces the reference API."""

    title: str
    teaches: str
    steps: tuple[Step, ...]
    app: Mapping[str, str] = field(default_factory=dict)  # file name -> source
    name: str = ""


@dataclass(frozen=True)
class Scenario:
    """What one file under scenarios/ declares as `scenario`: one story."""

    source: str  # the course note, and what it calls the exercise
    exercises: tuple[Exercise, ...] = ()
    demo: Demo | None = None
    topic: Topic | None = None  # beyond the documented track: what it is about
