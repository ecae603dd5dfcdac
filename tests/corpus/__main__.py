"""`python -m tests.corpus build EXERCISE NAME DIR` builds one solution, `list` names them all."""

import sys
from pathlib import Path

from lab.dev.corpus import CorpusError

from . import CORPUS

USAGE = "usage: python -m tests.corpus list [EXERCISE] | build EXERCISE NAME DIR"


def main(arguments: list[str]) -> int:
    try:
        match arguments:
            case ["build", exercise, name, folder]:
                sys.stdout.write(CORPUS.build(CORPUS.find(exercise, name), Path(folder)) + "\n")
            case ["list", *rest] if len(rest) <= 1:
                for each in CORPUS.load(*rest):
                    line = f"{each.exercise:8} {each.verdict:6} {each.style or '-':15} {each.name}"
                    sys.stdout.write(f"{line}: {each.why}\n")
            case _:
                sys.stderr.write(USAGE + "\n")
                return 2
    except CorpusError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
