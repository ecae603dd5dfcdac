"""A write-ahead log that is not synced: what a power cut takes, and a SIGKILL never shows."""

from lab import scenario as s
from lab.codemods import SetPragma

KILLED = (s.Start(), s.post("Before the kill"), s.Stop(kill=True), s.Start(), s.get())
CUT = (*KILLED, s.CutPower(), s.Start(), s.get())

broken = s.Exercise(
    kind="break",
    title="The power goes",
    teaches="A COMMIT is as safe as the sync behind it: the memory of the system is not the disk.",
    task="Speed SQLite up, as many a page has it: `PRAGMA journal_mode=WAL` and `PRAGMA "
    "synchronous=NORMAL` for each connection. Create a todo and kill the server; create some more, "
    "and let the power go. Which of them are left?",
    hints=(
        "Look at `lab power-cut`: how often does SQLite sync, and for how many todos?",
        "Ask where the bytes of a commit are, after SQLite has written and before it has synced.",
        'Type `cursor.execute("PRAGMA synchronous=NORMAL")` in a listener for "connect".',
    ),
    before=CUT,
    prediction=s.Prediction(
        "With WAL and synchronous=NORMAL a todo is answered 201. What can take it away again?",
        of=lambda seen: (seen.kept() < len(seen.made()), seen.cuts() > 0),
        choices={
            (False, False): "Neither a SIGKILL nor a power cut: it is committed",
            (False, True): "A power cut, and not a SIGKILL",
            (True, True): "A power cut, and a SIGKILL as well",
        },
        why="What is written is the system's, which outlives the process; what is synced is the "
        "disk's, which outlives the system.",
    ),
    variants=(
        s.Variant(
            "A write-ahead log that is synced now and then, not at each commit.",
            edits=(SetPragma("journal_mode", "WAL"), SetPragma("synchronous", "NORMAL")),
        ),
    ),
    after=CUT,
    symptom=lambda seen: seen.cuts() > 0,
)

fixed = s.Exercise(
    kind="fix",
    title="Acknowledged is on the disk",
    teaches="synchronous=FULL syncs at each commit. That costs time, and is what a 201 is worth.",
    task="Let no power cut take a todo that was answered 2xx, new or changed, nor damage the file: "
    "also while somebody reads. After a kill, the next start has them all. Keep the write-ahead "
    "log or not, as you like.",
    hints=(
        "Look at what `lab power-cut` says of syncs, with your pragmas and without them.",
        "Ask which of the two pragmas decides when SQLite waits for the disk.",
        "Type `PRAGMA synchronous=FULL` where the listener has NORMAL or OFF.",
    ),
    before=(s.Start(), s.CutPower(), s.Start(), s.get()),
    needed=lambda seen: seen.cuts() > 0,
    prediction=s.Prediction(
        "Each commit is synced before it is answered. On how many of the disks is a todo missing?",
        of=lambda seen: "some" if seen.cuts() else "none",
        choices={"none": "On none", "some": "On fewer than before", "all": "On all of them"},
        why="A cut before the sync is a cut before the answer: nobody was told 201.",
    ),
    variants=(s.Variant("Synced at each commit.", edits=(SetPragma("synchronous", "FULL"),)),),
    after=(s.Start(), s.CutPower(), s.Start(), s.get()),
    mended=lambda seen: not seen.cuts(),
)

scenario = s.Scenario("004, Break it 1, and a power cut", (broken, fixed), topic="durability")
