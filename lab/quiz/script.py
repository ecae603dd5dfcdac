"""Explain exercises without a terminal: questions as plain values, answers from options or JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from lab.model import ExerciseResult, UsageError
from lab.quiz import answers, snippets
from lab.quiz.session import Chosen, Compare, Event, Lacking, Run, choose, compare, must_keep
from lab.quiz.verdicts import recorded
from lab.scenario.explanation import Explanation, Option, Question
from lab.workspace.workspace import Workspace

YES, NO = {"1", "y", "yes", "true"}, {"0", "n", "no", "false"}
SHAPE = 'Write {"answers": {"QUESTION": "OPTION"}, "own_words": "...", "marks": [true, false]}.'


@dataclass(frozen=True)
class Script:
    """What somebody answers: for a question the key of an option, own words, marks."""

    answers: Mapping[str, str] = field(default_factory=dict)
    own_words: str | None = None
    marks: tuple[bool, ...] | None = None


@dataclass(frozen=True)
class Carried:
    """What a script came to."""

    events: tuple[Event, ...]
    result: ExerciseResult


def from_options(
    given: Sequence[str] = (), own_words: str | None = None, marks: str | None = None
) -> Script:
    """Return what `--answer QUESTION=OPTION ... --own-words TEXT --marks 1,1,0` says.

    Raises UsageError where it cannot be understood.
    """
    chosen = {}
    for one in given:
        question, equals, option = one.partition("=")
        if not equals or question in chosen:
            problem = "names its question twice" if equals else "has no `=`"
            raise UsageError(
                f"--answer {one} {problem}.", "Write it as QUESTION=OPTION, once a question."
            )
        chosen[question.strip()] = option.strip()
    return Script(chosen, own_words, None if marks is None else _marks(marks.split(",")))


def from_json(text: str) -> Script:
    """Return what a document says: {"answers": {...}, "own_words": "...", "marks": [true, ...]}.

    Each part may be missing. Raises UsageError where it cannot be understood.
    """
    try:
        found = json.loads(text)
    except ValueError as error:
        raise UsageError(f"The answers are no JSON: {error}.", SHAPE) from error
    empty: dict[str, Any] = {"answers": {}, "own_words": None, "marks": None}
    match empty | found if isinstance(found, dict) else None:
        case {"answers": dict(chosen), "own_words": str() | None as words, "marks": marks} if (
            found.keys() <= empty.keys()
            and all(isinstance(option, str) for option in chosen.values())
            and isinstance(marks, list | None)
        ):
            return Script(chosen, words, None if marks is None else _marks(map(str, marks)))
    raise UsageError("The answers have another shape than expected.", SHAPE)


def carry_out(
    script: Script, explanation: Explanation, workspace: Workspace, run: Run = snippets.output
) -> Carried:
    """Give the script's answers, once each, and return what they came to.

    Raises UsageError for an unknown question or option, or a wrong number of marks, before
    anything is kept; else as explain.play() does.
    """
    must_keep(workspace)
    chosen = [_option(explanation, *answer) for answer in script.answers.items()]
    if script.marks is not None and len(script.marks) != len(explanation.rubric):
        raise UsageError(
            f"There are {len(explanation.rubric)} points to mark, not {len(script.marks)}.",
            "Give one mark for each: `--marks 1,1,0`.",
        )
    events: list[Event] = []
    for question, option in chosen:
        choose(explanation.id, question, option, workspace, events.append, run)
    if script.own_words is not None:
        answers.add(workspace.folder, explanation, script.own_words)
    lack = answers.lack(explanation, answers.read(workspace.folder, explanation))
    if lack and (script.own_words is not None or script.marks is not None):
        events.append(Lacking(lack))
    elif not lack:
        marks = iter(script.marks or ())
        compare(explanation, workspace, events.append, lambda point: next(marks, None))
    return Carried(tuple(events), recorded(workspace, explanation))


def listing(explanation: Explanation) -> dict[str, Any]:
    """Return the questions as plain values. Nothing in it tells which option is right."""
    return {
        "id": explanation.id,
        "title": explanation.title,
        "task": explanation.task,
        "questions": [
            {
                "id": question.id,
                "text": question.text,
                "code": question.code or None,
                "requests": [str(request) for request in question.requests],
                "options": [
                    {"key": option.key, "text": option.says}
                    for option in sorted(question.options, key=lambda option: option.key)
                ],
            }
            for question in explanation.questions
        ],
        "own_words": explanation.asks,
        "points_to_mark": len(explanation.rubric),
    }


def as_json(carried: Carried) -> dict[str, Any]:
    """Return what a script came to as plain values."""
    document: dict[str, Any] = {**asdict(carried.result), "answers": []}
    for event in carried.events:
        match event:
            case Chosen(_, question, option):
                document["answers"].append(
                    {
                        "question": question.id,
                        "option": option.key,
                        "right": event.is_right,
                        "said": event.said,
                        "output": event.output if event.is_right else None,
                    }
                )
            case Compare(_, model_answer, rubric):
                document |= {"model_answer": model_answer, "rubric": list(rubric)}
    return document


def _option(explanation: Explanation, id: str, key: str) -> tuple[Question, Option]:
    question = explanation.question(id)
    if question is None:
        known = ", ".join(question.id for question in explanation.questions)
        raise UsageError(f"{explanation.id} has no question {id!r}.", f"It has {known}.")
    option = question.option(key)
    if option is None:
        known = ", ".join(sorted(option.key for option in question.options))
        raise UsageError(f"The question {id} has no option {key!r}.", f"It has {known}.")
    return question, option


def _marks(given: Iterable[str]) -> tuple[bool, ...]:
    words = [word.strip().lower() for word in given]
    if not set(words) <= YES | NO:
        raise UsageError("A mark is 1 or 0.", "Give one for each point: `--marks 1,1,0`.")
    return tuple(word in YES for word in words)
