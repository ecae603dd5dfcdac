"""`lab dev new`: the files of a new exercise, ready to be filled in."""

from __future__ import annotations

import re
from pathlib import Path
from string import Template

from lab import resources
from lab.course import catalogue
from lab.model import UsageError

ID = re.compile(r"(alter|break)-[1-9]\d*")
NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")

HEAD = '''"""What happens, in one line."""

from lab import scenario as s
from lab.codemods import AddNewColumn

'''
EXERCISE = """$variable = s.Exercise(
    kind="$kind",
    title="A few words",
    teaches="What a learner knows afterwards, in one sentence.",
    task="What the learner is to do.",
    hints=("Look at ...", "Ask yourself ...", "Type ..."),
    before=(s.Start(), s.post("Buy milk"), s.get()),
    prediction=s.Prediction(
        "What does GET /todos answer afterwards?",
        of=lambda seen: seen.status("GET /todos"),
        choices={200: "200: ...", 404: "404: ...", 500: "500: ..."},
        why="A general truth, that helps with the next question of this kind.",
    ),
    variants=(s.Variant("What is changed, in one sentence.", edits=(AddNewColumn(),)),),
    after=(s.Start(), s.get()),$more
)
"""
BREAK = "\n    symptom=lambda seen: bool(seen.failed()),"
FIX = "\n    needed=lambda seen: bool(seen.failed()),"
END = (
    '\nscenario = s.Scenario("which course note, and what it says", ($names), topic="durability")\n'
)

CHECK = Template('''"""$id: what it is about, in a few words."""

from lab.model import CheckFailed
from lab.verify.todos import Todos


def test_says_what_it_looks_at(todos: Todos) -> None:
    """The sentence that the learner reads: what holds when the check passes."""
    todos.server.start()
    made = todos.create("made by the check")
    raise CheckFailed(
        expected="what the task asks for",
        actual=f"nothing is judged yet; the app has made {made}",
        help="Say what the wrong value that was seen tells about where to look.",
    )
''')

CORPUS = Template("""# $id: what is judged, and what the task leaves open.

[[solution]]
name = "untouched"
style = "reference"
verdict = "failed"
why = "nothing was done"
""")


def start(id: str, name: str) -> list[Path]:
    """Write the files of a new exercise into the checkout, a break's fix with it; their paths.

    Raises UsageError where the id is not one for a new exercise, or a file is there already.
    """
    root = resources.checkout()
    if not ID.fullmatch(id):
        raise UsageError(
            f"{id!r} is no id for a new exercise.", "Such as alter-9 or break-9, which has its fix."
        )
    if not NAME.fullmatch(name):
        raise UsageError(f"{name!r} is no name for a file.", "Such as --name two_databases.")
    kind, _, number = id.partition("-")
    if taken := [known for known in _ids(kind, number) if known in catalogue.load().exercises]:
        raise UsageError(f"There is a {taken[0]} already.", "Take a number that is free.")
    files = {root / "scenarios" / f"{kind}_{number}_{name}.py": _scenario(kind)}
    for each in _ids(kind, number):
        stem = each.replace("-", "_")
        files[root / "checks" / f"test_{stem}_{name}.py"] = CHECK.substitute(id=each)
        files[root / "tests" / "corpus" / f"{each}.toml"] = CORPUS.substitute(id=each)
    for file in files:
        if file.exists():
            raise UsageError(f"{file} is there already.", "Take another number, or go on with it.")
    for file, text in files.items():
        file.write_text(text, "utf-8")
    return list(files)


def _ids(kind: str, number: str) -> list[str]:
    kinds = ("break", "fix") if kind == "break" else (kind,)
    return [f"{each}-{number}" for each in kinds]


def _scenario(kind: str) -> str:
    exercise = Template(EXERCISE)
    if kind != "break":
        text = exercise.substitute(variable="alter", kind=kind, more="")
        return HEAD + text + Template(END).substitute(names="alter,")
    broken = exercise.substitute(variable="broken", kind="break", more=BREAK)
    fixed = exercise.substitute(variable="fixed", kind="fix", more=FIX)
    return HEAD + broken + "\n" + fixed + Template(END).substitute(names="broken, fixed")
