"""For a projector: todos outlive the server, however it ends."""

from lab import scenario as s
from lab.scenario.observations import Seen


def kept(seen: Seen) -> str:
    """How many of the todos that were answered with 2xx are in the last list."""
    return f"{seen.kept()} of the {len(seen.made())} todos that were answered 2xx are there."


def after_the_burst(seen: Seen) -> str:
    """Say the same, and what is there besides."""
    more = len(seen.listed()) - seen.kept()
    if not more:
        return kept(seen)
    todos = "todo is" if more == 1 else "todos are"
    return f"{kept(seen)} {more} more {todos} there: committed, and killed before the answer."


demo = s.Demo(
    title="Todos outlive the server",
    teaches="What is committed is in the file: it survives a stop and even a SIGKILL.",
    steps=(
        s.Say("A todo API that keeps its todos in a database. It starts, and we make two todos."),
        s.Start(),
        s.post("Buy milk"),
        s.post("Walk the dog"),
        s.get(),
        s.Say("Now we stop it. Where are the todos while nothing runs?"),
        s.Stop(),
        s.ShowRows(),
        s.Say("In the file. A new process opens it:"),
        s.Start(),
        s.get(),
        s.Say(kept),
        s.Say("A stop gives the server time to tidy up. SIGKILL gives it none: no last words."),
        s.post("Made just before the kill"),
        s.Stop(kill=True),
        s.Start(),
        s.get(),
        s.Say(kept),
        s.Say("Harder: several clients write as fast as they can, and we kill in the middle."),
        s.KillInBurst(answers=40),
        s.Start(),
        s.get(),
        s.Say(after_the_burst),
        s.Say("201 is sent after commit(). What a client was told is in the file by then."),
    ),
)

scenario = s.Scenario("004, Run", demo=demo)
