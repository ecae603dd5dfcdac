"""The words of the lab as values, and its errors, each with its remedy. No I/O."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar

from lab.answers import parsed


class Verdict(StrEnum):
    """What a check or an exercise came to. ERROR is never the learner's fault.

    NOT_APPLICABLE: what the exercise is about is not there to be judged, and nobody is at fault.
    """

    PASSED = "passed"
    FAILED = "failed"
    NOT_STARTED = "not_started"
    NOT_APPLICABLE = "not_applicable"
    ERROR = "error"

    @property
    def words(self) -> str:
        """The verdict as a person reads it."""
        return self.replace("_", " ")


class LabError(Exception):
    """Something that stops a command. Shown as one sentence and one remedy, never a traceback."""

    exit_code: ClassVar[int] = 3

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


class UsageError(LabError):
    """The command line asks for something that does not exist or cannot be."""

    exit_code = 2


class NotPossible(LabError):
    """The learner's code or data is in a state that the command cannot work on."""

    exit_code = 1


class NoTodos(NotPossible):
    """The app has no list of todos where the exercises ask for it."""

    def __init__(self) -> None:
        super().__init__(
            "GET /todos answers 404: the app has no list of todos where the exercises ask for it.",
            "Give it one at /todos, in the workspace: what that was copied from stays as it is. "
            "`lab init --from` looks at other paths, too, and takes one if it is the only one, or "
            "the one that you name with `--todos PATH`.",
        )


class WorkspaceBusy(LabError):
    """Another command holds the workspace."""


class EditNotApplicable(NotPossible):
    """A change to the learner's code found no place, or more than one. Nothing was changed."""


class AlreadyThere(EditNotApplicable):
    """The learner's code already has what the change would bring. Nothing was changed."""

    def __init__(self, message: str, remedy: str = "There is nothing left to change.") -> None:
        super().__init__(message, remedy)


class ByHand(EditNotApplicable):
    """The learner's code is another where the lab would change it. `answer` is a unified diff."""

    def __init__(self, message: str, answer: str) -> None:
        super().__init__(
            message, "Make the change by hand: this is how it looks in the lab's own API."
        )
        self.answer = answer


@dataclass(frozen=True)
class Frame:
    """One line of the learner's own code, as a traceback names it."""

    file: str  # relative to the learner's folder
    line: int
    function: str
    text: str

    def __str__(self) -> str:
        if self.function == "<module>":  # as of a bracket that is open: it is not to be closed here
            return f"{self.file}:{self.line}: `{self.text}`"
        return f"{self.file}:{self.line} in {self.function}: {self.text}"


@dataclass(frozen=True)
class Crash:
    """An exception inside the learner's server, with the innermost frame that is their own."""

    kind: str
    message: str
    frame: Frame | None

    def __str__(self) -> str:
        said = f"{self.kind}: {self.message}" if self.message else self.kind
        return f"{said} ({self.frame})" if self.frame else said


class AppFailed(NotPossible):
    """The learner's app did not start, died, or did not answer. It counts as a failed check."""

    expected = "an app that starts and answers"

    def __init__(
        self, message: str, remedy: str, crash: Crash | None = None, log: str = ""
    ) -> None:
        super().__init__(message, remedy)
        self.crash = crash
        self.log = log


class NoApp(AppFailed):
    """There is no app in the learner's folder, or not under the name that was given."""


class NotLent(AppFailed):
    """The learner's app keeps its data where the lab writes nothing: on a server, say."""


class TookTooLong(AppFailed):
    """The learner's app did not do something in time: its own fault, or a busy machine's."""


class TestsTookTooLong(TookTooLong):
    """The learner's own tests did not end in time."""

    __test__ = False  # pytest is not to collect it
    expected = "tests that come to their end"


class NoAnswer(TookTooLong):
    """The learner's app runs, and did not answer."""


class CheckFailed(Exception):
    """What a check raises when the learner's app does not do what the task asks for.

    `shown` is what shows it, where that is not the last request to the server.
    """

    def __init__(
        self, expected: str, actual: str, help: str, shown: Evidence | None = None
    ) -> None:
        super().__init__(f"expected {expected}, got {actual}")
        self.expected = expected
        self.actual = actual
        self.help = help
        self.shown = shown


class NotApplicable(Exception):
    """What a check raises where the app does not have what the check is about."""

    def __init__(self, looked_for: str, found: str) -> None:
        super().__init__(f"looked for {looked_for}, found {found}")
        self.looked_for = looked_for
        self.found = found


@dataclass(frozen=True)
class Exchange:
    """One HTTP request and what came back, with what the server logged meanwhile."""

    method: str
    path: str
    sent: Any  # the JSON body, None where there was none
    curl: str
    status: int
    text: str
    seconds: float
    log: str = ""
    crash: Crash | None = None
    said_in: Callable[[Any], Any] | None = field(default=None, repr=False, compare=False)

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def body(self) -> Any:
        """The body as JSON, as the app has sent it; None where it is empty or no JSON."""
        return parsed(self.text)

    @property
    def json(self) -> Any:
        """The body as JSON in the exercises' own names: to ask what it says, and not to show."""
        return self.said_in(self.body) if self.said_in else self.body

    def __str__(self) -> str:
        return f"{self.status} {self.text}".rstrip()


@dataclass(frozen=True)
class Evidence:
    """What shows a failure: the request, its answer, the server's words, the rows."""

    curl: str | None = None  # or another command that a person can paste
    response: str | None = None
    log: str | None = None
    rows_before: str | None = None
    rows_after: str | None = None
    crash: Crash | None = None  # what the app has raised meanwhile


@dataclass(frozen=True)
class CheckResult:
    """One check on one workspace. Its fields are part of `lab verify --json`."""

    name: str
    says: str
    verdict: Verdict
    expected: str | None = None
    actual: str | None = None  # of one that has passed, what was seen beside what it asks for
    help: str | None = None
    evidence: Evidence | None = None
    late: bool = False  # it failed since something took too long


Progress = Callable[[CheckResult], None]  # is told of each result as it comes


@dataclass(frozen=True)
class ExerciseResult:
    """All checks of one exercise on one workspace. Its fields are part of `lab verify --json`."""

    id: str
    verdict: Verdict
    checks: tuple[CheckResult, ...] = ()
    note: str | None = None


class NoWorkspace(UsageError):
    """There is no workspace where the command looked for one."""


class LinkRefused(UsageError):
    """A link in a place where the lab follows none, because it may lead anywhere."""


class CannotWrite(LabError):
    """The machine refuses to write: a full disk, a read-only folder, a missing right."""


class Unreadable(LabError):
    """A file of the learner's that the lab must read and may not."""


class NotADatabase(NotPossible):
    """A file that is missing, damaged, or no SQLite database at all."""


class DatabaseLocked(NotPossible):
    """Another program keeps the database locked for longer than the lab waits."""

    exit_code = 3


class ChangedMeanwhile(NotPossible):
    """The learner saved a file that the lab was about to change. Nothing was changed."""

    exit_code = 3


class DamagedSnapshot(LabError):
    """A snapshot of which a part is missing or unreadable. Nothing was changed."""


@dataclass(frozen=True)
class Rows:
    """The rows of one table, in the order in which it keeps them."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]

    def of(self, column: str) -> list[Any]:
        """Return what each row has in a column; nothing where the table has no such column."""
        return [row[self.columns.index(column)] for row in self.rows if column in self.columns]
