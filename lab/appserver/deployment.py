"""A deployment without a container engine: the folder goes, and the code comes into a new one."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from lab.appserver.process import ServerProcess
from lab.workspace.store import copy_tree
from lab.workspace.temporary import remove, scratch

VOLUME = "volume"


def deploy(server: ServerProcess, image: Path | None = None, volume: str = VOLUME) -> None:
    """Let an image take the place of a stopped server's folder, all but the volume in it.

    The image is the code as it is now, without the databases, where no other one is given. The next
    process is told where the volume is, which is empty until an app writes into it.
    """
    folder = server.folder
    kept = folder.with_name(f"{folder.name}-{volume}")
    if (folder / volume).exists():
        (folder / volume).rename(kept)
    else:
        kept.mkdir()
    with scratch("lab-image-") as temporary:
        if image is None:
            image = temporary / "image"
            copy_tree(folder, image, with_databases=False)
        remove(folder)
        copy_tree(image, folder)
        with suppress(FileNotFoundError):  # a volume hides what an image has in its place
            (folder / volume).rename(temporary / "hidden")
    kept.rename(folder / volume)
    server.volume = volume
