"""Judging a class: many submissions, each behind a wall."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lab.cli.options import App, Json, console, tell

if TYPE_CHECKING:
    from lab.grade.grading import Plan, Submit
    from lab.grade.outcome import Outcome
    from lab.grade.results import Results
    from lab.grade.scores import Class
    from lab.grade.submissions import Submission

Given = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="SUBMISSION...",
        help="Folders, zip or tar archives, folders of such, or a roster: a CSV `student,path`. "
        "`merge DIR...` brings the results of several shards together.",
    ),
]
Which = Annotated[
    str | None,
    typer.Option("--exercises", metavar="IDS", help="Such as alter-1,alter-2; else the track."),
]
Track = Annotated[bool, typer.Option("--track", help="All documented exercises: the default.")]
Into = Annotated[Path, typer.Option("-o", "--output", metavar="DIR", help="Where results go.")]
Jobs = Annotated[
    int | None, typer.Option("-j", "--jobs", min=1, metavar="N", help="So many at a time.")
]
Points = Annotated[
    Path | None, typer.Option("--points", metavar="FILE", help="TOML: alter-1 = 2, and so on.")
]
Trust = Annotated[
    bool, typer.Option("--trust", help="Judge without a wall, as if the code were your own.")
]
Walls = Annotated[
    str | None,
    typer.Option("--walls", metavar="NAMES", help="bubblewrap,landlock; else all that work here."),
]
Shard = Annotated[
    str | None, typer.Option("--shard", metavar="I/N", help="Judge the I-th of N parts alone.")
]
Dask = Annotated[
    str | None,
    typer.Option("--dask", metavar="ADDRESS", help="Judge on a Dask cluster, by its scheduler."),
]
Archive = Annotated[
    Path | None,
    typer.Option(
        "--gradescope-archive",
        metavar="FILE",
        help="Write an autograder for Gradescope that judges so, and judge nothing here.",
    ),
]
Board = Annotated[bool, typer.Option("--board", help="A page on which the class fills in.")]
MERGE = Path("merge")
ON_GITHUB = "GITHUB_ACTIONS"  # what GitHub sets


def grade(
    submissions: Given = None,
    exercises: Which = None,
    track: Track = False,
    output: Into = Path("grades"),
    jobs: Jobs = None,
    points: Points = None,
    app: App = None,
    shard: Shard = None,
    walls: Walls = None,
    trust: Trust = False,
    json: Json = False,
    dask: Dask = None,
    board: Board = False,
    gradescope_archive: Archive = None,
) -> None:
    """Judge a class. Killed and called again, it goes on where it was."""
    from lab.model import UsageError
    from lab.terminal import grade as view

    if gradescope_archive:
        _write_archive(gradescope_archive, exercises, points, app, walls, trust)
        tell(json, view.archive_json, view.show_archive, gradescope_archive)
        return
    if not submissions:
        raise UsageError("There is no submission to judge.", "Name folders or archives.")

    if os.name == "nt":
        raise UsageError("`lab grade` needs Linux or macOS.", "On Windows, use it in WSL.")
    from lab.grade import grading, outputs, results, scores
    from lab.grade.walls import found

    with _unheard_by_github():
        if submissions[0] == MERGE:
            heads, outcomes = results.merged(submissions[1:])
            with results.Results(output, heads) as kept:
                for outcome in outcomes:
                    kept.add(outcome)
                result = scores.Class(heads, kept.outcomes, scores.points(heads, points))
        else:
            if exercises and track:
                raise UsageError(
                    "--exercises and --track say different things.", "Give one of them."
                )
            ids = grading.gradable(_named(exercises))
            worth = scores.points(ids, points)
            chosen = _chosen(submissions, app, shard)
            wall = found(_named(walls), trust=trust)
            with results.Results(output, ids) as kept:
                executor = grading.cluster(dask) if dask else grading.local(jobs)
                _judge(chosen, grading.Plan(ids, wall), kept, executor, board)
                result = scores.Class(ids, kept.outcomes, worth)
        outputs.write(result, output)
        tell(json, view.as_json, view.show, result, output)
    _tell_github(result)
    raise typer.Exit(3 if not all(outcome.gradable for outcome in result.outcomes) else 0)


def _judge(
    chosen: Sequence[Submission],
    plan: Plan,
    kept: Results,
    executor: AbstractContextManager[Submit],
    board: bool,
) -> None:
    """Judge the submissions that have no result yet, and show each as it comes."""
    from lab.grade import grading, results
    from lab.grade.outcome import Status
    from lab.terminal import grade as view

    lacking = [each for each in chosen if kept.lacks(each)]
    if not lacking:
        return
    screen, done = console(stderr=True), len(chosen) - len(lacking)
    try:
        with executor as submit, _page(board, plan.exercises, kept, len(chosen)) as page:
            with screen.status("Trying this machine on the lab's own solutions"):
                plan = grading.tried(plan, submit)
            view.show_notices(screen, plan.broken)
            with view.progress(screen, len(chosen), done) as progress:

                def judged(outcome: Outcome) -> None:
                    progress(outcome)
                    page(outcome)

                grading.grade(lacking, plan, kept, submit, judged)
    except KeyboardInterrupt:
        # From the disk: the interrupt may have come when the last one was just written there.
        names = {each.name for each in chosen}
        there = [each for each in results.read(kept.path)[1] if each.submission in names]
        judged_now = sum(each.status is not Status.ERROR for each in there)
        view.show_stopped(screen, judged_now, len(chosen), kept.path)
        raise


@contextmanager
def _page(
    wanted: bool, ids: tuple[str, ...], kept: Results, count: int
) -> Iterator[Callable[[Outcome], None]]:
    """Give what shows an outcome on a page, for as long as the block runs."""
    if not wanted:
        yield lambda outcome: None
        return
    from lab.board.class_view import ClassView

    with ClassView(ids, count) as page:
        console(stderr=True).print(f"The class, as it is judged: {page.url}", soft_wrap=True)
        page.show(kept.outcomes)
        yield lambda outcome: page.show([outcome])


def _write_archive(
    archive: Path,
    exercises: str | None,
    points: Path | None,
    app: str | None,
    walls: str | None,
    trust: bool,
) -> None:
    from importlib.metadata import version

    from lab.grade import gradescope_archive, grading, scores
    from lab.workspace import files

    ids = grading.gradable(_named(exercises))
    scores.points(ids, points)  # raises where they do not fit
    given = {"--exercises": exercises, "--app": app, "--walls": walls}
    options = {name: value for name, value in given.items() if value}
    content = gradescope_archive.archive_of(
        version("persistence-lab"),
        options | ({"--trust": None} if trust else {}),
        points.read_bytes() if points else None,
    )
    with files.writing(archive):
        files.write(archive, content)


def _named(names: str | None) -> tuple[str, ...]:
    return tuple(filter(None, (names or "").split(",")))


def _chosen(given: Sequence[Path], app: str | None, shard: str | None) -> Sequence[Submission]:
    from lab.grade import submissions

    every = submissions.collected(given, app)
    return submissions.shard(every, shard) if shard else every


def _unheard_by_github() -> AbstractContextManager[None]:
    """Where GitHub runs this, have it take nothing that the block prints for a command."""
    if not os.environ.get(ON_GITHUB):
        return nullcontext()
    from lab.grade import github
    from lab.terminal import grade as view

    return github.unheard(partial(view.show_lines, console(stderr=True)))


def _tell_github(result: Class) -> None:
    """Annotate the run and its summary, where GitHub runs this."""
    if not os.environ.get(ON_GITHUB):
        return
    from lab.grade import github
    from lab.terminal import grade as view

    view.show_lines(console(stderr=True), github.commands(result))
    if place := os.environ.get("GITHUB_STEP_SUMMARY"):
        with Path(place).open("a", encoding="utf-8") as summary:
            summary.write(github.summary(result))
