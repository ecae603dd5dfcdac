"""What the journal and `answers.md` say of the explain exercises: verdicts, scores and marks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lab.course import catalogue
from lab.model import CheckResult, ExerciseResult, UsageError, Verdict
from lab.quiz import answers
from lab.quiz.answers import Lack
from lab.scenario.explanation import Explanation
from lab.workspace.journal import Entry, Journal, Kind
from lab.workspace.workspace import Workspace

CHECKS = {
    "questions_answered": "Every question was answered right, at the first try or later",
    "own_words": "answers.md has an answer in your own words",
    "self_marked": "You compared your answer with the model answer and marked it",
}


@dataclass(frozen=True)
class Standing:
    """How far a learner has come with one explain exercise."""

    first: Mapping[str, bool]  # question -> whether the first try was right
    right: frozenset[str]  # the questions that were answered right at some time
    tries: int
    marked: Entry | None  # the latest marks


@dataclass(frozen=True)
class Marks:
    """One exercise as an instructor sees it. `at`, `answer` and `points` are of the marking."""

    exercise: str
    asks: str
    questions: int
    first_right: int
    right: int
    tries: int
    at: str | None = None
    answer: str | None = None
    points: tuple[tuple[str, bool], ...] = ()


def standing(journal: Journal, explanation: Explanation) -> Standing:
    """Return how far the learner has come, from the journal. Raises Unreadable."""
    first: dict[str, bool] = {}
    right = set()
    tries = 0
    marked = None
    known = {question.id for question in explanation.questions}
    for entry in journal.entries(Kind.ANSWER, explanation.id):
        match entry.data:
            case {"question": str(question), "right": bool(is_right)} if question in known:
                first.setdefault(question, is_right)
                tries += 1
                if is_right:
                    right.add(question)
            case {"marks": list(), "points": list(), "answer": str()}:
                marked = entry
    return Standing(first, frozenset(right), tries, marked)


def explanation_of(id: str) -> Explanation:
    """Return the explain exercise of that id. Raises UsageError where there is none."""
    found = catalogue.exercise(id)
    if not isinstance(found, Explanation):
        raise UsageError(f"{found.id} is not about words.", f"Its task: `lab show {found.id}`.")
    return found


def explanations() -> tuple[Explanation, ...]:
    """Return all explain exercises, in the order of the course."""
    entries = catalogue.exercises(everything=True).values()
    return tuple(entry for entry in entries if isinstance(entry, Explanation))


def next_one(workspace: Workspace) -> Explanation:
    """Return the first explain exercise that has not passed, the first of all where all have."""
    every = explanations()
    open = (one for one in every if judged(workspace, one).verdict is not Verdict.PASSED)
    return next(open, every[0])


def judge_explanations(workspace: Workspace, ids: Iterable[str]) -> list[ExerciseResult]:
    """Return a result for each exercise, from the journal and answers.md; nothing is run.

    A read-only folder has no journal: there, nothing was started. Raises UsageError for an id that
    is none of an explain exercise, Unreadable.
    """
    return [judged(workspace, explanation_of(id)) for id in ids]


def judged(workspace: Workspace, explanation: Explanation) -> ExerciseResult:
    """Return the result of one exercise. Raises Unreadable."""
    now = standing(workspace.journal, explanation)
    answer = "" if workspace.is_read_only else answers.read(workspace.folder, explanation)
    if not now.tries and not now.marked and not answer:
        note = f"Begin with `lab explain {explanation.id}`."
        return ExerciseResult(explanation.id, Verdict.NOT_STARTED, note=note)
    total, right = len(explanation.questions), len(now.right)
    unanswered = Lack(
        f"{total} of {total} questions",
        f"{right} of {total}",
        f"`lab explain {explanation.id}` goes on with the others.",
    )
    unmarked = Lack(
        f"a mark for each of {len(explanation.rubric)} points",
        "no marks yet",
        f"`lab explain {explanation.id}` shows the model answer and asks you.",
    )
    lacks = (
        None if right == total else unanswered,
        answers.lack(explanation, answer),
        None if now.marked else unmarked,
    )
    checks = tuple(_check(*named, lack) for named, lack in zip(CHECKS.items(), lacks, strict=True))
    passed = all(check.verdict is Verdict.PASSED for check in checks)
    note = f"Right at the first try: {sum(now.first.values())} of {total} questions."
    verdict = Verdict.PASSED if passed else Verdict.FAILED
    return ExerciseResult(explanation.id, verdict, checks, note)


def _check(name: str, says: str, lack: Lack | None) -> CheckResult:
    if lack is None:
        return CheckResult(name, says, Verdict.PASSED)
    return CheckResult(name, says, Verdict.FAILED, lack.expected, lack.actual, lack.help)


def recorded(workspace: Workspace, explanation: Explanation) -> ExerciseResult:
    """Return the same, and write it into the journal where it has passed now."""
    result = judged(workspace, explanation)
    if result.verdict is Verdict.PASSED and not workspace.journal.passed(result.id):
        workspace.journal.append(Kind.VERDICT, result.id, verdict=result.verdict, failed=[])
    return result


def marks(journal: Journal) -> tuple[Marks, ...]:
    """Return, for an instructor, each exercise in which anything was answered or marked."""
    found = []
    for explanation in explanations():
        now = standing(journal, explanation)
        if not now.tries and not now.marked:
            continue
        kept = now.marked.data if now.marked else {}
        marked = zip(kept.get("points", ()), kept.get("marks", ()), strict=False)
        found.append(
            Marks(
                explanation.id,
                explanation.asks,
                len(explanation.questions),
                sum(now.first.values()),
                len(now.right),
                now.tries,
                now.marked.at if now.marked else None,
                kept.get("answer"),
                tuple((str(point), bool(mark)) for point, mark in marked),
            )
        )
    return tuple(found)
