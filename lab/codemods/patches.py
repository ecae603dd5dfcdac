"""What the lab itself would write for an exercise: a patch of the reference, merged into an app."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lab import resources
from lab.codemods.merge import Merge
from lab.codemods.sources import Sources, diff, read_sources


@dataclass(frozen=True)
class Patch:
    """A unified diff of the reference, beside its scenario; `reverse` takes it back."""

    file: str
    field: str = ""  # of a todo, where it adds one
    reverse: bool = False

    @property
    def text(self) -> str:
        """The diff, as a person reads it."""
        return (resources.folder("scenarios") / self.file).read_text("utf-8")

    @property
    def adds(self) -> bool:
        """Whether it brings a field or a file that the reference does not have."""
        before, after = self.states()
        return bool(self.field or after.keys() - before.keys())

    def apply(self, sources: Sources) -> dict[str, bytes]:
        """Return the files that change, whole.

        Raises AlreadyThere where nothing is left to change, ByHand where the learner's code is
        another than the reference in the lines that change.
        """
        before, after = self.states()
        answer = diff(before, after) if self.reverse else self.text
        return Merge(before, after, answer).apply(sources)

    def states(self) -> tuple[dict[str, bytes], dict[str, bytes]]:
        """Return all files of the reference without what the patch brings, and with it.

        Raises ValueError where the patch does not fit the reference.
        """
        there = reference()
        try:  # at first whether the reference has it: at a file's end, it would fit once more
            states = _patched(there, self.text, back=True), there
        except ValueError:
            states = there, _patched(there, self.text, back=False)
        return (states[1], states[0]) if self.reverse else states


def reference() -> dict[str, bytes]:
    """Return the sources of the reference as they lie in a new workspace."""
    found = read_sources(resources.folder("todos_app"))
    # A checkout on Windows may have the line ends of Windows, which no hunk has.
    return {f"todos_app/{path}": text.replace(b"\r\n", b"\n") for path, text in found.items()}


def _patched(files: Sources, patch: str, *, back: bool) -> dict[str, bytes]:
    """Return the files with the patch applied, or with `back` taken out.

    Raises ValueError where a hunk does not fit in exactly one place.
    """
    patched = dict(files)
    for path, before, after in _hunks(patch):
        old, new = (after, before) if back else (before, after)
        text = patched.get(path, b"").decode()
        if text.count(old) != 1:  # a new file: nothing, once, in nothing
            raise ValueError(f"A hunk for {path} does not fit:\n{old}")
        patched[path] = text.replace(old, new).encode()
    return patched


def _hunks(patch: str) -> Iterator[tuple[str, str, str]]:
    """Yield for each hunk of a unified diff its file, its lines before, and those after."""
    path = ""
    hunks: list[tuple[str, list[str], list[str]]] = []
    for line in patch.splitlines(keepends=True):
        if line.startswith("+++ b/"):
            path = line.removeprefix("+++ b/").rstrip()
        elif line.startswith("@@ "):
            hunks.append((path, [], []))
        elif not line.startswith("--- "):
            _, before, after = hunks[-1]
            before += [line[1:]] if line[0] in " -" else []
            after += [line[1:]] if line[0] in " +" else []
    for path, before, after in hunks:
        yield path, "".join(before), "".join(after)
