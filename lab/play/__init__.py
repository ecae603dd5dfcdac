"""Plays exercises.

The interpreter takes a step (lab.scenario.steps), does it, and tells the event that came of it
(lab.scenario.events) to a listener, a plain callable: who shows a play may take as long as it
likes, and what it raises ends the play, whose server and folders go at once. A generator, which
this might be as well, has to be closed by whoever stops reading it.

A new step is declared in steps.py with its event in events.py, is done by a case of
Interpreter._done(), and is shown by a case in lab.terminal.play. A new kind of edit needs none of
these: session.py turns the edits of a variant into one step WriteFiles, before anything is asked.
"""
