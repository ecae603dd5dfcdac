"""PingConnections: does the pool test a connection before it lends it?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from lab.codemods.engines import engine_call, with_options, without_options
from lab.codemods.lazy_libcst import cst
from lab.codemods.project import Project
from lab.codemods.tree import argument, code
from lab.model import AlreadyThere

OPTION = "pool_pre_ping"


@dataclass(frozen=True)
class PingConnections:
    """The pool tests each connection before it lends it, or does not."""

    on: bool = True

    def apply(self, project: Project) -> dict[str, bytes]:
        """Return the file of the engine."""
        call = engine_call(project, f"By hand: create_engine(..., {OPTION}={self.on}).")
        given = argument(call.node, OPTION)
        if (given is not None and code(given) == "True") == self.on:
            raise AlreadyThere(
                f"The pool of the engine in {call.path} tests "
                f"{'its connections already' if self.on else 'no connection anyway'}."
            )
        change = partial(without_options, names=(OPTION,))
        if self.on and given is not None:
            return project.rewrite({given: lambda node: cst.Name("True")})
        if self.on:
            change = partial(with_options, options=[f"{OPTION}=True"])
        return project.rewrite({call.node: change})
