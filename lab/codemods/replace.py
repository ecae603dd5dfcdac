"""Replace: a piece of text in one file, for a mistake that is made in the reference alone."""

from __future__ import annotations

from dataclasses import dataclass

from lab.codemods.project import Project
from lab.model import AlreadyThere, EditNotApplicable


@dataclass(frozen=True)
class Replace:
    """The text `old` becomes `new`, in the one place where it stands in a file."""

    file: str  # by its path in the workspace: "todos_app/main.py"
    old: str
    new: str
    there: bytes = b""  # the file as it lies there, where it is no source of the app

    def apply(self, project: Project) -> dict[str, bytes]:
        """Return the file with the text replaced, its line ends as they were."""
        content = project.get(self.file, self.there)
        end = b"\r\n" if b"\r\n" in content else b"\n"
        old, new = (text.encode().replace(b"\n", end) for text in (self.old, self.new))
        if content.count(old) == 1:
            return {self.file: content.replace(old, new)}
        if new and new in content and not content.count(old):
            raise AlreadyThere(f"{self.file} has what it was to be changed to.")
        found = "More than one place was" if content.count(old) else "No place was"
        raise EditNotApplicable(
            f"{found} found in {self.file} with the text that was to be changed.",
            f"By hand: look in {self.file} for `{self.old.strip().splitlines()[0]}`, and change it "
            "there.",
        )
