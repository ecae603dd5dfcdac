"""`lab dev check`: proves scenarios and checks on states and solutions of known verdicts."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import TypeAlias

from lab import resources
from lab.course import catalogue
from lab.course.catalogue import BadScenario, Catalogue, check_files
from lab.dbserver.url import Dialect
from lab.dev.contract import Contract, Showing
from lab.dev.corpus import Corpus, CorpusError
from lab.dev.jobs import run_all
from lab.dev.servers import needed, unnamed
from lab.dev.trials import OneOfTheCorpus, Outcome, OwnSolution, Trial, placed
from lab.grade import submissions
from lab.model import Verdict
from lab.optional_dependencies import missing
from lab.scenario import Demo, Exercise
from lab.verify.checks import BadCheck, in_file

Progress: TypeAlias = Callable[[Outcome, int], None]  # what is done, and how many are to do


@dataclass(frozen=True)
class Row:
    """One check: how many wrong solutions it fails, and how many no other check fails."""

    check: str
    catches: int
    alone: int


@dataclass(frozen=True)
class Proof:
    """What is known of the checks of one exercise."""

    exercise: str
    rows: tuple[Row, ...]
    correct: int  # solutions that must pass, the lab's own among them
    wrong: int  # solutions that must fail, the start among them
    problems: tuple[str, ...]


@dataclass(frozen=True)
class Proofs:
    """What `lab dev check` has found."""

    exercises: tuple[Proof, ...]
    problems: tuple[str, ...]  # those that are no exercise's own
    solutions: int  # of the corpus, each counted once for each server that it was judged on
    corpus: Path | None
    seconds: float
    skipped: tuple[tuple[str, str], ...] = ()  # what cannot be proven here, and why

    @property
    def sound(self) -> bool:
        return not self.problems and not any(proof.problems for proof in self.exercises)


def prove(
    asked: Sequence[str],
    folder: Path | None,
    workers: int | None = None,
    progress: Progress = lambda outcome, jobs: None,
    *,
    without: Collection[str] = (),
    shard: str | None = None,
) -> Proofs:
    """Prove the exercises that are asked for, and those told with them; all where none is.

    What is told with one of `without` is left out. A `shard`, such as "2/3", leaves of the stories
    beyond the course one part alone.

    Of all of them, each solution of the corpus is judged on one database server, in turn: what the
    two take differently is for whoever changes the exercise to ask, by its name.
    `folder` holds the corpus; without one, contracts and start states alone are proven. Raises
    UsageError for an id that does not exist, and LabError where the checks cannot run at all.
    """
    began = time.monotonic()
    try:
        known = catalogue.load()
    except BadScenario as broken:
        return Proofs((), (broken.message,), 0, folder, time.monotonic() - began)
    left_out = {known.playable(id).id for id in without}
    told = [story for story in stories(known, asked) if not left_out.intersection(story)]
    told = _in_shard(told, shard) if shard else told
    ids = list(chain.from_iterable(told))
    corpus = Corpus(folder) if folder else None
    problems = list(_loose_ends(known, corpus) if not asked else ())
    try:
        known_there = corpus.exercises() if corpus else []
        solutions = [s for id in ids if corpus and id in known_there for s in corpus.load(id)]
    except CorpusError as broken:
        return Proofs((), (broken.message,), 0, folder, time.monotonic() - began)
    places = {id: where(known.playable(id)) for id in ids}
    skipped = {label: why for id in ids for label, why in not_here(known.playable(id)).items()}
    unjudged = set(known.without_checks())
    problems += [f"{id}: nothing judges it: write {_named(id)}." for id in ids if id in unjudged]
    judged = [id for id in ids if check_files(id) and places[id]]
    told = [story for story in told if not {*story} & unjudged]
    contracts = [Contract(story, on) for story in told for on in places[story[0]]]
    showings = [Showing(name) for name in known.demos if not asked]
    own = [OwnSolution(id, on) for id in judged for on in places[id]]
    tried = [
        OneOfTheCorpus(folder, solution, on)
        for number, solution in enumerate(solutions)
        if folder and solution.exercise in judged
        for on in _in_turn(places[solution.exercise], None if asked else number)
    ]
    outcomes = _outcomes(own, contracts, showings, tried, workers, progress)
    trials = [trial for outcome in outcomes for trial in outcome.trials]
    problems += [problem for outcome in outcomes for problem in outcome.problems]
    proofs = tuple(
        proof_of(id, [t for t in trials if t.exercise == id], corpus, _own_checks(id))
        for id in judged
    )
    seconds = time.monotonic() - began
    problems = list(dict.fromkeys(problems))
    return Proofs(proofs, tuple(problems), len(tried), folder, seconds, tuple(skipped.items()))


def _outcomes(
    own: Sequence[OwnSolution],
    contracts: Sequence[Contract],
    showings: Sequence[Showing],
    tried: Sequence[OneOfTheCorpus],
    workers: int | None,
    progress: Progress,
) -> list[Outcome]:
    """Run the lab's own solutions first: what a check says of them, no process asks it again."""
    workers = workers or os.cpu_count() or 1
    count = len(own) + len(contracts) + len(showings) + len(tried)
    outcomes = run_all(own, workers, lambda outcome: progress(outcome, count))
    results = {
        (job.exercise, job.on): trial.result
        for job, outcome in zip(own, outcomes, strict=True)
        for trial in outcome.trials
    }
    rest: list[Contract | Showing | OneOfTheCorpus] = [*showings]
    for job in contracts:
        its = tuple(results[id, job.on] for id in job.story if (id, job.on) in results)
        rest.append(replace(job, own=its))
    rest += [replace(job, own=results.get((job.solution.exercise, job.on))) for job in tried]
    return outcomes + run_all(rest, workers, lambda outcome: progress(outcome, count))


