"""The `lab` command's first step: what PYTHONPATH names comes last, so that it hides nothing."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run the command line, whatever modules of the names `lab` or `typer` lie in PYTHONPATH."""
    named = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    try:
        # Not pathlib: it takes longer to import than all of this.
        last = {os.path.abspath(folder) for folder in named}  # noqa: PTH100
        sys.path.sort(key=lambda folder: os.path.abspath(folder) in last)  # noqa: PTH100
    except FileNotFoundError:  # the current folder is gone, and the command says so
        pass
    if "PYTHONPATH" in os.environ:  # the processes that are started look in the same order
        os.environ["PYTHONPATH"] = os.pathsep.join(sys.path)

    try:
        from lab.cli import main as command
    except KeyboardInterrupt:  # from here on the command itself hears of it
        sys.exit(130)
    command()


if __name__ == "__main__":
    main()
