"""Solutions, right and wrong, on which the lab's checks are proven: see lab.dev.corpus."""

from pathlib import Path

from lab.dev.corpus import Corpus

CORPUS = Corpus(Path(__file__).resolve().parent)