def proof_of(
    exercise: str, trials: Sequence[Trial], corpus: Corpus | None, own: Collection[str]
) -> Proof:
    """Return the matrix of one exercise, and what is wrong with it.

    Each check that is its `own`, and not one that it includes, has to catch something alone: else
    it is not known to judge more than the others do.
    """
    wrong = [trial for trial in trials if trial.wanted is Verdict.FAILED]
    results = [check for trial in trials for check in trial.result.checks]
    # What applies to none of them here, as on a database server, is proven elsewhere.
    applied = [check.name for check in results if check.verdict is not Verdict.NOT_APPLICABLE]
    names = list(dict.fromkeys(applied))
    rows = tuple(
        Row(
            name,
            sum(name in trial.failed for trial in wrong),
            sum(trial.failed == (name,) for trial in wrong),
        )
        for name in names
    )
    problems = [str(trial) for trial in trials if not trial.right]
    problems += [
        f"{trial.subject}: no check says {trial.says!r} of it." for trial in trials if trial.unsaid
    ]
    problems += [
        f"{trial.subject}: {name} fails without expected, actual, help or evidence."
        for trial in trials
        for name in trial.unclear
    ]
    for row in rows if corpus else ():
        if not row.catches:
            problems.append(f"the check {row.check} catches nothing: no wrong one fails it.")
        elif row.check in own and not row.alone:
            problems.append(
                f"the check {row.check} catches nothing alone: each wrong one that fails it fails "
                "another, too."
            )
    return Proof(exercise, rows, len(trials) - len(wrong), len(wrong), tuple(problems))


def _own_checks(exercise: str) -> set[str]:
    """Return the names of its own checks; none where a file cannot be read, which its jobs tell."""
    try:
        return {check.name for file in check_files(exercise) for check in in_file(file)}
    except BadCheck:
        return set()


def stories(known: Catalogue, asked: Sequence[str] = ()) -> list[tuple[str, ...]]:
    """Return the ids that are told together, each story once, in the order of the course."""
    ids = [known.playable(id).id for id in asked] or [
        entry.id for entry in known.exercises.values() if isinstance(entry, Exercise)
    ]
    found = []
    for id in ids:
        told = known.showing(id)
        assert not isinstance(told, Demo)
        # A break is played before its fix.
        found.append(tuple(sorted((e.id for e in told), key=lambda id: id.startswith("fix"))))
    return list(dict.fromkeys(found))


def _in_shard(told: Sequence[tuple[str, ...]], shard: str) -> list[tuple[str, ...]]:
    """Return the stories of the course, and of the others those of one part. Raises UsageError."""
    course = catalogue.exercises()
    further = [story for story in told if course.keys().isdisjoint(story)]
    others = set(further) - set(submissions.shard(further, shard))
    return [story for story in told if story not in others]


def _loose_ends(known: Catalogue, corpus: Corpus | None) -> Iterator[str]:
    """Files that belong to no exercise."""
    claimed = {path.name for id in known.exercises for path in check_files(id)}
    for path in sorted(resources.folder("checks").glob("test_*.py")):
        if path.name not in claimed:
            yield f"checks/{path.name} judges no exercise: name it test_<kind>_<number>_<name>.py."
    for name in corpus.exercises() if corpus else ():
        if name not in known.exercises:
            yield f"{name}.toml in the corpus is about no exercise."


def _in_turn(places: tuple[Dialect | None, ...], number: int | None) -> Sequence[Dialect | None]:
    """Return all places, or the one for that number."""
    return places if number is None else [places[number % len(places)]]


def where(exercise: Exercise) -> tuple[Dialect | None, ...]:
    """Return what an exercise is proven on here: its servers that are named, None for files.

    Empty where it cannot be proven on this machine.
    """
    if missing(exercise.needs):
        return ()
    lacking = unnamed(exercise)
    return tuple(on for on in needed(exercise) or (None,) if on not in lacking)


def not_here(exercise: Exercise) -> dict[str, str]:
    """Return what of an exercise cannot be proven on this machine, and why; empty where all can."""
    if lacks := missing(exercise.needs):
        return {exercise.id: lacks.message}
    return {f"{exercise.id}{placed(on)}": why for on, why in unnamed(exercise).items()}


def _named(exercise: str) -> str:
    return f"checks/test_{exercise.replace('-', '_')}_<name>.py"
