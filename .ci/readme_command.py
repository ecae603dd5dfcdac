"""Print one of the README's two commands: `run` or `tests`, by its place in the README."""

import re
import sys
from pathlib import Path

readme = (Path(__file__).parent.parent / "README.md").read_text("utf-8")
commands = re.findall(r"^```(?:sh|bash)\n(.+?)\n```", readme, re.MULTILINE | re.DOTALL)
print(commands[["run", "tests"].index(sys.argv[1])])
