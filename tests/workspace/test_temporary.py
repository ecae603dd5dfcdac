"""A folder for temporary files goes, whatever a program has made in it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lab.workspace.temporary import scratch

DEEP = 3_000  # deeper than Python recurses, and than a path may be long


def dig(folder: Path) -> None:
    """Make folders inside each other, with a file in the last one."""
    here = os.open(folder, os.O_RDONLY)
    for _ in range(DEEP):
        os.mkdir("d", dir_fd=here)
        below = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(os.open("file", os.O_CREAT, dir_fd=here))
    os.close(here)


@pytest.mark.skipif(os.name == "nt", reason="Windows opens no folders")
def test_folders_deep_inside_each_other_go_and_what_a_link_leads_to_stays(tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("kept")
    with scratch("lab-test-") as folder:
        dig(folder)
        (folder / "link").symlink_to(tmp_path)
        (folder / "locked").mkdir()
        (folder / "locked" / "file").write_text("")
        (folder / "locked").chmod(0)
    assert not folder.exists()
    assert (tmp_path / "kept").exists()
