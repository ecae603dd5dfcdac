"""Todos outlive the server, however it ends."""

from lab import scenario as s

persist = s.Exercise(
    kind="persist",
    databases=s.ALL,
    title="Todos outlive the server",
    teaches="What is committed is in the file: it survives a stop and even a SIGKILL.",
    task="Make some todos, change one and delete one. Stop the server (Ctrl+C) and start it anew: "
    "is everything as you left it? Then do the same with `kill -9`.",
    hints=(
        "Look at where a todo is while the server is stopped: which file changes when you POST?",
        "Ask at which line of the endpoint a todo reaches that file.",
        "Type `db.commit()` after every db.add(), db.delete() and change of a todo.",
    ),
    prediction=s.Prediction(
        "You make a todo and stop the server, make one more and kill it. Which of the two are "
        "there then?",
        of=lambda seen: (seen.kept(), len(seen.made())),
        choices={
            (1, 2): "The first: a killed process cannot save what it has",
            (0, 2): "Neither: each start makes new tables",
            (2, 2): "Both: the first as well as the second",
        },
        why="commit() puts a todo into the file before 201 is answered. Nothing is left to save.",
    ),
    after=(
        s.Start(),
        s.post("Survive a restart"),
        s.Stop(),
        s.Start(),
        s.get(),
        s.post("Survive a kill -9"),
        s.Stop(kill=True),
        s.ShowRows(),
        s.Start(),
        s.get(),
        s.Say(lambda seen: f"{seen.kept()} of {len(seen.made())} new todos are there."),
        s.Say("This was a copy: your own todos were only read."),
    ),
)

scenario = s.Scenario("004, Run", (persist,))
