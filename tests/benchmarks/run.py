"""Measures the lab beside what one would use in its place: python tests/benchmarks/run.py

All is measured in one run, in interleaved pairs. Where that was all of it, in 10 pairs or more,
the README gets the table: some 10 minutes on two idle cores.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import measures
import solved
from timing import Row, fresh

MEASURES = {
    "a": measures.whole,
    "b": measures.restart,
    "c": measures.others,
    "d": measures.light,
    "e": measures.watch,
    "f": measures.growth,
}
ENOUGH = 10  # pairs, for a table that may be quoted
README = Path(__file__).parents[2] / "README.md"
BEGIN, END = "<!-- speed: measured -->", "<!-- end of speed -->"


def main() -> None:
    """Measure what is asked for, print the table and write it down."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=10, help="how often each is measured")
    parser.add_argument("--only", default="a,b,c,d,e,f", help="some of a,b,c,d,e,f")
    options = parser.parse_args()
    asked = options.only.split(",")
    if unknown := set(asked) - MEASURES.keys():
        parser.error(f"there is no measure {', '.join(sorted(unknown))}")
    kept = fresh(os.environ)
    os.environ.clear()
    os.environ.update(kept, NO_COLOR="1")
    began = time.monotonic()
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        workspace = solved.make(Path(folder))
        for name in asked:
            say(f"({name}) {(MEASURES[name].__doc__ or '').splitlines()[0][4:]}")
            rows += MEASURES[name](workspace, options.pairs)
    text = table(rows, time.monotonic() - began)
    say(text)
    if set(asked) == MEASURES.keys() and options.pairs >= ENOUGH:
        before, _, rest = README.read_text("utf-8").partition(BEGIN)
        README.write_text(f"{before}{BEGIN}\n{text}\n{END}{rest.partition(END)[2]}", "utf-8")


def table(rows: list[Row], seconds: float) -> str:
    """The rows as Markdown, with the machine that they were measured on."""
    lines = ["| measured | median | CPU | beside | median | CPU | ratio |"]
    lines.append("|---|---|---|---|---|---|---|")
    for row in rows:
        theirs = row.theirs
        cells = [row.what, shown(row.ours.wall), shown(row.ours.cpu), row.beside]
        cells += [shown(theirs.wall), shown(theirs.cpu)] if theirs else ["", ""]
        cells.append(f"{row.ratio:.1f} times faster" if row.ratio else row.note)
        lines.append(f"| {' | '.join(cells)} |")
    pairs = sorted({row.pairs for row in rows})
    counted = f"{pairs[0]} to {pairs[-1]}" if len(pairs) > 1 else str(pairs[0])
    lines += [
        "",
        f"Medians of {counted} interleaved runs of each, in {seconds:.0f} s on {machine()}.",
    ]
    return "\n".join(lines)


def shown(seconds: float) -> str:
    """A duration for the table; nothing where it was not measured."""
    if not seconds:
        return ""
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.2f} s"


def machine() -> str:
    """The machine in words: processor, cores, system, Python, load, and the day."""
    processor = platform.processor() or platform.machine()
    if (info := Path("/proc/cpuinfo")).exists():
        found = re.search(r"model name\s*: (.+)", info.read_text())
        processor = found[1].strip() if found else processor
    load = f", load {os.getloadavg()[0]:.1f} at the end" if hasattr(os, "getloadavg") else ""
    return (
        f"{processor} with {os.cpu_count()} cores, {platform.system()} {platform.release()}, "
        f"{platform.python_implementation()} {platform.python_version()}{load}, {date.today()}"
    )


def say(text: str) -> None:
    """Print to the terminal."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
