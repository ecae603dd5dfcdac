"""The walls that a submission is judged behind: found by trying, named in every outcome."""

from __future__ import annotations

import os
import shutil
import site
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from lab import resources
from lab.child import seccomp
from lab.child.confine import landlock_version
from lab.model import LabError, UsageError

BUBBLEWRAP, LANDLOCK = "bubblewrap", "landlock"
DISK_BYTES = 1_000_000_000  # that one submission may fill, with all its copies
PROBE_SECONDS = 20.0
INSIDE = "/inbox"  # where a submission is, seen from behind the wall
HOME = "/tmp"  # an own one, in memory
SYSTEM = ("/usr", "/lib", "/lib32", "/lib64", "/bin", "/sbin")
OF_ETC = (
    "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime", "timezone", "mime.types", "ssl",
    "nsswitch.conf", "alternatives",
)  # fmt: skip
# Of the environment that a judge is started with; all else stays outside.
PASSED_ON = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "LD_LIBRARY_PATH", "LAB_LAUNCHER")
NO_WALL = (
    "Install bubblewrap (`apt install bubblewrap`, `dnf install bubblewrap`), or use a Linux "
    "with Landlock (5.13 or later). Where every submission is to be trusted as your own code: "
    "--trust."
)


@dataclass(frozen=True)
class Wall:
    """What stands around the judging of one submission."""

    bubblewrap: bool = False  # around all of it
    landlock: bool = False  # around each server inside

    @property
    def stands(self) -> bool:
        """Whether there is any."""
        return self.bubblewrap or self.landlock

    @property
    def name(self) -> str:
        """The wall in words, as every outcome has it."""
        inner = f"Landlock {landlock_version()}" + (" and seccomp" if seccomp.is_known() else "")
        parts = [*(["bubblewrap"] if self.bubblewrap else []), *([inner] if self.landlock else [])]
        return " with ".join(parts) or "none (--trust)"

    def command(self, inbox: Path | None, inside: Sequence[str]) -> list[str]:
        """Return the command line that runs `inside` behind the wall.

        `inbox` is a folder that is to be read there; without one, the lab's own solutions are.
        """
        if not self.bubblewrap:
            return list(inside)
        return ["bwrap", *_bubblewrap(inbox), "--", *inside]

    def place(self, handed: Path) -> str:
        """Return what a file in the inbox is called behind the wall."""
        return f"{INSIDE}/{handed.name}" if self.bubblewrap else str(handed)


def _bubblewrap(inbox: Path | None) -> Iterator[str]:
    yield from ("--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL")
    yield from ("--hostname", "lab", "--clearenv")
    for name, value in environment().items():
        yield from ("--setenv", name, value)
    for path in SYSTEM:
        if Path(path).is_symlink():
            yield from ("--symlink", str(Path(path).readlink()), path)
        elif Path(path).exists():
            yield from ("--ro-bind", path, path)
    for name in OF_ETC:
        yield from ("--ro-bind-try", f"/etc/{name}", f"/etc/{name}")
    yield from ("--proc", "/proc", "--dev", "/dev", "--remount-ro", "/dev")
    yield from ("--size", str(DISK_BYTES), "--tmpfs", HOME, "--chdir", HOME)
    for place in _needed():
        yield from ("--ro-bind", place, place)
    if inbox is not None:
        # What judges needs its checks and scenarios, and of the lab's own solutions nothing.
        yield from ("--tmpfs", str(resources.folder("todos_app")))
        for patch in sorted(resources.folder("scenarios").glob("*.patch")):
            yield from ("--ro-bind", "/dev/null", str(patch))
        yield from ("--ro-bind", str(inbox), INSIDE)
    yield from ("--remount-ro", "/")


def _needed() -> list[str]:
    """Return where Python, its packages and the lab are, as far as that is not the system's."""
    packages = [path for path in sys.path if path.endswith(("site-packages", "dist-packages"))]
    kit = [resources.folder(name) for name in ("checks", "scenarios", "todos_app")]
    ours = Path(__file__).resolve().parents[1]
    places = [*map(Path, (sys.base_prefix, sys.prefix, *packages)), *kit, ours]
    found: list[Path] = []
    for path in sorted({place.absolute() for place in places}):
        inside = any(path.is_relative_to(other) for other in (*found, *map(Path, SYSTEM)))
        if path.exists() and not inside:
            found.append(path)
    return [str(path) for path in found]


def environment() -> dict[str, str]:
    """Return the environment of what judges."""
    passed = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    lab = str(Path(__file__).resolve().parents[2])  # where an editable install imports it from
    return {
        "PATH": os.defpath,
        **passed,
        "HOME": HOME,
        "USER": "student",
        "PYTHONPATH": os.pathsep.join(filter(None, (lab, os.environ.get("PYTHONPATH")))),
        "PYTHONUSERBASE": site.getuserbase(),  # found by HOME, which is another here
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def strongest() -> Wall:
    """Return the strongest wall that works here; one that does not stand where none does."""
    return Wall(bubblewrap=has_bubblewrap(), landlock=landlock_version() > 0)


def found(only: Sequence[str] = (), *, trust: bool = False) -> Wall:
    """Return the strongest wall that works here, made of these alone where any are named.

    Raises LabError where none works, unless submissions are to be trusted; UsageError for a name
    that is none.
    """
    if unknown := set(only) - {BUBBLEWRAP, LANDLOCK}:
        raise UsageError(
            f"There is no wall {unknown.pop()!r}.", f"There are {BUBBLEWRAP} and {LANDLOCK}."
        )
    wanted = set(only) or {BUBBLEWRAP, LANDLOCK}
    if trust and not only:
        return Wall()
    wall = Wall(
        bubblewrap=BUBBLEWRAP in wanted and has_bubblewrap(),
        landlock=LANDLOCK in wanted and landlock_version() > 0,
    )
    lacks = [name for name in only if not getattr(wall, name)]
    if lacks or not wall.stands:
        what = " and ".join(lacks) or "No wall"
        raise LabError(f"{what} works on this machine, and submissions may do harm.", NO_WALL)
    return wall


def has_bubblewrap() -> bool:
    """Whether a process really runs behind bubblewrap here: some systems have it and refuse."""
    if not shutil.which("bwrap"):
        return False
    command = Wall(bubblewrap=True).command(None, [sys.executable, "-c", "import lab.model"])
    try:
        done = subprocess.run(
            command,
            timeout=PROBE_SECONDS,
            capture_output=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0
