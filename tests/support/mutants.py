"""Mutation: the checks must notice small mistakes in the lab's own solution, or say why not."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from lab import resources
from lab.appserver.launchers import Launcher, choose
from lab.appserver.server import Server
from lab.codemods import read_sources
from lab.course import catalogue
from lab.dev.corpus import CorpusError
from lab.dev.jobs import Judge, run_all
from lab.model import LabError, Verdict
from lab.play.alterations import edit
from lab.verify.reference import solution
from lab.workspace.temporary import scratch
from lab.workspace.workspace import Workspace
from tests.support.mutators import Mutant, mutants_of

# One app that is the solution of all of these: those that kill most come first.
ALTERED = ("alter-1", "alter-2", "alter-3")
NOTICED = (Verdict.FAILED, Verdict.NOT_APPLICABLE)  # the latter where a route is gone
JUDGED = (*ALTERED, "persist", "fix-1", "fix-3", "fix-2")


@dataclass(frozen=True)
class Original:
    """The app that is mutated: its files, and a database that it has made."""

    sources: Mapping[str, bytes]
    database: bytes

    def write(self, folder: Path) -> None:
        """Write all of it into a folder."""
        for name, content in {**self.sources, "todos.db": self.database}.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)


@dataclass(frozen=True)
class Fate:
    """What became of a mutant: the exercise and the check that noticed it, or neither."""

    mutant: str
    exercise: str | None = None
    check: str | None = None

    @property
    def survived(self) -> bool:
        return self.exercise is None


@dataclass(frozen=True)
class Hunt:
    """Judge one mutant until something fails."""

    original: Original
    mutant: Mutant

    def run(self, judge: Judge) -> Fate:
        """What became of it."""
        name = str(self.mutant)
        with scratch("lab-dev-") as folder:
            self.original.write(folder)
            (folder / self.mutant.file).write_text(self.mutant.source, "utf-8")
            workspace = Workspace.read_only(folder, resources.APP)
            for exercise in JUDGED:
                result = judge.judge(workspace, exercise)
                noticed = [c.name for c in result.checks if c.verdict in NOTICED]
                if noticed:
                    return Fate(name, exercise, noticed[0])
                if result.verdict is not Verdict.PASSED:
                    raise LabError(f"{name}: {result.checks}", "This is a defect of the checks.")
        return Fate(name)

    def __str__(self) -> str:
        return str(self.mutant)


def hunt(
    workers: int,
    only: Callable[[Mutant], bool] = lambda mutant: True,
    done: Callable[[Fate], None] = lambda fate: None,
) -> list[Fate]:
    """What becomes of every mutant of the lab's own solution."""
    with closing(choose()) as launcher:
        original = original_of(launcher)
    jobs = [Hunt(original, mutant) for mutant in mutants(original) if only(mutant)]
    return run_all(jobs, workers, done)


def original_of(launcher: Launcher) -> Original:
    """The reference API with every documented alteration, and its database with two todos."""
    with TemporaryDirectory(prefix="lab-mutants-") as name:
        folder = Path(name) / "app"
        workspace = solution("persist", folder, launcher)
        for exercise in ALTERED:
            edit(folder, catalogue.load().playable(exercise).variants[0].edits)
        sources = read_sources(folder)
        with Server(folder, launcher, workspace.app) as server:
            server.start()
            for title in ("one", "two"):
                server.post("/todos", {"title": title})
            server.stop()
        return Original(dict(sources), (folder / "todos.db").read_bytes())


def mutants(original: Original) -> Iterator[Mutant]:
    """Every mutant of every file."""
    for file, content in original.sources.items():
        if file.endswith(".py"):
            yield from mutants_of(file, content.decode("utf-8"))


def spared(path: Path) -> dict[str, str]:
    """The mutants that may survive, each with the reason. Raises CorpusError."""
    found: dict[str, str] = {}
    for entry in tomllib.loads(path.read_text("utf-8")).get("survivor", []):
        if set(entry) != {"mutants", "why"} or not entry["why"].strip():
            raise CorpusError(f"{path.name}: a survivor has mutants and why, and nothing else")
        found |= dict.fromkeys(entry["mutants"], entry["why"])
    return found


def unexplained(fates: Sequence[Fate], reasons: Mapping[str, str]) -> list[str]:
    """The survivors that have no reason to be."""
    return [fate.mutant for fate in fates if fate.survived and fate.mutant not in reasons]
