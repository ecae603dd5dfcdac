"""Settles a claim: a prediction, then a run of a small app of its own, then the comparison."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

from lab import scenario as s
from lab.appserver.launchers import Launcher
from lab.appserver.server import Server
from lab.model import Verdict
from lab.play.alterations import planned
from lab.play.interpreter import Interpreter
from lab.play.prediction import Ask, Question
from lab.scenario.events import Chapter, Listener, Next, Said
from lab.scenario.observations import summary
from lab.workspace.journal import Kind
from lab.workspace.workspace import Workspace

PACKAGES = ("FastAPI", "SQLAlchemy", "Pydantic")


def settle(
    exercise: s.Exercise,
    workspace: Workspace,
    launcher: Launcher,
    listen: Listener,
    ask: Ask | None,
) -> None:
    """Run the claim's own app and compare what it did with what the learner has said.

    The workspace is left as it is; its journal gets the prediction, and with one the verdict.
    Raises AppFailed where the app does not run, and what a Journal raises.
    """
    question = Question(exercise.prediction, ask or (lambda prediction: None))
    with TemporaryDirectory(prefix="lab-claim-") as temporary:
        folder = write_app(exercise.app, Path(temporary) / "app")
        with Server(folder, launcher) as server:
            interpreter = Interpreter(server, listen)
            interpreter.run([s.ShowSource(name) for name in exercise.app])
            interpreter.run(exercise.before)
            interpreter.next_part()
            question.ask()
            listen(Chapter("What happens"))
            for variant in exercise.variants:
                edited = [planned(folder, variant.edits)] if variant.edits else []
                interpreter.run([s.Say(variant.says), *edited, *variant.steps])
            interpreter.run(exercise.after)
    journal, seen = workspace.journal, interpreter.seen
    compared = question.compared(seen, journal, exercise.id)
    assert compared is not None  # the catalogue refuses a claim without a prediction
    listen(compared)
    listen(Said("Settled by " + ", ".join(f"{name} {version(name)}" for name in PACKAGES) + "."))
    journal.append(Kind.OBSERVATION, exercise.id, seen=summary(seen))
    if compared.predicted is None or compared.happened is None:
        again = f"lab run {exercise.id} --predict N"
        listen(Next("It counts once you have said what you expect.", ((again, "with a number"),)))
        return
    journal.append(Kind.VERDICT, exercise.id, verdict=Verdict.PASSED, failed=[])
    others = ("lab list --all", "what else there is")
    listen(Next("Settled. It counts, right or wrong.", (others,)))


def write_app(app: Mapping[str, str], folder: Path) -> Path:
    """Write an app that a scenario has of its own into a new folder, and return the folder."""
    folder.mkdir()
    for name, source in app.items():
        (folder / name).write_text(source, "utf-8")
    return folder
