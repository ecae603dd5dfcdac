"""Autogenerate and models that nobody has told it of: what it does not know, it drops."""

from lab import scenario as s
from lab.codemods import Patch, Replace
from lab.scenario.observations import Seen

ENV = "migrations/env.py"
HEAD = "from alembic import context\n\n"
KNOWS = "from todos_app import models  # noqa: F401  # a model that nobody imports is not known\n"
BASE = "from todos_app.database import Base, engine\n"
CALL = "    context.configure(connection, target_metadata=Base.metadata, render_as_batch=True)\n"
CALL_AND_KEEP = """\
    context.configure(
        connection,
        target_metadata=Base.metadata,
        # A table that no model knows is somebody else's: it is not ours to drop.
        include_name=lambda name, kind, parents: kind != "table" or name in Base.metadata.tables,
        render_as_batch=True,
    )
"""
MADE = (s.Start(), s.post("Buy milk"), s.get())
REVISED: tuple[s.Step, ...] = (*MADE, s.TryRevision())
CHOICES = {
    (True, True): "They are there: the new revision has nothing to do",
    (True, False): "Their table is there, made anew and empty",
    (False, False): "Their table is gone",
}


def left(seen: Seen) -> tuple[bool, bool]:
    """Whether the table of the todos is there after the revision, and whether it has rows."""
    return seen.table(), seen.rows() > 0


broken = s.Exercise(
    kind="break",
    title="A revision that knows no models",
    teaches="Autogenerate compares the tables with the models it knows; what it lacks, it drops.",
    task="Your workspace is under Alembic, as in alter-7. Take the import of your models out of "
    "env.py: target_metadata is the metadata of your Base, as before. Nothing else changes. Let "
    "`alembic revision --autogenerate` write the next revision, and `alembic upgrade head` run it. "
    "What becomes of your todos? Try it on a copy of your folder.",
    hints=(
        "Look at the revision that Alembic has written, before you run it.",
        "Ask when a model is put into the metadata of its Base, and who has done that here.",
        "Type a `#` before the line of env.py that imports your models.",
    ),
    before=MADE,
    prediction=s.Prediction(
        "env.py imports the Base, and no longer the models. `alembic revision --autogenerate` "
        "writes the next revision, and `alembic upgrade head` runs it. What becomes of the todos?",
        of=left,
        choices=CHOICES,
        why="A class is in the metadata once its module was imported. Without that, the table has "
        "no model, and Alembic writes what would make them agree: a drop_table().",
    ),
    variants=(
        s.Variant(
            "The workspace comes under Alembic, where it is not yet. env.py knows no models.",
            edits=(
                Patch("alter_1_priority.patch", field="priority"),
                Patch("alter_7_alembic.patch"),
                Replace(ENV, HEAD + KNOWS + BASE, HEAD + BASE),
            ),
            steps=(s.AdoptDatabase(first="0001", column="priority"),),
        ),
    ),
    after=REVISED,
    symptom=lambda seen: left(seen) == (False, False),
)

fixed = s.Exercise(
    kind="fix",
    title="Autogenerate knows its tables",
    teaches="Autogenerate proposes: import all models, say what is not yours, read what it wrote.",
    task="Let `alembic revision --autogenerate`, and `alembic upgrade head` after it, keep every "
    "todo, and also a table that no model of yours knows: another program may have made it. On a "
    "database that lacks the table of the todos, they make it.",
    hints=(
        "Look at the revision that it writes: which tables does it drop, and which does it make?",
        "Ask what target_metadata holds when env.py runs; and who may say that a table is no "
        "matter of yours.",
        "Type the import of your models into env.py, and `include_name=` into "
        "context.configure(): a function that is False for a table that your metadata lacks.",
    ),
    before=REVISED,
    needed=lambda seen: left(seen) == (False, False),
    prediction=s.Prediction(
        "env.py imports the models again. `alembic revision --autogenerate` writes the next "
        "revision, and `alembic upgrade head` runs it. What becomes of the todos?",
        of=left,
        choices=CHOICES,
        why="Models and tables agree, so that there is nothing to write. It is a proposal all the "
        "same: read it before you run it.",
    ),
    variants=(
        s.Variant(
            "env.py imports the models, and leaves alone a table that none of them knows.",
            edits=(
                Replace(ENV, HEAD + BASE, HEAD + KNOWS + BASE),
                Replace(ENV, CALL, CALL_AND_KEEP),
            ),
        ),
    ),
    after=REVISED,
    mended=lambda seen: left(seen) == (True, True),
)

scenario = s.Scenario("002, Importing models; Alembic", (broken, fixed), topic="schema")
