"""Settles a claim: a prediction, then a run of a small app of its own, then the comparison."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

from lab import scenario as s
from lab.appserver.launchers import Launcher
from lab.appserver.server import Server
from lab.model import Verdict
from lab.play.alterations import alter
from lab.play.interpreter import Runner
from lab.scenario.events import Chapter, Compared, Event, Next, Said
from lab.scenario.observations import summary
from lab.workspace.journal import Kind
from lab.workspace.workspace import Workspace

PACKAGES = ("FastAPI", "SQLAlchemy", "Pydantic")


def settle(
    exercise: s.Exercise,
    workspace: Workspace,
    launcher: Launcher,
    ask: Callable[[s.Prediction], int | None] | None,
) -> Iterator[Event]:
    """Run the claim's own app and compare what it did with what the learner has said.

    The workspace is left as it is; its journal gets the prediction, and with one the verdict.
    Raises AppFailed where the app does not run, and what a Journal raises.
    """
    prediction = exercise.prediction
    assert prediction is not None  # the catalogue refuses a claim without one
    yield Chapter("True or not?")
    yield Said(exercise.task)
    with TemporaryDirectory(prefix="lab-claim-") as temporary:
        folder = Path(temporary) / "app"
        folder.mkdir()
        for name, source in exercise.app.items():
            (folder / name).write_text(source, "utf-8")
        with Server(folder, launcher) as server:
            runner = Runner(server, predict=lambda: None, leave=lambda: None)
            yield from runner.run([s.ShowSource(name) for name in exercise.app])
            yield from runner.run(exercise.before)
            runner.next_part()
            said = ask(prediction) if ask else None
            yield Chapter("What happens")
            for variant in exercise.variants:
                yield Said(variant.says)
                for event in alter(runner, variant):
                    yield runner.note(event)
            yield from runner.run(exercise.after)
            seen = runner.seen
    happened = prediction.happened(seen)
    texts = prediction.texts
    yield Compared(prediction.question, texts, said, happened, prediction.why)
    yield Said("Settled by " + ", ".join(f"{name} {version(name)}" for name in PACKAGES) + ".")
    journal = workspace.journal
    journal.append(Kind.OBSERVATION, exercise.id, seen=summary(seen))
    if said is None or happened is None:
        again = f"lab run {exercise.id} --predict N"
        yield Next("It counts once you have said what you expect.", ((again, "with a number"),))
        return
    journal.append(
        Kind.PREDICTION,
        exercise.id,
        question=prediction.question,
        predicted=texts[said],
        happened=texts[happened],
        right=said == happened,
    )
    journal.append(Kind.VERDICT, exercise.id, verdict=Verdict.PASSED, failed=[])
    yield Next("Settled. It counts, right or wrong.", (("lab list --all", "what else there is"),))
