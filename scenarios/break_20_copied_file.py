"""A backup by copying the file, under a write-ahead log: it lacks what the log has."""

from lab import scenario as s
from lab.codemods import Patch, Replace, SetPragma
from lab.scenario.observations import Seen

SCRIPT = "backup.py"
COPIES = 'import shutil\nimport sys\n\nshutil.copy("todos.db", sys.argv[1])\n'
BACKS_UP = """\
import sqlite3
import sys
from contextlib import closing

with closing(sqlite3.connect("todos.db")) as todos, closing(sqlite3.connect(sys.argv[1])) as backup:
    todos.backup(backup)  # as of one moment, the log included, whoever writes meanwhile
"""
TRIED = (s.Start(), s.post("Walk the dog"), s.ShowFiles(), s.TryBackup(SCRIPT))


def restored(seen: Seen) -> tuple[int, bool]:
    """Return how the list was answered on the backup, and whether every new todo is in it."""
    return seen.status("GET /todos"), seen.kept() == len(seen.made())


broken = s.Exercise(
    kind="break",
    title="A copy of the file is no backup",
    teaches="What was committed may be in the log alone: a copy of the file lacks it.",
    task="Turn on `PRAGMA journal_mode=WAL` for each connection. Write a script `backup.py` that "
    "copies todos.db to the file that it is given. Create a todo, and run `python backup.py "
    "backup.db` while the API runs. Then try the backup: start the API in a copy of your folder, "
    "with backup.db in the place of todos.db. What does it list?",
    hints=(
        "Look at `ls -l todos.db*` before a POST and after it: which of the files has changed?",
        "Ask where a todo is after its commit, and which files the copy has.",
        'Type `cursor.execute("PRAGMA journal_mode=WAL")` in a listener for "connect", and '
        '`shutil.copy("todos.db", sys.argv[1])` in backup.py.',
    ),
    before=(s.Start(), s.post("Buy milk"), s.get(), s.ShowFiles()),
    prediction=s.Prediction(
        "With a write-ahead log, a todo is created, and todos.db is copied while the API runs. The "
        "API starts on the copy. What does it list?",
        of=restored,
        choices={
            (200, True): "Every todo: each was committed before the copy was made",
            (200, False): "Todos, but not the new one",
            (500, False): "Nothing, it answers 500: a file that is in use cannot be copied",
        },
        why="The commit has gone into the log, a file of its own. SQLite writes it back into the "
        "database later: when the log has grown, or when the last connection closes.",
    ),
    variants=(
        s.Variant(
            "Each connection turns on the write-ahead log; backup.py copies the file.",
            edits=(SetPragma("journal_mode", "WAL"), Patch("break_20_copied_file.patch")),
        ),
    ),
    after=TRIED,
    symptom=lambda seen: restored(seen) == (200, False),
)

fixed = s.Exercise(
    kind="fix",
    title="A backup that was tried",
    teaches="A backup reads through SQLite, as of one moment; and it is one once it was restored.",
    task="`python backup.py FILE`, run in your folder, puts a backup of the running API's database "
    "into FILE, and ends with exit code 0. FILE alone, in the place of the database, has every "
    "todo that was answered 2xx before, as it was then: also while others read the database, or "
    "write to it. The API goes on, and loses nothing. With a FILE that is there already, the "
    "script makes the new backup, or refuses and leaves the old one whole.",
    hints=(
        "Look at what the backup lacks, and in which file that was when it was made.",
        "Ask who reads the file and the log together, as of one moment, for any client.",
        "Type `source.backup(target)`, of two connections of sqlite3. Or run `VACUUM INTO`.",
    ),
    before=TRIED,
    needed=lambda seen: restored(seen) == (200, False),
    prediction=s.Prediction(
        "The log stays, and the script uses SQLite's own backup. A todo is created, the API starts "
        "on the backup. What does it list?",
        of=restored,
        choices={
            (200, True): "Every todo, the new one as well",
            (200, False): "Todos, but not the new one: it is in the log still",
            (0, False): "Nothing: no backup can be made while the API has the database open",
        },
        why="The backup is read through SQLite, which knows the log. Who writes meanwhile goes on.",
    ),
    variants=(s.Variant("SQLite makes the backup.", edits=(Replace(SCRIPT, COPIES, BACKS_UP),)),),
    after=TRIED,
    mended=lambda seen: restored(seen) == (200, True),
)

scenario = s.Scenario("004, Break it 1, and a backup", (broken, fixed), topic="operations")
