"""Runs an Alembic command in the learner's folder: `python -P -B -m lab.child.migrations SPEC`.

It is what `alembic ...` in that folder would be, with the probe's watch over the databases: one
outside of the folder ends the process before it is opened.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from lab.child.dbservers import watch_dbservers
from lab.child.files import watch_files
from lab.child.probe import Probe
from lab.child.start import end_with_the_lab, join


def main() -> None:
    """Run what the one JSON argument says; ends as Alembic's own command does."""
    spec = json.loads(sys.argv[1])
    folder = Path(spec["folder"])
    channel, connection = join(spec)
    probe = Probe(channel, folder)
    end_with_the_lab(connection, probe)
    watch_files(probe)
    watch_dbservers(probe)
    from alembic.config import main as alembic

    os.chdir(folder)
    sys.path.insert(0, str(folder))
    sys.dont_write_bytecode = True
    # The learner's own module named "lab" must be theirs to import.
    for name in [n for n in sys.modules if n == "lab" or n.startswith("lab.")]:
        del sys.modules[name]
    alembic(argv=spec["arguments"], prog="alembic")


if __name__ == "__main__":
    main()
