"""The `lab` command's first step: it finds the lab's own package, or says what hides it."""

from __future__ import annotations

import sys

HIDDEN = 3  # the machine is at fault


def main() -> None:
    """Run the command line, unless another module of the name `lab` is found before ours."""
    try:
        from lab.cli import main as command
    except ModuleNotFoundError as error:
        if error.name not in {"lab", "lab.cli"} or "lab" not in sys.modules:
            raise
        sys.stderr.write(
            f"{sys.modules['lab'].__file__} hides the lab's own package of that name.\n"
            "Rename it, or take its folder from PYTHONPATH.\n"
        )
        sys.exit(HIDDEN)
    command()


if __name__ == "__main__":
    main()
